"""What is short, for when, and did the buyer go through the list with material control?"""

from datetime import date, datetime

from pydantic import Field
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.latest import is_latest
from chassis.people import Person, find_person
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor
from contracts.parts import Terms
from contracts.pmc import PurchaseRedated, RequirementIssued, RequirementLine
from contracts.purchasing import RequirementChecked
from services.purchasing import orders
from services.purchasing.models import DelayReport, DelayStatus, Need, OrderedLine, Requirement, RequirementStatus

MATERIAL_CONTROL = frozenset({"material_controller"})


class NotMaterialControl(Refusal):
    status, code, field = 422, "not_material_controller", "material_controller"
    message = Label(
        "{employee} 现在不任物控员。请填写与您核对清单的物控员工号。",
        "{employee} is not a material controller now. Please name the one who went through the list with you.",
    )


class CheckedAlone(Refusal):
    status, code, field = 422, "checked_alone", "material_controller"
    message = Label(
        "清单 {no} 须由两个人核对,{employee} 不能与自己核对。请与另一位物控员核对。",
        "List {no} is checked by two people; {employee} cannot check it alone. Please ask a colleague.",
    )


class Check(Form):
    """With whom of material control the buyer went through the list."""

    material_controller: str = Field(pattern=r"^E-\d{3,6}$")


async def take(session: AsyncSession, event: RequirementIssued) -> None:
    """A material list is here: the buyer owes its purchase orders, and every short line at the gate (PUR-01).

    It takes the place of the list before it, unless PMC keeps that one too. Raises WaitFor until the amendments that PMC knew
    are here.
    """
    order = await orders.known(session, event.order_no or "", event.order_revision)
    void = await orders.is_void(session, order, event)
    if not void and not event.beside:
        await orders.void_older_list(session, event)
    short = [line for line in event.lines if line.short > 0]
    status = RequirementStatus.ISSUED if short else RequirementStatus.COVERED
    session.add(
        Requirement(
            no=event.requirement_no,
            order_no=event.order_no,
            line_no=event.line_no,
            package_no=event.package_no,
            revision=event.revision,
            lines=event.lines,
            status=RequirementStatus.CANCELLED if void else status,
            made_by=event.issued_by,
            made_at=await factory_now(session),
        )
    )
    product = order.products.get(event.line_no, "")
    session.add_all(need_of(event.requirement_no, product, line) for line in short)
    await arrived(session, "requirement", event.requirement_no)
    if short and not void:
        await worklist.deliver(session, *handovers(event, short))


def need_of(requirement_no: str, product_code: str, line: RequirementLine) -> Need:
    shared = line.model_dump(include={"line_no", "item_code", "short", "required_on", "lead_time_days"})
    return Need(requirement_no=requirement_no, product_code=product_code, **shared)


def handovers(event: RequirementIssued, short: list[RequirementLine]) -> list[Handover]:
    """One duty to order, and one for each short line to be at the gate."""
    duties = [(links.purchase_order(event.requirement_no), Terms())]
    for line in short:
        terms = Terms(required_on=line.required_on, lead_time_days=line.lead_time_days)
        duties.append((links.arrival(event.requirement_no, line.line_no), terms))
    inputs = (links.requirement(event.order_no or "", event.line_no),)
    return [
        Handover(
            duty,
            "buyer",
            event.order_no,
            event.line_no,
            document_no=event.requirement_no,
            inputs=inputs,
            terms=terms,
        )
        for duty, terms in duties
    ]


async def check(session: AsyncSession, no: str, form: Check, *, by: Actor, now: datetime) -> Requirement:
    """Go through the list with material control before anything is bought from it."""
    requirement = await lock(session, Requirement, no)
    controller = await find_person(session, form.material_controller)
    await publish(session, mark_checked(requirement, controller, by=by, now=now))
    return requirement


def mark_checked(requirement: Requirement, controller: Person, *, by: Actor, now: datetime) -> RequirementChecked:
    """Move to CHECKED. Two people look, and the other one holds the post at this moment."""
    if controller.employee == by.employee:
        raise CheckedAlone(no=requirement.no, employee=by.employee)
    if not controller.holds(MATERIAL_CONTROL):
        raise NotMaterialControl(employee=controller.employee)
    move(requirement, RequirementStatus.CHECKED)
    requirement.checked_by, requirement.checked_at = by.employee, now
    requirement.material_controller = controller.employee
    return RequirementChecked(
        order_no=requirement.order_no,
        assignee=by.employee,
        requirement_no=requirement.no,
        line_no=requirement.line_no,
        material_controller=controller.employee,
        checked_by=by.employee,
    )


async def redate(session: AsyncSession, event: PurchaseRedated) -> None:
    """The planner re-planned on a reported delay: the date that was set last counts, whichever is heard last."""
    report = await find(session, DelayReport, event.delay_no, hold=True)
    if report is None:
        raise WaitFor("delay", event.delay_no)
    move(report, DelayStatus.REDATED)
    need = await session.get_one(Need, (event.requirement_no, event.requirement_line_no), with_for_update=True)
    arrival = links.arrival(need.requirement_no, need.line_no)
    if await is_latest(session, arrival):
        await set_required_on(session, need, event.required_on)
    terms = Terms(required_on=event.required_on, lead_time_days=need.lead_time_days)
    await worklist.redate(session, arrival, terms, known=report.made_at)


async def set_required_on(session: AsyncSession, need: Need, required_on: date) -> None:
    """What is short, and what is ordered for it, is wanted by another day."""
    need.required_on = required_on
    ordered = (OrderedLine.requirement_no == need.requirement_no, OrderedLine.requirement_line_no == need.line_no)
    await session.execute(update(OrderedLine).where(*ordered).values(required_on=required_on))


def cover(requirement: Requirement, needs: dict[int, Need]) -> bool:
    """Move to COVERED once everything short is ordered; whether this was the order that did it."""
    if any(need.ordered < need.short for need in needs.values()):
        return False
    move(requirement, RequirementStatus.COVERED)
    return True
