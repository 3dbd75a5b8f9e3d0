"""What was payroll told for which month (赔偿分期通知单)? Stated once a month, kept as it was stated; nothing is deducted here."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.outbox import publish
from contracts.accountability import PayrollStated
from services.accountability.compensation import plans
from services.accountability.compensation.instalments import NOTHING, Instalment, month_of
from services.accountability.compensation.models_compensation import StatedInstalment
from services.accountability.compensation.plans import Account
from services.accountability.compensation.wages import MONTH
from services.accountability.models import PayrollDownload, PayrollStatement, RecordedStatus

ONE_AT_A_TIME = text("LOCK TABLE payroll_statements IN SHARE ROW EXCLUSIVE MODE")
CORRECTED = (
    "{months} 的工资已更正,所列报超过当月可扣 / the wage of {months} was corrected: more was stated than it bears"
)


class MonthToCome(Refusal):
    code, field = "month_to_come", "month"
    message = Label(
        "{month} 还没有开始,不能出具通知单。请在当月或之后出具。",
        "{month} has not begun. Please state it in that month or afterwards.",
    )


class MonthStated(Refusal):
    code, field = "month_stated", "month"
    message = Label(
        "{month} 的通知单 {no} 已经出具,内容不再改变。请直接打开它。",
        "{month} was stated by {no}, which stays as it is. Please open that one.",
    )


class LaterMonthStated(Refusal):
    code, field = "later_month_stated", "month"
    message = Label(
        "{later} 的通知单 {no} 已经出具,不能再补 {month}:没有列报的分期已顺延。",
        "{no} states {later} already, so {month} cannot be stated any more: what it left out comes later.",
    )


class NothingToState(Refusal):
    code, field = "nothing_to_state", "month"
    message = Label(
        "{month} 没有可以列报的分期,也没有须退还的款项。请查看各处罚单上的赔偿说明。",
        "In {month} there is no instalment and nothing to be given back. Please see why on the records' pages.",
    )


class PayrollMonth(Form):
    """For which month payroll is told."""

    month: str = Field(pattern=MONTH, examples=["2026-10"])


async def state(session: AsyncSession, form: PayrollMonth, *, maker: str, now: datetime) -> PayrollStatement:
    """Tell payroll what may be taken in a month; months are stated in their order, each once."""
    await session.execute(ONE_AT_A_TIME)
    await check_month(session, form.month, now)
    lines = await lines_of(session, form.month, now)
    if not lines:
        raise NothingToState(month=form.month)
    statement = PayrollStatement(
        no=await next_number(session, PayrollStatement.code, now),
        status=RecordedStatus.RECORDED,
        month=form.month,
        lines=lines,
        made_by=maker,
        made_at=now,
    )
    session.add(statement)
    await publish(session, PayrollStated(statement_no=statement.no, month=form.month, stated_by=maker))
    return statement


async def check_month(session: AsyncSession, month: str, now: datetime) -> None:
    """Raises MonthToCome, MonthStated, LaterMonthStated."""
    if month > month_of(now):
        raise MonthToCome(month=month)
    query = select(PayrollStatement).where(PayrollStatement.month >= month).order_by(PayrollStatement.month)
    for later in await session.scalars(query):
        if later.month == month:
            raise MonthStated(month=month, no=later.no)
        raise LaterMonthStated(month=month, later=later.month, no=later.no)


async def lines_of(session: AsyncSession, month: str, now: datetime) -> tuple[StatedInstalment, ...]:
    """The instalments of a month, and after them what is to be given back."""
    due, beyond = await plans.due_in(session, month, now)
    left = {account.compensation.no: planned.remaining for account, planned in due}
    back = (line for account in beyond for line in giving_back(account, left.get(account.compensation.no)))
    return (*(line_of(*each) for each in due), *back)


def line_of(account: Account, planned: Instalment) -> StatedInstalment:
    return StatedInstalment(
        person=account.record.person,
        record_no=account.record.no,
        clause=account.record.clause,
        compensation_no=account.compensation.no,
        instalment_no=planned.number,
        instalment=planned.amount,
        remaining_amount=planned.remaining,
        reason=account.compensation.notified_because,
    )


def giving_back(account: Account, left: Decimal | None) -> Iterator[StatedInstalment]:
    """What was stated without a ground, and by what that fell; and what a month does not bear, which stays owed."""
    compensation = account.compensation
    if account.excess:
        reason = compensation.withdrawn_because or compensation.notified_because
        yield line_back(account, account.excess, reason)
    if account.beyond_wages:
        reason = CORRECTED.format(months="、".join(sorted(account.unborne)))
        yield line_back(account, account.beyond_wages, reason, account.remaining if left is None else left)


def line_back(account: Account, amount: Decimal, reason: str, left: Decimal = NOTHING) -> StatedInstalment:
    return StatedInstalment(
        person=account.record.person,
        record_no=account.record.no,
        clause=account.record.clause,
        compensation_no=account.compensation.no,
        given_back=amount,
        remaining_amount=left,
        reason=reason,
    )


async def stated(session: AsyncSession, month: str) -> PayrollStatement | None:
    """What was stated for a month."""
    return await session.scalar(select(PayrollStatement).where(PayrollStatement.month == month))


async def note_download(session: AsyncSession, statement: PayrollStatement, *, by: str, now: datetime) -> None:
    """Who took the statement along, and when."""
    row = {"statement_no": statement.no, "at": now, "employee": by}
    await session.execute(insert(PayrollDownload).values(row).on_conflict_do_nothing())
