"""What may arrive, and is what was short there now?"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.waiting import WaitFor, arrived
from contracts import links
from contracts.event import DutyRef
from contracts.pmc import RequirementIssued
from contracts.purchasing import PurchaseOrderIssued
from services.warehouse.models import PurchaseLineCopy, PurchaseOrderCopy, Shortage
from services.warehouse.queries import is_listed

LineOfList = tuple[str, int]

# What arrives (or fails, below zero) counts on its line of the material list. The lines that become whole are told, with what
# was bought for them and is short: nobody asks after that any more.
COUNT = text("""
UPDATE shortages SET arrived = shortages.arrived + came.quantity
FROM unnest(CAST(:nos AS text[]), CAST(:lines AS int[]), CAST(:quantities AS numeric[])) AS came (no, line, quantity)
WHERE requirement_no = came.no AND line_no = came.line
RETURNING requirement_no, line_no, arrived >= short AND arrived - came.quantity < short AS whole, (
    SELECT coalesce(array_agg(bought.purchase_order_no || '/' || bought.line_no), '{}') FROM purchase_lines AS bought
    WHERE bought.requirement_no = came.no AND bought.requirement_line_no = came.line AND bought.arrived < bought.quantity
) AS awaited
""")
COPIED = {"line_no", "item_code", "description", "unit", "quantity", "requirement_no", "requirement_line_no"}


async def take_list(session: AsyncSession, event: RequirementIssued) -> None:
    """Remember what is short, so that an arrival that makes a line whole can be told from one that does not."""
    session.add_all(
        Shortage(requirement_no=event.requirement_no, line_no=line.line_no, short=line.short)
        for line in event.lines
        if line.short > 0
    )
    await arrived(session, "requirement", event.requirement_no)


async def take_order(session: AsyncSession, event: PurchaseOrderIssued) -> None:
    """Goods may arrive against this order from now on."""
    if not await is_listed(session, event.requirement_no):
        raise WaitFor("requirement", event.requirement_no)
    copied = event.model_dump(include={"purchase_order_no", "order_no", "line_no", "supplier_code", "issued_by"})
    session.add(PurchaseOrderCopy(**copied))
    session.add_all(
        PurchaseLineCopy(purchase_order_no=event.purchase_order_no, **line.model_dump(include=COPIED))
        for line in event.lines
    )


async def count(session: AsyncSession, came: Mapping[LineOfList, Decimal]) -> tuple[DutyRef, ...]:
    """Count what came on its lines of material lists; the duties of the buyer and of the planner that this ends."""
    if not came:
        return ()
    values = {
        "nos": [no for no, _ in came],
        "lines": [line for _, line in came],
        "quantities": list(came.values()),
    }
    whole = [row for row in await session.execute(COUNT, values) if row.whole]
    ends = {links.arrival(row.requirement_no, row.line_no) for row in whole}
    return ordered(ends | {DutyRef(link="follow_up", key=key) for row in whole for key in row.awaited})


def followed(lines: Iterable[PurchaseLineCopy]) -> set[DutyRef]:
    """What the planner need not ask after any more: those of these lines that are whole."""
    return {links.follow_up(line.purchase_order_no, line.line_no) for line in lines if line.arrived >= line.quantity}


def ordered(ends: Iterable[DutyRef]) -> tuple[DutyRef, ...]:
    return tuple(sorted(ends, key=str))
