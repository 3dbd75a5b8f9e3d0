"""Who finishes which operation by when, and when does their clock start (PRD-01, TML-01)?"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.desk import Form
from chassis.documents import move
from chassis.errors import NotFound, Refusal
from chassis.language import Label
from chassis.latest import said_before
from chassis.people import find_person
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.parts import Terms
from contracts.pmc import OperationDelayReported, OperationDispatched
from contracts.quality import Inspection
from services.pmc import orders
from services.pmc.models import Operation, OperationStatus, ProductionOrder, Requisition, RequisitionStatus
from services.pmc.queries import operations_of, production_order_with, requisitions_of

# Blank is let through to be refused with its own words: nobody works without a responsible person.
LEADER = r"^(E-\d{3,6})?$"
AT_WORK = frozenset({OperationStatus.DISPATCHED, OperationStatus.REOPENED})


class NoResponsiblePerson(Refusal):
    status, code, field = 422, "no_responsible_person", "team_leader"
    message = Label(
        "{what} 没有责任人,不能安排。请指定一位组长。",
        "{what} has no responsible person and cannot be given out. Please name a team leader.",
    )


class NotATeamLeader(Refusal):
    status, code, field = 422, "not_a_team_leader", "team_leader"
    message = Label(
        "{employee} 现在不是组长,不能负责工序。请指定一位现任组长。",
        "{employee} is no team leader now and cannot answer for work. Please name somebody who is.",
    )


class DuePassed(Refusal):
    status, code, field = 422, "due_passed", "due_at"
    message = Label(
        "期限 {due_at} 已经过去。请填写将来的时间。",
        "The due time {due_at} has passed. Please give a time to come.",
    )


class NotYourOperation(Refusal):
    status, code = 403, "not_your_operation"
    message = Label(
        "工序 {no} 派给了 {team_leader},{employee} 不能代报。请由责任人上报,或由车间主任改派。",
        "Operation {no} is dispatched to {team_leader}; {employee} may not report it. The person named must, "
        "or the workshop director dispatches it anew.",
    )


class Dispatch(Form):
    """Which team does it, who answers for it, and by when; a blank due time is the planned one."""

    team: str = Field(min_length=1, max_length=200)
    team_leader: str = Field(default="", pattern=LEADER)
    due_at: AwareDatetime | None = None


class Delay(Form):
    """When the operation will be finished instead, and why."""

    expected_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=4000)


async def open_up(session: AsyncSession, no: str) -> tuple[ProductionOrder, Sequence[Operation], Operation]:
    """The operation with its production order, locked, and the order's other operations; raises NotFound."""
    order = await production_order_with(session, no)
    if order is None:
        raise NotFound(kind=Operation.title, no=no)
    steps = await operations_of(session, order.no)
    return order, steps, next(step for step in steps if step.no == no)


async def workable(session: AsyncSession, step: Operation) -> None:
    """Neither a cancellation nor a stop-work forbids it; raises OrderCancelled, WorkStopped."""
    await orders.running(session, step.order_no)
    await orders.not_stopped(session, step.order_no or "", step.line_no)


async def dispatch(session: AsyncSession, no: str, form: Dispatch, *, by: Actor, now: datetime) -> Operation:
    """Name the team leader who finishes the operation; before it is finished it may be dispatched anew."""
    order, steps, step = await open_up(session, no)
    await workable(session, step)
    await check_leader(session, no, form.team_leader)
    begun = step.status in AT_WORK and await worklist.is_open(session, duty_of(step))
    await publish(session, mark_dispatched(step, form, by=by, now=now))
    if begun:
        await worklist.close(session, [duty_of(step)])
        inputs = step.failed_looks or inputs_of(order, steps, step, ())
        await worklist.deliver(session, handover(step, inputs or (links.dispatch(order.no, step.op_no),)))
    else:
        await open_ready(session, order, steps, [step])
    return step


async def check_leader(session: AsyncSession, what: object, employee: str) -> None:
    """Somebody must answer for the work, and hold the post for it at this moment."""
    if not employee:
        raise NoResponsiblePerson(what=what)
    if not (await find_person(session, employee)).holds({"team_leader"}):
        raise NotATeamLeader(employee=employee)


