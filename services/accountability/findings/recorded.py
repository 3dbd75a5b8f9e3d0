"""What does the ledger already say of the loss or injury that a finding names, so that nobody says anything else of it?"""

from datetime import datetime
from decimal import Decimal

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Refusal
from chassis.language import Label
from contracts.pmc import InjuryReported, InjuryReportWithdrawn
from contracts.sales import ContractPenaltyRecorded, ContractPenaltyWithdrawn
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
    query = select(LedgerEntry.type, LedgerEntry.body).where(
        LedgerEntry.subject == order_no,
        LedgerEntry.type.in_((ContractPenaltyRecorded.name, ContractPenaltyWithdrawn.name)),
    )
    told = [(row.type, orjson.loads(row.body)["data"]) for row in await session.execute(query)]
    about = {kind: data for kind, data in told if data["penalty_no"] == no}
    if ContractPenaltyRecorded.name not in about or ContractPenaltyWithdrawn.name in about:
        return None
    return Decimal(about[ContractPenaltyRecorded.name]["amount"])


async def check_injury(session: AsyncSession, no: str | None, given: datetime) -> None:
    """It happened when its report says; raises InjuryWithdrawn, InjuryAtAnotherTime. What the ledger has not heard of may come."""
    query = select(LedgerEntry.type, LedgerEntry.body).where(IS_INJURY)
    told = [(row.type, orjson.loads(row.body)["data"]) for row in await session.execute(query)]
    about = {kind: data for kind, data in told if data["injury_report_no"] == no}
    if InjuryReportWithdrawn.name in about:
        raise InjuryWithdrawn(no=no)
    reported = about.get(InjuryReported.name)
    if reported is not None and (at := datetime.fromisoformat(reported["occurred_at"])) != given:
        raise InjuryAtAnotherTime(no=no, reported=at, given=given)
