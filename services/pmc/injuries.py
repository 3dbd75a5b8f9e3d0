"""Who was hurt at work, and did an investigation find a safety duty breached behind it (TML-04)?"""

from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import different_person, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import find_person
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import InjuryInvestigated, InjuryReported
from services.pmc.models import InjuryReport, InjuryStatus, Investigation, InvestigationStatus
from services.pmc.queries import unregistered

# Whose safety duties an investigation looks into.
LOOKED_INTO = frozenset({"team_leader", "workshop_director"})


class NobodyOfThatId(Refusal):
    status, code, field = 422, "unknown_worker", "injured"
    message = Label(
        "工号 {injured} 没有登记。请核对工号,或请人事先登记。",
        "There is no employee {injured}. Please check the id, or ask HR to register them first.",
    )


class InjuredAhead(Refusal):
    status, code, field = 422, "injured_ahead", "occurred_at"
    message = Label(
        "受伤时间 {occurred_at} 还没有到。请填写实际发生的时间。",
        "{occurred_at} is still to come. Please give the time at which it happened.",
    )


class PartOfTheMatter(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 是受伤者,或任组长、车间主任,不能作这次调查。请由生管经理或总经理另一人调查。",
        "{employee} was hurt, or leads a team or the workshop, and may not investigate this. The PMC manager or the general "
        "manager who does neither must.",
    )


class DutyUnnamed(Refusal):
    status, code, field = 422, "safety_duty_missing", "safety_duty"
    message = Label(
        "调查认定违反了安全职责,却没有写明是哪一项。请填写。",
        "The investigation found a safety duty breached and does not say which. Please name it.",
    )


class InvestigatedAlready(Refusal):
    code, field = "investigated_already", "corrects"
    message = Label(
        "该工伤已由 {no} 调查。要更正请在“更正”中填写 {no}。",
        "{no} investigated this injury already. To correct it, give {no} as what is corrected.",
    )


class NotThatInvestigation(Refusal):
    status, code, field = 422, "nothing_to_correct", "corrects"
    message = Label(
        "{corrects} 不是该工伤现行的调查。请核对编号。",
        "{corrects} is not the investigation of this injury in force. Please check the number.",
    )


class Injury(Form):
    """Who was hurt, when and where, what happened, and what was done for them at once."""

    injured: str = Field(pattern=r"^E-\d{3,6}$")
    occurred_at: AwareDatetime
    workplace: str = Field(min_length=1, max_length=200)
    what_happened: str = Field(min_length=1, max_length=4000)
    first_aid: str = Field(default="", max_length=4000)


class Outcome(Form):
    """What the investigation came to; a later one names the one that it corrects."""

    injury_report_no: str
    insured: bool = False
    duty_breached: bool = False
    safety_duty: str = Field(default="", max_length=4000)
    result: str = Field(min_length=1, max_length=4000)
    corrects: str | None = Field(default=None, max_length=64)


async def report(session: AsyncSession, form: Injury, *, maker: Actor, now: datetime) -> InjuryReport:
    """Write an injury down. The fact says that there was one, when and where; never who was hurt, nor how."""
    if await unregistered(session, [form.injured]):
        raise NobodyOfThatId(injured=form.injured)
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


async def investigate(session: AsyncSession, form: Outcome, *, maker: Actor, now: datetime) -> Investigation:
    """State what an investigation found; what was stated before is never changed, only corrected by a later one."""
    injury = await lock(session, InjuryReport, form.injury_report_no)
    different_person(injury, maker.employee)
    await check_uninvolved(session, injury, maker)
    if form.duty_breached and not form.safety_duty:
        raise DutyUnnamed
    await correct(session, form)
    if injury.status == InjuryStatus.REPORTED:
        move(injury, InjuryStatus.INVESTIGATED)
    document = Investigation(
        **form.model_dump(),
        no=await next_number(session, Investigation.code, now),
        injured=injury.injured,
        status=InvestigationStatus.CONCLUDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


async def check_uninvolved(session: AsyncSession, injury: InjuryReport, maker: Actor) -> None:
    """Nobody looks into their own duties, nor into their own injury; raises PartOfTheMatter."""
    looked_into = (await find_person(session, maker.employee)).holds(LOOKED_INTO)
    if looked_into or maker.employee == injury.injured:
        raise PartOfTheMatter(employee=maker.employee)


async def correct(session: AsyncSession, form: Outcome) -> None:
    """The earlier investigation no longer counts; raises InvestigatedAlready, NotThatInvestigation."""
    query = select(Investigation).where(
        Investigation.injury_report_no == form.injury_report_no, Investigation.status == InvestigationStatus.CONCLUDED
    )
    earlier = await session.scalar(query.with_for_update())
    if earlier is not None and form.corrects is None:
        raise InvestigatedAlready(no=earlier.no)
    if form.corrects is not None and (earlier is None or earlier.no != form.corrects):
        raise NotThatInvestigation(corrects=form.corrects)
    if earlier is not None:
        move(earlier, InvestigationStatus.CORRECTED)
        await session.flush()


def stated(document: Investigation) -> InjuryInvestigated:
    """The outcome as a fact: yes or no, and no word of anybody's health."""
    said = ("injury_report_no", "insured", "duty_breached", "corrects")
    return InjuryInvestigated(
        **{name: getattr(document, name) for name in said},
        investigation_no=document.no,
        investigated_by=document.made_by,
    )
