"""Did an investigation find a safety duty breached behind an injury, and whose (TML-04)?"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import different_person, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import ever_held, holders_of
from chassis.worklist import publish
from contracts.event import Actor, EmployeeId
from contracts.pmc import InjuryInvestigated
from services.pmc.models import InjuryReport, InjuryStatus, Investigation, InvestigationStatus
from services.pmc.registered import check_registered

# Whose safety duties an investigation looks into.
LOOKED_INTO = frozenset({"team_leader", "workshop_director"})
MOST_NAMED = 20


class PartOfTheMatter(Refusal):
    status, code = 403, "own_case"
    message = Label(
        "{employee} 是受伤者,或事发时任组长、车间主任,不能作这次调查。请由生管经理或总经理另一人调查。",
        "{employee} was hurt, or led a team or the workshop when it happened, and may not investigate this. The PMC manager or "
        "the general manager who did neither must.",
    )


class DutyUnnamed(Refusal):
    status, code, field = 422, "safety_duty_missing", "safety_duty"
    message = Label(
        "调查认定违反了安全职责,却没有写明是哪一项。请填写。",
        "The investigation found a safety duty breached and does not say which. Please name it.",
    )


class NobodyNamed(Refusal):
    status, code, field = 422, "breached_by_missing", "breached_by"
    message = Label(
        "调查认定违反了安全职责,却没有写明是谁的职责。请填写事发时的组长或车间主任。",
        "The investigation found a safety duty breached and does not say whose. Please name who led the team or the workshop "
        "when it happened.",
    )


class NothingBreached(Refusal):
    status, code, field = 422, "nothing_breached", "breached_by"
    message = Label(
        "调查没有认定违反安全职责,却写了违反者 {named}。请去掉,或认定违反。",
        "The investigation names {named} and found no safety duty breached. Please leave the names out, or find the breach.",
    )


class LedNothingThen(Refusal):
    status, code, field = 422, "post_not_held_then", "breached_by"
    message = Label(
        "{employee} 在 {occurred_at} 既不任组长也不任车间主任。请核对人员,或请人事补登岗位。",
        "On {occurred_at} {employee} led neither a team nor the workshop. Please check the person, or ask HR whether a post was "
        "not registered.",
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


class Outcome(Form):
    """What the investigation came to; a later one names the one that it corrects."""

    injury_report_no: str
    insured: bool = False
    duty_breached: bool = False
    breached_by: tuple[EmployeeId, ...] = Field(default=(), max_length=MOST_NAMED)
    safety_duty: str = Field(default="", max_length=4000)
    result: str = Field(min_length=1, max_length=4000)
    corrects: str | None = Field(default=None, max_length=64)

    @classmethod
    async def people(cls, session: AsyncSession) -> Mapping[str, list[str]]:
        """When it happened, no page can know yet: whoever has ever led a team or the workshop."""
        return {"breached_by": await ever_held(session, LOOKED_INTO)}


async def investigate(session: AsyncSession, form: Outcome, *, maker: Actor, now: datetime) -> Investigation:
    """State what an investigation found; what was stated before is never changed, only corrected by a later one."""
    injury = await lock(session, InjuryReport, form.injury_report_no)
    different_person(injury, maker.employee)
    leading = await led_by(session, injury.occurred_at)
    check_uninvolved(injury, maker, leading)
    await check_breach(session, form, injury, leading)
    await correct(session, form)
    if injury.status != InjuryStatus.INVESTIGATED:
        move(injury, InjuryStatus.INVESTIGATED)
    document = Investigation(
        **form.model_dump(exclude={"breached_by"}),
        no=await next_number(session, Investigation.code, now),
        injured=injury.injured,
        breached_by=list(dict.fromkeys(form.breached_by)),
        status=InvestigationStatus.CONCLUDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


async def led_by(session: AsyncSession, at: datetime) -> frozenset[str]:
    """Who led a team or the workshop at a moment, as far as PMC knows the roster."""
    holders = await holders_of(session, at)
    return frozenset(employee for post in LOOKED_INTO for employee in holders.get(post, ()))


def check_uninvolved(injury: InjuryReport, maker: Actor, leading: frozenset[str]) -> None:
    """Nobody looks into duties that were their own when it happened, nor into their own injury; raises PartOfTheMatter."""
    if maker.employee in leading or maker.employee == injury.injured:
        raise PartOfTheMatter(employee=maker.employee)


async def check_breach(session: AsyncSession, form: Outcome, injury: InjuryReport, leading: frozenset[str]) -> None:
    """A breached duty is somebody's; raises DutyUnnamed, NobodyNamed, NothingBreached, UnknownBreacher, LedNothingThen."""
    if not form.duty_breached:
        if form.breached_by:
            raise NothingBreached(named=form.breached_by)
        return
    if not form.safety_duty:
        raise DutyUnnamed
    if not form.breached_by:
        raise NobodyNamed
    await check_registered(session, form.breached_by, "breached_by")
    for employee in form.breached_by:
        if employee not in leading:
            raise LedNothingThen(employee=employee, occurred_at=injury.occurred_at)


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
    """The outcome as a fact: yes or no, and whose duty it was; no word of anybody's health."""
    said = ("injury_report_no", "insured", "duty_breached", "breached_by", "corrects")
    return InjuryInvestigated(
        **{name: getattr(document, name) for name in said},
        investigation_no=document.no,
        investigated_by=document.made_by,
    )
