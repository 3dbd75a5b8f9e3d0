"""May these goods leave: are they reviewed, is nothing against it, and does Sales know that they left (SHP-02)?"""

from datetime import datetime

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
from services.pmc.queries import known_order

POSTS = {ShipmentReview.PLANNER: "planner", ShipmentReview.DIRECTOR: "workshop_director"}
DUTIES = {ShipmentReview.PLANNER: links.planner_review, ShipmentReview.DIRECTOR: links.director_review}


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


class Verdict(Form):
    """Whether the shipment may go, as planner or director; blank `review`: as whichever the person is."""

    review: ShipmentReview | None = None
    passed: bool
    remark: str = Field(default="", max_length=4000)


async def take_notice(session: AsyncSession, event: ShippingNoticeIssued) -> None:
    """Planner and director owe their reviews from now on."""
    order = await known_order(session, event.order_no)
    shipment = Shipment(
        **event.model_dump(include=COPIED),
        no=event.notice_no,
        status=ShipmentStatus.CANCELLED if order.cancelled else ShipmentStatus.REVIEWING,
        made_by=event.issued_by,
        made_at=await factory_now(session),
    )
    session.add(shipment)
    await arrived(session, "notice", event.notice_no)
    if not order.cancelled:
        await worklist.deliver(
            session, *(owed(shipment, DUTIES[review](shipment.no), POSTS[review]) for review in ShipmentReview)
        )


COPIED = {"order_no", "line_no", "product_code", "quantity", "ship_by", "consignee", "address"}


def owed(shipment: Shipment, duty: DutyRef, post: str, *inputs: DutyRef) -> Handover:
    """A handover on the way out; every one rests on Sales' notice."""
    order_no, line_no = shipment.order_no or "", shipment.line_no
    all_inputs = inputs or (links.notice(order_no, line_no),)
    return Handover(duty, post, order_no, line_no, document_no=shipment.no, inputs=all_inputs)


async def review(session: AsyncSession, no: str, form: Verdict, *, by: Actor) -> Shipment:
    """Pass the shipment or hold it back; with the second passed review the planner owes the instruction."""
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    reviewer = await reviewing(session, form, by)
    await publish(session, mark_reviewed(shipment, form, by=reviewer))
    if shipment.status == ShipmentStatus.CLEARED:
        inputs = (links.notice(shipment.order_no or "", shipment.line_no), *(duty(no) for duty in DUTIES.values()))
        await worklist.deliver(session, owed(shipment, links.instruction(no), "planner", *inputs))
    return shipment


async def reviewing(session: AsyncSession, form: Verdict, by: Actor) -> Actor:
    """The person in the post of the review they give; raises PostNotHeld. What is stated names that post."""
    if form.review is not None and by.post != POSTS[form.review]:
        person = await find_person(session, by.employee)
        by = session.info["actor"] = person.acting_as({POSTS[form.review]})
    return by


def mark_reviewed(shipment: Shipment, form: Verdict, *, by: Actor) -> ShipmentReviewed:
    """Keep the verdict; two passed ones move to CLEARED."""
    given = next(each for each, post in POSTS.items() if post == by.post)
    column = f"{given}_review"
    if getattr(shipment, column) == ReviewVerdict.CLEARED:
        raise AlreadyReviewed(no=shipment.no, review=word(by.post))
    if not form.passed and not form.remark:
        raise RemarkMissing(no=shipment.no)
    setattr(shipment, column, ReviewVerdict.CLEARED if form.passed else ReviewVerdict.HELD)
    shipment.remark = form.remark or shipment.remark
    if not reviews_missing(shipment):
        move(shipment, ShipmentStatus.CLEARED)
    return ShipmentReviewed(
        order_no=shipment.order_no,
        closes=(DUTIES[given](shipment.no),) if form.passed else (),
        notice_no=shipment.no,
        line_no=shipment.line_no,
        review=given,
        passed=form.passed,
        remark=form.remark,
        reviewed_by=by.employee,
    )


def reviews_missing(shipment: Shipment) -> list[str]:
    """The posts whose passed review is still owed."""
    given = {ShipmentReview.PLANNER: shipment.planner_review, ShipmentReview.DIRECTOR: shipment.director_review}
    return [POSTS[each] for each, verdict in given.items() if verdict != ReviewVerdict.CLEARED]


async def instruct(session: AsyncSession, no: str, *, by: Actor, now: datetime) -> Shipment:
    """Tell the warehouse to ship and Quality to inspect, while nothing is against it."""
    shipment = await lock(session, Shipment, no)
    await orders.running(session, shipment.order_no)
    await orders.not_held(session, shipment.order_no or "", shipment.line_no)
    await publish(session, mark_instructed(shipment, by=by, now=now))
    return shipment


def mark_instructed(shipment: Shipment, *, by: Actor, now: datetime) -> ShipmentInstructed:
    if lacking := reviews_missing(shipment):
        raise ReviewsNotPassed(no=shipment.no, reviews=[str(word(post)) for post in lacking])
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
