"""Which facts of other departments does Sales act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances
from chassis.following import consumers_of
from contracts import links
from contracts.pmc import (
    ComplaintClosed,
    ExceptionDecided,
    ExceptionRaised,
    OperationDelayReported,
    ReviewDecided,
    ShipmentInstructed,
    ShipmentReported,
)
from contracts.purchasing import DelayReported
from contracts.warehouse import FinishedGoodsReceived, GoodsShipped, ReturnReceived
from services.sales import complaints, orders, relays, shipping_notices
from services.sales.models import Hindrance

consumers = consumers_of("sales")


@consumers.on(ReviewDecided)
async def on_review_decided(event: ReviewDecided, session: AsyncSession) -> None:
    await orders.take_review(session, event.order_no or "", event.outcome, event.conditions)


@consumers.on(ExceptionRaised)
async def on_exception_raised(event: ExceptionRaised, session: AsyncSession) -> None:
    await relays.owe(session, event.exception_no, event.affected_orders, event.description)


@consumers.on(DelayReported)
async def on_delay_reported(event: DelayReported, session: AsyncSession) -> None:
    await relays.owe(session, event.delay_no, (event.order_no or "",), event.reason)


@consumers.on(OperationDelayReported)
async def on_operation_delay_reported(event: OperationDelayReported, session: AsyncSession) -> None:
    number = links.operation(event.production_order_no, event.op_no).key
    await relays.owe(session, number, (event.order_no or "",), event.reason)


@consumers.on(FinishedGoodsReceived)
async def on_finished_goods_received(event: FinishedGoodsReceived, session: AsyncSession) -> None:
    await shipping_notices.expect(session, event)


@consumers.on(ShipmentInstructed)
async def on_shipment_instructed(event: ShipmentInstructed, session: AsyncSession) -> None:
    await shipping_notices.mark_instructed(session, event.notice_no)


@consumers.on(GoodsShipped)
async def on_goods_shipped(event: GoodsShipped, session: AsyncSession) -> None:
    await shipping_notices.mark_shipped(session, event)


@consumers.on(ShipmentReported)
async def on_shipment_reported(event: ShipmentReported, session: AsyncSession) -> None:
    await shipping_notices.mark_reported(session, event.notice_no)


@consumers.on(ComplaintClosed)
async def on_complaint_closed(event: ComplaintClosed, session: AsyncSession) -> None:
    await complaints.mark_closed(session, event.complaint_no)


@consumers.on(ReturnReceived)
async def on_return_received(event: ReturnReceived, session: AsyncSession) -> None:
    await complaints.mark_returned(session, event.return_no)


@consumers.on(ExceptionDecided)
async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
    await hindrances.take_decision(session, Hindrance, event)
