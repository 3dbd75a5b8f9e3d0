"""Which goods may not leave, by Quality's word?"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from chassis import pausing
from chassis.desk import Reason
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts.event import Actor
from contracts.quality import ShipmentBlocked, ShipmentUnblocked
from services.quality.models import Block, BlockStatus
from services.quality.orders import check_wanted
from services.quality.queries import block_in_force

BLOCK = "block"


class AlreadyBlocked(Refusal):
    code, field = "already_blocked", "order_no"
    message = Label(
        "订单 {order_no} 已被 {block_no} 冻结。请先解除它,或在其中补充。",
        "Order {order_no} is blocked by {block_no} already. Please lift that one first.",
    )


class Hold(Reason):
    """Which order's goods may not leave, and why."""

    order_no: str


async def block(session: AsyncSession, form: Hold, *, maker: Actor, now: datetime) -> Block:
    """Keep nonconforming goods in the house; nothing of the order ships until somebody lifts the block by name."""
    await check_wanted(session, form.order_no)
    other = await block_in_force(session, form.order_no)
    if other is not None:
        raise AlreadyBlocked(order_no=form.order_no, block_no=other.no)
    document = Block(
        **form.model_dump(),
        no=await next_number(session, Block.code, now),
        status=BlockStatus.BLOCKED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await pausing.halt(session, BLOCK, document.no, form.order_no)
    await publish(
        session,
        ShipmentBlocked(**form.model_dump(), block_no=document.no, blocked_by=maker.employee),
    )
    return document


async def lift(session: AsyncSession, no: str, form: Reason, *, by: Actor, now: datetime) -> Block:
    document = await lock(session, Block, no)
    await publish(session, mark_lifted(document, form, by=by, now=now))
    await pausing.lift(session, BLOCK, no, document.order_no)
    return document


def mark_lifted(document: Block, form: Reason, *, by: Actor, now: datetime) -> ShipmentUnblocked:
    move(document, BlockStatus.LIFTED)
    document.lifted_by, document.lifted_at, document.lifted_because = by.employee, now, form.reason
    return ShipmentUnblocked(
        order_no=document.order_no, block_no=document.no, reason=form.reason, lifted_by=by.employee
    )


async def cancel_open(session: AsyncSession, order_no: str) -> None:
    """Nothing of a given-up order leaves anyway."""
    document = await block_in_force(session, order_no)
    if document is not None:
        move(document, BlockStatus.CANCELLED)
        await pausing.lift(session, BLOCK, document.no, order_no)
