"""What does a transaction write right before its commit, in one statement? The act, the facts, the handovers they closed."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.driver import Part, execute_together
from chassis.outbox import stated
from chassis.telemetry import link_to
from contracts.event import DutyRef

ACT = """
INSERT INTO acts (id, at, employee, post, acting, command, key, fingerprint, kind, no, outcome, request, response)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
CLOSE = """
UPDATE duties SET closed_at = factory_now(), because = NULL FROM unnest($1::text[], $2::text[]) AS closing (link, key)
WHERE duties.link = closing.link AND duties.key = closing.key AND duties.closed_at IS NULL
RETURNING order_no, traceparent
"""


async def write_end(session: AsyncSession) -> None:
    """Called by chassis.database before the commit."""
    parts = [part for part in (acted(session), stated(session), closing(session)) if part]
    if parts:
        await _send(session, parts)


async def close_now(session: AsyncSession) -> None:
    """Write down which handovers were closed so far, before somebody looks at the worklist in this transaction."""
    if part := closing(session):
        await _send(session, [part])


def acted(session: AsyncSession) -> Part | None:
    values: Sequence[object] | None = session.info["act"]
    return Part("act", ACT, values) if values else None


def closing(session: AsyncSession) -> Part | None:
    """What takes the handovers that were closed since the last time off the worklist."""
    duties: dict[DutyRef, None] = session.info["closing"]
    if not duties:
        return None
    session.info["closing"] = {}
    return Part("closed", CLOSE, [[duty.link for duty in duties], [duty.key for duty in duties]])


async def _send(session: AsyncSession, parts: Sequence[Part]) -> None:
    """A person's act points back to what brought the handovers that it closed."""
    rows = await execute_together(session, parts)
    for row in rows:
        session.info["touched"].add(row["order_no"])
        link_to(row["traceparent"])
