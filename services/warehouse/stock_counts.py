"""Do the books match what is there? Somebody other than a storekeeper counts (WHS-02)."""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import find_person
from chassis.worklist import publish
from contracts.event import Actor
from contracts.warehouse import StockCounted
from services.warehouse import requisitions, stock, stocktakes
from services.warehouse.models import Lot, LotStatus, RecordedStatus, StockCount
from services.warehouse.queries import ever_booked

KEEPING = frozenset({"storekeeper"})


class CounterKeepsStock(Refusal):
    status, code = 403, "counter_keeps_stock"
    message = Label(
        "{employee} 现在任仓管员,不能盘点自己的账。请由其他人盘点。",
        "{employee} is a storekeeper now and does not count their own books. Please let somebody else count.",
    )


class Count(Form):
    """How much of an item is there. The first count of an item is its opening stock."""

    item_code: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=64)
    counted: Decimal = Field(ge=0, max_digits=18, decimal_places=6)
    location: str = Field(default="", max_length=200)
    cause: str = Field(default="", max_length=4000)


async def count(session: AsyncSession, form: Count, *, maker: Actor, now: datetime) -> StockCount:
    """Set the books to what was counted, and say by how much they differed."""
    if (await find_person(session, maker.employee)).holds(KEEPING):
        raise CounterKeepsStock(employee=maker.employee)
    booked = (await stock.hold(session, {form.item_code: form.unit}))[form.item_code]
    await stocktakes.expect(session, now)
    opening = not await ever_booked(session, form.item_code)
    document = StockCount(
        **form.model_dump(),
        no=await next_number(session, StockCount.code, now),
        booked=booked,
        variance=form.counted - booked,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await adjust(session, document, now)
    month = await stocktakes.under_way(session, now)
    await publish(session, stated(document, opening=opening, month=month))
    return document


async def adjust(session: AsyncSession, document: StockCount, now: datetime) -> None:
    """What is missing leaves the oldest lots; what was found is a lot of its own, and may serve who waited for it."""
    item, variance = document.item_code, document.variance
    if variance < 0:
        await stock.take(session, {item: -variance}, {item: document.booked})
    elif variance > 0:
        session.add(await found_lot(session, document, now))
        await stock.add(session, item, document.unit, variance, document.location, at=now)
        await requisitions.offer(session, {item})


async def found_lot(session: AsyncSession, document: StockCount, now: datetime) -> Lot:
    return Lot(
        no=await next_number(session, Lot.code, now),
        item_code=document.item_code,
        unit=document.unit,
        quantity=document.variance,
        remaining=document.variance,
        location=document.location,
        status=LotStatus.RECEIVED,
        received_at=now,
        made_by=document.made_by,
        made_at=now,
    )


def stated(document: StockCount, *, opening: bool, month: str) -> StockCounted:
    return StockCounted(
        assignee=document.made_by,
        count_no=document.no,
        item_code=document.item_code,
        unit=document.unit,
        booked=document.booked,
        counted=document.counted,
        counted_by=document.made_by,
        opening=opening,
        month=month,
    )
