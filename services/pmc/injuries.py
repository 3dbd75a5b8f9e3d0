"""Who was hurt at work, and was it reported by mistake?"""

from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import Person, find_person
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import InjuryReported, InjuryReportWithdrawn
from services.pmc.models import InjuryReport, InjuryStatus, Investigation, InvestigationStatus
from services.pmc.registered import check_registered

TAKES_BACK = frozenset({"pmc_manager"})
STANDING = frozenset({InjuryStatus.REPORTED, InjuryStatus.INVESTIGATED})


class InjuredAhead(Refusal):
    status, code, field = 422, "injured_ahead", "occurred_at"
    message = Label(
        "受伤时间 {occurred_at} 还没有到。请填写实际发生的时间。",
        "{occurred_at} is still to come. Please give the time at which it happened.",
    )


class NotYourReport(Refusal):
    status, code = 403, "not_your_report"
    message = Label(
        "{no} 由 {made_by} 报告,只能由其本人或生管经理撤回。",
        "{no} was reported by {made_by}: only they or the PMC manager may withdraw it.",
    )


class SomethingWasFound(Refusal):
    code = "something_was_found"
    message = Label(
        "{investigation} 认定了工伤或违反安全职责,{no} 不能撤回。调查有误的,请先更正调查。",
        "{investigation} found an insured injury or a breached duty, so {no} stands. If that was wrong, please correct the "
        "investigation first.",
    )


class Injury(Form):
    """Who was hurt, when and where, what happened, and what was done for them at once."""

    injured: str = Field(pattern=r"^E-\d{3,6}$")
    occurred_at: AwareDatetime
    workplace: str = Field(min_length=1, max_length=200)
    what_happened: str = Field(min_length=1, max_length=4000)
    first_aid: str = Field(default="", max_length=4000)


async def report(session: AsyncSession, form: Injury, *, maker: Actor, now: datetime) -> InjuryReport:
    """Write an injury down. The fact says that there was one, when and where; never who was hurt, nor how."""
    await check_registered(session, [form.injured], "injured")
    if form.occurred_at > now:
        raise InjuredAhead(occurred_at=form.occurred_at)
    document = InjuryReport(
        **form.model_dump(),
        no=await next_number(session, InjuryReport.code, now),
        status=InjuryStatus.REPORTED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    fact = InjuryReported(
        injury_report_no=document.no,
        occurred_at=form.occurred_at,
        workplace=form.workplace,
        reported_by=maker.employee,
    )
    await publish(session, fact)
    return document


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: str) -> InjuryReport:
    """It was reported by mistake. The fact says that, not why: a reason may tell of somebody's health."""
    document = await lock(session, InjuryReport, no)
    if not may_withdraw(document, await find_person(session, by)):
        raise NotYourReport(no=no, made_by=document.made_by)
    if document.status == InjuryStatus.INVESTIGATED:
        await check_nothing_found(session, no)
    move(document, InjuryStatus.WITHDRAWN)
    document.reason = form.reason
    await publish(session, InjuryReportWithdrawn(injury_report_no=no, withdrawn_by=by))
    return document


def may_withdraw(report: InjuryReport, person: Person) -> bool:
    """Whoever wrote it down, or the PMC manager."""
    return person.employee == report.made_by or person.holds(TAKES_BACK)


async def check_nothing_found(session: AsyncSession, no: str) -> None:
    """What an investigation found is corrected before its report is withdrawn; raises SomethingWasFound."""
    query = select(Investigation).where(
        Investigation.injury_report_no == no, Investigation.status == InvestigationStatus.CONCLUDED
    )
    known = await session.scalar(query)
    if known is not None and (known.insured or known.duty_breached):
        raise SomethingWasFound(no=no, investigation=known.no)
