"""Which material does the workshop want no more, and has the warehouse issued any of it meanwhile?"""

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Reason
from chassis.documents import move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.people import Person, find_person
from chassis.worklist import publish
from contracts.event import Actor
from contracts.pmc import RequisitionWithdrawn
from contracts.warehouse import WithdrawalDecided
from services.pmc import operations, orders
from services.pmc.models import Requisition, RequisitionStatus
from services.pmc.posts import DIRECTING
from services.pmc.requisitions import decided, stated, with_order


class NotYourRequisition(Refusal):
    status, code = 403, "not_your_requisition"
    message = Label(
        "领料单 {no} 是 {made_by} 申请的,{employee} 不能撤回。请由申请人撤回;未审批的可由车间主任驳回,批准的也可由车间主任撤回。",
        "Requisition {no} is {made_by}'s; {employee} may not withdraw it. Whoever asked must; the workshop director may refuse "
        "it while it is undecided, and withdraw it once it is approved.",
    )


class IssuedAlready(Refusal):
    code = "issued_already"
    message = Label(
        "领料单 {no} 已于 {at} 开始发料,不能撤回。请由仓库发齐其余材料。",
        "Material was issued on requisition {no} at {at}, so it is not withdrawn. Please have the warehouse issue the rest.",
    )


async def withdraw(session: AsyncSession, no: str, form: Reason, *, by: Actor) -> Requisition:
    """Ask for this material no more. Of an approved requisition the warehouse has the last word: an issue comes first."""
    order, requisition = await with_order(session, no)
    await orders.running(session, requisition.order_no)
    if not may_withdraw(requisition, await find_person(session, by.employee)):
        raise NotYourRequisition(no=no, made_by=requisition.made_by, employee=by.employee)
    await publish(session, mark_withdrawn(requisition, form.reason, by=by))
    await operations.open_waiting(session, order)
    return requisition


def may_withdraw(requisition: Requisition, person: Person) -> bool:
    """Whoever asked; of an approved one the director as well, who has refused no undecided one by withdrawing it."""
    directs = requisition.status != RequisitionStatus.SUBMITTED and person.holds(DIRECTING)
    return directs or person.employee == requisition.made_by


def mark_withdrawn(requisition: Requisition, reason: str, *, by: Actor) -> RequisitionWithdrawn:
    """Move to WITHDRAWN, or to RECALLED until the warehouse has answered; raises IssuedAlready."""
    if requisition.first_issued_at is not None:
        raise IssuedAlready(no=requisition.no, at=requisition.first_issued_at)
    undecided = requisition.status == RequisitionStatus.SUBMITTED
    move(requisition, RequisitionStatus.WITHDRAWN if undecided else RequisitionStatus.RECALLED)
    requisition.reason = reason
    return RequisitionWithdrawn(
        **stated(requisition),
        **(decided(requisition) if undecided else {}),
        approved=not undecided,
        reason=reason,
        withdrawn_by=by.employee,
    )


async def take_decision(session: AsyncSession, event: WithdrawalDecided) -> None:
    """Nothing was issued, and nobody waits for it any more; or something was, and it is asked for as before."""
    order, requisition = await with_order(session, event.requisition_no)
    if requisition.status != RequisitionStatus.RECALLED:
        return
    move(requisition, RequisitionStatus.WITHDRAWN if event.accepted else RequisitionStatus.APPROVED)
    await operations.open_waiting(session, order)
