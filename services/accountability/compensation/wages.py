"""What does somebody earn, from which month on? Entered by HR, and seen by nobody else, not even the general manager.

The figure stays in one table: no fact, no history and no log carries it.
"""

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
from contracts.accountability import WageRecorded
from services.accountability.compensation.instalments import Month
from services.accountability.models import Employee, RecordedStatus, Wage
from services.accountability.people.staff import UnknownEmployee

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class OwnWage(Refusal):
    status, code, field = 403, "own_case", "employee"
    message = Label(
        "{employee} 不能登记自己的工资。请由另一位人事登记。",
        "{employee} may not enter their own wage. Please ask somebody else in HR.",
    )


class Earning(Form):
    """Whose wage, from which month on, and how much a month before anything is taken (CNY)."""

    employee: str = Field(pattern=r"^E-\d{3,6}$")
    effective_month: str = Field(pattern=MONTH, examples=["2026-10"])
    monthly_wage: Decimal = Field(gt=0, max_digits=12, decimal_places=4)


async def record(session: AsyncSession, form: Earning, *, maker: str, now: datetime) -> Wage:
    """From that month on this wage counts; of several for one month the one recorded last."""
    if form.employee == maker:
        raise OwnWage(employee=maker)
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


async def of(session: AsyncSession, employee: str) -> dict[Month, Decimal]:
    """The wages of a person by the month they begin in."""
    query = select(Wage.effective_month, Wage.monthly_wage).where(Wage.employee == employee)
    rows = await session.execute(query.order_by(Wage.made_at, Wage.no))
    return {row.effective_month: row.monthly_wage for row in rows}
