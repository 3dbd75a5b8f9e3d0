"""When does the factory work? The newest calendar is in force; open dues follow it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.calendar import InvalidCalendar, WorkCalendar
from chassis.desk import Form, Hint
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import CalendarSet, Shift
from services.accountability.models import Calendar, IssuedStatus


class CalendarRefused(Refusal):
    status, code, field = 422, "calendar_invalid", "shifts"
    message = Label(
        "工厂日历不成立:{reason}。请改正后再提交。", "The calendar makes no sense: {reason}. Please correct it."
    )


TIMES = Hint(Label("时刻写成 08:00", "times such as 08:00"))
WEEKDAYS = Hint(Label("1 为周一,7 为周日", "1 is Monday, 7 is Sunday"))
DAY = Hint(Label("日期写成 2026-10-01", "dates such as 2026-10-01"))


class Days(Form):
    """A whole calendar: shifts as HH:MM, weekend as ISO weekdays (1 = Monday), days off and extra working days."""

    time_zone: str = "Asia/Shanghai"
    shifts: Annotated[tuple[Shift, ...], TIMES] = Field(min_length=1)
    weekend: Annotated[tuple[int, ...], WEEKDAYS]
    public_holidays: Annotated[tuple[date, ...], DAY] = ()
    make_up_days: Annotated[tuple[date, ...], DAY] = ()


def check(body: Mapping[str, Any]) -> None:
    """Whether a factory can work by it; raises CalendarRefused."""
    try:
        WorkCalendar.from_fact(body)
    except InvalidCalendar as error:
        raise CalendarRefused(reason=error.what) from None


async def newest(session: AsyncSession) -> Calendar | None:
    """The calendar in force."""
    query = select(Calendar).order_by(Calendar.made_at.desc(), Calendar.no.desc()).limit(1)
    found: Calendar | None = await session.scalar(query)
    return found


async def set_days(session: AsyncSession, form: Days, *, maker: str, now: datetime) -> Calendar:
    """State a calendar that holds from now on, for open handovers as well."""
    body = form.model_dump(mode="json")
    check(body)
    calendar = Calendar(
        no=await next_number(session, Calendar.code, now),
        status=IssuedStatus.ISSUED,
        body=body,
        made_by=maker,
        made_at=now,
    )
    session.add(calendar)
    await publish(session, CalendarSet(calendar_no=calendar.no, **form.model_dump(), set_by=maker))
    return calendar
