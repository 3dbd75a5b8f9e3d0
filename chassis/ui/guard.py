"""What stands between the network and every page: whose request it is, how large, and which rules the browser keeps?"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import Refusal
from chassis.language import Label, chosen, language

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY_BYTES = 2 << 20
DOCUMENTATION = "/api/docs"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=()",
}


class ForeignRequest(Refusal):
    """Another site's page tried to act with this person's session."""

    status, code = 403, "foreign_request"
    message = Label(
        "此操作不是从本系统的页面发出的,已被拒绝。请回到本系统再操作。",
        "This request did not come from a page of this system and was refused. Please try again from its pages.",
    )


class BodyTooLarge(Refusal):
    status, code = 413, "body_too_large"
    message = Label(
        "提交的内容超过 {limit} 字节。请减少内容后再提交。",
        "More than {limit} bytes were submitted. Please submit less at a time.",
    )


class NoText(Refusal):
    """A character that no database keeps: only a program sends it."""

    status, code = 400, "no_text"
    message = Label(
        "地址或内容中有空字符(U+0000),不能保存。请去掉后再提交。",
        "The address or what was submitted holds the character U+0000, which cannot be kept. Please leave it out.",
    )


Answer = Callable[[Request, Refusal], Awaitable[Response]]


class Guard:
    """Chooses the language, refuses foreign, oversized and unkeepable requests, and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, *, answer: Answer, secure: bool) -> None:
        self.app = app
        self.answer = answer
        self.headers = HEADERS | ({"strict-transport-security": "max-age=31536000"} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        language.set(chosen(cookie_parser(headers.get("cookie", "")).get("language"), headers.get("accept-language")))
        protected = self.protecting(scope, send)
        try:
            refuse_foreign(scope["method"], headers)
            refuse_no_text(scope)
            await self.app(scope, limited(headers, receive), protected)
        except (ForeignRequest, BodyTooLarge, NoText) as refusal:
            response = await self.answer(Request(scope, receive), refusal)
            await response(scope, receive, protected)

    def protecting(self, scope: Scope, send: Send) -> Send:
        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), self.headers, scope["path"])
            await send(message)

        return send_protected


def protect(headers: MutableHeaders, always: dict[str, str], path: str) -> None:
    """The headers that make the browser keep to our own files; pages of a session are never kept by it."""
    for name, value in always.items():
        headers.setdefault(name, value)
    if not path.startswith(DOCUMENTATION):
        headers.setdefault("content-security-policy", POLICY)
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("cache-control", "no-store")


def refuse_foreign(method: str, headers: Headers) -> None:
    """Whatever changes something has to come from our own pages, or from a program that is no browser."""
    if method in SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignRequest
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise ForeignRequest


def refuse_no_text(scope: Scope) -> None:
    """Raises NoText for an address that names what cannot be kept."""
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise NoText


def limited(headers: Headers, receive: Receive) -> Receive:
    """The request's body, cut off with a refusal when it grows beyond what any form needs; a form's, when it cannot be kept.

    What a program sends is looked through field by field (`Form`).
    """
    is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if int(headers.get("content-length") or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge(limit=MAX_BODY_BYTES)
    seen, end = 0, b""

    async def receive_limited() -> Message:
        nonlocal seen, end
        message: dict[str, Any] = dict(await receive())
        body: bytes = message.get("body", b"")
        seen += len(body)
        if seen > MAX_BODY_BYTES:
            raise BodyTooLarge(limit=MAX_BODY_BYTES)
        if is_form and b"%00" in end + body:
            raise NoText
        end = body[-2:]
        return message

    return receive_limited