def mark_dispatched(step: Operation, form: Dispatch, *, by: Actor, now: datetime) -> OperationDispatched:
    """Move to DISPATCHED. A new dispatch answers the team's report of a delay."""
    first, due_at = step.status == OperationStatus.ISSUED, form.due_at or step.due_at
    move(step, OperationStatus.DISPATCHED)
    if due_at is None or due_at <= now:
        raise DuePassed(due_at=due_at)
    answered = response_to(step)
    step.team, step.team_leader, step.due_at, step.expected_at = form.team, form.team_leader, due_at, None
    step.leaders = list(dict.fromkeys([*(step.leaders or ()), form.team_leader]))
    step.approved_by, step.approved_at = by.employee, now
    return OperationDispatched(
        order_no=step.order_no,
        assignee=step.team_leader,
        closes=((links.dispatch(step.production_order_no, step.op_no),) if first else ()) + answered,
        production_order_no=step.production_order_no,
        line_no=step.line_no,
        op_no=step.op_no,
        team=form.team,
        team_leader=form.team_leader,
        due_at=due_at,
        dispatched_by=by.employee,
    )


def response_to(step: Operation) -> tuple[DutyRef, ...]:
    """What the director owes on a reported delay that nobody has answered yet."""
    return (links.delay_response(step.production_order_no, step.op_no),) if step.expected_at is not None else ()


def duty_of(step: Operation) -> DutyRef:
    return links.operation(step.production_order_no, step.op_no)


async def open_ready(
    session: AsyncSession, order: ProductionOrder, steps: Sequence[Operation], among: Sequence[Operation]
) -> None:
    """Hand dispatched operations to their team leaders once what comes before them is there."""
    ready = [step for step in among if step.status in AT_WORK]
    asked = await requisitions_of(session, order.no) if any(step.predecessor is not None for step in ready) else ()
    inputs = {step.no: inputs_of(order, steps, step, asked) for step in ready}
    await worklist.deliver(
        session, *(handover(step, inputs[step.no] or ()) for step in among if inputs.get(step.no) is not None)
    )


def inputs_of(
    order: ProductionOrder, steps: Sequence[Operation], step: Operation, asked: Sequence[Requisition]
) -> tuple[DutyRef, ...] | None:
    """The handovers an operation waited for; None while one is missing.

    A first operation waits for the first complete requisition, a later one for all that were `asked` for, or withdrawn.
    """
    dispatched = links.dispatch(order.no, step.op_no)
    if step.predecessor is None:
        if order.components and order.material_by is None:
            return None
        return (dispatched, links.issue(order.material_by)) if order.material_by else (dispatched,)
    if before_of(steps, step).status != OperationStatus.FINISHED:
        return None
    if still_asked(asked) is not None:
        return None
    later = (links.issue(each.no) for each in asked if each.no != order.material_by)
    return (dispatched, links.operation(order.no, step.predecessor), *later)


def still_asked(asked: Sequence[Requisition]) -> Requisition | None:
    """The first that is neither issued completely nor withdrawn."""
    over = (RequisitionStatus.ISSUED, RequisitionStatus.WITHDRAWN)
    return next((each for each in asked if each.status not in over), None)


def before_of(steps: Sequence[Operation], step: Operation) -> Operation:
    return next(each for each in steps if each.op_no == step.predecessor)


def handover(step: Operation, inputs: tuple[DutyRef, ...]) -> Handover:
    return Handover(
        duty_of(step),
        "team_leader",
        step.order_no,
        step.line_no,
        assignee=step.team_leader,
        document_no=step.no,
        inputs=inputs,
        terms=Terms(due_at=step.due_at, standard_hours=step.standard_hours),
    )


async def material_is_there(session: AsyncSession, order: ProductionOrder, requisition_no: str) -> None:
    """The first complete issue lets the first operations begin; which material that is, the workshop decided.

    What was asked for beside or after it lets the later ones begin.
    """
    if order.material_by is None:
        order.material_by = requisition_no
        steps = await operations_of(session, order.no)
        await open_ready(session, order, steps, [step for step in steps if step.predecessor is None])
    await open_waiting(session, order)


async def open_waiting(session: AsyncSession, order: ProductionOrder) -> None:
    """Hand over what waited for material alone."""
    steps = await operations_of(session, order.no)
    await session.flush()
    await open_ready(session, order, steps, [step for step in steps if step.predecessor is not None])


