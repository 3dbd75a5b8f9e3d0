"""How is a command asked for, filled in, refused beside its field, and carried out once however often it is sent?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from starlette.datastructures import FormData

from chassis import listing
from chassis.acting import Attempt, fresh_key, is_key, perform
from chassis.api import who
from chassis.desk import Command, Desk, Said, Shelf
from chassis.documents import Document, find
from chassis.errors import InvalidInput, KeyReused, NotFound, NotTheirs, Refusal
from chassis.language import Label, word
from chassis.people import holders_of
from chassis.sight import How, Look
from chassis.ui import filling
from chassis.ui.places import order_path, path_of, shelf_named
from chassis.ui.rendering import is_partial, render
from chassis.ui.shapes import Member, Shape, members_of
from chassis.ui.visits import Visit, check_form_token, visit

MOST_FIELDS, MOST_SUGGESTED = 4000, 50


class NotConfirmed(Refusal):
    status, code, field = 422, "not_confirmed", "confirmed"
    message = Label(
        "此操作不能撤销。请先勾选确认,再提交。", "This cannot be undone. Please tick the confirmation, then submit."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form's page needs beside its fields: the document and what it says, which people, handovers and numbers there are."""

    command: Command
    shelf: Shelf
    document: Document | None
    about: Sequence[tuple[Label, Said]]
    people: dict[str, list[str]]
    handovers: Sequence[listing.Duty]
    suggestions: dict[str, list[tuple[str, str]]]


def add_command(router: APIRouter, desk: Desk, command: Command) -> None:
    """The page that asks for a command, and the submission of it."""
    members = members_of(command.form)

    async def ask(request: Request, no: str | None = None) -> HTMLResponse:
        async with visit(request, everybody=True) as seen:
            given = given_in_address(members, request)
            asked = await gather(desk, command, no, seen, given)
            begun = await command.form.begun(seen.session) if command.creates else {}
        known = {**begun, **known_already(members, asked.document), **given}
        filled = filling.Filled(filling.prefilled(members, known))
        return show_form(request, seen, asked, filled, fresh_key())

    async def submit(request: Request, no: str | None = None) -> Response:
        pairs = await request.form(max_fields=MOST_FIELDS)
        check_form_token(request, text_of(pairs, "token"))
        values = filling.submitted(members, [(name, str(value)) for name, value in pairs.multi_items()])
        key = text_of(pairs, "key")
        if filling.change_rows(members, values, {name: text_of(pairs, name) for name in ("add", "remove")}):
            return await form_again(request, desk, command, no, filling.Filled(values), key)
        values = filling.without_blank_rows(members, values)
        try:
            return await carry_out(request, desk, command, no, values, pairs)
        except Refusal as refusal:
            if refusal.status == 401:
                raise
            again = fresh_key() if isinstance(refusal, KeyReused) else key
            shown = filling.with_a_row(members, values)
            return await form_again(request, desk, command, no, with_reasons(shown, refusal), again)

    place = f"/commands/{command.slug}" + ("" if command.creates else "/{no:path}")
    router.add_api_route(place, ask, methods=["GET"], response_model=None)
    router.add_api_route(place, submit, methods=["POST"], response_model=None)


async def carry_out(
    request: Request, desk: Desk, command: Command, no: str | None, values: dict[str, Any], pairs: FormData
) -> Response:
    """Do it, and lead to the document, which says what was done; raises Refusal."""
    form = filling.parsed(command.form, members_of(command.form), values)
    if command.irreversible and text_of(pairs, "confirmed") != "true":
        raise NotConfirmed
    key = text_of(pairs, "key")
    if not is_key(key):
        raise InvalidInput([{"field": "key", "value": key[:80], "remedy": str(word("idempotency_key"))}])
    attempt = Attempt(command, await who(request, None), no, form, key, How.PAGE)
    document = await perform(request.app.state.engine, desk.service, attempt)
    path = await landing(request, desk, command, document["no"], key)
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


async def landing(request: Request, desk: Desk, command: Command, no: str, key: str) -> str:
    """The document that was made or changed; where its maker may not look at such ones, their first page."""
    shelf = desk.shelf_of(command.kind)
    if command.posts - shelf.sight.readers and not shelf.sight.everybody:
        async with visit(request, everybody=True) as seen:
            if not shelf.sight.open_to(seen.person):
                return "/"
    return f"{path_of(shelf, no)}?done={quote(key, safe='')}"


async def form_again(
    request: Request, desk: Desk, command: Command, no: str | None, filled: filling.Filled, key: str
) -> HTMLResponse:
    """The same form with what was typed, and what was wrong with it."""
    async with visit(request, everybody=True) as seen:
        asked = await gather(desk, command, no, seen, filled.values)
    return show_form(request, seen, asked, filled, key if is_key(key) else fresh_key())


def show_form(request: Request, seen: Visit, asked: Asked, filled: filling.Filled, key: str) -> HTMLResponse:
    pointless = asked.command.form.pointless(asked.document) if asked.document else frozenset()
    members = [member for member in members_of(asked.command.form) if member.name not in pointless]
    template = "form_body.html" if is_partial(request) else "form.html"
    document = asked.document
    back = path_of(asked.shelf, document.no) if document else f"/{asked.shelf.path}"
    order_no = request.query_params.get("order_no")
    return render(
        request,
        template,
        seen,
        status=filled.refusal.status if filled.refusal else 200,
        asked=asked,
        command=asked.command,
        shelf=asked.shelf,
        document=document,
        about=asked.about,
        members=members,
        filled=filled,
        key=key,
        back=order_path(order_no) if order_no and not document else back,
    )


