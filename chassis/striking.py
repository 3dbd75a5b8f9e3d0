"""Which handovers are owed no longer although nobody did them, and why? The worklist says so to whoever held them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.ending import close_now
from chassis.language import Label
from chassis.schema_people import duties
from contracts.event import DutyRef

ORDER_CANCELLED = Label("订单已取消", "the order was cancelled")
LINE_REMOVED = Label(
    "第 {line_no} 行已由订单变更(第 {revision} 版)移出", "line {line_no} removed by amendment, revision {revision}"
)
OTHER_PRODUCT = Label(
    "客户改要产品 {product}(第 {line_no} 行),新的工程资料下达后再交来",
    "the customer wants product {product} on line {line_no}; it comes again with that product's package",
)
GOODS_THERE = Label("{why};货已在厂,须处理完", "{why}; the goods are here and must be dealt with")


def line_removed(line_no: int, revision: int) -> Label:
    return LINE_REMOVED.filled(line_no=line_no, revision=revision)


def other_product(line_no: int, product: str) -> Label:
    return OTHER_PRODUCT.filled(line_no=line_no, product=product)


def for_the_goods(line_no: int, revision: int) -> Label:
    """Why what is owed no longer is done all the same: nobody waits for it, but the goods are in the house."""
    return GOODS_THERE.filled(why=line_removed(line_no, revision))


async def strike(session: AsyncSession, struck: Collection[DutyRef], why: Label) -> None:
    """These handovers leave the worklist; the judge stops their clocks by the fact that made them pointless."""
    await _write(session, among(struck), closed_at=await factory_now(session), because=said(why))


async def strike_line(
    session: AsyncSession, order_no: str, line_no: int, why: Label, *, but: Collection[str] = ()
) -> None:
    """The same for everything that is owed for one line of an order, but for some kinds of handover."""
    which = and_(duties.c.order_no == order_no, duties.c.line_no == line_no, duties.c.link.not_in(but))
    await _write(session, which, closed_at=await factory_now(session), because=said(why))


async def strike_order(session: AsyncSession, order_no: str, why: Label = ORDER_CANCELLED) -> None:
    """The same for everything that is owed for an order."""
    session.info["touched"].add(order_no)
    await _write(session, duties.c.order_no == order_no, closed_at=await factory_now(session), because=said(why))


async def leave_undated(session: AsyncSession, kept: Collection[DutyRef], why: Label) -> None:
    """These handovers stay on the worklist without a due time: nobody waits for them, and nobody is warned."""
    await _write(session, among(kept), due_at=None, because=said(why))


async def _write(session: AsyncSession, which: ColumnElement[bool], **values: Any) -> None:
    await close_now(session)
    changed = update(duties).where(which, duties.c.closed_at.is_(None)).values(values).returning(duties.c.order_no)
    session.info["touched"].update(await session.scalars(changed))


def among(named: Collection[DutyRef]) -> ColumnElement[bool]:
    return tuple_(duties.c.link, duties.c.key).in_([(duty.link, duty.key) for duty in named])


def said(why: Label) -> dict[str, str]:
    """A reason as a row keeps it, in both languages."""
    return {"zh": why.zh, "en": why.en}
