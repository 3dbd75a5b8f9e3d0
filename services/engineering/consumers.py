"""Which facts of other departments does Engineering act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances
from chassis.following import consumers_of
from contracts.pmc import ExceptionDecided, MissingDocumentReported
from contracts.sales import ContractSubmitted, OrderAmended, OrderCancelled, OrderReleased
from services.engineering import missing_documents, orders, packages, work_stops
from services.engineering.models import Hindrance

consumers = consumers_of("engineering")


@consumers.on(ContractSubmitted)
async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
    await orders.take_contract(session, event)


@consumers.on(OrderReleased)
async def on_order_released(event: OrderReleased, session: AsyncSession) -> None:
    await packages.owe(session, await orders.take_release(session, event))


@consumers.on(OrderAmended)
async def on_order_amended(event: OrderAmended, session: AsyncSession) -> None:
    await packages.owe(session, await orders.take_amendment(session, event))


@consumers.on(OrderCancelled)
async def on_order_cancelled(event: OrderCancelled, session: AsyncSession) -> None:
    order_no = event.order_no or ""
    await orders.take_cancellation(session, order_no)
    await packages.cancel_open(session, order_no)
    await work_stops.cancel_open(session, order_no)


@consumers.on(MissingDocumentReported)
async def on_missing_document_reported(event: MissingDocumentReported, session: AsyncSession) -> None:
    await missing_documents.open_case(session, event)


@consumers.on(ExceptionDecided)
async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
    await hindrances.take_decision(session, Hindrance, event)
