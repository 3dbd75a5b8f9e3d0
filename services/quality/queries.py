"""What does Quality look up?"""

from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import func, select, true, union
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.waiting import WaitFor
from services.quality.models import (
    Block,
    BlockStatus,
    CaseStatus,
    Disposition,
    FinalInspection,
    IncomingInspection,
    InspectionDocument,
    InspectionStatus,
    LineStandard,
    OrderCopy,
    OutgoingInspection,
    ProductionOrderCopy,
    UninspectedCase,
)

I = TypeVar("I", bound=InspectionDocument)  # noqa: E741 - an inspection


async def find_order(session: AsyncSession, order_no: str) -> OrderCopy | None:
    return await session.get(OrderCopy, order_no)


async def known_order(session: AsyncSession, order_no: str | None) -> OrderCopy:
    """The copy of the order that a fact is about; raises WaitFor while its contract has not come."""
    order = await find_order(session, order_no or "")
    if order is None:
        raise WaitFor("order", order_no or "")
    return order


async def known_production_order(session: AsyncSession, production_order_no: str) -> ProductionOrderCopy:
    """What a production order makes; raises WaitFor while it has not come."""
    order = await session.get(ProductionOrderCopy, production_order_no)
    if order is None:
        raise WaitFor("production_order", production_order_no)
    return order


async def standard_of(session: AsyncSession, order_no: str | None, line_no: int) -> LineStandard | None:
    """The released standard of an order line."""
    return await session.get(LineStandard, (order_no or "", line_no))


async def open_inspections(session: AsyncSession, kind: type[I], order_no: str) -> Sequence[I]:
    """Inspections of an order that nobody has made yet, locked."""
    query = select(kind).where(kind.order_no == order_no, kind.status == InspectionStatus.OPEN)
    return (await session.scalars(query.with_for_update())).all()


async def finished_lot(session: AsyncSession, order_no: str | None, line_no: int) -> str | None:
    """The lot of an order line that passed its final inspection last."""
    query = select(FinalInspection.lot).where(
        FinalInspection.order_no == order_no,
        FinalInspection.line_no == line_no,
        FinalInspection.status == InspectionStatus.PASSED,
    )
    return (await session.scalars(query.order_by(FinalInspection.no.desc()).limit(1))).one_or_none()


async def made_as(session: AsyncSession, lot: str) -> FinalInspection | None:
    """The last final inspection of a lot of our own make."""
    query = select(FinalInspection).where(FinalInspection.lot == lot)
    return (await session.scalars(query.order_by(FinalInspection.no.desc()).limit(1))).one_or_none()


async def failed_outgoing(
    session: AsyncSession, order_no: str | None, line_no: int, *, hold: bool = False
) -> list[OutgoingInspection]:
    """The last inspection for each shipping notice of an order line, where it failed; `hold` locks them."""
    query = (
        select(OutgoingInspection)
        .where(OutgoingInspection.order_no == order_no, OutgoingInspection.line_no == line_no)
        .order_by(OutgoingInspection.made_at, OutgoingInspection.no)
    )
    found = await session.scalars(query.with_for_update() if hold else query)
    last = {inspection.notice_no: inspection for inspection in found}
    return [inspection for inspection in last.values() if inspection.status == InspectionStatus.FAILED]


async def forms_of(session: AsyncSession, failed: Sequence[InspectionDocument]) -> dict[str, Disposition]:
    """The nonconformity forms of failed inspections, by the inspection; locked, so that nobody decides meanwhile."""
    query = (
        select(Disposition)
        .where(Disposition.no.in_([inspection.disposition_no for inspection in failed]))
        .order_by(Disposition.no)
        .execution_options(populate_existing=True)
        .with_for_update()
    )
    return {form.inspection_no: form for form in await session.scalars(query)}


async def order_of_lot(session: AsyncSession, lot: str) -> str | None:
    """The order for which a lot arrived."""
    query = select(IncomingInspection.order_no).where(IncomingInspection.lot == lot)
    return (await session.scalars(query.order_by(IncomingInspection.no).limit(1))).one_or_none()


async def has_failed(session: AsyncSession, lot: str, *, but: str) -> bool:
    """Whether an incoming inspection of a lot, another than this one, had failed it."""
    this = (IncomingInspection.lot == lot, IncomingInspection.no != but)
    query = select(IncomingInspection.no).where(*this, IncomingInspection.status == InspectionStatus.FAILED)
    return await session.scalar(query.limit(1)) is not None


async def who_passed(session: AsyncSession, order_no: str | None, line_no: int | None, lot: str | None) -> set[str]:
    """Who let an order's goods, or one line of them, or a lot of material pass."""
    looks = [
        select(kind.inspected_by).where(
            kind.order_no == order_no,
            kind.status == InspectionStatus.PASSED,
            true() if line_no is None else kind.line_no == line_no,
        )
        for kind in (FinalInspection, OutgoingInspection)
    ]
    material = select(IncomingInspection.inspected_by).where(
        IncomingInspection.lot == lot, IncomingInspection.status == InspectionStatus.PASSED
    )
    return {name for name in await session.scalars(union(*looks, material)) if name is not None}


async def verdicts_of(session: AsyncSession, products: Collection[str]) -> dict[tuple[str, str], int]:
    """How many final inspections of each product passed and failed, by product code and status."""
    query = (
        select(FinalInspection.item_code, FinalInspection.status, func.count())
        .where(
            FinalInspection.item_code.in_(products),
            FinalInspection.status.in_((InspectionStatus.PASSED, InspectionStatus.FAILED)),
        )
        .group_by(FinalInspection.item_code, FinalInspection.status)
    )
    return {(product, status): count for product, status, count in await session.execute(query)}


async def suspicion_of(session: AsyncSession, lot: str) -> UninspectedCase | None:
    """The undecided case of a lot, locked."""
    query = select(UninspectedCase).where(UninspectedCase.lot == lot, UninspectedCase.status == CaseStatus.OPEN)
    return (await session.scalars(query.order_by(UninspectedCase.no).limit(1).with_for_update())).one_or_none()


async def block_in_force(session: AsyncSession, order_no: str) -> Block | None:
    """The block that holds an order's goods, locked."""
    query = select(Block).where(Block.order_no == order_no, Block.status == BlockStatus.BLOCKED)
    return (await session.scalars(query.with_for_update())).one_or_none()
