"""How do scripts and other programs use a department's desk? One JSON route per command, one list and one page per shelf."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, TypeVar

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, TypeAdapter, create_model
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import acting, auth, listing
from chassis.acting import Attempt, fresh_key, is_key, perform
from chassis.database import reading, transaction
from chassis.desk import Command, Desk, Form, Shelf, shown_to_api, view_of
from chassis.documents import find
from chassis.errors import InvalidInput, NotFound, NotSignedIn, PostNotHeld
from chassis.language import word
from chassis.people import Person, find_person
from chassis.sight import How, Look, purpose_of
from chassis.signals import Signal, signal_of
from contracts.event import DutyRef

MOST_WAIT_S, LOOK_EVERY_S = 30.0, 1.0
DUTIES = TypeAdapter(list[listing.Duty])
Found = TypeVar("Found")

bearer = HTTPBearer(auto_error=False, description="A token from POST /api/token")


class Problem(BaseModel):
    """RFC 9457: what was wrong, with what, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    details: dict[str, str] = {}
    errors: list[dict[str, str]] = []


class Credentials(Form):
    """An employee id and its password."""

    employee: str
    password: str


class Token(BaseModel):
    """A bearer token for this service."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- the kind of token, no secret


class Signature(Form):
    """Which handover is signed for."""

    link: str
    key: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}} for status in (401, 403, 404, 409, 422, 503)
}


async def who(request: Request, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """The employee id behind a bearer token or a session cookie; raises NotSignedIn."""
    if token is not None:
        return str(request.app.state.tokens.employee(token.credentials))
    settings = request.app.state.settings
    secret = request.cookies.get(auth.cookie_name(settings.service, secure=settings.secure_cookies))
    if secret is None:
        raise NotSignedIn
    async with reading(request.app.state.engine) as session:
        return await auth.employee_of(session, secret)


Employee = Annotated[str, Depends(who)]


@asynccontextmanager
async def looking(
    request: Request, employee: str, shelf: Shelf | None = None
) -> AsyncIterator[tuple[AsyncSession, Person]]:
    """A look for a person whose post lets them look into this department, or whom a shelf's sight admits.

    Raises PostNotHeld.
    """
    desk: Desk = request.app.state.desk
    async with reading(request.app.state.engine) as session:
        person = await find_person(session, employee)
        if shelf is not None:
            shelf.sight.admit(person)
        elif not person.holds(desk.readers):
            raise PostNotHeld(employee=employee, posts=[str(word(post)) for post in sorted(desk.readers)])
        yield session, person


async def reader(request: Request, employee: Employee) -> Person:
    """A person who may look into this department; raises PostNotHeld."""
    async with looking(request, employee) as (_, person):
        return person


Reader = Annotated[Person, Depends(reader)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="The same key twice does it once")]


def router_of(desk: Desk) -> APIRouter:
    """Every route of a department's JSON API."""
    router = APIRouter(prefix="/api", responses=REFUSALS)
    add_session_routes(router)
    add_worklist_routes(router)
    for shelf in desk.shelves.values():
        add_shelf_routes(router, desk, shelf)
    for command in desk.commands.values():
        add_command_route(router, desk, command)
    return router


def add_session_routes(router: APIRouter) -> None:
    @router.post("/token", operation_id="sign_in", tags=["session"])
    async def sign_in(request: Request, credentials: Credentials) -> Token:
        """Exchange an employee id and password for a bearer token."""
        employee = await check_password(request, credentials.employee, credentials.password)
        return Token(access_token=request.app.state.tokens.make(employee))


async def check_password(request: Request, login: str, password: str) -> str:
    """The employee id, with wrong attempts counted; raises WrongCredentials, TooManyAttempts."""
    engine = request.app.state.engine
    async with transaction(engine, None) as session:
        await auth.count_attempt(session, login)
    # A hash that is slow on purpose must not keep everybody else waiting.
    employee: str = await asyncio.to_thread(request.app.state.authenticator.employee, login, password)
    async with transaction(engine, None) as session:
        await auth.forget_attempts(session, login)
    return employee


def add_worklist_routes(router: APIRouter) -> None:
    @router.get("/worklist", operation_id="list_duties", tags=["worklist"], response_model=list[listing.Duty])
    async def list_duties(
        request: Request,
        employee: Employee,
        mine: bool = False,
        order_no: str | None = None,
        link: str | None = None,
        key: str | None = None,
        closed: bool = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
        wait: Annotated[float, Query(ge=0, le=MOST_WAIT_S, description="Seconds to wait for the first one")] = 0,
    ) -> Response:
        """What this department owes: open handovers by due time."""

        async def look() -> list[listing.Duty]:
            async with looking(request, employee) as (session, person):
                wanted = listing.DutyFilter(person if mine else None, order_no, link, closed, limit, key=key)
                return await listing.duties_of(session, wanted)

        found = await first_found(look, signal_of(request.app), order_no, wait) if wait else await look()
        return as_json(DUTIES.dump_json(found))

    @router.post("/worklist/sign", operation_id="sign_handover", tags=["worklist"], status_code=204)
    async def sign_handover(request: Request, employee: Employee, signature: Signature) -> None:
        """Sign for a handover (签收)."""
        duty = DutyRef(link=signature.link, key=signature.key)
        await acting.sign_handover(request.app.state.engine, request.app.state.desk, employee, duty)


