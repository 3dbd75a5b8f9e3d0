"""What does due process add to a penalty record, and what must be on record before one may be issued?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ARRAY, BigInteger, Index, Integer, Numeric, String, Text
from sqlalchemy.dialects.postgresql import DATE
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.accountability import SaidInDefence
from services.accountability.ledger.models_ledger import Base, moment
from services.accountability.process.due_process import Action

References = tuple[str, ...]


class Heard:
    """How a record's person was heard, who decided and why, and what an appeal made of it.

    `next_step` and `next_at` are what the record waited for when the judge last looked; `awaited_version`: which of the rulebook
    `versions` of its breaches then lacked its consultation or the person's acknowledgement. The ends of both periods are
    fixed when the person is told of them, so that a later calendar cannot shorten them. `decided_as` is the post in
    which it was issued; empty when it issued by itself. `appeal_from`: the earlier record for the same breaches on which the
    appeal was made that nobody had decided when evidence replaced that. `reduced_to` stands beside the sanction it softens, and
    `compensation_reduced_to` (CNY) beside the compensation: the least that any decision left, an earlier record's included. Of
    that, `appeal_reduced_to` and `appeal_compensation_reduced_to` are what the appeal against this one left.
    `fault_found_by`: all who found intent or gross negligence behind it or an earlier one of its matter, also where that was
    withdrawn; `issued_before_by`: all who issued such an earlier one.
    `term_from`: the earlier record for the same breaches whose term goes on with this one.
    `warned_before`: the warnings that the notice said it counts with; `escalated_to` and `counted_with`: what HR made of it.
    `fell_back_with` is the counted record whose fall made a warning of it again, `fell_back_by` whose doing that was.
    """

    next_step: Mapped[Action | None] = mapped_column(String(32), index=True, sort_order=40)
    next_at: Mapped[datetime | None] = mapped_column(moment, sort_order=41)
    statement_until: Mapped[datetime | None] = mapped_column(moment, sort_order=42)
    stated_at: Mapped[datetime | None] = mapped_column(moment, sort_order=43)
    statements: Mapped[tuple[SaidInDefence, ...]] = mapped_column(
        Typed(tuple[SaidInDefence, ...]), default=(), sort_order=44
    )
    heard_before: Mapped[bool] = mapped_column(default=False, sort_order=45)
    decided_as: Mapped[str] = mapped_column(String(40), default="", sort_order=46)
    decision_reason: Mapped[str] = mapped_column(Text, default="", sort_order=47)
    legal_ground: Mapped[str] = mapped_column(Text, default="", sort_order=48)
    union_notice: Mapped[str] = mapped_column(Text, default="", sort_order=49)
    union_notified_on: Mapped[date | None] = mapped_column(DATE, sort_order=50)
    appeal_until: Mapped[datetime | None] = mapped_column(moment, sort_order=51)
    appealed_at: Mapped[datetime | None] = mapped_column(moment, sort_order=52)
    appeal: Mapped[str] = mapped_column(Text, default="", sort_order=53)
    appeal_references: Mapped[References] = mapped_column(Typed(References), default=(), sort_order=54)
    appeal_from: Mapped[str | None] = mapped_column(String(64), sort_order=54)
    appeal_outcome: Mapped[str] = mapped_column(String(16), default="", sort_order=55)
    appeal_reason: Mapped[str] = mapped_column(Text, default="", sort_order=56)
    appeal_decided_by: Mapped[str | None] = mapped_column(String(16), sort_order=57)
    appeal_decided_as: Mapped[str] = mapped_column(String(40), default="", sort_order=58)
    appeal_decided_at: Mapped[datetime | None] = mapped_column(moment, sort_order=59)
    reduced_to: Mapped[str] = mapped_column(String(32), default="", sort_order=60)
    compensation_reduced_to: Mapped[Decimal | None] = mapped_column(Numeric(18, 4), sort_order=60)
    appeal_reduced_to: Mapped[str] = mapped_column(String(32), default="", sort_order=59)
    appeal_compensation_reduced_to: Mapped[Decimal | None] = mapped_column(Numeric(18, 4), sort_order=59)
    lapses_at: Mapped[datetime | None] = mapped_column(moment, index=True, sort_order=61)
    term_from: Mapped[str | None] = mapped_column(String(64), sort_order=61)
    lapsed_at: Mapped[datetime | None] = mapped_column(moment, sort_order=62)
    withdrawn_by: Mapped[str | None] = mapped_column(String(16), sort_order=63)
    withdrawn_at: Mapped[datetime | None] = mapped_column(moment, sort_order=64)
    fault_found_by: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, sort_order=65)
    issued_before_by: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, sort_order=65)
    versions: Mapped[list[str]] = mapped_column(ARRAY(Text), sort_order=66)
    awaited_version: Mapped[str | None] = mapped_column(String(64), sort_order=67)
    warned_before: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, sort_order=66)
    escalated_to: Mapped[str] = mapped_column(String(32), default="", sort_order=67)
    counted_with: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, sort_order=68)
    fell_back_at: Mapped[datetime | None] = mapped_column(moment, sort_order=69)
    fell_back_with: Mapped[str | None] = mapped_column(String(64), sort_order=70)
    fell_back_by: Mapped[str | None] = mapped_column(String(16), sort_order=71)
    fell_back_because: Mapped[str] = mapped_column(Text, default="", sort_order=72)


class RecordedStatus(StrEnum):
    RECORDED = "recorded"


class Consultation(Document, Base):
    """The employees were consulted on a rulebook version (征求意见); the minutes say what they answered.

    `text_digest` is that of the text on which they were consulted; a draft may be rewritten afterwards.
    """

    __tablename__ = "consultations"
    code: ClassVar[str] = "CON"
    title: ClassVar[Label] = Label("征求意见记录", "Consultation of employees")
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    rulebook_no: Mapped[str] = mapped_column(String(64), index=True)
    held_on: Mapped[date] = mapped_column(DATE)
    participants: Mapped[str] = mapped_column(Text)
    minutes_reference: Mapped[str] = mapped_column(Text)
    text_digest: Mapped[str] = mapped_column(String(64))


class Acknowledgement(Document, Base):
    """An employee knows a rulebook version (知悉); on paper when somebody else recorded it, with where the paper is."""

    __tablename__ = "acknowledgements"
    __table_args__ = (Index("acknowledgements_once", "rulebook_no", "employee", unique=True),)
    code: ClassVar[str] = "ACK"
    title: ClassVar[Label] = Label("知悉责任条款", "Rulebook acknowledged")
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    rulebook_no: Mapped[str] = mapped_column(String(64))
    employee: Mapped[str] = mapped_column(String(16), index=True)
    paper_reference: Mapped[str] = mapped_column(Text, default="")


class SuspicionClearing(Document, Base):
    """A manager cleared a breach for which nobody could be named: who answers, or that nobody does (疑点澄清)."""

    __tablename__ = "suspicion_clearings"
    __table_args__ = (Index("suspicion_clearings_once", "suspicion", "revision", unique=True),)
    code: ClassVar[str] = "SCL"
    title: ClassVar[Label] = Label("疑点澄清", "Suspicion cleared")
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    suspicion: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    clause: Mapped[str] = mapped_column(String(16))
    person: Mapped[str | None] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime | None] = mapped_column(moment)


class Countersignature(Document, Base):
    """Another department's manager saw what was written on paper while a service was down (停机补录会签)."""

    __tablename__ = "countersignatures"
    __table_args__ = (Index("countersignatures_once", "position", unique=True),)
    code: ClassVar[str] = "CTS"
    title: ClassVar[Label] = Label("停机补录会签", "Paper countersigned")
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    position: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(40))
    written_at: Mapped[datetime] = mapped_column(moment)
    paper_reference: Mapped[str] = mapped_column(Text)


class EarlyWarning(Base):
    """Somebody told of a hindrance before anything was late (预警); declined, it counts for nothing.

    `number` is the exception, the delay report, or the operation that a team reported late; `accepted` None where nobody has
    decided or nobody needs to.
    """

    __tablename__ = "early_warnings"
    __table_args__ = (Index("early_warnings_of", "person", "at"),)

    number: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_no: Mapped[str | None] = mapped_column(String(64))
    person: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(moment)
    duties: Mapped[list[str]] = mapped_column(ARRAY(Text))
    accepted: Mapped[bool | None] = mapped_column()
