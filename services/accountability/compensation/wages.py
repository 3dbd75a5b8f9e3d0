"""What does somebody earn, from which month on? Entered by HR, and seen by nobody else, not even the general manager.

Nobody enters their own: where only one person is in HR the general manager enters theirs, and can look up none.

The figure stays in one table: no fact, no history and no log carries it.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import find, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from chassis.people import holders_of
from contracts.accountability import WageRecorded
from services.accountability.compensation.instalments import Month
from services.accountability.models import Employee, RecordedStatus, Wage
from services.accountability.people.staff import UnknownEmployee

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class OwnWage(Refusal):
    status, code, field = 403, "own_case", "employee"
    message = Label(
        "{employee} 不能登记自己的工资。请由另一位人事登记;没有时由总经理登记。",
        "{employee} may not enter their own wage. Please ask somebody else in HR, or the general manager where there is nobody.",
    )


class ForHrToEnter(Refusal):
    status, code, field = 403, "for_hr_to_enter", "employee"
    message = Label(
        "{employee} 的工资由人事登记。只有唯一一位人事本人的工资才由总经理登记。",
        "HR enters the wage of {employee}. The general manager enters only that of whoever is alone in HR.",
    )


class Earning(Form):
    """Whose wage, from which month on, and how much a month before anything is taken (CNY)."""

    employee: str = Field(pattern=r"^E-\d{3,6}$")
    effective_month: str = Field(pattern=MONTH, examples=["2026-10"])
    monthly_wage: Decimal = Field(gt=0, max_digits=12, decimal_places=4)


async def record(session: AsyncSession, form: Earning, *, maker: str, now: datetime) -> Wage:
    """From that month on this wage counts; of several for one month the one recorded last."""
    check_maker(form, maker, (await holders_of(session, now)).get("hr", ()))
    if await find(session, Employee, form.employee) is None:
        raise UnknownEmployee(employee=form.employee)
    wage = Wage(
        **form.model_dump(),
        no=await next_number(session, Wage.code, now),
        status=RecordedStatus.RECORDED,
        made_by=maker,
        made_at=now,
    )
    session.add(wage)
    fact = WageRecorded(
        wage_no=wage.no, employee=wage.employee, effective_month=wage.effective_month, recorded_by=maker
    )
    await publish(session, fact)
    return wage


def check_maker(form: Earning, maker: str, hr: Collection[str]) -> None:
    """Raises OwnWage, ForHrToEnter."""
    if form.employee == maker:
        raise OwnWage(employee=maker)
    if maker not in hr and set(hr) - {form.employee}:
        raise ForHrToEnter(employee=form.employee)


async def of(session: AsyncSession, employee: str) -> dict[Month, Decimal]:
    """The wages of a person by the month they begin in."""
    query = select(Wage.effective_month, Wage.monthly_wage).where(Wage.employee == employee)
    rows = await session.execute(query.order_by(Wage.made_at, Wage.no))
    return {row.effective_month: row.monthly_wage for row in rows}
