"""Which documents does Quality keep, and how may each move?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Integer, Numeric, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.hindrances import HindranceDocument
from chassis.language import Label
from chassis.opinions import OpinionDocument
from contracts.quality import Reading

amount = Numeric(18, 6)
moment = TIMESTAMP(timezone=True)


class Base(DeclarativeBase):
    """Quality's own tables."""


class Hindrance(HindranceDocument, Base):
    """What hinders Quality in what it owes."""

    code: ClassVar[str] = "HDQ"


class Opinion(OpinionDocument, Base):
    """Quality's opinion on a contract: can the quality be reached?"""


class OrderCopy(Base):
    """What Quality remembers of an order: all lines that it ever had, which of them are off, and was it given up?"""

    __tablename__ = "orders"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    lines: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")
    removed: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    cancelled: Mapped[bool] = mapped_column(default=False)


class LineStandard(Base):
    """By which released standard the goods of an order line are inspected; the newest revision counts."""

    __tablename__ = "line_standards"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    package_no: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    standard: Mapped[str] = mapped_column(Text)


class ProductionOrderCopy(Base):
    """What is made under a production order, so that its goods can be named when they are finished."""

    __tablename__ = "production_orders"

    production_order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_code: Mapped[str] = mapped_column(String(64))


class Stage(StrEnum):
    """At which of the three looks goods stand: at the gate, when finished, before they leave."""

    INCOMING = "incoming"
    FINAL = "final"
    OUTGOING = "outgoing"


class InspectionStatus(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class InspectionDocument(Document, Base):
    """What every inspection report holds: the goods, the suggested sampling plan, and what was found."""

    __abstract__ = True
    stage: ClassVar[Stage]
    line_column: ClassVar[str] = "line_no"
    moves: ClassVar[Moves] = {
        InspectionStatus.OPEN: frozenset(
            {InspectionStatus.PASSED, InspectionStatus.FAILED, InspectionStatus.CANCELLED}
        ),
        InspectionStatus.PASSED: frozenset(),
        InspectionStatus.FAILED: frozenset(),
        InspectionStatus.CANCELLED: frozenset(),
    }

    lot: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    assignee: Mapped[str | None] = mapped_column(String(16))
    suggested_sample: Mapped[int]
    acceptance_number: Mapped[int]
    standard: Mapped[str] = mapped_column(Text, default="", sort_order=20)
    sample_size: Mapped[int | None] = mapped_column(sort_order=21)
    defects: Mapped[int | None] = mapped_column(sort_order=22)
    readings: Mapped[tuple[Reading, ...]] = mapped_column(Typed(tuple[Reading, ...]), default=(), sort_order=23)
    remark: Mapped[str] = mapped_column(Text, default="", sort_order=24)
    inspected_by: Mapped[str | None] = mapped_column(String(16), sort_order=25)
    inspected_at: Mapped[datetime | None] = mapped_column(moment, sort_order=26)
    disposition_no: Mapped[str | None] = mapped_column(String(64), sort_order=27)
    concession_no: Mapped[str | None] = mapped_column(String(64), sort_order=28)

    @property
    def for_line(self) -> int | None:
        """The line of the customer's order that the goods are for."""
        found: int | None = getattr(self, self.line_column)
        return found


class IncomingInspection(InspectionDocument):
    """IQC of an arrived lot (IQC 检验报告): only a passed one may be received into stock."""

    __tablename__ = "incoming_inspections"
    code: ClassVar[str] = "IQC"
    stage: ClassVar[Stage] = Stage.INCOMING
    line_column: ClassVar[str] = "order_line_no"
    title: ClassVar[Label] = Label("进料检验报告", "Incoming inspection")

    arrival_no: Mapped[str] = mapped_column(String(64))
    arrival_line_no: Mapped[int]
    supplier_code: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(64))
    quarantine: Mapped[bool]
    purchase_order_no: Mapped[str | None] = mapped_column(String(64))
    requirement_no: Mapped[str | None] = mapped_column(String(64))
    requirement_line_no: Mapped[int | None]
    order_line_no: Mapped[int | None]


class FinalInspection(InspectionDocument):
    """The finished goods of a production order; failed ones go back to the workshop."""

    __tablename__ = "final_inspections"
    code: ClassVar[str] = "FQC"
    stage: ClassVar[Stage] = Stage.FINAL
    title: ClassVar[Label] = Label("成品检验报告", "Final inspection")

    line_no: Mapped[int]
    production_order_no: Mapped[str] = mapped_column(String(64))
    last_op_no: Mapped[int]


class OutgoingInspection(InspectionDocument):
    """QA of the goods of a shipping notice before they leave (QA 检验和试验报告)."""

    __tablename__ = "outgoing_inspections"
    code: ClassVar[str] = "QAR"
    stage: ClassVar[Stage] = Stage.OUTGOING
    title: ClassVar[Label] = Label("出货检验报告", "Outgoing inspection")

    line_no: Mapped[int]
    notice_no: Mapped[str] = mapped_column(String(64))


