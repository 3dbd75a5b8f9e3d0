"""What must be bought for an order line, and by which day must it be there (PMC-03)?"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.desk import Form
from chassis.documents import lock, move
from chassis.errors import Refusal
from chassis.language import Label
from chassis.worklist import publish
from contracts import links
from contracts.event import Actor
from contracts.parts import OrderLine
from contracts.pmc import RequirementIssued, RequirementLine
from services.pmc import orders, packages, shortages, stock
from services.pmc.explosions import Need, explode
from services.pmc.models import Package, Requirement, RequirementStatus
from services.pmc.queries import package_of, requirements_of
from services.pmc.schedules import required_on
from services.pmc.stock import Coming, Free
from services.pmc.worktime import worktime

NOTHING = Decimal(0)


class DatePassed(Refusal):
    status, code, field = 422, "date_passed", "required_on"
    message = Label(
        "日期 {day} 已经过去(今天是 {today})。请填写今天或以后的日期。",
        "The date {day} has passed (today is {today}). Please give today or a later date.",
    )


class Issue(Form):
    """By which day the material is wanted; blank: reckoned back from the delivery date by the route's hours."""

    required_on: date | None = None


async def issue(session: AsyncSession, no: str, form: Issue, *, by: Actor, now: datetime) -> Requirement:
    """Explode the released package against what is free, claim it, and tell Purchasing what is short."""
    requirement = await lock(session, Requirement, no)
    order_no, line_no = requirement.order_no or "", requirement.line_no
    order = await orders.running(session, order_no)
    line = orders.line_of(order, line_no)
    package = await package_of(session, order_no, line_no)
    packages.check_product(package, line)
    pieces = await shortages.pieces_of(session, requirement, line)
    lists = await requirements_of(session, order_no, line_no)
    beside = any(each.status == RequirementStatus.ISSUED for each in lists)
    wanted_on = await wanted_day(session, form, line, package, now)
    needs = explode(package.bom, pieces.quantity)
    issued = await left_of_issued(session, package, pieces, requirement)
    free = await stock.free(session, [need.item_code for need in needs])
    lines = tuple(
        line_of(number, need, issued.get(need.item_code, NOTHING), free[need.item_code], wanted_on)
        for number, need in enumerate(needs, start=1)
    )
    await publish(
        session, mark_issued(requirement, order.revision, beside, lines, pieces.quantity, wanted_on, by=by, now=now)
    )
    await stock.claim(session, order_no, line_no, {need.item_code: need.required for need in needs})
    await stock.expect(session, order_no, *(coming(no, each) for each in lines if each.short))
    return requirement


async def left_of_issued(
    session: AsyncSession, package: Package, pieces: shortages.Pieces, requirement: Requirement
) -> dict[str, Decimal]:
    """By item, what the workshop has received for the line and does not need for the pieces that are made already."""
    used = {need.item_code: need.required for need in explode(package.bom, pieces.before)}
    issued = await stock.issued_to(session, requirement.order_no or "", requirement.line_no)
    return {item: max(quantity - used.get(item, NOTHING), NOTHING) for item, quantity in issued.items()}


async def wanted_day(session: AsyncSession, form: Issue, line: OrderLine, package: Package, now: datetime) -> date:
    calendar = await worktime(session)
    today = calendar.date_of(now)
    if form.required_on is None:
        return required_on(package.route, line.quantity, line.ship_by, today, calendar)
    if form.required_on < today:
        raise DatePassed(day=form.required_on, today=today)
    return form.required_on


def line_of(number: int, need: Need, issued: Decimal, free: Free, wanted_on: date) -> RequirementLine:
    """What the workshop has already is no longer required; what is free is not bought again."""
    required = max(need.required - issued, NOTHING)
    return RequirementLine(
        line_no=number,
        item_code=need.item_code,
        description=need.description,
        unit=need.unit,
        required=required,
        on_stock=free.on_stock,
        on_order=free.on_order,
        short=max(required - free.on_stock - free.on_order, NOTHING),
        required_on=wanted_on,
        lead_time_days=need.lead_time_days,
    )


def coming(requirement_no: str, line: RequirementLine) -> Coming:
    return Coming(requirement_no, line.line_no, line.item_code, short=line.short)


def mark_issued(
    requirement: Requirement,
    order_revision: int,
    beside: bool,
    lines: tuple[RequirementLine, ...],
    quantity: Decimal,
    wanted_on: date,
    *,
    by: Actor,
    now: datetime,
) -> RequirementIssued:
    move(requirement, RequirementStatus.ISSUED)
    requirement.lines, requirement.quantity, requirement.required_on = lines, quantity, wanted_on
    requirement.approved_by, requirement.approved_at = by.employee, now
    return RequirementIssued(
        order_no=requirement.order_no,
        closes=(links.requirement(requirement.order_no or "", requirement.line_no),),
        requirement_no=requirement.no,
        line_no=requirement.line_no,
        package_no=requirement.package_no,
        revision=requirement.revision,
        lines=lines,
        issued_by=by.employee,
        order_revision=order_revision,
        beside=beside,
    )
