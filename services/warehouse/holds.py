"""Is a block or a stop-work in force, whoever ordered it?"""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import pausing
from contracts.engineering import WorkResumed, WorkStopped
from contracts.parts import ShipmentBlocked, ShipmentUnblocked
from services.warehouse.models import Hold, HoldKind


async def block(session: AsyncSession, event: ShipmentBlocked) -> None:
    await put(session, row_of(event, HoldKind.BLOCK, event.block_no, None))


async def unblock(session: AsyncSession, event: ShipmentUnblocked) -> None:
    await lift(session, row_of(event, HoldKind.BLOCK, event.block_no, None))


async def stop(session: AsyncSession, event: WorkStopped) -> None:
    await put(session, row_of(event, HoldKind.STOP_WORK, event.stop_no, event.line_no))


async def resume(session: AsyncSession, event: WorkResumed) -> None:
    await lift(session, row_of(event, HoldKind.STOP_WORK, event.stop_no, event.line_no))


def row_of(
    event: ShipmentBlocked | ShipmentUnblocked | WorkStopped | WorkResumed, kind: HoldKind, no: str, line_no: int | None
) -> dict[str, Any]:
    """Departments number for themselves, so a hold is known by its source and number."""
    return {
        "source": event.publisher(),
        "no": no,
        "kind": kind,
        "order_no": event.order_no or "",
        "line_no": line_no,
        "reason": event.reason,
    }


async def put(session: AsyncSession, row: dict[str, Any]) -> None:
    """In force from now on, unless its end was heard of first."""
    await session.execute(insert(Hold).values(**row, lifted=False).on_conflict_do_nothing())
    await pausing.halt(session, row["kind"], row["no"], row["order_no"], row["line_no"])


async def lift(session: AsyncSession, row: dict[str, Any]) -> None:
    """No longer in force; kept, so that a late word of its beginning changes nothing."""
    lifted = insert(Hold).values(**row, lifted=True)
    await session.execute(lifted.on_conflict_do_update(index_elements=["source", "no"], set_={"lifted": True}))
    await pausing.lift(session, row["kind"], row["no"], row["order_no"], row["line_no"])