async def first_found(
    look: Callable[[], Awaitable[list[Found]]], signal: Signal, order_no: str | None, seconds: float
) -> list[Found]:
    """Look until there is something, or the time is over: after each change that concerns the order, and now and then.

    Another replica's changes are not signalled to this process.
    """
    until = time.monotonic() + seconds
    with signal.watch(order_no) as watch:
        while not (found := await look()) and not signal.ended and (left := until - time.monotonic()) > 0:
            await watch.wait(min(left, LOOK_EVERY_S))
    return found


def as_json(body: bytes, status: int = 200) -> Response:
    """An answer that is JSON already, so that it is not checked against its model and written a second time."""
    return Response(body, status, media_type="application/json")


def add_shelf_routes(router: APIRouter, desk: Desk, shelf: Shelf) -> None:
    view = view_of(shelf.kind)
    page_model = create_model(f"{shelf.kind.__name__}Page", items=(list[view], ...), next=(str | None, None))  # type: ignore[valid-type]

    async def list_documents(
        request: Request,
        employee: Employee,
        q: str = "",
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        filters = {name: request.query_params[name] for name in shelf.filters if request.query_params.get(name)}
        async with looking(request, employee, shelf) as (session, person):
            wanted = listing.Wanted(q, filters, after, limit, shelf.sight.among(person, filters))
            page = await listing.page(session, shelf, wanted)
            shown = await shelf.sight.show(session, person, page.items, Look(How.API_LIST, purpose_of(request)))
        return as_json(orjson.dumps({"items": [shown_to_api(document) for document in shown], "next": page.next}))

    async def show_document(request: Request, employee: Employee, no: str) -> Response:
        async with looking(request, employee, shelf) as (session, person):
            document = await find(session, shelf.kind, no)
            if document is None:
                raise NotFound(kind=shelf.kind.title, no=no)
            await shelf.sight.check(session, person, document)
            look = Look(How.API_PAGE, purpose_of(request))
            (document,) = await shelf.sight.show(session, person, [document], look)
        return as_json(orjson.dumps(shown_to_api(document)))

    noun = shelf.path.replace("-", "_")
    filters = [{"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in shelf.filters]
    router.add_api_route(
        f"/{shelf.path}",
        list_documents,
        response_model=page_model,
        operation_id=f"list_{noun}",
        tags=[shelf.path],
        summary=f"{shelf.kind.title.en}: list, newest first",
        openapi_extra={"parameters": filters},
    )
    router.add_api_route(
        f"/{shelf.path}/{{no}}",
        show_document,
        response_model=view,
        operation_id=f"show_{noun}",
        tags=[shelf.path],
        summary=f"{shelf.kind.title.en}: one",
    )


def add_command_route(router: APIRouter, desk: Desk, command: Command) -> None:
    path = desk.shelf_of(command.kind).path
    endpoint = creating_endpoint(desk, command) if command.creates else acting_endpoint(desk, command)
    posts = "the person concerned" if command.own else ", ".join(sorted(command.posts))
    router.add_api_route(
        f"/{desk.path_of(command)}",
        endpoint,
        methods=["POST"],
        status_code=201 if command.creates else 200,
        response_model=view_of(command.kind),
        operation_id=command.name,
        tags=[path],
        summary=command.title.en,
        description=f"{command.title.zh}. Posts: {posts}. {(command.run.__doc__ or '').strip()}",
    )


def creating_endpoint(desk: Desk, command: Command) -> Callable[..., Awaitable[Response]]:
    async def endpoint(request: Request, employee: Employee, form: command.form, key: Key = None) -> Response:  # type: ignore[name-defined]
        return as_json(await carry_out(request, desk, command, employee, None, form, key), 201)

    return endpoint


def acting_endpoint(desk: Desk, command: Command) -> Callable[..., Awaitable[Response]]:
    async def endpoint(request: Request, employee: Employee, no: str, form: command.form, key: Key = None) -> Response:  # type: ignore[name-defined]
        return as_json(await carry_out(request, desk, command, employee, no, form, key))

    return endpoint


async def carry_out(
    request: Request, desk: Desk, command: Command, employee: str, no: str | None, form: Form, key: str | None
) -> bytes:
    """The document as JSON."""
    if key is not None and not is_key(key):
        field = {"field": "Idempotency-Key", "value": key[:80], "remedy": "1-80 printable characters"}
        raise InvalidInput([field])
    attempt = Attempt(command, employee, no, form, key or fresh_key())
    return orjson.dumps(await perform(request.app.state.engine, desk.service, attempt))
