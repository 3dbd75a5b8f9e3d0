"""Can the company keep a customer's contract? Every department says its part, PMC decides (合同评审)."""

from datetime import datetime
from decimal import Decimal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import opinions, worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label, department
from chassis.opinions import Known
from chassis.worklist import Handover, publish
from contracts import links, parts
from contracts.event import SYSTEM_ACTOR, Actor
from contracts.parts import OrderLine
from contracts.pmc import ReviewDecided, ReviewOutcome
from contracts.sales import ContractSubmitted, OrderConfirmed
from services.pmc import orders
from services.pmc.models import GivenOpinion, Opinion, Review, ReviewStatus
from services.pmc.queries import hours_under_way, review_of, routes_by_product
from services.pmc.schedules import path_hours

DEPARTMENTS = ("engineering", "pmc", "purchasing", "quality", "warehouse")


class OpinionsMissing(Refusal):
    code = "opinions_missing"
    message = Label(
        "合同评审 {no} 还缺这些部门的意见:{departments}。请等他们填写后再决定。",
        "Review {no} still lacks the opinion of: {departments}. Wait for them before deciding.",
    )


class ConditionsMissing(Refusal):
    status, code, field = 422, "conditions_missing", "conditions"
    message = Label(
        "决定为“{outcome}”时须写明条件或理由,各部门也没有写。请填写条件。",
        "A decision of {outcome} needs its conditions or reason, and no department gave any. Please fill them in.",
    )


class Decision(Form):
    """What PMC decides. Blank conditions are those that the departments named."""

    outcome: ReviewOutcome
    conditions: str = Field(default="", max_length=4000)


async def begin(session: AsyncSession, contract: ContractSubmitted) -> None:
    """Open the review and ask the planner for PMC's own opinion, with what our records say about capacity."""
    known = await known_of(session, contract.lines)
    await opinions.ask(session, Opinion, contract, post="planner", known=known)
    now = await factory_now(session)
    session.add(
        Review(
            no=await next_number(session, Review.code, now),
            order_no=contract.order_no,
            status=ReviewStatus.OPEN,
            customer_code=contract.customer_code,
            lines=contract.lines,
            made_by=SYSTEM_ACTOR,
            made_at=now,
        )
    )


async def known_of(session: AsyncSession, lines: tuple[OrderLine, ...]) -> tuple[Known, ...]:
    """For each line the hours it took when we made the product before, and the hours that are waiting already."""
    made = await routes_by_product(session, {line.product_code for line in lines})
    waiting = await hours_under_way(session)
    hours = {code: path_hours(route, Decimal(1)) for code, route in made.items()}
    own = [
        Known(line_no=line.line_no, term="standard_hours", value=f"{hours[line.product_code] * line.quantity:.1f}")
        for line in lines
        if line.product_code in hours
    ]
    return (*own, *(Known(line_no=line.line_no, term="hours_under_way", value=f"{waiting:.1f}") for line in lines))


async def give_opinion(session: AsyncSession, no: str, form: opinions.Answer, *, by: Actor, now: datetime) -> Opinion:
    """PMC's own opinion; it counts like every other department's."""
    opinion = await opinions.give(session, Opinion, no, form, by=by, now=now)
    given = GivenOpinion(department="pmc", given_by=by.employee, **form.model_dump())
    await collect(session, opinion.order_no, given)
    return opinion


async def take_opinion(session: AsyncSession, event: parts.OpinionGiven) -> None:
    await collect(session, event.order_no, GivenOpinion(**event.model_dump(include=set(GivenOpinion.model_fields))))


async def collect(session: AsyncSession, order_no: str | None, given: GivenOpinion) -> None:
    """Keep an opinion; with the last one the planner owes the decision."""
    review = await review_of(session, order_no)
    others = [each for each in review.opinions if each.department != given.department]
    review.opinions = (*others, given)
    if review.status == ReviewStatus.OPEN and not missing(review):
        inputs = tuple(links.opinion(order_no or "", name) for name in DEPARTMENTS)
        duty = links.review(order_no or "")
        await worklist.deliver(session, Handover(duty, "planner", order_no, document_no=review.no, inputs=inputs))


def missing(review: Review) -> list[str]:
    """Departments whose opinion is still owed."""
    given = {each.department for each in review.opinions}
    return [name for name in DEPARTMENTS if name not in given]


async def decide(session: AsyncSession, no: str, form: Decision, *, by: Actor, now: datetime) -> Review:
    """Weigh the opinions; a declined contract can only be waived by the general manager, by name."""
    review = await lock(session, Review, no)
    await orders.running(session, review.order_no)
    await publish(session, mark_decided(review, form, by=by, now=now))
    return review


def mark_decided(review: Review, form: Decision, *, by: Actor, now: datetime) -> ReviewDecided:
    """Move to the outcome, once every opinion is there."""
    if wanting := missing(review):
        raise OpinionsMissing(no=review.no, departments=[str(department(name)) for name in wanting])
    conditions = form.conditions or named_conditions(review)
    if form.outcome != ReviewOutcome.ACCEPTED and not conditions:
        raise ConditionsMissing(outcome=form.outcome)
    move(review, ReviewStatus(form.outcome))
    review.conditions = form.conditions if form.outcome == ReviewOutcome.ACCEPTED else conditions
    review.approved_by, review.approved_at = by.employee, now
    return ReviewDecided(
        order_no=review.order_no,
        closes=(links.review(review.order_no or ""),),
        review_no=review.no,
        outcome=form.outcome,
        conditions=review.conditions,
        decided_by=by.employee,
    )


def named_conditions(review: Review) -> str:
    """What the departments that do not simply agree wrote, each with its name."""
    reserved = [each for each in review.opinions if each.opinion != parts.Opinion.AGREE and each.remark]
    return "\n".join(f"{department(each.department).zh}:{each.remark}" for each in reserved)


async def take_confirmation(session: AsyncSession, event: OrderConfirmed) -> None:
    """An order that the general manager waived needs no decision any more."""
    review = await review_of(session, event.order_no)
    if event.waived_by is not None and review.status == ReviewStatus.OPEN:
        move(review, ReviewStatus.WAIVED)
        await worklist.close(session, [links.review(event.order_no or "")])
