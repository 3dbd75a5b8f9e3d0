"""What hinders a handover that this department owes, and does that excuse (上报异常)? Five departments report it alike.

Each keeps its reports in its own database and declares them in `models.py`, with a code of its own, because PMC and the judge
know a report by its number:

    class Hindrance(HindranceDocument, Base):
        \"\"\"What hindered the warehouse.\"\"\"

        code = "HDW"

takes them in `api.py`, from whoever may hold the posts that handovers wait for here:

    hindrances.keep(desk, Hindrance, posts=KEEPING)

and hears in `consumers.py` what was decided on the exception that PMC made of one:

    @consumers.on(ExceptionDecided)
    async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
        await hindrances.take_decision(session, Hindrance, event)

PMC's own people raise the exception itself; their worklist shows it by the same `mark` and `settle`.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar, cast

from pydantic import AwareDatetime, Field
from sqlalchemy import ARRAY, ColumnElement, Numeric, Row, String, Text, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis.clock import factory_now
from chassis.desk import Call, Desk, Form, Owed
from chassis.documents import Document, Moves, Typed, find, move, next_number
from chassis.dues import later, standards
from chassis.errors import Refusal
from chassis.instants import hours
from chassis.language import Label
from chassis.people import find_person
from chassis.reckoning import ONE, in_time, reckon_anew
from chassis.schema_people import duties
from chassis.telemetry import link_to
from chassis.worklist import publish
from contracts.catalogue import ALL_EVENTS
from contracts.event import Actor, DutyRef, Event
from contracts.parts import ExceptionKind
from contracts.pmc import ExceptionDecided

REPORT = Label("上报异常", "Report hindrance")
COLUMNS = ("no", "order_no", "kind", "description", "made_by", "made_at", "status")
COPIED = ("kind", "affected_orders", "affected_duties", "description", "expected_end_at", "reported_as")


class HindranceStatus(StrEnum):
    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class HindranceDocument(Document):
    """One report of what hinders handovers; the planner decides on the exception that PMC makes of it."""

    __tablename__ = "hindrances"
    title: ClassVar[Label] = Label("异常上报", "Hindrance report")
    moves: ClassVar[Moves] = {
        HindranceStatus.UNDECIDED: frozenset({HindranceStatus.ACCEPTED, HindranceStatus.DECLINED}),
        HindranceStatus.ACCEPTED: frozenset(),
        HindranceStatus.DECLINED: frozenset(),
    }

    kind: Mapped[str] = mapped_column(String(16))
    affected_orders: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    affected_duties: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]))
    description: Mapped[str] = mapped_column(Text)
    expected_end_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    reported_as: Mapped[str] = mapped_column(String(40))
    exception_no: Mapped[str | None] = mapped_column(String(64))
    extension_hours: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    remark: Mapped[str] = mapped_column(Text, default="")


H = TypeVar("H", bound=HindranceDocument)


class HandoverNotOpen(Refusal):
    code, field = "handover_not_open", "handovers"
    message = Label(
        "交接 {handover} 不在本部门的待办中,或已办完。请从待办清单中选择未办完的交接。",
        "Handover {handover} is not open on this department's worklist. Please choose one that is.",
    )


class Report(Form):
    """Which handovers are hindered (`ship:SHN-…`), what hinders them, and until when it may last."""

    handovers: Annotated[tuple[Annotated[str, Field(max_length=140)], ...], Owed()] = Field(
        min_length=1, max_length=200
    )
    kind: ExceptionKind
    description: str = Field(min_length=1, max_length=4000)
    expected_end_at: AwareDatetime | None = None


def keep(desk: Desk, kind: type[H], *, posts: frozenset[str]) -> None:
    """List a department's reports, and let the holders of its posts make them."""
    desk.keep(kind, "hindrances", columns=COLUMNS, filters=("kind",), reference="hindrance_no")

    async def report_hindrance(call: Call, form: Report) -> H:
        return await report(call.session, kind, form, employee=call.by, now=call.now)

    desk.command(kind, REPORT, posts=posts)(report_hindrance)


async def report(session: AsyncSession, kind: type[H], form: Report, *, employee: str, now: datetime) -> H:
    """Say at once what hinders handovers of a post that one holds; it counts from now, whenever PMC hears of it.

    Raises HandoverNotOpen, and PostNotHeld for a handover that waits for another post.
    """
    owed = await open_here(session, form.handovers)
    maker = session.info["actor"] = await owing(session, employee, sorted({row.post for row in owed}))
    document = made(kind, form, owed, maker=maker, no=await next_number(session, kind.code, now), now=now)
    session.add(document)
    await publish(session, stated(document, session.info["service"], {row.assignee for row in owed}))
    await mark(session, document.no, document.affected_duties)
    return document


