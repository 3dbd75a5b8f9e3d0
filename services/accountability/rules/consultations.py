"""Were the employees consulted on a rulebook version, and does each of them know it? Without both nothing is issued."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Hint
from chassis.documents import find, lock, next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY
from chassis.language import Label, word
from chassis.outbox import publish
from contracts.accountability import EmployeesConsulted, RulebookAcknowledged
from services.accountability.models import (
    Acknowledgement,
    Consultation,
    Employee,
    RecordedStatus,
    Rulebook,
    RulebookStatus,
)
from services.accountability.rules import validity


class UnknownVersion(Refusal):
    status, code, field = 422, "unknown_version", "rulebook_no"
    message = Label(
        "没有版本为 {version} 的责任条款。请核对版本号。",
        "There is no rulebook {version}. Please check the version.",
    )


class NotApproved(Refusal):
    status, code, field = 422, "version_not_approved", "rulebook_no"
    message = Label(
        "责任条款 {version} 是“{status}”,没有生效,不能知悉。请阅读现行的版本 {in_force}。",
        "Rulebook {version} is {status} and not in force: there is nothing to acknowledge. Please read {in_force}, which is.",
    )


class NotHeldYet(Refusal):
    status, code, field = 422, "not_held_yet", "held_on"
    message = Label(
        "征求意见的日期 {day} 还没有到。请在征求意见之后再登记。",
        "The consultation of {day} is still to come. Please record it afterwards.",
    )


class HeldBeforeTheText(Refusal):
    status, code, field = 422, "held_before_the_text", "held_on"
    message = Label(
        "{version} 于 {rewritten_at} 改写过,{day} 征求意见时还不是现在的文本。请就现在的文本再次征求意见。",
        "{version} was rewritten at {rewritten_at}; the consultation of {day} was about another text. Please consult the "
        "employees on the text as it is now.",
    )


class TimeOfConsultationWanted(Refusal):
    status, code, field = 422, "time_of_consultation_wanted", "held_at"
    message = Label(
        "{version} 在 {day} 当天改写过({rewritten_at})。请填写开会时间,以便知道谈的是哪个文本。",
        "{version} was rewritten on {day} ({rewritten_at}). Please say at what time the consultation was held, so that it is "
        "known on which text.",
    )


class HeldAtAnotherDay(Refusal):
    status, code, field = 422, "held_at_another_day", "held_at"
    message = Label(
        "开会时间 {held_at} 不在 {day}。请改正其中一项,或把时间留空。",
        "The time {held_at} is not on {day}. Please correct either of them, or leave the time out.",
    )


class AcknowledgedAlready(Refusal):
    code, field = "acknowledged_already", "rulebook_no"
    message = Label(
        "{employee} 已于 {at} 知悉责任条款 {version},无需再办。",
        "{employee} acknowledged rulebook {version} at {at}; there is nothing left to do.",
    )


class OwnReading(Refusal):
    status, code, field = 403, "own_case", "employee"
    message = Label(
        "{employee} 不能为自己登记书面知悉。请直接点“知悉责任条款”,或由另一位人事或总经理登记。",
        "{employee} may not record their own paper acknowledgement. Please acknowledge the rulebook here, or ask somebody else in "
        "HR or the general manager.",
    )


IF_REWRITTEN = Hint(Label("当天改写过草案时填写", "Where the draft was rewritten on that day"))


class Minutes(Form):
    """On which version the employees were consulted, when, who took part, and where the minutes are.

    `held_at` is needed where the text was rewritten on that day.
    """

    rulebook_no: str = Field(max_length=64)
    held_on: date
    held_at: Annotated[AwareDatetime | None, IF_REWRITTEN] = None
    participants: str = Field(min_length=1, max_length=2000)
    minutes_reference: str = Field(min_length=1, max_length=200)


class Reading(Form):
    """Which version the employee has read."""

    rulebook_no: str = Field(max_length=64)


class PaperReading(Reading):
    """Who acknowledged a version on paper, or refused to before witnesses, and where that paper is."""

    employee: str = Field(pattern=r"^E-\d{3,6}$")
    paper_reference: str = Field(min_length=1, max_length=200)


async def record(session: AsyncSession, form: Minutes, *, maker: str, now: datetime) -> Consultation:
    """The consultation counts from now on, whenever it was held, and for the text as it is now."""
    rulebook = await known(session, form.rulebook_no)
    check_time(form, rulebook, now)
    minutes = form.model_dump(exclude={"held_at"})
    consultation = Consultation(
        **minutes,
        text_digest=rulebook.text_digest,
        no=await next_number(session, Consultation.code, now),
        status=RecordedStatus.RECORDED,
        made_by=maker,
        made_at=now,
    )
    session.add(consultation)
    fact = EmployeesConsulted(
        consultation_no=consultation.no,
        version=form.rulebook_no,
        text_digest=rulebook.text_digest,
        recorded_by=maker,
        **{name: said for name, said in minutes.items() if name != "rulebook_no"},
    )
    await publish(session, fact)
    return consultation


def check_time(form: Minutes, rulebook: Rulebook, now: datetime) -> None:
    """It is over, and was about the text as it is now.

    Raises HeldAtAnotherDay, NotHeldYet, HeldBeforeTheText, TimeOfConsultationWanted.
    """
    day, at, rewritten_at = form.held_on, form.held_at, rulebook.rewritten_at
    if at and day_of(at) != day:
        raise HeldAtAnotherDay(held_at=at, day=day)
    if day > day_of(now) or (at and at > now):
        raise NotHeldYet(day=at or day)
    if rewritten_at is None or day > day_of(rewritten_at):
        return
    if day == day_of(rewritten_at) and at is None:
        raise TimeOfConsultationWanted(version=rulebook.no, day=day, rewritten_at=rewritten_at)
    if at is None or at < rewritten_at:
        raise HeldBeforeTheText(version=rulebook.no, day=at or day, rewritten_at=rewritten_at)


def day_of(at: datetime) -> date:
    return at.astimezone(FACTORY).date()


async def acknowledge(
    session: AsyncSession, version: str, employee: str, *, paper_reference: str = "", maker: str, now: datetime
) -> Acknowledgement:
    """The employee knows this version from now on; raises OwnReading, NotApproved, AcknowledgedAlready."""
    if paper_reference and employee == maker:
        raise OwnReading(employee=maker)
    rulebook = await known(session, version)
    if rulebook.status != RulebookStatus.ISSUED:
        counts = (await validity.versions(session, now)).shown
        raise NotApproved(version=version, status=word(rulebook.status), in_force=counts or "—")
    await lock(session, Employee, employee)  # of two at once the second is told of the first
    same = select(Acknowledgement.made_at).where(
        Acknowledgement.rulebook_no == version, Acknowledgement.employee == employee
    )
    if (at := await session.scalar(same)) is not None:
        raise AcknowledgedAlready(employee=employee, version=version, at=at)
    acknowledgement = Acknowledgement(
        no=await next_number(session, Acknowledgement.code, now),
        status=RecordedStatus.RECORDED,
        rulebook_no=version,
        employee=employee,
        paper_reference=paper_reference,
        made_by=maker,
        made_at=now,
    )
    session.add(acknowledgement)
    fact = RulebookAcknowledged(
        acknowledgement_no=acknowledgement.no,
        version=version,
        employee=employee,
        paper_reference=paper_reference,
        recorded_by=maker,
    )
    await publish(session, fact)
    return acknowledgement


async def known(session: AsyncSession, version: str) -> Rulebook:
    """Raises UnknownVersion; a draft may be talked about, but nobody acknowledges what was not approved."""
    rulebook = await find(session, Rulebook, version)
    if rulebook is None:
        raise UnknownVersion(version=version)
    return rulebook


async def of_version(session: AsyncSession, version: str) -> Sequence[Consultation]:
    """Every consultation on a version, whatever its text was then."""
    held = select(Consultation).where(Consultation.rulebook_no == version).order_by(Consultation.no)
    return (await session.scalars(held)).all()


ON_THIS_TEXT = and_(Consultation.rulebook_no == Rulebook.no, Consultation.text_digest == Rulebook.text_digest)
"""A consultation counts for the text on which it was held, and for no other text of that version."""