def with_reasons(values: dict[str, Any], refusal: Refusal) -> filling.Filled:
    """What was typed, with each reason beside its field."""
    if isinstance(refusal, InvalidInput):
        errors = {error["field"]: error["remedy"] for error in refusal.errors}
    else:
        errors = {refusal.at: str(refusal)} if refusal.at else {}
    return filling.Filled(values, errors, refusal)


async def gather(desk: Desk, command: Command, no: str | None, seen: Visit, given: Mapping[str, Any]) -> Asked:
    """The document that the command is about, what its fields can be chosen from, and what the records say about what is given.

    Raises NotFound, and PostNotHeld or NotTheirs for who may not do this.
    """
    if not command.own:
        seen.person.acting_as(command.posts)
    shelf = desk.shelf_of(command.kind)
    document: Document | None = None
    about: Sequence[tuple[Label, Said]] = ()
    if command.creates:
        about = await command.form.beforehand(seen.session, given)
    if not command.creates and no is not None:
        document = await find(seen.session, command.kind, no)
        if document is None:
            raise NotFound(kind=command.kind.title, no=no)
        if not command.open_to(seen.person, document):
            raise NotTheirs(employee=seen.person.employee, no=no)
        if shelf.sight.strict:
            await shelf.sight.check(seen.session, seen.person, document)
        about = [*await command.form.beside(seen.session, document), *command.form.about(document)]
        if about:
            await shelf.sight.note(seen.session, seen.person, [document], Look(How.PAGE))
        (document,) = await shelf.sight.veiled(seen.session, seen.person, [document])
    members = members_of(command.form)
    people = {**await people_for(members, seen), **await command.form.people(seen.session)}
    owed = await handovers_for(members, seen, given)
    return Asked(command, shelf, document, about, people, owed, await suggestions_for(desk, members, seen))


async def people_for(members: tuple[Member, ...], seen: Visit) -> dict[str, list[str]]:
    """For each field that names a person: the holders of the post it is called after, else everybody."""
    every = [*members, *(column for member in members for column in member.columns)]
    fields = [member.name for member in every if member.shape in (Shape.PERSON, Shape.PEOPLE)]
    if not fields:
        return {}
    holders = await holders_of(seen.session, seen.now)
    return {name: holders.get(name) or sorted(seen.nicknames) for name in fields}


async def handovers_for(members: tuple[Member, ...], seen: Visit, given: Mapping[str, Any]) -> Sequence[listing.Duty]:
    """For a field that names handovers: those that the reader owes, and those that are given, the most urgent first."""
    fields = [member.name for member in members if member.shape is Shape.HANDOVERS]
    if not fields:
        return ()
    owed = await listing.duties_of(seen.session, listing.DutyFilter(person=seen.person))
    known = {duty.name for duty in owed}
    for name in (name for field in fields for name in given.get(field) or () if name not in known):
        link, _, key = name.partition(":")
        owed += await listing.duties_of(seen.session, listing.DutyFilter(link=link, key=key)) if link and key else []
    return owed


async def suggestions_for(desk: Desk, members: tuple[Member, ...], seen: Visit) -> dict[str, list[tuple[str, str]]]:
    """For each field that names a document of ours: the latest numbers, each with its most telling column."""
    found = {}
    for member in members:
        shelf = shelf_named(desk, member.name)
        if shelf is not None and not shelf.kind.confidential:
            telling = next(name for name in (*shelf.columns, "status") if name not in ("no", "order_no"))
            query = select(shelf.kind.no, getattr(shelf.kind, telling)).order_by(shelf.kind.no.desc())
            if (only := shelf.sight.which(seen.person)) is not None:
                query = query.where(only)
            rows = await seen.session.execute(query.limit(MOST_SUGGESTED))
            found[member.name] = [(no, str(word(value))) for no, value in rows]
    return found


def known_already(members: tuple[Member, ...], document: Document | None) -> dict[str, Any]:
    """What the document already says about the form's fields, to be changed rather than typed again."""
    if document is None:
        return {}
    known = {member.name: entered(member, getattr(document, member.name, None)) for member in members}
    lines = getattr(document, "lines", None)
    if "line_no" in known and lines and len(lines) == 1:
        known["line_no"] = getattr(lines[0], "line_no", None)
    return known


def entered(member: Member, value: Any) -> Any:
    """The value, but not the zero with which a column begins where the form itself asks for more than zero."""
    return None if member.numeric and value == 0 and member.limit("gt") == 0 else value


def given_in_address(members: tuple[Member, ...], request: Request) -> dict[str, Any]:
    """What the page that led here knew already (`?order_no=…&line_no=1`)."""
    several = {member.name for member in members if member.shape is Shape.HANDOVERS}
    single = {member.name for member in members if member.shape not in (Shape.ROWS, *filling.MANY)}
    given = {name: value for name, value in request.query_params.items() if name in single}
    return given | {name: request.query_params.getlist(name) for name in several}


def text_of(pairs: FormData, name: str) -> str:
    value = pairs.get(name, "")
    return value if isinstance(value, str) else ""
