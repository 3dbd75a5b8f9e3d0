"""Can this department do its part of a contract? Five departments keep the same opinion, each in its own database.

A department declares the document in its `models.py` and needs nothing further there:

    class Opinion(OpinionDocument, Base):
        \"\"\"The warehouse's opinion on a contract: is there stock?\"\"\"

asks its people in `consumers.py`, with what its own records say about each line (`known` may stay empty):

    @consumers.on(ContractSubmitted)
    async def on_contract_submitted(event: ContractSubmitted, session: AsyncSession) -> None:
        known = await stock.known_of(session, event.lines)
        await opinions.ask(session, Opinion, event, post="storekeeper", known=known)

and takes the answer in `api.py`:

    desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))

    @desk.command(Opinion, opinions.GIVE, posts=STOREKEEPING, when={OpinionStatus.OPEN}, settles={"opinion"})
    async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
        return await opinions.give(call.session, Opinion, no, form, by=call.actor, now=call.now)

`ask` says that "order" `order_no` is here, so other handlers of the order may wait for it. When the order is cancelled,
`withdraw` takes back an opinion that was not given; clearing the worklist (`worklist.drop_order`) is a step of its own.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

from pydantic import Field
from sqlalchemy import String, Text, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from chassis import worklist
from chassis.clock import factory_now
from chassis.desk import Form
from chassis.documents import Document, Moves, Typed, lock, move, next_number
from chassis.errors import Refusal
from chassis.language import Label, word
from chassis.people import sole_holder
from chassis.waiting import WaitFor, arrived
from chassis.worklist import Handover, publish
from contracts import links, parts
from contracts.catalogue import ALL_EVENTS
from contracts.event import SYSTEM_ACTOR, Actor, Code, Event, Fact
from contracts.parts import OrderLine
from contracts.sales import ContractSubmitted

GIVE = Label("填写评审意见", "Give opinion")
COLUMNS = ("no", "order_no", "customer_code", "assignee", "opinion", "status")


class OpinionStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class Known(Fact):
    """One thing that the department's own records say about an order line: a term of the vocabulary and its value."""

    line_no: int
    term: Code
    value: str


class OpinionDocument(Document):
    """One department's part of a contract review (合同评审表)."""

    __tablename__ = "opinions"
    code: ClassVar[str] = "OPN"
    title: ClassVar[Label] = Label("评审意见", "Review opinion")
    moves: ClassVar[Moves] = {
        OpinionStatus.OPEN: frozenset({OpinionStatus.ANSWERED, OpinionStatus.CANCELLED}),
        OpinionStatus.ANSWERED: frozenset(),
        OpinionStatus.CANCELLED: frozenset(),
    }

    customer_code: Mapped[str] = mapped_column(String(64))
    lines: Mapped[tuple[OrderLine, ...]] = mapped_column(Typed(tuple[OrderLine, ...]))
    special_requirements: Mapped[str] = mapped_column(Text)
    known: Mapped[tuple[Known, ...]] = mapped_column(Typed(tuple[Known, ...]))
    assignee: Mapped[str | None] = mapped_column(String(16))
    opinion: Mapped[str | None] = mapped_column(String(16))
    remark: Mapped[str] = mapped_column(Text, default="")
    lead_time_days: Mapped[int | None]
    given_by: Mapped[str | None] = mapped_column(String(16))
    given_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


P = TypeVar("P", bound=OpinionDocument)


class RemarkMissing(Refusal):
    status, code, field = 422, "remark_missing", "remark"
    message = Label(
        "意见为“{opinion}”时须说明理由或条件。请填写备注。",
        "An opinion of {opinion} needs its reason or conditions. Please fill in the remark.",
    )


class Answer(Form):
    """What the department says; conditions and objections are given in the remark."""

    opinion: parts.Opinion
    remark: str = Field(default="", max_length=4000)
    lead_time_days: int | None = Field(default=None, ge=0, le=999)


async def ask(
    session: AsyncSession,
    kind: Callable[..., OpinionDocument],
    contract: ContractSubmitted,
    *,
    post: str,
    known: tuple[Known, ...] = (),
) -> None:
    """The contract is here: whoever holds the post owes the department's opinion from now on."""
    now, order_no = await factory_now(session), contract.order_no or ""
    opinion = kind(
        no=await next_number(session, OpinionDocument.code, now),
        order_no=order_no,
        status=OpinionStatus.OPEN,
        customer_code=contract.customer_code,
        lines=contract.lines,
        special_requirements=contract.special_requirements,
        known=known,
        assignee=await sole_holder(session, post, now),
        made_by=SYSTEM_ACTOR,
        made_at=now,
    )
    session.add(opinion)
    await arrived(session, "order", order_no)
    duty = links.opinion(order_no, session.info["service"])
    await worklist.deliver(session, Handover(duty, post, order_no, assignee=opinion.assignee, document_no=opinion.no))


async def give(session: AsyncSession, kind: type[P], no: str, form: Answer, *, by: Actor, now: datetime) -> P:
    """State the department's opinion; it is final, and what changes later is said in a new review."""
    opinion = await lock(session, kind, no)
    await publish(session, mark_answered(opinion, form, service=session.info["service"], by=by, now=now))
    return opinion


def mark_answered(opinion: OpinionDocument, form: Answer, *, service: str, by: Actor, now: datetime) -> Event:
    """Move to ANSWERED. Whoever does not simply agree says why: PMC decides on it."""
    if form.opinion != parts.Opinion.AGREE and not form.remark:
        raise RemarkMissing(opinion=word(form.opinion))
    move(opinion, OpinionStatus.ANSWERED)
    opinion.opinion, opinion.remark, opinion.lead_time_days = form.opinion, form.remark, form.lead_time_days
    opinion.given_by, opinion.given_at = by.employee, now
    return ALL_EVENTS[f"{service}.opinion_given.v1"](
        order_no=opinion.order_no,
        assignee=opinion.assignee,
        closes=(links.opinion(opinion.order_no or "", service),),
        department=service,
        **form.model_dump(),
        given_by=by.employee,
    )


async def withdraw(session: AsyncSession, kind: type[P], order_no: str) -> None:
    """The order is given up: nobody needs an opinion that was not given. Raises WaitFor before the contract came."""
    opinion = await session.scalar(select(kind).where(kind.order_no == order_no).with_for_update())
    if opinion is None:
        raise WaitFor("order", order_no)
    if opinion.status == OpinionStatus.OPEN:
        move(opinion, OpinionStatus.CANCELLED)
