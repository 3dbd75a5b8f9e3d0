"""How does a person sign in at their department, sign out, and choose their language?"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chassis import auth
from chassis.api import check_password
from chassis.database import transaction
from chassis.errors import Refusal
from chassis.language import LANGUAGES
from chassis.ui.places import own_page
from chassis.ui.rendering import render
from chassis.ui.visits import check_form_token, secret_of

router = APIRouter(include_in_schema=False)
YEAR_S = 365 * 24 * 3600


@router.get("/login")
async def ask_to_sign_in(request: Request, next: str = "/") -> HTMLResponse:  # noqa: A002 - the address's own word
    return render(request, "login.html", back=own_page(next), login="", refusal=None)


@router.post("/login")
async def sign_in(
    request: Request,
    employee: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Open a session on the right password; otherwise say so beside the field."""
    back = own_page(next)
    try:
        known = await check_password(request, employee, password)
    except Refusal as refusal:
        return render(request, "login.html", back=back, login=employee, refusal=refusal, status=refusal.status)
    async with transaction(request.app.state.engine) as session:
        secret = await auth.open_session(session, known)
    response = RedirectResponse(back, 303)
    set_session_cookie(request, response, secret)
    return response


@router.post("/logout")
async def sign_out(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """End the session here and in the browser."""
    check_form_token(request, token)
    async with transaction(request.app.state.engine) as session:
        await auth.close_session(session, secret_of(request))
    response = RedirectResponse("/login", 303)
    settings = request.app.state.settings
    secure = settings.secure_cookies
    response.delete_cookie(auth.cookie_name(settings.service, secure=secure), secure=secure, httponly=True)
    return response


@router.post("/language")
async def choose_language(
    request: Request,
    chosen: Annotated[str, Form()],
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Keep the reader's language in a cookie and show the same page in it."""
    response = RedirectResponse(own_page(next), 303)
    if chosen in LANGUAGES:
        secure = request.app.state.settings.secure_cookies
        response.set_cookie("language", chosen, max_age=YEAR_S, secure=secure, httponly=True, samesite="lax")
    return response


def set_session_cookie(request: Request, response: Response, secret: str) -> None:
    """Out of reach of scripts and of other sites; bound to this host alone where the connection is encrypted."""
    settings = request.app.state.settings
    secure = settings.secure_cookies
    response.set_cookie(
        auth.cookie_name(settings.service, secure=secure),
        secret,
        max_age=auth.SESSION_HOURS * 3600,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
