"""Which month's stocktake does the storekeeper owe finance, and how is it handed over (WHS-04)?"""

from datetime import date, datetime, timedelta

from pydantic import Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.instants import FACTORY, midnight
from chassis.language import Label
from chassis.worklist import Handover, deliver, publish
from contracts import links
from contracts.event import Actor
from contracts.parts import Terms
from contracts.warehouse import StocktakeHandedOver, StocktakeLine
from services.warehouse.models import RecordedStatus, Stocktake
from services.warehouse.queries import count_uncounted, counts_since, stocktake_of

DUE_DAY = 3  # of the month that follows
MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
EXPECTED = text("SELECT true FROM duties WHERE link = :link AND key = :key")
ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('warehouse.stocktakes', 0))")


class MonthNotOver(Refusal):
    code, field = "month_not_over", "month"
    message = Label(
        "{month} 还没有结束,不能移交盘点表。请在次月 1 日至 3 日移交。",
        "{month} is not over yet, so its stocktake cannot be handed over. Please do so from the 1st to the 3rd of the next.",
    )


class NothingCounted(Refusal):
    code, field = "nothing_counted", "month"
    message = Label(
        "{month} 1 日以来没有任何盘点记录。请先由仓管员以外的人盘点。",
        "Nothing has been counted since the first day of {month}. Please let somebody other than a storekeeper count first.",
    )


class HandedOverAlready(Refusal):
    status, code, field = 409, "stocktake_handed_over", "month"
    message = Label(
        "{month} 的盘点表 {no} 已由 {employee} 移交财务,无需再次移交。",
        "The stocktake of {month}, {no}, was handed over by {employee} already; nothing is left to do.",
    )


class HandingOver(Form):
    """Which month's counts finance receives."""

    month: str = Field(pattern=MONTH, examples=["2026-10"])
    remark: str = Field(default="", max_length=4000)


def month_of(moment: datetime) -> date:
    """The first day of the factory's month."""
    return moment.astimezone(FACTORY).date().replace(day=1)


def following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


async def expect(session: AsyncSession, now: datetime) -> None:
    """A month in which anything moves is counted: its handover is on the worklist from the first movement on."""
    month = month_of(now)
    duty = links.stocktake(f"{month:%Y-%m}")
    if not await session.scalar(EXPECTED, duty.model_dump()):
        due = following(month).replace(day=DUE_DAY)
        await deliver(session, Handover(duty, "storekeeper", terms=Terms(required_on=due)))


async def under_way(session: AsyncSession, now: datetime) -> str:
    """The month whose stocktake a count is part of: the last one as long as that is owed and finance does not have it."""
    month = month_of(now)
    last = f"{month - timedelta(days=1):%Y-%m}"
    is_owed = await session.scalar(EXPECTED, links.stocktake(last).model_dump())
    return last if is_owed and await stocktake_of(session, last) is None else f"{month:%Y-%m}"


async def hand_over(session: AsyncSession, form: HandingOver, *, maker: Actor, now: datetime) -> Stocktake:
    """Give finance what was counted since the month's first day; each item as it was counted last."""
    await session.execute(ALONE)
    month = date.fromisoformat(f"{form.month}-01")
    if month_of(now) <= month:
        raise MonthNotOver(month=form.month)
    if earlier := await stocktake_of(session, form.month):
        raise HandedOverAlready(month=form.month, no=earlier.no, employee=earlier.made_by)
    since = midnight(month)
    lines = tuple(
        StocktakeLine(
            count_no=count.no,
            item_code=count.item_code,
            unit=count.unit,
            booked=count.booked,
            counted=count.counted,
            cause=count.cause,
        )
        for count in await counts_since(session, since)
    )
    if not lines:
        raise NothingCounted(month=form.month)
    document = Stocktake(
        no=await next_number(session, Stocktake.code, now),
        month=form.month,
        lines=lines,
        uncounted=await count_uncounted(session, since),
        remark=form.remark,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document))
    return document


def stated(document: Stocktake) -> StocktakeHandedOver:
    return StocktakeHandedOver(
        assignee=document.made_by,
        closes=(links.stocktake(document.month),),
        stocktake_no=document.no,
        month=document.month,
        lines=document.lines,
        uncounted=document.uncounted,
        handed_over_by=document.made_by,
    )
