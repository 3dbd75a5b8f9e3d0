"""How is a question what-if asked, and how is it cancelled? Nothing else is written: every record stays as it is."""

from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Hint
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY, midnight
from chassis.language import Label
from contracts.accountability import Shift
from services.accountability.models import WhatIf, WhatIfStatus
from services.accountability.people import calendars
from services.accountability.people.calendar import shipped_calendar
from services.accountability.rules import consultations, rulebooks
from services.accountability.what_if.supposing import CalendarChange
from services.accountability.what_if.tenures import TenureRow, check_tenures

CANCELLED = Label(
    "{employee} 已取消推演,没有结果;任何记录都未改变。如仍需要,请再提一次。",
    "{employee} cancelled it, so there is no answer; no record was changed. Please ask again if it is still wanted.",
)


class NothingSupposed(Refusal):
    status, code, field = 422, "nothing_supposed", "rules"
    message = Label(
        "没有任何假设。请给出责任条款、休息日、加班日、班次、周末或任职名册中的至少一项。",
        "Nothing is supposed. Please give at least one of rulebook, days off, extra working days, shifts, weekend and posts.",
    )


class TwoRulebooks(Refusal):
    status, code, field = 422, "two_rulebooks", "rulebook_no"
    message = Label(
        "已写明责任条款全文,又选了版本 {version}。请只留其一。",
        "Both the text of a rulebook and the version {version} are given. Please leave one of them out.",
    )


class PeriodUnclear(Refusal):
    status, code, field = 422, "period_unclear", "until"
    message = Label(
        "期间从 {since} 到 {until} 不成立。请让起始日期早于结束日期。",
        "There is no period from {since} to {until}. Please let it begin before it ends.",
    )


AS_IT_WAS = Hint(
    Label(
        "留空即按当时有效的条款;写明的一份代替期间内所有版本",
        "Blank: the rules that were in force. What is written stands for every version of the period",
    )
)
IN_PLACE_OF_A_TEXT = Hint(
    Label("草案或已批准的版本号,代替全文", "A draft's or an approved version's number, in place of a text")
)
WHOLE_POSTS = Hint(
    Label(
        "写明的岗位只由所列的人任职;其他岗位不变",
        "Who is named to a post stands for all its holders; other posts are held as they were",
    )
)
FROM_THE_BEGINNING = Hint(Label("留空即从头", "Blank: from the beginning"))
UP_TO_NOW = Hint(Label("留空即到现在", "Blank: up to now"))


class Question(Form):
    """What is supposed instead of what was. A rulebook, by its number or as YAML, stands for all that were in force.

    Shifts and weekend stand for those of every calendar, and who is named to a post for all its holders; other days and posts are
    as they were.
    """

    question: str = Field(min_length=1, max_length=400)
    rulebook_no: Annotated[str, IN_PLACE_OF_A_TEXT] = Field(default="", max_length=64)
    rules: Annotated[str, AS_IT_WAS] = Field(default="", max_length=400_000)
    days_off: Annotated[tuple[date, ...], calendars.DAY] = Field(default=(), max_length=366)
    extra_working_days: Annotated[tuple[date, ...], calendars.DAY] = Field(default=(), max_length=366)
    shifts: Annotated[tuple[Shift, ...], calendars.TIMES] = Field(default=(), max_length=20)
    weekend: Annotated[tuple[int, ...], calendars.WEEKDAYS] = Field(default=(), max_length=7)
    tenures: Annotated[tuple[TenureRow, ...], WHOLE_POSTS] = Field(default=(), max_length=2_000)
    since: Annotated[date | None, FROM_THE_BEGINNING] = None
    until: Annotated[date | None, UP_TO_NOW] = None


async def ask(session: AsyncSession, form: Question, *, maker: str, now: datetime) -> WhatIf:
    """Write the question down; it is answered beside the service's work. `until` is today where it is left out."""
    calendar = calendar_change(form)
    rules = await rules_of(session, form)
    if not (rules or calendar or form.tenures):
        raise NothingSupposed
    if calendar:
        calendars.check(calendar.made_to(shipped_calendar()))
    until = min(now, midnight_after(form.until)) if form.until else now
    if form.since and midnight(form.since) >= until:
        raise PeriodUnclear(since=form.since, until=form.until or until.astimezone(FACTORY).date())
    await check_tenures(session, form.tenures)
    document = WhatIf(
        **form.model_dump(exclude={"until", "tenures", "shifts", "rules", "rulebook_no"}),
        rules=rules,
        tenures=form.tenures,
        shifts=form.shifts,
        until=until,
        no=await next_number(session, WhatIf.code, now),
        status=WhatIfStatus.RUNNING,
        percent_done=0,
        starts=0,
        differences=None,
        lines=(),
        problem_zh="",
        problem_en="",
        made_by=maker,
        made_at=now,
    )
    session.add(document)
    return document


async def rules_of(session: AsyncSession, form: Question) -> str:
    """The rulebook that is supposed, as YAML: what stands in a draft at this moment, or the text that was given."""
    if form.rulebook_no:
        if form.rules:
            raise TwoRulebooks(version=form.rulebook_no)
        return (await consultations.known(session, form.rulebook_no)).text
    if form.rules:
        rulebooks.validated(form.rules, field="rules")
    return form.rules


def midnight_after(day: date) -> datetime:
    return midnight(day + timedelta(days=1))


async def cancel(session: AsyncSession, no: str, *, by: str) -> WhatIf:
    """Nobody waits for the answer any more: it is not begun, and where it was, its work ends."""
    document = await lock(session, WhatIf, no)
    move(document, WhatIfStatus.CANCELLED)
    said = CANCELLED.filled(employee=by)
    document.problem_zh, document.problem_en = said.zh, said.en
    return document


def calendar_change(asked: WhatIf | Question) -> CalendarChange | None:
    """What is supposed of the calendars; None where nothing is."""
    change = CalendarChange(asked.days_off, asked.extra_working_days, asked.shifts, asked.weekend)
    return None if change == CalendarChange() else change