async def resting_for(session: AsyncSession, production_order_no: str, maker: str) -> tuple[DutyRef, ...]:
    """Whose clocks stand while somebody decides on more material: of what is given out, the maker's own, else all.

    A first operation may begin with other material before the decision; a later one begins with all that was asked for.
    """
    steps = [step for step in await operations_of(session, production_order_no) if step.status in AT_WORK]
    own = [step for step in steps if step.team_leader == maker]
    given_out = own or steps
    owed = await worklist.terms_of(session, [duty_of(step) for step in given_out])
    return tuple(duty_of(step) for step in given_out if step.predecessor is None or duty_of(step) in owed)


async def reopen_last(session: AsyncSession, order: ProductionOrder, failed: DutyRef) -> None:
    """Goods that failed this inspection go back to the team that finished last."""
    steps = await operations_of(session, order.no)
    done = [step for step in steps if step.finished_at is not None]
    last = max(done, key=lambda step: (step.finished_at, step.op_no))
    move(last, OperationStatus.REOPENED)
    last.failed_looks = (failed,)
    await worklist.deliver(session, handover(last, last.failed_looks))


async def fail_again(session: AsyncSession, order: ProductionOrder, failed: DutyRef) -> None:
    """More goods failed that go back to the same team: what it owes again, it owes for them too."""
    for step in await open_again(session, order):
        step.failed_looks = (*(look for look in step.failed_looks if look != failed), failed)


async def accept(session: AsyncSession, order: ProductionOrder, event: Inspection, failed: DutyRef) -> bool:
    """The goods that failed this inspection need no more work; whether what they went back to is owed no longer.

    Where others had failed by the time this is heard, which Quality had not recorded yet, it is handed over anew for them;
    what had failed before is settled as well where Quality says so, though the word of it is still to come.
    """
    for step in await open_again(session, order):
        step.failed_looks = tuple(look for look in step.failed_looks if look != failed)
        if duty_of(step) not in event.closes:
            continue
        settled = await said_before(session, step.failed_looks)
        step.failed_looks = tuple(look for look in step.failed_looks if look not in settled)
        await worklist.close(session, [duty_of(step)])
        if step.failed_looks:
            await worklist.deliver(session, handover(step, step.failed_looks))
            continue
        await worklist.close(session, response_to(step))
        move(step, OperationStatus.FINISHED)
        step.expected_at = None
        return True
    return False


async def open_again(session: AsyncSession, order: ProductionOrder) -> list[Operation]:
    """What was finished once and is at work for goods that failed."""
    return [step for step in await operations_of(session, order.no) if step.status in AT_WORK and step.finished_at]


async def report_delay(session: AsyncSession, no: str, form: Delay, *, by: Actor, now: datetime) -> Operation:
    """Say early that an operation will be late; the director owes an answer from now on."""
    _, _, step = await open_up(session, no)
    await workable(session, step)
    check_reporter(step, by)
    await publish(session, mark_delayed(step, form, by=by, now=now))
    await worklist.deliver(
        session,
        Handover(
            links.delay_response(step.production_order_no, step.op_no),
            "workshop_director",
            step.order_no,
            step.line_no,
            document_no=no,
            inputs=(duty_of(step),),
        ),
    )
    return step


def check_reporter(step: Operation, by: Actor) -> None:
    """Only the person named on the operation speaks for it."""
    if step.team_leader is not None and by.employee != step.team_leader:
        raise NotYourOperation(no=step.no, team_leader=step.team_leader, employee=by.employee)


class NotDispatched(Refusal):
    code = "not_dispatched"
    message = Label(
        "工序 {no} 没有派工或已经完成,不能上报。请先派工。",
        "Operation {no} is not dispatched or is finished already, so nothing can be reported. Dispatch it first.",
    )


def mark_delayed(step: Operation, form: Delay, *, by: Actor, now: datetime) -> OperationDelayReported:
    if step.status not in AT_WORK:
        raise NotDispatched(no=step.no)
    if form.expected_at <= now:
        raise DuePassed(field="expected_at", due_at=form.expected_at)
    step.expected_at = form.expected_at
    return OperationDelayReported(
        order_no=step.order_no,
        assignee=step.team_leader,
        production_order_no=step.production_order_no,
        line_no=step.line_no,
        op_no=step.op_no,
        expected_at=form.expected_at,
        reason=form.reason,
        reported_by=by.employee,
    )
