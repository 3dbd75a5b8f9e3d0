"""What hinders work, whom does it touch, and does it excuse (生产异常)?"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import hindrances
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import different_person, lock, move, next_number
from chassis.errors import NotFound, Refusal
from chassis.language import Label, word
from chassis.people import holders_of
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.parts import ExceptionKind, HindranceReported
from contracts.pmc import ExceptionDecided, ExceptionRaised
from services.pmc import orders
from services.pmc.models import ExceptionStatus, Operation, OperationStatus, ProductionException
from services.pmc.operations import AT_WORK, duty_of, response_to
from services.pmc.queries import delays_unanswered, open_duties, operations_named

PLANNER, GENERAL_MANAGER = "planner", "general_manager"
COPIED = ("order_no", "hindrance_no", "kind", "affected_duties", "description", "expected_end_at")
# An exception that touches a whole order hinders the workshop's handovers. The planner's own are among them only when a
# planner raises it, because then the general manager decides.
WORKSHOP_LINKS = ("dispatch", "requisition_approval", "operation", "delay_response")


class NothingAffected(Refusal):
    status, code, field = 422, "nothing_affected", "operations"
    message = Label(
        "没有写明受影响的工序或订单。请至少选择一项。",
        "Neither an operation nor an order is named. Please name what is affected.",
    )


class PlannersOwn(Refusal):
    status, code = 403, "planners_own_exception"
    message = Label(
        "异常 {no} 由计划员提出,须由总经理决定。",
        "Exception {no} was raised by a planner; the general manager decides on it.",
    )


class Report(Form):
    """What happened, which operations or whole orders it hinders, and until when it may last."""

    kind: ExceptionKind
    operations: tuple[str, ...] = Field(default=(), max_length=200)
    orders: tuple[str, ...] = Field(default=(), max_length=200)
    description: str = Field(min_length=1, max_length=4000)
    expected_end_at: AwareDatetime | None = None


class Decision(Form):
    """Whether it excuses, and by how many working hours what was open then may be later."""

    accepted: bool
    extension_hours: Decimal = Field(default=Decimal(0), ge=0, le=1000, max_digits=12, decimal_places=4)
    remark: str = Field(default="", max_length=4000)

    @classmethod
    def about(cls, document: ProductionException) -> list[tuple[Label, str]]:
        hindered = (f"{word(duty.link)} {duty.key}" for duty in document.affected_duties)
        return [(word("description"), document.description), (word("affected_duties"), "\n".join(hindered))]


async def report(session: AsyncSession, form: Report, *, maker: Actor, now: datetime) -> ProductionException:
    """Raise an exception at once: the merchandiser must tell Sales, and what is accepted excuses."""
    steps = await operations_named(session, form.operations)
    if unknown := set(form.operations) - {step.no for step in steps}:
        raise NotFound(kind=Operation.title, no=min(unknown))
    affected = tuple(sorted({*form.orders, *(step.order_no or "" for step in steps)}))
    if not affected:
        raise NothingAffected
    for order_no in affected:
        await orders.running(session, order_no)
    hindered = None if maker.post == PLANNER else WORKSHOP_LINKS
    whole = await open_duties(session, form.orders, links=hindered)
    document = ProductionException(
        no=await next_number(session, ProductionException.code, now),
        order_no=affected[0] if len(affected) == 1 else None,
        status=ExceptionStatus.RAISED,
        kind=form.kind,
        affected_orders=list(affected),
        affected_duties=tuple(dict.fromkeys([*whole, *hindered_by(steps)])),
        description=form.description,
        expected_end_at=form.expected_end_at,
        raised_as=maker.post or "",
        made_by=maker.employee,
        made_at=now,
    )
    session.add(document)
    await publish(session, stated(document, [*steps, *await delays_unanswered(session, form.orders)]))
    await hindrances.mark(session, document.no, document.affected_duties)
    return document


async def take_report(session: AsyncSession, event: HindranceReported) -> None:
    """What another department reported is its reporter's exception, raised when they reported it.

    Whoever is a planner then is no less one for owing or reporting it in another post: the general manager decides.
    """
    told_at = session.info["envelope"].time
    planners = (await holders_of(session, told_at)).get(PLANNER, ())
    document = ProductionException(
        **{name: getattr(event, name) for name in COPIED},
        no=await next_number(session, ProductionException.code, await factory_now(session)),
        status=ExceptionStatus.RAISED,
        affected_orders=list(event.affected_orders),
        raised_as=event.reported_as if {event.reported_by, event.assignee}.isdisjoint(planners) else PLANNER,
        made_by=event.reported_by,
        made_at=told_at,
    )
    session.add(document)
    await publish(session, stated(document, ()))


def hindered_by(steps: Sequence[Operation]) -> list[DutyRef]:
    """The handover of each named operation: its work, or its dispatch as long as that is owed."""
    work = [duty_of(step) for step in steps if step.status in AT_WORK]
    return work + [
        links.dispatch(step.production_order_no, step.op_no) for step in steps if step.status == OperationStatus.ISSUED
    ]


def stated(document: ProductionException, steps: Sequence[Operation]) -> ExceptionRaised:
    """The exception as a fact; it answers the delays that teams reported for these operations."""
    answered = dict.fromkeys(duty for step in steps for duty in response_to(step))
    for step in steps:
        step.expected_at = None
    return ExceptionRaised(
        order_no=document.order_no,
        closes=tuple(answered),
        exception_no=document.no,
        hindrance_no=document.hindrance_no,
        kind=ExceptionKind(document.kind),
        affected_orders=tuple(document.affected_orders),
        affected_duties=document.affected_duties,
        description=document.description,
        expected_end_at=document.expected_end_at,
        raised_by=document.made_by,
    )


async def decide(session: AsyncSession, no: str, form: Decision, *, by: Actor, now: datetime) -> ProductionException:
    """Say whether it excuses; nobody excuses themselves, and a planner's own goes to the general manager."""
    document = await lock(session, ProductionException, no)
    decided = mark_decided(document, form, by=by, now=now)
    await publish(session, decided)
    await hindrances.settle(session, document.no, decided, told_at=document.made_at)
    return document


def mark_decided(document: ProductionException, form: Decision, *, by: Actor, now: datetime) -> ExceptionDecided:
    if document.raised_as == PLANNER and by.post != GENERAL_MANAGER:
        raise PlannersOwn(no=document.no)
    different_person(document, by.employee)
    move(document, ExceptionStatus.ACCEPTED if form.accepted else ExceptionStatus.DECLINED)
    document.extension_hours = form.extension_hours if form.accepted else Decimal(0)
    document.remark, document.approved_by, document.approved_at = form.remark, by.employee, now
    return ExceptionDecided(
        order_no=document.order_no,
        exception_no=document.no,
        hindrance_no=document.hindrance_no,
        accepted=form.accepted,
        extension_hours=document.extension_hours,
        affected_orders=tuple(document.affected_orders),
        affected_duties=document.affected_duties,
        remark=form.remark,
        decided_by=by.employee,
    )
