"""What does Sales look up?"""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.documents import find
from contracts.parts import OrderLine
from services.sales.models import (
    LineProgress,
    NoticeStatus,
    Order,
    Relay,
    RelayStatus,
    ReturnAuthorisation,
    ReturnStatus,
    ShippingNotice,
)


async def find_order(session: AsyncSession, order_no: str, *, hold: bool = False) -> Order | None:
    return await find(session, Order, order_no, hold=hold)


async def line_progress(session: AsyncSession, order_no: str) -> Sequence[LineProgress]:
    """How far every line of an order has come, locked."""
    query = (
        select(LineProgress).where(LineProgress.order_no == order_no).order_by(LineProgress.line_no).with_for_update()
    )
    return (await session.scalars(query)).all()


async def progress_of(session: AsyncSession, order_no: str, line_no: int) -> LineProgress | None:
    """How far one line has come, locked."""
    return await session.get(LineProgress, (order_no, line_no), with_for_update=True)


async def add_shipped(session: AsyncSession, order_no: str, line_no: int, quantity: Decimal) -> Decimal:
    """More of a line is on the road; how many that were finished are in store still."""
    this = (LineProgress.order_no == order_no, LineProgress.line_no == line_no)
    more = update(LineProgress).where(*this).values(shipped=LineProgress.shipped + quantity)
    in_store = await session.scalar(more.returning(LineProgress.finished - LineProgress.shipped))
    return in_store or Decimal(0)


async def set_ship_by(session: AsyncSession, order_no: str, line: OrderLine) -> None:
    """Goods under notice that have not left leave by the date that their line has now."""
    this = (ShippingNotice.order_no == order_no, ShippingNotice.line_no == line.line_no)
    here = ShippingNotice.status.in_((NoticeStatus.ISSUED, NoticeStatus.INSTRUCTED))
    await session.execute(update(ShippingNotice).where(*this, here).values(ship_by=line.ship_by))


async def coming_back(session: AsyncSession, order_no: str, line_no: int) -> Decimal:
    """How much of a line the customer may send back and has not sent yet. What came back may be returned once more."""
    this = (ReturnAuthorisation.order_no == order_no, ReturnAuthorisation.line_no == line_no)
    query = select(func.sum(ReturnAuthorisation.quantity)).where(
        *this, ReturnAuthorisation.status == ReturnStatus.ISSUED
    )
    return await session.scalar(query) or Decimal(0)


async def open_relays(session: AsyncSession, exception_no: str) -> Sequence[Relay]:
    """What the merchandisers have not relayed yet of one exception or delay, locked."""
    this = (Relay.exception_no == exception_no, Relay.status == RelayStatus.OPEN)
    return (await session.scalars(select(Relay).where(*this).order_by(Relay.no).with_for_update())).all()