class DispositionStatus(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    OVERTAKEN = "overtaken"


class Disposition(Document, Base):
    """What becomes of nonconforming goods (不良品处理表); made when an inspection fails.

    `overtaken_by`: the later inspection of these goods, which the workshop reworked before anybody had decided.
    """

    __tablename__ = "dispositions"
    __table_args__ = (
        CheckConstraint(
            "approved_by <> made_by AND approved_by <> decided_by", name="dispositions_concession_by_another"
        ),
    )
    code: ClassVar[str] = "NCD"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("不良品处理表", "Nonconformity")
    moves: ClassVar[Moves] = {
        DispositionStatus.OPEN: frozenset({DispositionStatus.SUBMITTED, DispositionStatus.OVERTAKEN}),
        DispositionStatus.SUBMITTED: frozenset(
            {DispositionStatus.OPEN, DispositionStatus.DECIDED, DispositionStatus.OVERTAKEN}
        ),
        DispositionStatus.DECIDED: frozenset(),
        DispositionStatus.OVERTAKEN: frozenset(),
    }

    stage: Mapped[str] = mapped_column(String(16))
    inspection_no: Mapped[str] = mapped_column(String(64))
    lot: Mapped[str] = mapped_column(String(64))
    item_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    defect: Mapped[str] = mapped_column(Text)
    disposition: Mapped[str | None] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None] = mapped_column(moment)
    remark: Mapped[str] = mapped_column(Text, default="")
    overtaken_by: Mapped[str | None] = mapped_column(String(64))


class AnalysisStatus(StrEnum):
    OPEN = "open"
    FOUND = "found"
    CANCELLED = "cancelled"


class CauseAnalysis(Document, Base):
    """Why a customer complained; `no` is the number of the complaint."""

    __tablename__ = "cause_analyses"
    __table_args__ = (CheckConstraint("found_by <> inspector", name="cause_analyses_found_by_another"),)
    code: ClassVar[str] = "CCF"
    title: ClassVar[Label] = Label("原因分析", "Cause analysis")
    moves: ClassVar[Moves] = {
        AnalysisStatus.OPEN: frozenset({AnalysisStatus.FOUND, AnalysisStatus.CANCELLED}),
        AnalysisStatus.FOUND: frozenset(),
        AnalysisStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int | None]
    customer_code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(Text)
    finding: Mapped[str] = mapped_column(Text, default="")
    cause: Mapped[str | None] = mapped_column(String(16))
    production_order_no: Mapped[str | None] = mapped_column(String(64))
    op_no: Mapped[int | None]
    lot: Mapped[str | None] = mapped_column(String(64))
    detectable: Mapped[bool] = mapped_column(default=False)
    inspector: Mapped[str | None] = mapped_column(String(16))
    found_by: Mapped[str | None] = mapped_column(String(16))
    found_at: Mapped[datetime | None] = mapped_column(moment)


class CaseStatus(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class UninspectedCase(Document, Base):
    """Purchased material in stock or use that nobody inspected (QUA-04)."""

    __tablename__ = "uninspected_cases"
    __table_args__ = (CheckConstraint("approved_by <> bypassed_by", name="uninspected_cases_decided_by_another"),)
    code: ClassVar[str] = "UIC"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("未检先用", "Uninspected use")
    moves: ClassVar[Moves] = {
        CaseStatus.OPEN: frozenset({CaseStatus.CONFIRMED, CaseStatus.DISMISSED}),
        CaseStatus.CONFIRMED: frozenset({CaseStatus.CONFIRMED, CaseStatus.DISMISSED}),
        CaseStatus.DISMISSED: frozenset(),
    }

    lot: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(64))
    receipt_no: Mapped[str | None] = mapped_column(String(64))
    bypassed_by: Mapped[str] = mapped_column(String(16))
    remark: Mapped[str] = mapped_column(Text, default="")


class BlockStatus(StrEnum):
    BLOCKED = "blocked"
    LIFTED = "lifted"
    CANCELLED = "cancelled"


class Block(Document, Base):
    """Goods of an order that may not leave (出货冻结)."""

    __tablename__ = "blocks"
    code: ClassVar[str] = "QBK"
    title: ClassVar[Label] = Label("出货冻结", "Shipment block")
    moves: ClassVar[Moves] = {
        BlockStatus.BLOCKED: frozenset({BlockStatus.LIFTED, BlockStatus.CANCELLED}),
        BlockStatus.LIFTED: frozenset(),
        BlockStatus.CANCELLED: frozenset(),
    }

    reason: Mapped[str] = mapped_column(Text)
    lifted_by: Mapped[str | None] = mapped_column(String(16))
    lifted_at: Mapped[datetime | None] = mapped_column(moment)
    lifted_because: Mapped[str] = mapped_column(Text, default="")
