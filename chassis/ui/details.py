"""What is in one document, what happened to it, who owes what about it, and what may this person do next?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from chassis import listing
from chassis.acting import fresh_key
from chassis.desk import Command, Desk, Nothing, Shelf
from chassis.documents import Document, find
from chassis.errors import NotFound
from chassis.language import Label, word
from chassis.sight import How, Look, purpose_of
from chassis.ui.answers import retold
from chassis.ui.places import command_path, fulfilling, owed_by, starting_from
from chassis.ui.rendering import render
from chassis.ui.shapes import Member, Shape, members_of, members_of_document
from chassis.ui.visits import Visit, visit

FRAME = frozenset({"no", "order_no", "status", "made_by", "made_at", "approved_by", "approved_at"})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing this person may do next. `direct` needs no form: the button does it."""

    command: Command
    path: str
    direct: bool
    settles: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a document's history: who did or tried what, in which post, and what came of it."""

    act: Any
    title: Label
    refusal: str | None
    said: tuple[tuple[Member, Any], ...]


def add_detail(router: APIRouter, desk: Desk, shelf: Shelf) -> None:
    """The page of one document."""

    async def show_document(request: Request, no: str, done: str = "") -> HTMLResponse:
        async with visit(request, everybody=True) as seen:
            look = Look(How.PAGE, purpose_of(request))
            context = await looked_at(seen, desk, shelf, no, done, look)
        return render(request, "detail.html", seen, **context)

    router.add_api_route(f"/{shelf.path}/{{no:path}}", show_document, methods=["GET"], response_model=None)


async def looked_at(seen: Visit, desk: Desk, shelf: Shelf, no: str, done: str, look: Look) -> dict[str, Any]:
    """Everything that a document's page shows; raises NotFound, and a refusal for who may not look at it."""
    shelf.sight.admit(seen.person)
    document = await find(seen.session, shelf.kind, no)
    if document is None:
        raise NotFound(kind=shelf.kind.title, no=no)
    await shelf.sight.check(seen.session, seen.person, document)
    (document,) = await shelf.sight.show(seen.session, seen.person, [document], look)
    duties = await listing.duties_of(seen.session, listing.DutyFilter(document_no=no, closed=True))
    events = [event_of(desk, act) for act in await listing.history(seen.session, no)]
    finished = next((event for event in events if just_done(event.act, done, seen)), None)
    return {**context_of(desk, shelf, document, seen, duties), "events": events[::-1], "finished": finished}


def context_of(desk: Desk, shelf: Shelf, document: Document, seen: Visit, duties: list[listing.Duty]) -> dict[str, Any]:
    offered = actions(desk, document, seen, duties)
    taken = {action.command.name for action in offered}
    members = [member for member in members_of_document(shelf.kind) if member.name not in FRAME]
    return {
        "shelf": shelf,
        "document": document,
        "fields": [member for member in members if member.shape is not Shape.ROWS and not member.foreign],
        "tables": [member for member in members if member.shape is Shape.ROWS],
        "open_duties": [duty for duty in duties if duty.closed_at is None],
        "past_duties": [duty for duty in duties if duty.closed_at is not None],
        "actions": offered,
        "following": [
            (command, command_path(command, **{shelf.reference: document.no}))
            for command in starting_from(desk, document, seen.person)
            if command.name not in taken
        ],
        "owed_by_me": lambda duty: owed_by(duty, seen.person),
        "fresh_key": fresh_key,
    }


def actions(desk: Desk, document: Document, seen: Visit, duties: list[listing.Duty]) -> list[Action]:
    """What this person's posts allow in this status; what fulfils an open handover comes first."""
    owed = {duty.link: duty for duty in reversed(duties) if duty.closed_at is None}  # of several the most urgent
    offered = [
        Action(
            command,
            command_path(command, document.no, **line_owed(command, owed)),
            direct=command.form is Nothing and not command.irreversible,
            settles=bool(command.settles & owed.keys()),
        )
        for command in desk.offered(document, seen.person)
    ]
    for duty in owed.values():
        command = fulfilling(desk, duty, seen.person)
        if command is not None and command.creates:
            about = {
                "order_no": duty.order_no,
                "line_no": duty.line_no,
                desk.shelf_of(type(document)).reference: document.no,
            }
            path = command_path(command, **about)
            offered.append(Action(command, path, direct=False, settles=True))
    return sorted(offered, key=lambda action: not action.settles)


def line_owed(command: Command, owed: Mapping[str, listing.Duty]) -> dict[str, object]:
    """Of which line of the document the handover is that a command fulfils, where its form asks for that."""
    duty = next((owed[link] for link in sorted(command.settles) if link in owed), None)
    return {"line_no": duty.line_no} if duty and "line_no" in command.form.model_fields else {}


def event_of(desk: Desk, act: Any) -> Event:
    """A remembered act in this reader's words; what a command of today no longer asks for is left out."""
    command = desk.commands.get(act.command)
    title = command.title if command else word(act.command)
    asked = {member.name: member for member in members_of(command.form)} if command else {}
    if command and command.creates:
        asked = {}  # the document itself shows what was entered when it was made
    said = tuple(
        (asked[name], value)
        for name, value in act.request.items()
        if name in asked and asked[name].shape is not Shape.ROWS and value not in ("", None, [], False)
    )
    refusal = None if act.outcome == "done" else retold(act.outcome, act.response)
    return Event(act, title, refusal, said)


def just_done(act: Any, key: str, seen: Visit) -> bool:
    """Whether this act led this person here; an address alone cannot claim that something was done."""
    return bool(key) and act.key == key and act.outcome == "done" and act.employee == seen.person.employee
