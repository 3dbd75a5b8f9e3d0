"""Who must hear of an exception before the customer notices it themselves (MER-05)?"""

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_numbers
from chassis.waiting import WaitFor
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import SYSTEM_ACTOR, Actor
from contracts.sales import ExceptionRelayed
from services.sales.models import Order, OrderStatus, Relay, RelayStatus
from services.sales.queries import find_order, open_relays

OVER = frozenset({OrderStatus.CANCELLED, OrderStatus.DELIVERED})


class Message(Form):
    """What the customer should hear from us."""

    message: str = Field(min_length=1, max_length=4000)


async def owe(session: AsyncSession, exception_no: str, order_nos: tuple[str, ...], description: str) -> None:
    """One relay for each affected order that still runs.

    What a team reports of its operation bears the operation's number: told again, it is added to the relay that is owed, or
    owed anew where that was relayed.
    """
    running = [order for order in [await known(session, no) for no in order_nos] if order.status not in OVER]
    owed = {row.order_no: row for row in await open_relays(session, exception_no)}
    for row in owed.values():
        row.description = f"{row.description}\n{description}"
    orders = [order for order in running if order.no not in owed]
    now = await factory_now(session)
    numbers = await next_numbers(session, Relay.code, now, len(orders)) if orders else []
    for order, no in zip(orders, numbers, strict=True):
        session.add(
            Relay(
                no=no,
                order_no=order.no,
                exception_no=exception_no,
                description=description,
                assignee=order.merchandiser,
                status=RelayStatus.OPEN,
                made_by=SYSTEM_ACTOR,
                made_at=now,
            )
        )
        duty = links.exception_relay(exception_no, order.no)
        await worklist.deliver(
            session, Handover(duty, "merchandiser", order.no, assignee=order.merchandiser, document_no=no)
        )


async def known(session: AsyncSession, order_no: str) -> Order:
    order = await find_order(session, order_no)
    if order is None:
        raise WaitFor("order", order_no)
    return order


async def relay(session: AsyncSession, no: str, form: Message, *, by: Actor) -> Relay:
    document = await lock(session, Relay, no)
    move(document, RelayStatus.RELAYED)
    document.message = form.message
    await publish(
        session,
        ExceptionRelayed(
            order_no=document.order_no,
            assignee=document.assignee,
            closes=(links.exception_relay(document.exception_no, document.order_no or ""),),
            exception_no=document.exception_no,
            message=form.message,
            relayed_by=by.employee,
        ),
    )
    return document
