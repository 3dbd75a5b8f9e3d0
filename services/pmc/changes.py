"""What changed under documents that were issued already, and has the planner taken note of it?"""

from datetime import datetime

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from contracts.event import SYSTEM_ACTOR, Actor
from services.pmc import orders
from services.pmc.models import (
    Change,
    ChangeStatus,
    ProductionOrder,
    ProductionOrderStatus,
    Requirement,
    RequirementStatus,
)
from services.pmc.queries import production_orders_of, requirements_of


class Acknowledgement(Form):
    """What the planner does about the change."""

    remark: str = Field(min_length=1, max_length=4000)


async def tell(session: AsyncSession, order_no: str, line_no: int, what: str) -> None:
    """Mark what was issued on the old state and put the change before the planner; open documents need no word."""
    made = await production_orders_of(session, order_no, line_no, hold=True)
    issued: list[Requirement | ProductionOrder] = [
        each for each in await requirements_of(session, order_no, line_no) if each.status != RequirementStatus.OPEN
    ]
    issued += [each for each in made if each.status != ProductionOrderStatus.OPEN]
    if not issued:
        return
    for document in issued:
        document.outdated = what
    now = await factory_now(session)
    session.add(
        Change(
            no=await next_number(session, Change.code, now),
            order_no=order_no,
            line_no=line_no,
            status=ChangeStatus.OPEN,
            affected=[document.no for document in issued],
            change=what,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
    )


async def acknowledge(session: AsyncSession, no: str, form: Acknowledgement, *, by: Actor, now: datetime) -> Change:
    """The planner has seen the change and says what follows from it."""
    document = await lock(session, Change, no)
    await orders.running(session, document.order_no)
    move(document, ChangeStatus.ACKNOWLEDGED)
    document.remark, document.approved_by, document.approved_at = form.remark, by.employee, now
    return document
