"""May these goods leave: are they in store and reviewed, is nothing against it, and does Sales know that they left (SHP-02)?"""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import find, lock, move
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.people import find_person
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links
from contracts.event import Actor, DutyRef
from contracts.pmc import ShipmentInstructed, ShipmentReported, ShipmentReview, ShipmentReviewed
from contracts.sales import ShippingNoticeIssued
from contracts.warehouse import GoodsShipped
from services.pmc import orders
from services.pmc.models import ReviewVerdict, Shipment, ShipmentStatus
from services.pmc.queries import booked, known_order, shipments_of

POSTS = {ShipmentReview.PLANNER: "planner", ShipmentReview.DIRECTOR: "workshop_director"}
DUTIES = {ShipmentReview.PLANNER: links.planner_review, ShipmentReview.DIRECTOR: links.director_review}
INSIDE = (ShipmentStatus.REVIEWING, ShipmentStatus.HELD, ShipmentStatus.CLEARED)


class ReviewsNotPassed(Refusal):
    code = "reviews_not_passed"
    message = Label(
        "出货 {no} 还缺这些评审:{reviews}。全部通过后才能指令仓库。",
        "Shipment {no} still lacks a passed review by: {reviews}. The warehouse is instructed once all are passed.",
    )


class AlreadyReviewed(Refusal):
    code, field = "already_reviewed", "review"
    message = Label(
        "出货 {no} 的这项评审({review})已经通过。要扣货请由车间主任开扣货单。",
        "The review of {no} by the {review} is passed already. To hold the goods back, the director must block them.",
    )


class RemarkMissing(Refusal):
    status, code, field = 422, "remark_missing", "remark"
    message = Label(
        "扣下出货 {no} 须说明理由。请填写备注。",
        "Holding shipment {no} back needs a reason. Please fill in the remark.",
    )


class NotInStore(Refusal):
    code = "not_in_store"
    message = Label(
        "出货 {no} 要发 {quantity},这一行入库的货还不够。成品入库后才能指令仓库。",
        "Shipment {no} is for {quantity}, and not as much of its line is in store. The warehouse is instructed once it is.",
    )


class NothingHeld(Refusal):
    code = "nothing_held"
    message = Label(
        "出货 {no} 没有被扣下的评审,不必重新提交。", "No review holds shipment {no} back; nothing is to be put again."
    )


class Verdict(Form):
    """Whether the shipment may go, as planner or director; blank `review`: as whichever the person is."""

    review: ShipmentReview | None = None
    passed: bool
    remark: str = Field(default="", max_length=4000)


class Remedy(Form):
    """What was done about that for which the shipment was held back."""

    action: str = Field(min_length=1, max_length=4000)


async def take_notice(session: AsyncSession, event: ShippingNoticeIssued) -> None:
    """Planner and director owe their reviews once the goods are in store."""
    order = await known_order(session, event.order_no)
    line = order.line(event.line_no)
    shipment = Shipment(
        **event.model_dump(include=COPIED),
        ship_by=line.ship_by if line else event.ship_by,
        no=event.notice_no,
        status=ShipmentStatus.CANCELLED if order.cancelled else ShipmentStatus.REVIEWING,
        made_by=event.issued_by,
        made_at=await factory_now(session),
    )
    session.add(shipment)
    await arrived(session, "notice", event.notice_no)
    if not order.cancelled:
        await offer(session, order.order_no, event.line_no)


async def offer(session: AsyncSession, order_no: str, line_no: int, *brought: DutyRef) -> None:
    """Shipments that waited for their goods and now find them are put before planner and director, the oldest first.

    What an earlier one was promised is not offered to a later one. Once the last piece of a line is booked none waits:
    whether there is more of the kind the warehouse knows.
    """
    there, over = await booked(session, order_no, line_no)
    shipments = await shipments_of(session, order_no, line_no)
    free = there - sum((each.quantity for each in shipments if each.offered), Decimal(0))
    for shipment in shipments:
        if not shipment.offered and shipment.status in INSIDE and (over or shipment.quantity <= free):
            free -= shipment.quantity
            await put_before(session, shipment, *brought)


async def put_before(session: AsyncSession, shipment: Shipment, *brought: DutyRef) -> None:
    """The goods are there: the reviews that nobody passed ahead of them are owed, or else the instruction."""
    shipment.offered = True
    inputs = (links.notice(shipment.order_no or "", shipment.line_no), *brought)
    reviews = [owed(shipment, DUTIES[each](shipment.no), POSTS[each], *inputs) for each in reviews_missing(shipment)]
    await worklist.deliver(session, *(reviews or [instruction(shipment, *brought)]))


def instruction(shipment: Shipment, *brought: DutyRef) -> Handover:
    no = shipment.no
    inputs = (
        links.notice(shipment.order_no or "", shipment.line_no),
        *brought,
        *(duty(no) for duty in DUTIES.values()),
    )
    return owed(shipment, links.instruction(no), "planner", *inputs)


COPIED = {"order_no", "line_no", "product_code", "quantity", "consignee", "address"}


def owed(shipment: Shipment, duty: DutyRef, post: str, *inputs: DutyRef) -> Handover:
    """A handover on the way out."""
    return Handover(duty, post, shipment.order_no, shipment.line_no, document_no=shipment.no, inputs=inputs)


async def review(session: AsyncSession, no: str, form: Verdict, *, by: Actor) -> Shipment:
    """Pass the shipment or hold it back; with the second passed review of goods in store the instruction is owed."""
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    reviewer = await reviewing(session, form, by)
    await publish(session, mark_reviewed(shipment, form, by=reviewer))
    if shipment.status == ShipmentStatus.CLEARED and shipment.offered:
        await worklist.deliver(session, instruction(shipment))
    return shipment


