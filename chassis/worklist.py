"""What does this department owe, to whom and by when? One row per handover that arrived here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.driver import fetch, unnest
from chassis.dues import expected, later
from chassis.ending import close_now
from chassis.errors import NotFound
from chassis.language import Label
from chassis.outbox import publish as record
from chassis.schema_people import duties
from chassis.telemetry import current_traceparent, link_to
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event
from contracts.parts import Terms

COLUMNS = {
    "link": "text",
    "key": "text",
    "order_no": "text",
    "line_no": "int",
    "post": "text",
    "assignee": "text",
    "document_no": "text",
    "from_department": "text",
    "opened_at": "timestamptz",
    "due_at": "timestamptz",
    "traceparent": "text",
}
# A handover that was closed is opened anew; one that is open stays as it is.
DELIVER = f"""
INSERT INTO duties (attempt, {", ".join(COLUMNS)}) SELECT 1, * FROM {unnest(COLUMNS)}
ON CONFLICT (link, key) DO UPDATE
SET attempt = duties.attempt + 1, closed_at = NULL, signed_at = NULL, signed_by = NULL, opened_at = excluded.opened_at,
    due_at = excluded.due_at, warned = 0, assignee = excluded.assignee, document_no = excluded.document_no,
    hindrance_no = NULL, hindrance_status = NULL, extension_hours = 0, traceparent = excluded.traceparent
WHERE duties.closed_at IS NOT NULL RETURNING link, key, attempt
"""  # noqa: S608 - names and types are the constants above


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover about to be put on the worklist; `document_no` is the document a click should open."""

    duty: DutyRef
    post: str
    order_no: str | None = None
    line_no: int | None = None
    assignee: str | None = None
    document_no: str | None = None
    inputs: tuple[DutyRef, ...] = ()
    terms: Terms = Terms()


async def publish(session: AsyncSession, *events: Event) -> None:
    """State facts; the handovers they close leave this worklist in the same transaction."""
    await record(session, *events)
    await close(session, [duty for event in events for duty in event.closes])


async def close(session: AsyncSession, closed: Sequence[DutyRef]) -> None:
    """Take handovers off the worklist: by own facts, or when another department's fact closed them.

    That is written with the facts at the transaction's end, or before anybody here looks at the worklist.
    """
    session.info["closing"].update(dict.fromkeys(closed))


async def deliver(session: AsyncSession, *handovers: Handover) -> None:
    """Put handovers on the worklist and state that they arrived: from here on their clocks may run."""
    if not handovers:
        return
    if not session.info["closing"].keys().isdisjoint(handover.duty for handover in handovers):
        await close_now(session)
    now = await factory_now(session)
    rows = [await row_of(session, handover, now) for handover in handovers]
    session.info["touched"].update(row["order_no"] for row in rows)
    stored = await fetch(session, DELIVER, *([row[name] for row in rows] for name in COLUMNS))
    attempts = {(row["link"], row["key"]): row["attempt"] for row in stored}
    delivered = ALL_EVENTS[f"{session.info['service']}.handover_delivered.v1"]
    given_by = (str(session.info["envelope"].id),) if session.info.get("envelope") else ()
    facts = [
        delivered(
            order_no=handover.order_no,
            assignee=handover.assignee,
            duty=handover.duty,
            post=handover.post,
            line_no=handover.line_no,
            inputs=handover.inputs,
            given_by=given_by,
            terms=handover.terms,
            attempt=attempts[handover.duty.link, handover.duty.key],
        )
        for handover in handovers
        if (handover.duty.link, handover.duty.key) in attempts
    ]
    await record(session, *facts)


async def row_of(session: AsyncSession, handover: Handover, now: Any) -> dict[str, Any]:
    envelope, starts_at = session.info.get("envelope"), handover.terms.starts_at
    opened = max(now, starts_at) if starts_at else now
    return {
        "link": handover.duty.link,
        "key": handover.duty.key,
        "order_no": handover.order_no,
        "line_no": handover.line_no,
        "post": handover.post,
        "assignee": handover.assignee,
        "document_no": handover.document_no,
        "from_department": envelope.source if envelope else session.info["service"],
        "opened_at": opened,
        "due_at": await expected(session, handover.duty.link, opened, handover.terms),
        "traceparent": current_traceparent(),
    }


async def is_open(session: AsyncSession, duty: DutyRef) -> bool:
    await close_now(session)
    query = select(duties.c.key).where(
        duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None)
    )
    return await session.scalar(query) is not None


async def sign(session: AsyncSession, duty: DutyRef, employee: str) -> None:
    """A person signs for a handover (签收); the first signature counts, a later one changes nothing."""
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key)
    signed = (
        await session.execute(
            update(duties)
            .where(*this, duties.c.signed_at.is_(None))
            .values(signed_at=await factory_now(session), signed_by=employee)
            .returning(duties.c.order_no, duties.c.traceparent)
        )
    ).one_or_none()
    if signed is not None:
        session.info["touched"].add(signed.order_no)
        link_to(signed.traceparent)
        fact = ALL_EVENTS[f"{session.info['service']}.handover_signed.v1"]
        await record(session, fact(order_no=signed.order_no, assignee=employee, duty=duty, signed_by=employee))
    elif await session.scalar(select(duties.c.key).where(*this)) is None:
        raise NotFound(kind=Label("交接", "handover"), no=str(duty))


async def drop_order(session: AsyncSession, order_no: str) -> None:
    """A cancelled order's handovers leave the worklist; the judge stops their clocks by the cancellation itself."""
    await close_now(session)
    session.info["touched"].add(order_no)
    await session.execute(
        update(duties)
        .where(duties.c.order_no == order_no, duties.c.closed_at.is_(None))
        .values(closed_at=await factory_now(session))
    )


async def redate(session: AsyncSession, duty: DutyRef, terms: Terms) -> None:
    """Other terms hold for a handover that is on the worklist; when it arrived does not change.

    With more time it is warned of anew.
    """
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key)
    row = (await session.execute(select(duties).where(*this))).one_or_none()
    if row is not None:
        session.info["touched"].add(row.order_no)
        due = await later(session, await expected(session, duty.link, row.opened_at, terms), row.extension_hours)
        warned = case((duties.c.due_at < due, 0), else_=duties.c.warned) if due else duties.c.warned
        await session.execute(update(duties).where(*this).values(due_at=due, warned=warned))


async def reassign(session: AsyncSession, duty: DutyRef, post: str) -> None:
    """An open handover turned out to be another post's."""
    await close_now(session)
    this = (duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None))
    changed = update(duties).where(*this, duties.c.post != post).values(post=post).returning(duties.c.order_no)
    session.info["touched"].update(await session.scalars(changed))
