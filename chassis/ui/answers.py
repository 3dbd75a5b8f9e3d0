"""What does a reader see when something is refused, missing or broken? The reason and a way on, or problem+json."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from chassis.errors import InvalidInput, NotFound, NotSignedIn, Refusal
from chassis.language import Label, word
from chassis.remedies import remedy
from chassis.trouble import refusal_of
from chassis.ui.guard import HEADERS, protect
from chassis.ui.rendering import is_partial, render

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

HEADINGS = {
    400: Label("无法读取", "This cannot be read"),
    401: Label("请先登录", "Please sign in"),
    403: Label("您不能进行此操作", "You may not do this"),
    404: Label("找不到这一页", "There is nothing here"),
    405: Label("此处不能这样操作", "That cannot be done here"),
    409: Label("现在不能这样做", "This cannot be done now"),
    413: Label("提交的内容太大", "Too much was submitted"),
    422: Label("请改正后再提交", "Please correct this"),
    429: Label("请稍候再试", "Please wait a moment"),
    500: Label("系统出错了", "Something broke"),
    503: Label("暂时不能办理", "Not possible just now"),
}


class NoSuchPage(Refusal):
    status, code = 404, "no_such_page"
    message = Label(
        "这个地址没有内容,可能已经改名或输错。请从待办或搜索重新进入。",
        "Nothing is kept at this address. Please check it, or start again from the worklist or the search.",
    )


class NotDoneThisWay(Refusal):
    status, code = 405, "not_done_this_way"
    message = Label(
        "这个地址不接受这种操作。请从页面上的按钮操作。",
        "This address does not take that kind of request. Please use the buttons of the page.",
    )


class Unreadable(Refusal):
    status, code = 400, "unreadable"
    message = Label(
        "提交的内容无法读取:可能不完整、不是 UTF-8 编码,或字段太多、嵌套太深。请检查后再提交。",
        "What was submitted cannot be read: it may be incomplete, not UTF-8, or have too many fields or too deep a nesting. Please "
        "check it and submit it again.",
    )


class Broken(Refusal):
    status, code = 500, "broken"
    message = Label(
        "操作没有完成,也没有保存任何内容。请再试一次;若再次出现,请把时间告诉系统管理员。",
        "Nothing was done and nothing was saved. Please try again; if it happens again, tell the administrator when.",
    )


FRAMEWORKS: dict[int, type[Refusal]] = {400: Unreadable, 405: NotDoneThisWay}
"""What we say where the framework has a status for it."""


def wants_page(request: Request) -> bool:
    """Browsers ask for HTML; programs, and whoever speaks to the API, get JSON."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    """The same refusal as a page for people and as problem+json (RFC 9457) for programs."""
    assert isinstance(refusal, Refusal)
    if not wants_page(request):
        return JSONResponse(refusal.problem(), refusal.status, media_type="application/problem+json")
    if isinstance(refusal, NotSignedIn):
        return to_login(request)
    return trouble(request, refusal)


def to_login(request: Request) -> Response:
    """Ask to sign in and come back; htmx has to be told to leave the page, it would put the login inside it."""
    if is_partial(request):
        here = urlsplit(request.headers.get("hx-current-url", "")).path
        return Response(status_code=204, headers={"HX-Redirect": login_path(here)})
    return RedirectResponse(login_path(request.url.path if request.method == "GET" else ""), 303)


def login_path(back: str) -> str:
    return f"/login?{urlencode({'next': back})}" if back.strip("/") else "/login"


def trouble(request: Request, refusal: Refusal) -> HTMLResponse:
    """A page of its own for what cannot be said beside a field."""
    heading = HEADINGS.get(refusal.status, HEADINGS[500])
    template = "trouble_part.html" if is_partial(request) else "trouble.html"
    return render(request, template, status=refusal.status, refusal=refusal, heading=heading)


async def answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await answer_refusal(request, InvalidInput([remedy(each) for each in error.errors()]))


async def answer_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses, in our words; a refusal of ours that it met while it read the body, in its own."""
    assert isinstance(error, HTTPException)
    own = error.__cause__
    if isinstance(own, Refusal):
        return await answer_refusal(request, own)
    kind = FRAMEWORKS.get(error.status_code, NoSuchPage)
    return await answer_refusal(request, kind())


async def answer_trouble(request: Request, error: Exception) -> Response:
    """The database is full or away. Any other error of these kinds is a bug like every other."""
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    log.warning("the database is in trouble", path=request.url.path, code=refusal.code, error=repr(error))
    return await answer_refusal(request, refusal)


async def answer_failure(request: Request, error: Exception) -> Response:
    """A bug. What went wrong is for the log; the reader learns that nothing was saved, and what to do."""
    log.error("failed", path=request.url.path, method=request.method, exc_info=error)
    response = await answer_refusal(request, Broken())
    protect(response.headers, HEADERS, request.url.path)
    return response


def refusals() -> Iterator[type[Refusal]]:
    """Every refusal that this service knows."""
    waiting = list(Refusal.__subclasses__())
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


def retold(code: str, problem: dict[str, Any] | None) -> str:
    """A refusal that was written down earlier, in this reader's language."""
    details = (problem or {}).get("details", {})
    for kind in refusals():
        if kind.code == code:
            try:
                return str(kind.message).format_map(details)
            except KeyError:
                continue
    return str((problem or {}).get("detail", code))


@router.get("/problems/{code}")
async def explain_problem(request: Request, code: str) -> HTMLResponse:
    """What a refusal's `type` leads to: what the code means and what to do."""
    own = f"services.{request.app.state.settings.service}."
    named = [kind for kind in refusals() if kind.code == code]
    kind = min(named, key=lambda kind: not kind.__module__.startswith(own), default=None)
    if kind is None:
        raise NotFound(kind=Label("拒绝代码", "problem code"), no=code)
    template = re.sub(r"\{(\w+)\}", lambda match: f"‹{word(match[1])}›", str(kind.message))
    return render(request, "problem.html", kind=kind, explanation=template)
