"""What does this department owe, to whom and by when? One row per handover that arrived here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.dues import expected
from chassis.errors import NotFound
from chassis.language import Label
from chassis.outbox import publish as record
from chassis.schema_people import duties
from chassis.telemetry import current_traceparent, link_to
from contracts.catalogue import ALL_EVENTS
from contracts.event import DutyRef, Event
from contracts.parts import Terms

RENEWED = ("opened_at", "due_at", "assignee", "document_no", "traceparent")


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
    closed = [duty for event in events for duty in event.closes]
    if closed:
        await close(session, closed)


async def close(session: AsyncSession, closed: Sequence[DutyRef]) -> None:
    """Take handovers off the worklist: by own facts, or when another department's fact closed them."""
    session.info["worklist_changed"] = True
    keys = [(duty.link, duty.key) for duty in closed]
    brought = await session.scalars(
        update(duties)
        .where(tuple_(duties.c.link, duties.c.key).in_(keys), duties.c.closed_at.is_(None))
        .values(closed_at=await factory_now(session))
        .returning(duties.c.traceparent)
    )
    for traceparent in brought:
        link_to(traceparent)


async def deliver(session: AsyncSession, *handovers: Handover) -> None:
    """Put handovers on the worklist and state that they arrived: from here on their clocks may run."""
    if not handovers:
        return
    session.info["worklist_changed"] = True
    now = await factory_now(session)
    rows = [await row_of(session, handover, now) for handover in handovers]
    values = insert(duties).values(rows)
    reopened = {"attempt": duties.c.attempt + 1, "closed_at": None, "signed_at": None, "signed_by": None}
    fresh = {name: values.excluded[name] for name in RENEWED}
    stored = await session.execute(
        values.on_conflict_do_update(
            index_elements=["link", "key"], set_={**reopened, **fresh}, where=duties.c.closed_at.is_not(None)
        ).returning(duties.c.link, duties.c.key, duties.c.attempt)
    )
    attempts = {(row.link, row.key): row.attempt for row in stored}
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
    envelope = session.info.get("envelope")
    return {
        "link": handover.duty.link,
        "key": handover.duty.key,
        "attempt": 1,
        "order_no": handover.order_no,
        "line_no": handover.line_no,
        "post": handover.post,
        "assignee": handover.assignee,
        "document_no": handover.document_no,
        "from_department": envelope.source if envelope else session.info["service"],
        "opened_at": now,
        "due_at": await expected(session, handover.duty.link, now, handover.terms),
        "traceparent": current_traceparent(),
    }


async def is_open(session: AsyncSession, duty: DutyRef) -> bool:
    query = select(duties.c.key).where(
        duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None)
    )
    return await session.scalar(query) is not None


async def sign(session: AsyncSession, duty: DutyRef, employee: str) -> None:
    """A person signs for a handover (签收); the first signature counts, a later one changes nothing."""
    session.info["worklist_changed"] = True
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
        link_to(signed.traceparent)
        fact = ALL_EVENTS[f"{session.info['service']}.handover_signed.v1"]
        await record(session, fact(order_no=signed.order_no, assignee=employee, duty=duty, signed_by=employee))
    elif await session.scalar(select(duties.c.key).where(*this)) is None:
        raise NotFound(kind=Label("交接", "handover"), no=str(duty))


async def drop_order(session: AsyncSession, order_no: str) -> None:
    """A cancelled order's handovers leave the worklist; the judge stops their clocks by the cancellation itself."""
    session.info["worklist_changed"] = True
    await session.execute(
        update(duties)
        .where(duties.c.order_no == order_no, duties.c.closed_at.is_(None))
        .values(closed_at=await factory_now(session))
    )


async def redate(session: AsyncSession, duty: DutyRef, terms: Terms) -> None:
    """Other terms hold for a handover that is on the worklist; when it arrived does not change."""
    session.info["worklist_changed"] = True
    this = (duties.c.link == duty.link, duties.c.key == duty.key)
    opened = await session.scalar(select(duties.c.opened_at).where(*this))
    if opened is not None:
        due = await expected(session, duty.link, opened, terms)
        await session.execute(update(duties).where(*this).values(due_at=due))


async def reassign(session: AsyncSession, duty: DutyRef, post: str) -> None:
    """An open handover turned out to be another post's."""
    session.info["worklist_changed"] = True
    this = (duties.c.link == duty.link, duties.c.key == duty.key, duties.c.closed_at.is_(None))
    await session.execute(update(duties).where(*this, duties.c.post != post).values(post=post))
