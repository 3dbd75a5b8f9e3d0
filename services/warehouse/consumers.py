"""Which facts of other departments does the warehouse act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances, worklist
from chassis.following import consumers_of
from contracts import pmc, quality
from contracts.engineering import WorkResumed, WorkStopped
from contracts.parts import ShipmentBlocked, ShipmentUnblocked
from contracts.pmc import (
    ExceptionDecided,
    ProductionOrderIssued,
    RequirementIssued,
    RequisitionApproved,
    RequisitionWithdrawn,
    ShipmentInstructed,
)
from contracts.purchasing import PurchaseOrderIssued
from contracts.quality import DispositionDecided, FinalInspected, IncomingInspected, OutgoingInspected
from contracts.sales import (
    ContractSubmitted,
    DeliveryPostponed,
    OrderAmended,
    OrderCancelled,
    ReturnAuthorised,
    ShippingNoticeIssued,
)
from services.warehouse import (
    amendments,
    customer_returns,
    finished_receipts,
    holds,
    lots,
    orders,
    purchases,
    requisitions,
    shipments,
)
from services.warehouse.models import Hindrance

consumers = consumers_of("warehouse")


@consumers.on(ContractSubmitted)
async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
    await orders.take_contract(session, event)


@consumers.on(OrderAmended)
async def on_order_amended(event: OrderAmended, session: AsyncSession) -> None:
    await amendments.take(session, event)


@consumers.on(DeliveryPostponed)
async def on_delivery_postponed(event: DeliveryPostponed, session: AsyncSession) -> None:
    await amendments.take_postponement(session, event)


@consumers.on(OrderCancelled)
async def on_order_cancelled(event: OrderCancelled, session: AsyncSession) -> None:
    await orders.take_cancellation(session, event.order_no or "")
    await shipments.cancel_open(session, event.order_no or "")
    await requisitions.cancel_open(session, event.order_no or "")
    await worklist.drop_order(session, event.order_no or "")


@consumers.on(RequirementIssued)
async def on_requirement_issued(event: RequirementIssued, session: AsyncSession) -> None:
    await purchases.take_list(session, event)


@consumers.on(PurchaseOrderIssued)
async def on_purchase_order_issued(event: PurchaseOrderIssued, session: AsyncSession) -> None:
    await purchases.take_order(session, event)


@consumers.on(IncomingInspected)
async def on_incoming_inspected(event: IncomingInspected, session: AsyncSession) -> None:
    await lots.take_inspection(session, event)


@consumers.on(DispositionDecided)
async def on_disposition_decided(event: DispositionDecided, session: AsyncSession) -> None:
    await lots.take_disposition(session, event)


@consumers.on(RequisitionApproved)
async def on_requisition_approved(event: RequisitionApproved, session: AsyncSession) -> None:
    await requisitions.take(session, event)


@consumers.on(RequisitionWithdrawn)
async def on_requisition_withdrawn(event: RequisitionWithdrawn, session: AsyncSession) -> None:
    await requisitions.take_withdrawal(session, event)


@consumers.on(ProductionOrderIssued)
async def on_production_order_issued(event: ProductionOrderIssued, session: AsyncSession) -> None:
    await finished_receipts.take_order(session, event)


@consumers.on(FinalInspected)
async def on_final_inspected(event: FinalInspected, session: AsyncSession) -> None:
    await finished_receipts.take_inspection(session, event)


@consumers.on(ShippingNoticeIssued)
async def on_shipping_notice_issued(event: ShippingNoticeIssued, session: AsyncSession) -> None:
    await shipments.take_notice(session, event)


@consumers.on(ShipmentInstructed)
async def on_shipment_instructed(event: ShipmentInstructed, session: AsyncSession) -> None:
    await shipments.take_instruction(session, event)


@consumers.on(OutgoingInspected)
async def on_outgoing_inspected(event: OutgoingInspected, session: AsyncSession) -> None:
    await shipments.take_inspection(session, event)


async def on_shipment_blocked(event: ShipmentBlocked, session: AsyncSession) -> None:
    await holds.block(session, event)


async def on_shipment_unblocked(event: ShipmentUnblocked, session: AsyncSession) -> None:
    await holds.unblock(session, event)


consumers.on(pmc.ShipmentBlocked)(on_shipment_blocked)
consumers.on(quality.ShipmentBlocked)(on_shipment_blocked)
consumers.on(pmc.ShipmentUnblocked)(on_shipment_unblocked)
consumers.on(quality.ShipmentUnblocked)(on_shipment_unblocked)


@consumers.on(WorkStopped)
async def on_work_stopped(event: WorkStopped, session: AsyncSession) -> None:
    await holds.stop(session, event)


@consumers.on(WorkResumed)
async def on_work_resumed(event: WorkResumed, session: AsyncSession) -> None:
    await holds.resume(session, event)


@consumers.on(ReturnAuthorised)
async def on_return_authorised(event: ReturnAuthorised, session: AsyncSession) -> None:
    await customer_returns.take(session, event)


@consumers.on(ExceptionDecided)
async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
    await hindrances.take_decision(session, Hindrance, event)
