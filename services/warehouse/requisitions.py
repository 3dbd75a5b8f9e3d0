"""Which material may leave the store, and is it there?"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.pmc import RequisitionApproved, RequisitionWithdrawn
from contracts.warehouse import IssuedLine, MaterialIssued, WithdrawalDecided
from services.warehouse import orders, shipments, stock, stocktakes
from services.warehouse.models import (
    MaterialIssue,
    RecordedStatus,
    Requisition,
    RequisitionedItem,
    RequisitionStatus,
)
from services.warehouse.queries import (
    find_with_order,
    free_stock,
    is_off,
    items_kept_for,
    items_of,
    known_order,
    still_owed,
    waiting_for,
)


class RequisitionNotApproved(Refusal):
    code, field = "requisition_not_approved", "requisition_no"
    message = Label(
        "没有批准的领料单 {no},不能发料。请先由车间主任批准。",
        "There is no approved requisition {no}, so nothing is issued. The workshop director must approve it first.",
    )


class IssuedAlready(Refusal):
    code, field = "issued_already", "requisition_no"
    message = Label(
        "领料单 {no} 已全部发料。如需补料,请另开领料单。",
        "All of requisition {no} is issued. Please ask for more with a new requisition.",
    )


class TakenBack(Refusal):
    code, field = "requisition_withdrawn", "requisition_no"
    message = Label(
        "领料单 {no} 已由车间撤回,不再发料。仍需材料请另开领料单。",
        "Requisition {no} was withdrawn by the workshop; nothing is issued on it. What is needed is asked for with a new one.",
    )


class MoreThanRequisitioned(Refusal):
    code, field = "more_than_requisitioned", "lines"
    message = Label(
        "领料单 {no} 的 {item_code} 还可发 {left},不能发 {quantity}。请减少数量。",
        "{left} of {item_code} may still be issued on {no}; {quantity} is more. Please issue less.",
    )


class ItemTwice(Refusal):
    status, code, field = 422, "lines_twice", "lines"
    message = Label(
        "物料 {item_code} 出现了两次。请合并为一行。", "Item {item_code} appears twice. Please give it in one line."
    )


class Part(Form):
    """How much of an item leaves now."""

    item_code: str = Field(min_length=1, max_length=64)
    quantity: Decimal = Field(gt=0, max_digits=18, decimal_places=6)


class Issue(Form):
    """What leaves the store on a requisition; without lines everything that is still owed."""

    requisition_no: str = Field(min_length=1, max_length=64)
    lines: tuple[Part, ...] = Field(default=(), max_length=500)


async def take(session: AsyncSession, event: RequisitionApproved) -> None:
    """The workshop may have this material. The storekeeper owes it once it is all in stock."""
    order = await known_order(session, event.order_no)
    given_up = order.cancelled or await is_off(session, event.order_no, event.line_no)
    requisition = Requisition(
        no=event.requisition_no,
        order_no=event.order_no,
        production_order_no=event.production_order_no,
        line_no=event.line_no,
        lines=event.lines,
        status=RequisitionStatus.CANCELLED if given_up else RequisitionStatus.APPROVED,
        made_by=event.approved_by,
        made_at=await factory_now(session),
    )
    session.add(requisition)
    await arrived(session, "requisition", requisition.no)
    wanted = stock.items_in([(line.item_code, line.quantity) for line in event.lines])
    units = {line.item_code: line.unit for line in event.lines}
    session.add_all(
        RequisitionedItem(requisition_no=requisition.no, item_code=item, unit=units[item], quantity=quantity)
        for item, quantity in wanted.items()
    )
    if not given_up:
        await stock.promise_alone(session)
        if stock.fits(wanted, await free_stock(session, wanted, event.order_no)):
            await hand_over(session, requisition)
            await offer(session, await items_kept_for(session, event.order_no))


async def hand_over(session: AsyncSession, requisition: Requisition) -> None:
    """The storekeeper owes the material from now on; what it waited for is on record."""
    requisition.offered = True
    duty = links.issue(requisition.no)
    inputs = (links.requisition_approval(requisition.no), *requisition.waited_for)
    await worklist.deliver(
        session,
        Handover(
            duty,
            "storekeeper",
            requisition.order_no,
            requisition.line_no,
            document_no=requisition.no,
            inputs=inputs,
        ),
    )


async def offer(session: AsyncSession, items: Collection[str], *brought: DutyRef) -> None:
    """There is more of these items: shipments, then requisitions that waited and now find everything, the oldest first.

    What an earlier one was promised is not offered to a later one, nor what is kept for another order. What was kept for
    an order is there for all once it has its own, so after a handover the search begins anew.
    """
    await shipments.offer(session, items, *brought)
    waiting = await waiting_for(session, items)
    if not waiting:
        return
    owed = await still_owed(session, [requisition.no for requisition in waiting])
    for requisition in waiting:
        requisition.waited_for = (*requisition.waited_for, *brought)
    for requisition in waiting:
        wanted = owed[requisition.no]
        if stock.fits(wanted, await free_stock(session, wanted, requisition.order_no)):
            await hand_over(session, requisition)
            if kept := await items_kept_for(session, requisition.order_no):
                await offer(session, {*items, *kept})
                return


async def issue(session: AsyncSession, form: Issue, *, maker: Actor, now: datetime) -> MaterialIssue:
    """Let material leave on an approved requisition: no more than it names, and no more than there is."""
    seen, cancelled = await find_with_order(session, Requisition, form.requisition_no)
    if seen is None:
        raise RequisitionNotApproved(no=form.requisition_no)
    orders.check_wanted(seen, cancelled)
    await orders.check_line(session, seen.order_no, seen.line_no)
    units = {line.item_code: line.unit for line in seen.lines}
    there = await stock.hold(session, units)
    await stocktakes.expect(session, now)
    requisition = await lock(session, Requisition, seen.no)
    orders.check_wanted(requisition, requisition.status == RequisitionStatus.CANCELLED)
    if requisition.status == RequisitionStatus.WITHDRAWN:
        raise TakenBack(no=requisition.no)
    items = await items_of(session, requisition.no)
    wanted = parts(requisition.no, items, form.lines)
    lots = await stock.take(session, wanted, there, order_no=requisition.order_no)
    for item, quantity in wanted.items():
        items[item].issued += quantity
    complete = all(entry.issued >= entry.quantity for entry in items.values())
    if complete:
        move(requisition, RequisitionStatus.ISSUED)
    document = MaterialIssue(
        no=await next_number(session, MaterialIssue.code, now),
        order_no=requisition.order_no,
        requisition_no=requisition.no,
        production_order_no=requisition.production_order_no,
        lines=tuple(
            IssuedLine(item_code=item, quantity=quantity, unit=units[item], lots=tuple(lots[item]))
            for item, quantity in wanted.items()
        ),
        complete=complete,
        status=RecordedStatus.RECORDED,
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, issued(document, requisition))
    return document


def parts(no: str, items: dict[str, RequisitionedItem], lines: tuple[Part, ...]) -> dict[str, Decimal]:
    """What shall leave, by item; raises IssuedAlready, ItemTwice, MoreThanRequisitioned."""
    left = {item: entry.quantity - entry.issued for item, entry in items.items() if entry.quantity > entry.issued}
    if not left:
        raise IssuedAlready(no=no)
    wanted: dict[str, Decimal] = {}
    for line in lines:
        if line.item_code in wanted:
            raise ItemTwice(item_code=line.item_code)
        if line.quantity > left.get(line.item_code, Decimal(0)):
            there = left.get(line.item_code, Decimal(0))
            raise MoreThanRequisitioned(no=no, item_code=line.item_code, left=there, quantity=line.quantity)
        wanted[line.item_code] = line.quantity
    return wanted or left


def issued(document: MaterialIssue, requisition: Requisition) -> MaterialIssued:
    """The issue as a fact; the one that completes the requisition fulfils the storekeeper's duty."""
    return MaterialIssued(
        order_no=document.order_no,
        assignee=document.made_by,
        closes=(links.issue(requisition.no),) if document.complete else (),
        issue_no=document.no,
        requisition_no=requisition.no,
        production_order_no=requisition.production_order_no,
        line_no=requisition.line_no,
        lines=document.lines,
        complete=document.complete,
        issued_by=document.made_by,
    )


