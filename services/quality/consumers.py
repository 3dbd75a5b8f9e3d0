"""Which facts of other departments does Quality act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances
from chassis.following import consumers_of
from contracts.engineering import PackageReleased
from contracts.pmc import (
    ComplaintClosed,
    ExceptionDecided,
    OperationFinished,
    ProductionOrderIssued,
    ShipmentInstructed,
)
from contracts.sales import ComplaintPassed, ContractSubmitted, OrderAmended, OrderCancelled
from contracts.warehouse import GoodsArrived, GoodsReceived
from services.quality import (
    amendments,
    blocks,
    causes,
    incoming,
    inspections,
    orders,
    outgoing,
    reworks,
    standards,
    uninspected,
)
from services.quality.models import Hindrance

consumers = consumers_of("quality")


@consumers.on(ContractSubmitted)
async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
    await orders.take_contract(session, event)


@consumers.on(OrderAmended)
async def on_order_amended(event: OrderAmended, session: AsyncSession) -> None:
    await amendments.take(session, event)


@consumers.on(OrderCancelled)
async def on_order_cancelled(event: OrderCancelled, session: AsyncSession) -> None:
    await orders.take_cancellation(session, event.order_no or "")
    await inspections.cancel_open(session, event.order_no or "")
    await blocks.cancel_open(session, event.order_no or "")


@consumers.on(PackageReleased)
async def on_package_released(event: PackageReleased, session: AsyncSession) -> None:
    await standards.take(session, event)


@consumers.on(ProductionOrderIssued)
async def on_production_order_issued(event: ProductionOrderIssued, session: AsyncSession) -> None:
    await orders.take_production_order(session, event)


@consumers.on(GoodsArrived)
async def on_goods_arrived(event: GoodsArrived, session: AsyncSession) -> None:
    await incoming.expect(session, event)


@consumers.on(GoodsReceived)
async def on_goods_received(event: GoodsReceived, session: AsyncSession) -> None:
    await uninspected.suspect(session, event)


@consumers.on(OperationFinished)
async def on_operation_finished(event: OperationFinished, session: AsyncSession) -> None:
    await reworks.take_report(session, event)


@consumers.on(ShipmentInstructed)
async def on_shipment_instructed(event: ShipmentInstructed, session: AsyncSession) -> None:
    await outgoing.expect(session, event)


@consumers.on(ComplaintPassed)
async def on_complaint_passed(event: ComplaintPassed, session: AsyncSession) -> None:
    await causes.expect(session, event)


@consumers.on(ComplaintClosed)
async def on_complaint_closed(event: ComplaintClosed, session: AsyncSession) -> None:
    await causes.mark_closed(session, event.complaint_no)


@consumers.on(ExceptionDecided)
async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
    await hindrances.take_decision(session, Hindrance, event)
