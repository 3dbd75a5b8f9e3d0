"""Which facts of other departments does Purchasing act on?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances, pausing
from chassis.following import consumers_of
from contracts import links
from contracts.pmc import ExceptionDecided, PurchaseRedated, RequirementIssued
from contracts.quality import AuthorityRefused, ConcessionRequested, DispositionDecided, IncomingInspected
from contracts.sales import ContractSubmitted, OrderAmended, OrderCancelled
from contracts.warehouse import GoodsArrived, GoodsReceived
from services.purchasing import arrivals, orders, requirements
from services.purchasing.models import Hindrance

consumers = consumers_of("purchasing")


@consumers.on(ContractSubmitted)
async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
    await orders.take_contract(session, event)


@consumers.on(OrderAmended)
async def on_order_amended(event: OrderAmended, session: AsyncSession) -> None:
    await orders.take_amendment(session, event)


@consumers.on(OrderCancelled)
async def on_order_cancelled(event: OrderCancelled, session: AsyncSession) -> None:
    await orders.give_up(session, event.order_no or "")


@consumers.on(RequirementIssued)
async def on_requirement_issued(event: RequirementIssued, session: AsyncSession) -> None:
    await requirements.take(session, event)


@consumers.on(PurchaseRedated)
async def on_purchase_redated(event: PurchaseRedated, session: AsyncSession) -> None:
    await requirements.redate(session, event)


@consumers.on(GoodsArrived)
async def on_goods_arrived(event: GoodsArrived, session: AsyncSession) -> None:
    await arrivals.take(session, event)


@consumers.on(IncomingInspected)
async def on_incoming_inspected(event: IncomingInspected, session: AsyncSession) -> None:
    await arrivals.take_inspection(session, event)


@consumers.on(ConcessionRequested)
async def on_concession_requested(event: ConcessionRequested, session: AsyncSession) -> None:
    await pausing.rest(session, event.pauses, links.concession(event.disposition_no))


@consumers.on(DispositionDecided)
async def on_disposition_decided(event: DispositionDecided, session: AsyncSession) -> None:
    await pausing.go_on(session, event.resumes, event.closes)


@consumers.on(AuthorityRefused)
async def on_authority_refused(event: AuthorityRefused, session: AsyncSession) -> None:
    await pausing.go_on(session, event.resumes, event.closes)


@consumers.on(GoodsReceived)
async def on_goods_received(event: GoodsReceived, session: AsyncSession) -> None:
    await arrivals.take_receipt(session, event)


@consumers.on(ExceptionDecided)
async def on_exception_decided(event: ExceptionDecided, session: AsyncSession) -> None:
    await hindrances.take_decision(session, Hindrance, event)