async def take_withdrawal(session: AsyncSession, event: RequisitionWithdrawn) -> None:
    """The workshop wants it no more: it ends unless something was issued already. What it was promised is for others."""
    if not event.approved:
        return
    await stock.promise_alone(session)
    requisition = await find(session, Requisition, event.requisition_no, hold=True)
    if requisition is None:
        raise WaitFor("requisition", event.requisition_no)
    items = await items_of(session, requisition.no)
    begun = any(entry.issued for entry in items.values())
    await publish(session, mark_withdrawn(requisition, accepted=not begun))
    if requisition.status == RequisitionStatus.WITHDRAWN:
        await offer(session, items.keys())


def mark_withdrawn(requisition: Requisition, *, accepted: bool) -> WithdrawalDecided:
    """Move to WITHDRAWN where that is accepted; what was bought for its order is kept for another requisition of it."""
    accepted = accepted and requisition.status == RequisitionStatus.APPROVED
    if accepted:
        move(requisition, RequisitionStatus.WITHDRAWN)
        requisition.offered = False
    return WithdrawalDecided(
        order_no=requisition.order_no,
        closes=(links.issue(requisition.no),) if accepted else (),
        requisition_no=requisition.no,
        production_order_no=requisition.production_order_no,
        line_no=requisition.line_no,
        accepted=accepted,
    )


async def cancel_open(session: AsyncSession, order_no: str, line_no: int | None = None) -> None:
    """Nothing is issued for an order, or a line, that was given up; what it was promised or kept for it is for others."""
    await stock.promise_alone(session)
    query = select(Requisition).where(
        Requisition.order_no == order_no, Requisition.status == RequisitionStatus.APPROVED
    )
    if line_no is not None:
        query = query.where(Requisition.line_no == line_no)
    given_up = (await session.scalars(query.order_by(Requisition.no).with_for_update())).all()
    for requisition in given_up:
        move(requisition, RequisitionStatus.CANCELLED)
    freed = await items_kept_for(session, order_no)
    for owed in (await still_owed(session, [requisition.no for requisition in given_up])).values():
        freed |= owed.keys()
    if freed:
        await offer(session, freed)
