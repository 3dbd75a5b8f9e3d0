"""What does this department keep about one order, and where does a number that somebody typed lead?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import ColumnElement, Select, and_, desc, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import listing
from chassis.desk import Command, Desk, Shelf
from chassis.errors import NotFound
from chassis.language import Label
from chassis.people import Person
from chassis.ui.places import (
    allowed,
    beginning_of,
    command_path,
    fulfilling,
    owed_by,
    path_of,
    shelf_of_number,
)
from chassis.ui.rendering import render
from chassis.ui.visits import visit

router = APIRouter(include_in_schema=False)
MOST_FOUND, MOST_HANDOVERS = 50, 500


class Found:
    """One document that a search or an order's file shows."""

    def __init__(
        self, shelf: Shelf, no: str, order_no: str | None, status: str, made_by: str, made_at: datetime
    ) -> None:
        self.shelf, self.no, self.order_no, self.status = shelf, no, order_no, status
        self.made_by, self.made_at = made_by, made_at
        self.path = path_of(shelf, no)


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest of what was found, and the lists in which there is more of it."""

    documents: Sequence[Found]
    more: Sequence[Shelf]


async def documents_where(session: AsyncSession, desk: Desk, person: Person, condition: Any) -> Shown:
    """Documents for which `condition(kind)` holds and which this person may see, newest first; one statement."""
    parts = [part_of(shelf, and_(condition(shelf.kind), seen_by(shelf, person))) for shelf in desk.shelves.values()]
    rows = (await session.execute(union_all(*parts).order_by(desc("made_at"), desc("no")))).all()
    found = [Found(desk.shelves[path], *rest) for path, *rest in rows]
    left_out = dict.fromkeys(each.shelf.path for each in found[MOST_FOUND:])
    return Shown(found[:MOST_FOUND], [shelf for path, shelf in desk.shelves.items() if path in left_out])


def seen_by(shelf: Shelf, person: Person) -> ColumnElement[bool]:
    condition = shelf.sight.which(person)
    return true() if condition is None else condition


def part_of(shelf: Shelf, condition: ColumnElement[bool]) -> Select[Any]:
    kind = shelf.kind
    columns = (kind.no.label("no"), kind.order_no, kind.status, kind.made_by, kind.made_at.label("made_at"))
    found = select(literal(shelf.path).label("path"), *columns).where(condition)
    return found.order_by(kind.no.desc()).limit(MOST_FOUND + 1).subquery().select()


@router.get("/files/{order_no:path}")
async def order_file(request: Request, order_no: str) -> HTMLResponse:
    """Every document and handover of one order in this department."""
    desk: Desk = request.app.state.desk
    async with visit(request) as seen:
        shown = await documents_where(seen.session, desk, seen.person, lambda kind: kind.order_no == order_no)
        wanted = listing.DutyFilter(order_no=order_no, closed=True, limit=MOST_HANDOVERS + 1)
        duties = await listing.duties_of(seen.session, wanted)
    cut, duties = len(duties) > MOST_HANDOVERS, duties[:MOST_HANDOVERS]
    if not shown.documents and not duties:
        raise NotFound(kind=Label("订单", "order"), no=order_no)
    open_duties = [duty for duty in duties if duty.closed_at is None]
    settling = settling_here(desk, open_duties, seen.person)
    following = [
        (command, command_path(command, order_no=order_no))
        for command in allowed(desk.commands.values(), seen.person)
        if command.creates and "order_no" in command.form.model_fields
    ]
    return render(
        request,
        "file.html",
        seen,
        order_no=order_no,
        documents=shown.documents,
        more=more_of(shown, order_no=order_no),
        most_handovers=MOST_HANDOVERS if cut else None,
        open_duties=open_duties,
        past_duties=[duty for duty in duties if duty.closed_at is not None],
        settling=settling,
        since=min([*(document.made_at for document in shown.documents), *(duty.opened_at for duty in duties)]),
        following=following,
        owed_by_me=lambda duty: owed_by(duty, seen.person),
    )


def settling_here(desk: Desk, duties: Sequence[listing.Duty], person: Person) -> list[tuple[Command, str]]:
    """What fulfils the open handovers whose paper is another department's: there is no document here to begin from."""
    found = []
    for duty in duties:
        command = fulfilling(desk, duty, person)
        if command is not None and command.creates and shelf_of_number(desk, duty.document_no) is None:
            found.append((command, beginning_of(desk, command, duty)))
    return found


@router.get("/find")
async def find_number(request: Request, q: str = "") -> Response:
    """Open what the number names; show a choice when several begin so."""
    desk: Desk = request.app.state.desk
    wanted = q.strip()
    async with visit(request) as seen:
        shown = (
            await documents_where(seen.session, desk, seen.person, lambda kind: listing.matches(kind, wanted))
            if wanted
            else Shown((), ())
        )
    only = the_one(shown.documents, wanted)
    if only is not None:
        return RedirectResponse(only.path, 303)
    return render(request, "find.html", seen, q=wanted, documents=shown.documents, more=more_of(shown, q=wanted))


def more_of(shown: Shown, **filters: str) -> list[tuple[Label, str]]:
    """The lists in which there is more, filtered, with what they hold."""
    return [(shelf.kind.title, f"/{shelf.path}?{urlencode(filters)}") for shelf in shown.more]


def the_one(documents: Sequence[Found], wanted: str) -> Found | None:
    """The document with exactly this number, or the only one that was found."""
    exact = [found for found in documents if found.no.upper() == wanted.upper()]
    return exact[0] if exact else documents[0] if len(documents) == 1 else None
