"""Is a stop-work or a block in force, whoever ordered it?"""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import pausing
from services.pmc.models import Hold, HoldKind

# What the rulebook calls it.
STOPS = {HoldKind.STOP: "stop_work", HoldKind.BLOCK: "block"}


async def put(
    session: AsyncSession, kind: HoldKind, no: str, order_no: str | None, line_no: int | None, reason: str
) -> None:
    """In force from now on, unless its end was heard of first."""
    row = {"no": no, "kind": kind, "order_no": order_no or "", "line_no": line_no, "reason": reason, "lifted": False}
    await session.execute(insert(Hold).values(row).on_conflict_do_nothing())
    await pausing.halt(session, STOPS[kind], no, order_no, line_no)


async def lift(
    session: AsyncSession, kind: HoldKind, no: str, order_no: str | None, line_no: int | None, reason: str
) -> None:
    """No longer in force; kept, so that a late word of its beginning changes nothing."""
    row = {"no": no, "kind": kind, "order_no": order_no or "", "line_no": line_no, "reason": reason, "lifted": True}
    await session.execute(insert(Hold).values(row).on_conflict_do_update(index_elements=["no"], set_={"lifted": True}))
    await pausing.lift(session, STOPS[kind], no, order_no, line_no)
