"""Which nonconforming goods does the workshop director hold back?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form, Reason
from chassis.documents import lock, move, next_number
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import ShipmentBlocked, ShipmentUnblocked
from services.pmc import holds, orders
from services.pmc.models import Block, BlockStatus, HoldKind


class Order(Form):
    """Which order's goods may not leave, and why."""

    order_no: str
    reason: str = Field(min_length=1, max_length=4000)


async def block(session: AsyncSession, form: Order, *, maker: Actor, now: datetime) -> Block:
    """Hold the goods of an order back until a director lifts it."""
    await orders.running(session, form.order_no)
    document = Block(
        **form.model_dump(),
        no=await next_number(session, Block.code, now),
        status=BlockStatus.IN_FORCE,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await holds.put(session, HoldKind.BLOCK, document.no, form.order_no, None, form.reason)
    await publish(session, ShipmentBlocked(**form.model_dump(), block_no=document.no, blocked_by=maker.employee))
    return document


async def unblock(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> Block:
    """Let the goods go, by name and with a reason."""
    document = await lock(session, Block, no)
    await publish(session, mark_lifted(document, form.reason, by=by))
    await holds.lift(session, HoldKind.BLOCK, no, document.order_no, None, document.reason)
    return document


def mark_lifted(document: Block, reason: str, *, by: Actor) -> ShipmentUnblocked:
    move(document, BlockStatus.LIFTED)
    document.lifted_by, document.lifted_because = by.employee, reason
    return ShipmentUnblocked(order_no=document.order_no, block_no=document.no, reason=reason, lifted_by=by.employee)