async def reviewing(session: AsyncSession, form: Verdict, by: Actor) -> Actor:
    """The person in the post of the review they give; raises PostNotHeld. What is stated names that post."""
    if form.review is not None and by.post != POSTS[form.review]:
        person = await find_person(session, by.employee)
        by = session.info["actor"] = person.acting_as({POSTS[form.review]})
    return by


def mark_reviewed(shipment: Shipment, form: Verdict, *, by: Actor) -> ShipmentReviewed:
    """Keep the verdict: two passed ones move to CLEARED, one that holds the goods back to HELD. Either is the review given.

    Held back ahead of its goods, a shipment is reviewed again once they are there: nothing was owed yet.
    """
    given = next(each for each, post in POSTS.items() if post == by.post)
    column = f"{given}_review"
    if getattr(shipment, column) == ReviewVerdict.CLEARED:
        raise AlreadyReviewed(no=shipment.no, review=word(by.post))
    if not form.passed and not form.remark:
        raise RemarkMissing(no=shipment.no)
    setattr(shipment, column, ReviewVerdict.CLEARED if form.passed else ReviewVerdict.HELD)
    shipment.remark = form.remark or shipment.remark
    settle(shipment)
    return ShipmentReviewed(
        order_no=shipment.order_no,
        closes=(DUTIES[given](shipment.no),) if form.passed or shipment.offered else (),
        notice_no=shipment.no,
        line_no=shipment.line_no,
        review=given,
        passed=form.passed,
        remark=form.remark,
        reviewed_by=by.employee,
    )


def settle(shipment: Shipment) -> None:
    """Move to what the two verdicts amount to."""
    verdicts = {shipment.planner_review, shipment.director_review}
    target = ShipmentStatus.HELD if ReviewVerdict.HELD in verdicts else ShipmentStatus.REVIEWING
    if verdicts == {ReviewVerdict.CLEARED}:
        target = ShipmentStatus.CLEARED
    if shipment.status != target:
        move(shipment, target)


def reviews_missing(shipment: Shipment) -> list[ShipmentReview]:
    """The reviews that nobody has passed."""
    given = {ShipmentReview.PLANNER: shipment.planner_review, ShipmentReview.DIRECTOR: shipment.director_review}
    return [each for each, verdict in given.items() if verdict != ReviewVerdict.CLEARED]


async def resubmit(session: AsyncSession, no: str, form: Remedy) -> Shipment:
    """Put a shipment before whoever held it back again: their review is owed anew, with a clock of its own."""
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    held = [each for each in ShipmentReview if getattr(shipment, f"{each}_review") == ReviewVerdict.HELD]
    if not held:
        raise NothingHeld(no=no)
    for each in held:
        setattr(shipment, f"{each}_review", None)
    shipment.remark = form.action
    settle(shipment)
    if shipment.offered:
        noticed = links.notice(shipment.order_no or "", shipment.line_no)
        await worklist.deliver(session, *(owed(shipment, DUTIES[each](no), POSTS[each], noticed) for each in held))
    return shipment


async def instruct(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Shipment:
    """Tell the warehouse to ship and Quality to inspect what is in store, while nothing is against it."""
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    await orders.not_held(session, shipment.order_no or "", shipment.line_no)
    await publish(session, mark_instructed(shipment, by=by, now=now))
    return shipment


def mark_instructed(shipment: Shipment, *, by: Actor, now: datetime) -> ShipmentInstructed:
    if lacking := reviews_missing(shipment):
        raise ReviewsNotPassed(no=shipment.no, reviews=[str(word(POSTS[each])) for each in lacking])
    if not shipment.offered:
        raise NotInStore(no=shipment.no, quantity=shipment.quantity)
    move(shipment, ShipmentStatus.INSTRUCTED)
    shipment.approved_by, shipment.approved_at = by.employee, now
    return ShipmentInstructed(
        order_no=shipment.order_no,
        closes=(links.instruction(shipment.no),),
        notice_no=shipment.no,
        line_no=shipment.line_no,
        product_code=shipment.product_code,
        quantity=shipment.quantity,
        ship_by=shipment.ship_by,
        consignee=shipment.consignee,
        address=shipment.address,
        instructed_by=by.employee,
    )


async def take_shipped(session: AsyncSession, event: GoodsShipped) -> None:
    """The goods are on the road: the planner owes Sales the word and its copy of the delivery note."""
    shipment = await find(session, Shipment, event.notice_no, hold=True)
    if shipment is None:
        raise WaitFor("notice", event.notice_no)
    shipment.delivery_note_no = event.delivery_note_no
    if shipment.status == ShipmentStatus.INSTRUCTED:
        move(shipment, ShipmentStatus.SHIPPED)
        duty = links.shipment_report(shipment.no)
        await worklist.deliver(session, owed(shipment, duty, "planner", links.ship(shipment.no)))


async def report(session: AsyncSession, no: str, *, by: Actor) -> Shipment:
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    await publish(session, mark_reported(shipment, by=by))
    return shipment


def mark_reported(shipment: Shipment, *, by: Actor) -> ShipmentReported:
    move(shipment, ShipmentStatus.REPORTED)
    return ShipmentReported(
        order_no=shipment.order_no,
        closes=(links.shipment_report(shipment.no),),
        notice_no=shipment.no,
        line_no=shipment.line_no,
        delivery_note_no=shipment.delivery_note_no or "",
        reported_by=by.employee,
    )
