"""What does the ledger already say of the loss, complaint or injury that a finding names, so that none is invented?"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Refusal
from chassis.language import Label
from contracts.event import Event
from contracts.pmc import InjuryReported, InjuryReportWithdrawn
from contracts.sales import ComplaintReceived, ContractPenaltyRecorded, ContractPenaltyWithdrawn
from services.accountability.ledger.models_ledger import IS_INJURY
from services.accountability.models import LedgerEntry


class MoreThanRecorded(Refusal):
    status, code, field = 422, "more_than_recorded", "contract_penalty"
    message = Label(
        "{no} 登记的客户罚款是 {recorded} 元,不能认定 {given} 元。请留空,或填写不超过登记金额的数。",
        "{no} records a penalty of CNY {recorded}; CNY {given} is more. Leave it blank, or give no more than that.",
    )


class InjuryWithdrawn(Refusal):
    status, code, field = 422, "injury_withdrawn", "injury_report_no"
    message = Label(
        "工伤报告 {no} 已撤回,不能据此认定任何人。请核对编号。",
        "The injury report {no} was withdrawn, and nothing is found on it. Please check the number.",
    )


class InjuryAtAnotherTime(Refusal):
    status, code, field = 422, "injury_at_another_time", "occurred_at"
    message = Label(
        "{no} 所报的工伤发生于 {reported},不是 {given}。请填写 {reported}。",
        "The injury of {no} happened on {reported}, not on {given}. Please give {reported}.",
    )


class UnknownComplaint(Refusal):
    status, code, field = 422, "unknown_complaint", "complaint_no"
    message = Label(
        "账本中订单 {order_no} 没有客诉 {no}。请核对两个编号;与客诉无关的请留空。",
        "The ledger holds no complaint {no} of order {order_no}. Please check both numbers, or leave the complaint blank "
        "where it comes of none.",
    )


class ComplaintOfNoOrder(Refusal):
    status, code, field = 422, "complaint_of_no_order", "complaint_no"
    message = Label(
        "填写了客诉 {no},但没有填写订单号。请填写该客诉的订单号;与客诉无关的请将客诉留空。",
        "Complaint {no} is named and no order. Please give the order that it is about, or leave the complaint blank "
        "where it comes of none.",
    )


async def check_complaint(session: AsyncSession, order_no: str | None, no: str | None) -> None:
    """A record waits until its complaint is closed, so the complaint is one of this order; raises ComplaintOfNoOrder,
    UnknownComplaint."""
    if no is None:
        return
    if order_no is None:
        raise ComplaintOfNoOrder(no=no)
    received = [data["complaint_no"] for _, data in await told(session, order_no, ComplaintReceived)]
    if no not in received:
        raise UnknownComplaint(no=no, order_no=order_no)


async def penalty(session: AsyncSession, order_no: str | None, no: str | None, given: Decimal | None) -> Decimal | None:
    """What was found of a customer's penalty, in CNY: where nothing was typed all that is recorded; raises MoreThanRecorded.

    What the ledger has not heard of stays as it was typed: the judge will suspect at most.
    """
    known = await standing(session, order_no, no) if order_no and no else None
    if known is not None and given is not None and given > known:
        raise MoreThanRecorded(no=no, recorded=known, given=given)
    return known if given is None else given


async def standing(session: AsyncSession, order_no: str, no: str) -> Decimal | None:
    """What Sales recorded under this number for the order, in CNY; nothing of what was withdrawn."""
    facts = await told(session, order_no, ContractPenaltyRecorded, ContractPenaltyWithdrawn)
    about = {kind: data for kind, data in facts if data["penalty_no"] == no}
    if ContractPenaltyRecorded.name not in about or ContractPenaltyWithdrawn.name in about:
        return None
    return Decimal(about[ContractPenaltyRecorded.name]["amount"])


async def check_injury(session: AsyncSession, no: str | None, given: datetime) -> None:
    """It happened when its report says; raises InjuryWithdrawn, InjuryAtAnotherTime. What the ledger has not heard of may come."""
    query = select(LedgerEntry.type, LedgerEntry.body).where(IS_INJURY)
    known = [(row.type, orjson.loads(row.body)["data"]) for row in await session.execute(query)]
    about = {kind: data for kind, data in known if data["injury_report_no"] == no}
    if InjuryReportWithdrawn.name in about:
        raise InjuryWithdrawn(no=no)
    reported = about.get(InjuryReported.name)
    if reported is not None and (at := datetime.fromisoformat(reported["occurred_at"])) != given:
        raise InjuryAtAnotherTime(no=no, reported=at, given=given)


async def told(session: AsyncSession, order_no: str, *events: type[Event]) -> list[tuple[str, dict[str, Any]]]:
    """The facts of these types about an order, each as its type and its data."""
    query = select(LedgerEntry.type, LedgerEntry.body).where(
        LedgerEntry.subject == order_no, LedgerEntry.type.in_(event.name for event in events)
    )
    return [(row.type, orjson.loads(row.body)["data"]) for row in await session.execute(query)]
