"""What does Accountability keep of compensations: the finding and the notification, wages, and what payroll was told?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from chassis.rights import HIDDEN
from contracts.accountability import Fault
from contracts.event import Amount, Code, DocumentNo, EmployeeId, Fact
from contracts.event import Text as Said
from services.accountability.ledger.models_ledger import Base, moment
from services.accountability.process.models_process import RecordedStatus

money = Numeric(18, 4)
NONE = Decimal("0.00")


class CompensationStatus(StrEnum):
    FOUND = "found"
    NOTIFIED = "notified"
    WITHDRAWN = "withdrawn"


class Compensation(Document, Base):
    """What a person answers for with money (赔偿单): intent or gross negligence found, then the written notification. CNY.

    `made_by` found it, in the post `found_as`; nothing is payable before the notification, nor before the record is in effect,
    nor while an objection is undecided. `objection_until` is fixed when the person is told of it.
    """

    __tablename__ = "compensations"
    __table_args__ = (
        CheckConstraint("made_by <> person AND notified_by <> person", name="compensations_not_in_ones_own_case"),
        CheckConstraint("notified_by <> made_by", name="compensations_notified_by_another"),
        CheckConstraint(
            "objection_decided_by NOT IN (person, made_by, notified_by)",
            name="compensations_objection_decided_by_another",
        ),
        Index("compensations_to_plan", "no", postgresql_where=text("status = 'notified' AND planned_at IS NULL")),
        Index(
            "compensations_one_of_a_record", "record_no", unique=True, postgresql_where=text("status <> 'withdrawn'")
        ),
    )
    code: ClassVar[str] = "CMP"
    title: ClassVar[Label] = Label("赔偿单", "Compensation")
    moves: ClassVar[Moves] = {
        CompensationStatus.FOUND: frozenset({CompensationStatus.NOTIFIED, CompensationStatus.WITHDRAWN}),
        CompensationStatus.NOTIFIED: frozenset({CompensationStatus.WITHDRAWN}),
        CompensationStatus.WITHDRAWN: frozenset(),
    }

    record_no: Mapped[str] = mapped_column(String(64), index=True)
    clause: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(16), index=True)
    fault: Mapped[Fault] = mapped_column(String(24))
    what_happened: Mapped[str] = mapped_column(Text)
    evidence_documents: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    share_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    amount: Mapped[Decimal] = mapped_column(money)
    computation: Mapped[str] = mapped_column(Text)
    found_as: Mapped[str] = mapped_column(String(40))
    notified_because: Mapped[str] = mapped_column(Text, default="")
    paper_reference: Mapped[str] = mapped_column(Text, default="")
    notified_by: Mapped[str | None] = mapped_column(String(16))
    notified_at: Mapped[datetime | None] = mapped_column(moment)
    objection_until: Mapped[datetime | None] = mapped_column(moment)
    objected_at: Mapped[datetime | None] = mapped_column(moment)
    objection: Mapped[str] = mapped_column(Text, default="")
    objection_references: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    objection_outcome: Mapped[str] = mapped_column(String(16), default="")
    objection_reduced_to: Mapped[Decimal | None] = mapped_column(money)
    objection_reason: Mapped[str] = mapped_column(Text, default="")
    objection_decided_by: Mapped[str | None] = mapped_column(String(16))
    objection_decided_as: Mapped[str] = mapped_column(String(40), default="")
    objection_decided_at: Mapped[datetime | None] = mapped_column(moment)
    planned_at: Mapped[datetime | None] = mapped_column(moment)
    withdrawn_because: Mapped[str] = mapped_column(Text, default="")
    withdrawn_by: Mapped[str | None] = mapped_column(String(16))
    withdrawn_at: Mapped[datetime | None] = mapped_column(moment)
    sealed_at: Mapped[datetime | None] = mapped_column(moment)


class Wage(Document, Base):
    """What somebody earns a month from a month on (工资), in CNY: entered by HR, and seen by nobody else."""

    __tablename__ = "wages"
    __table_args__ = (CheckConstraint("made_by <> employee", name="wages_not_ones_own"), {"info": HIDDEN})
    code: ClassVar[str] = "WGE"
    title: ClassVar[Label] = Label("工资", "Wage")
    confidential: ClassVar[bool] = True
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    employee: Mapped[str] = mapped_column(String(16), index=True)
    effective_month: Mapped[str] = mapped_column(String(7))
    monthly_wage: Mapped[Decimal] = mapped_column(money)


class StatedInstalment(Fact):
    """What payroll was told of one compensation for a month, in CNY; `remaining_amount` is what is left of it then.

    Either an instalment, or what is to be given back since it was stated without a ground (`given_back`): that has no number.
    """

    person: EmployeeId
    record_no: DocumentNo
    clause: Code
    compensation_no: DocumentNo
    instalment_no: int | None = None
    instalment: Amount = NONE
    remaining_amount: Amount = NONE
    given_back: Amount = NONE
    reason: Said


Lines = tuple[StatedInstalment, ...]


class PayrollStatement(Document, Base):
    """What payroll was told for a month (赔偿分期通知单). It stays as it was stated; this system deducts nothing."""

    __tablename__ = "payroll_statements"
    __table_args__ = (Index("payroll_statements_month", "month", unique=True), {"info": HIDDEN})
    code: ClassVar[str] = "PRS"
    title: ClassVar[Label] = Label("赔偿分期通知单", "Statement to payroll")
    confidential: ClassVar[bool] = True
    moves: ClassVar[Moves] = {RecordedStatus.RECORDED: frozenset()}

    month: Mapped[str] = mapped_column(String(7))
    lines: Mapped[Lines] = mapped_column(Typed(Lines))


class PayrollDownload(Base):
    """Somebody took a statement to payroll along as a spreadsheet."""

    __tablename__ = "payroll_downloads"
    __table_args__ = ({"info": HIDDEN},)

    statement_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(moment, primary_key=True)
    employee: Mapped[str] = mapped_column(String(16), primary_key=True)