async def open_here(session: AsyncSession, handovers: Sequence[str]) -> Sequence[Row[Any]]:
    """These handovers as they stand on the worklist, held; raises HandoverNotOpen."""
    names = {handover: tuple(handover.split(":", 1)) for handover in handovers}
    whole = [name for name in names.values() if len(name) == 2]
    query = select(duties).where(tuple_(duties.c.link, duties.c.key).in_(whole), duties.c.closed_at.is_(None))
    rows = (await session.execute(query.order_by(duties.c.link, duties.c.key).with_for_update())).all()
    if missing := set(names.values()) - {(row.link, row.key) for row in rows}:
        raise HandoverNotOpen(handover=":".join(min(missing)))
    for row in rows:
        link_to(row.traceparent)
    return rows


async def owing(session: AsyncSession, employee: str, posts: Sequence[str]) -> Actor:
    """The person in the first of the posts for which handovers wait; raises PostNotHeld where they lack one."""
    person = await find_person(session, employee)
    actors = [person.acting_as({post}) for post in posts]
    return actors[0]


def made(kind: type[H], form: Report, owed: Sequence[Row[Any]], *, maker: Actor, no: str, now: datetime) -> H:
    orders, mapped = sorted({row.order_no for row in owed if row.order_no}), cast("type[Any]", kind)
    document: H = mapped(
        no=no,
        order_no=orders[0] if len(orders) == 1 else None,
        status=HindranceStatus.UNDECIDED,
        kind=form.kind,
        affected_orders=orders,
        affected_duties=tuple(DutyRef(link=row.link, key=row.key) for row in owed),
        description=form.description,
        expected_end_at=form.expected_end_at,
        reported_as=maker.post,
        made_by=maker.employee,
        made_at=now,
    )
    return document


def stated(document: HindranceDocument, service: str, assignees: set[str | None]) -> Event:
    """The report as a fact; it names who owes the handovers where that is one person by name."""
    return ALL_EVENTS[f"{service}.hindrance_reported.v1"].model_validate(
        {
            **{name: getattr(document, name) for name in COPIED},
            "order_no": document.order_no,
            "assignee": next(iter(assignees)) if len(assignees) == 1 else None,
            "hindrance_no": document.no,
            "reported_by": document.made_by,
        }
    )


async def take_decision(session: AsyncSession, kind: type[H], event: ExceptionDecided) -> None:
    """PMC decided on an exception: where it was made of a report of ours, the report and its handovers show it."""
    document = await find(session, kind, event.hindrance_no, hold=True) if event.hindrance_no else None
    if document is None:
        return
    move(document, HindranceStatus.ACCEPTED if event.accepted else HindranceStatus.DECLINED)
    document.exception_no, document.extension_hours = event.exception_no, event.extension_hours
    document.remark = event.remark
    document.approved_by, document.approved_at = event.decided_by, await factory_now(session)
    await settle(session, document.no, event, told_at=document.made_at)


async def mark(session: AsyncSession, no: str, hindered: Sequence[DutyRef]) -> None:
    """The worklist shows that these wait for a decision."""
    changed = (
        update(duties)
        .where(among(hindered), duties.c.closed_at.is_(None))
        .values(hindrance_no=no, hindrance_status=HindranceStatus.UNDECIDED)
        .returning(duties.c.order_no)
    )
    session.info["touched"].update(await session.scalars(changed))


async def settle(session: AsyncSession, no: str, decided: ExceptionDecided, *, told_at: datetime) -> None:
    """The worklist shows the decision. What was not late when it was told is due later, and is warned of anew."""
    known = await standards(session)
    same_attempt = or_(duties.c.hindrance_no == no, duties.c.opened_at <= told_at)
    query = select(duties).where(among(decided.affected_duties), same_attempt).with_for_update()
    status = HindranceStatus.ACCEPTED if decided.accepted else HindranceStatus.DECLINED
    for row in (await session.execute(query)).all():
        values: dict[str, Any] = {"hindrance_status": status} if row.hindrance_no == no else {}
        if decided.extension_hours and in_time(known, row, told_at):
            due = later(known, row.due_at, hours(decided.extension_hours))
            added = row.extension_hours + decided.extension_hours
            values |= {"due_at": due, "extension_hours": added, "warned": 0}
        if values:
            session.info["touched"].add(row.order_no)
            this = (duties.c.link == row.link, duties.c.key == row.key)
            await session.execute(update(duties).where(*this).values(values))
            await reckon_anew(session, ONE, row.link, row.key)


def among(refs: Sequence[DutyRef]) -> ColumnElement[bool]:
    return tuple_(duties.c.link, duties.c.key).in_([(ref.link, ref.key) for ref in refs])
