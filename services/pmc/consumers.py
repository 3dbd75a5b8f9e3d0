"""Which facts of other departments does PMC act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import pausing
from chassis.following import consumers_of
from contracts import engineering, links, purchasing, quality, sales, warehouse
from contracts.engineering import MissingDocumentDecided, PackageReleased, WorkResumed, WorkStopped
from contracts.parts import HindranceReported, OpinionGiven
from contracts.purchasing import DelayReported, PurchaseOrderIssued
from contracts.quality import (
    CauseFound,
    FinalInspected,
    IncomingInspected,
    OutgoingInspected,
    ShipmentBlocked,
    ShipmentUnblocked,
)
from contracts.sales import (
    ComplaintPassed,
    ContractPenaltyRecorded,
    ContractPenaltyWithdrawn,
    ContractSubmitted,
    DeliveryPostponed,
    OrderAmended,
    OrderCancelled,
    OrderConfirmed,
    RemedyConfirmed,
    ReturnAuthorised,
    ShippingNoticeIssued,
)
from contracts.warehouse import (
    FinishedGoodsReceived,
    GoodsArrived,
    GoodsReceived,
    GoodsShipped,
    MaterialIssued,
    ReturnReceived,
    StockCounted,
    WithdrawalDecided,
)
from services.pmc import (
    amendments,
    attribution_gates,
    complaints,
    exceptions,
    follow_ups,
    holds,
    missing_documents,
    orders,
    packages,
    penalties,
    production_orders,
    redatings,
    requisitions,
    reviews,
    reworks,
    shipments,
    shortages,
    stock,
    withdrawals,
)
from services.pmc.models import HoldKind

consumers = consumers_of("pmc")


@consumers.on(ContractSubmitted)
async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
    await orders.remember(session, event)
    await reviews.begin(session, event)


async def on_opinion_given(event: OpinionGiven, session: AsyncSession) -> None:
    await reviews.take_opinion(session, event)


consumers.on(engineering.OpinionGiven)(on_opinion_given)
consumers.on(purchasing.OpinionGiven)(on_opinion_given)
consumers.on(quality.OpinionGiven)(on_opinion_given)
consumers.on(warehouse.OpinionGiven)(on_opinion_given)


@consumers.on(OrderConfirmed)
async def on_order_confirmed(event: OrderConfirmed, session: AsyncSession) -> None:
    await reviews.take_confirmation(session, event)


@consumers.on(OrderAmended)
async def on_order_amended(event: OrderAmended, session: AsyncSession) -> None:
    await amendments.take_amendment(session, event)


@consumers.on(DeliveryPostponed)
async def on_delivery_postponed(event: DeliveryPostponed, session: AsyncSession) -> None:
    await amendments.take_postponement(session, event)


@consumers.on(OrderCancelled)
async def on_order_cancelled(event: OrderCancelled, session: AsyncSession) -> None:
    await amendments.take_cancellation(session, event.order_no or "")


@consumers.on(PackageReleased)
async def on_package_released(event: PackageReleased, session: AsyncSession) -> None:
    await packages.take(session, event)
    await shortages.take_package(session, event)


@consumers.on(MissingDocumentDecided)
async def on_missing_document_decided(event: MissingDocumentDecided, session: AsyncSession) -> None:
    await missing_documents.take_decision(session, event)


@consumers.on(WorkStopped)
async def on_work_stopped(event: WorkStopped, session: AsyncSession) -> None:
    await holds.put(session, HoldKind.STOP, event.stop_no, event.order_no, event.line_no, event.reason)


@consumers.on(WorkResumed)
async def on_work_resumed(event: WorkResumed, session: AsyncSession) -> None:
    await holds.lift(session, HoldKind.STOP, event.stop_no, event.order_no, event.line_no, event.reason)


@consumers.on(PurchaseOrderIssued)
async def on_purchase_order_issued(event: PurchaseOrderIssued, session: AsyncSession) -> None:
    await follow_ups.take_purchase(session, event)
    await stock.take_purchase(session, event)


@consumers.on(DelayReported)
async def on_delay_reported(event: DelayReported, session: AsyncSession) -> None:
    await redatings.take_delay(session, event)


@consumers.on(StockCounted)
async def on_stock_counted(event: StockCounted, session: AsyncSession) -> None:
    await stock.take_count(session, event)


@consumers.on(GoodsArrived)
async def on_goods_arrived(event: GoodsArrived, session: AsyncSession) -> None:
    await follow_ups.take_arrival(session, event)


@consumers.on(IncomingInspected)
async def on_incoming_inspected(event: IncomingInspected, session: AsyncSession) -> None:
    await follow_ups.take_inspection(session, event)
    await attribution_gates.remember_pass(session, event)


@consumers.on(GoodsReceived)
async def on_goods_received(event: GoodsReceived, session: AsyncSession) -> None:
    await follow_ups.take_receipt(session, event)
    await stock.take_receipt(session, event)


@consumers.on(MaterialIssued)
async def on_material_issued(event: MaterialIssued, session: AsyncSession) -> None:
    await requisitions.take_issue(session, event)


@consumers.on(WithdrawalDecided)
async def on_withdrawal_decided(event: WithdrawalDecided, session: AsyncSession) -> None:
    await withdrawals.take_decision(session, event)


@consumers.on(FinalInspected)
async def on_final_inspected(event: FinalInspected, session: AsyncSession) -> None:
    await production_orders.take_inspection(session, event)
    await attribution_gates.remember_pass(session, event)


@consumers.on(OutgoingInspected)
async def on_outgoing_inspected(event: OutgoingInspected, session: AsyncSession) -> None:
    await production_orders.take_outgoing_inspection(session, event)
    await attribution_gates.remember_pass(session, event)


@consumers.on(FinishedGoodsReceived)
async def on_finished_goods_received(event: FinishedGoodsReceived, session: AsyncSession) -> None:
    await production_orders.take_receipt(session, event)


@consumers.on(ShippingNoticeIssued)
async def on_shipping_notice_issued(event: ShippingNoticeIssued, session: AsyncSession) -> None:
    await shipments.take_notice(session, event)


@consumers.on(ShipmentBlocked)
async def on_shipment_blocked(event: ShipmentBlocked, session: AsyncSession) -> None:
    await holds.put(session, HoldKind.BLOCK, event.block_no, event.order_no, None, event.reason)


@consumers.on(ShipmentUnblocked)
async def on_shipment_unblocked(event: ShipmentUnblocked, session: AsyncSession) -> None:
    await holds.lift(session, HoldKind.BLOCK, event.block_no, event.order_no, None, event.reason)


@consumers.on(GoodsShipped)
async def on_goods_shipped(event: GoodsShipped, session: AsyncSession) -> None:
    await shipments.take_shipped(session, event)


@consumers.on(ComplaintPassed)
async def on_complaint_passed(event: ComplaintPassed, session: AsyncSession) -> None:
    await complaints.take_complaint(session, event)


async def on_hindrance_reported(event: HindranceReported, session: AsyncSession) -> None:
    await exceptions.take_report(session, event)


consumers.on(sales.HindranceReported)(on_hindrance_reported)
consumers.on(engineering.HindranceReported)(on_hindrance_reported)
consumers.on(purchasing.HindranceReported)(on_hindrance_reported)
consumers.on(quality.HindranceReported)(on_hindrance_reported)
consumers.on(warehouse.HindranceReported)(on_hindrance_reported)


@consumers.on(quality.ConcessionRequested)
async def on_concession_requested(event: quality.ConcessionRequested, session: AsyncSession) -> None:
    await pausing.rest(session, event.pauses, links.concession(event.disposition_no))


@consumers.on(quality.DispositionDecided)
async def on_disposition_decided(event: quality.DispositionDecided, session: AsyncSession) -> None:
    await pausing.go_on(session, event.resumes, event.closes)


@consumers.on(quality.DispositionOvertaken)
async def on_disposition_overtaken(event: quality.DispositionOvertaken, session: AsyncSession) -> None:
    await pausing.go_on(session, event.resumes, event.closes)


@consumers.on(quality.AuthorityRefused)
async def on_authority_refused(event: quality.AuthorityRefused, session: AsyncSession) -> None:
    await pausing.go_on(session, event.resumes, event.closes)


@consumers.on(CauseFound)
async def on_cause_found(event: CauseFound, session: AsyncSession) -> None:
    await complaints.take_cause(session, event)


@consumers.on(RemedyConfirmed)
async def on_remedy_confirmed(event: RemedyConfirmed, session: AsyncSession) -> None:
    await complaints.take_remedy(session, event)


@consumers.on(ReturnAuthorised)
async def on_return_authorised(event: ReturnAuthorised, session: AsyncSession) -> None:
    await reworks.take_return(session, event)


@consumers.on(ReturnReceived)
async def on_return_received(event: ReturnReceived, session: AsyncSession) -> None:
    await reworks.take_returned(session, event)


@consumers.on(ContractPenaltyRecorded)
async def on_contract_penalty_recorded(event: ContractPenaltyRecorded, session: AsyncSession) -> None:
    await penalties.take(session, event)


@consumers.on(ContractPenaltyWithdrawn)
async def on_contract_penalty_withdrawn(event: ContractPenaltyWithdrawn, session: AsyncSession) -> None:
    await penalties.take_withdrawal(session, event)
