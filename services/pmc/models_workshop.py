"""Which documents does the workshop keep, and how may each move?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Numeric, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from chassis.rights import DELETED_FROM
from contracts.event import DutyRef
from contracts.pmc import Component, RequisitionLine, Waste
from services.pmc.models_base import Base, amount, hours, moment, money, remark, two_people


class ProductionOrderStatus(StrEnum):
    OPEN = "open"
    ISSUED = "issued"
    FINISHED = "finished"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ProductionOrder(Document, Base):
    """What the workshop makes for an order line (生产指令单).

    `material_by` is the requisition whose complete issue let the first operations begin; `good` are the finished
    pieces, `received` those the warehouse booked, `expected` those that come of it as far as the workshop knows.
    `makes_up_for` is the production order after which the line was short. A closed one is opened again by goods that
    fail before they leave.
    """

    __tablename__ = "production_orders"
    code: ClassVar[str] = "MO"
    title: ClassVar[Label] = Label("生产指令单", "Production order")
    moves: ClassVar[Moves] = {
        ProductionOrderStatus.OPEN: frozenset({ProductionOrderStatus.ISSUED, ProductionOrderStatus.CANCELLED}),
        ProductionOrderStatus.ISSUED: frozenset({ProductionOrderStatus.FINISHED, ProductionOrderStatus.CANCELLED}),
        ProductionOrderStatus.FINISHED: frozenset(
            {ProductionOrderStatus.ISSUED, ProductionOrderStatus.CLOSED, ProductionOrderStatus.CANCELLED}
        ),
        ProductionOrderStatus.CLOSED: frozenset({ProductionOrderStatus.ISSUED}),
        ProductionOrderStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    package_no: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(amount)
    start_on: Mapped[date | None]
    due_at: Mapped[datetime | None] = mapped_column(moment)
    unit_weight_kg: Mapped[Decimal] = mapped_column(amount)
    components: Mapped[tuple[Component, ...]] = mapped_column(Typed(tuple[Component, ...]), default=())
    material_by: Mapped[str | None] = mapped_column(String(64))
    good: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    received: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    expected: Mapped[Decimal] = mapped_column(amount)
    makes_up_for: Mapped[str | None] = mapped_column(String(64))
    outdated: Mapped[str] = remark()

    def component(self, item_code: str) -> Component | None:
        return next((each for each in self.components if each.item_code == item_code), None)


def operation_no(production_order_no: str, op_no: int | str) -> str:
    """The number of an operation's own document: its production order's, and its place in the route."""
    return f"{Operation.code}-{production_order_no.removeprefix(f'{ProductionOrder.code}-')}-{op_no}"


class OperationStatus(StrEnum):
    PLANNED = "planned"
    ISSUED = "issued"
    DISPATCHED = "dispatched"
    FINISHED = "finished"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class Operation(Document, Base):
    """One step of a production order. Hours are for the whole order; `leaders` are all to whom it was dispatched.

    `failed_looks` are the inspections that goods failed and for which it is owed again.
    """

    __tablename__ = "operations"
    __table_args__ = ({"info": DELETED_FROM},)
    code: ClassVar[str] = "OP"
    title: ClassVar[Label] = Label("工序", "Operation")
    moves: ClassVar[Moves] = {
        OperationStatus.PLANNED: frozenset({OperationStatus.ISSUED, OperationStatus.CANCELLED}),
        OperationStatus.ISSUED: frozenset({OperationStatus.DISPATCHED, OperationStatus.CANCELLED}),
        OperationStatus.DISPATCHED: frozenset(
            {OperationStatus.DISPATCHED, OperationStatus.FINISHED, OperationStatus.CANCELLED}
        ),
        OperationStatus.FINISHED: frozenset({OperationStatus.REOPENED}),
        OperationStatus.REOPENED: frozenset(
            {OperationStatus.DISPATCHED, OperationStatus.FINISHED, OperationStatus.CANCELLED}
        ),
        OperationStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    production_order_no: Mapped[str] = mapped_column(String(64), index=True)
    op_no: Mapped[int]
    step: Mapped[str] = mapped_column(Text)
    standard_hours: Mapped[Decimal] = mapped_column(hours)
    predecessor: Mapped[int | None]
    due_at: Mapped[datetime | None] = mapped_column(moment)
    team: Mapped[str] = mapped_column(Text, default="")
    team_leader: Mapped[str | None] = mapped_column(String(16))
    leaders: Mapped[list[str]] = mapped_column(ARRAY(String(16)), default=list)
    expected_at: Mapped[datetime | None] = mapped_column(moment)
    good: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    scrap: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    rework: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    waste: Mapped[tuple[Waste, ...]] = mapped_column(Typed(tuple[Waste, ...]), default=())
    workers: Mapped[list[str]] = mapped_column(ARRAY(String(16)), default=list)
    finished_at: Mapped[datetime | None] = mapped_column(moment)
    failed_looks: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]), default=())


class RequisitionStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECALLED = "recalled"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Requisition(Document, Base):
    """The workshop asks the warehouse for material (领料单). `resting`: operations whose clocks stand until it is decided.

    `recalled`: the workshop took an approved one back, and the warehouse has not said yet that nothing was issued.
    """

    __tablename__ = "requisitions"
    __table_args__ = (two_people("requisitions"),)
    code: ClassVar[str] = "REQ"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("领料单", "Requisition")
    moves: ClassVar[Moves] = {
        RequisitionStatus.SUBMITTED: frozenset(
            {
                RequisitionStatus.APPROVED,
                RequisitionStatus.REJECTED,
                RequisitionStatus.WITHDRAWN,
                RequisitionStatus.CANCELLED,
            }
        ),
        RequisitionStatus.APPROVED: frozenset(
            {RequisitionStatus.ISSUED, RequisitionStatus.RECALLED, RequisitionStatus.CANCELLED}
        ),
        RequisitionStatus.RECALLED: frozenset(
            {
                RequisitionStatus.APPROVED,
                RequisitionStatus.ISSUED,
                RequisitionStatus.WITHDRAWN,
                RequisitionStatus.CANCELLED,
            }
        ),
        RequisitionStatus.REJECTED: frozenset(),
        RequisitionStatus.ISSUED: frozenset(),
        RequisitionStatus.WITHDRAWN: frozenset(),
        RequisitionStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    production_order_no: Mapped[str] = mapped_column(String(64), index=True)
    lines: Mapped[tuple[RequisitionLine, ...]] = mapped_column(Typed(tuple[RequisitionLine, ...]))
    resting: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]), default=())
    first_issued_at: Mapped[datetime | None] = mapped_column(moment)
    reason: Mapped[str] = remark()


class ExceptionStatus(StrEnum):
    RAISED = "raised"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class ProductionException(Document, Base):
    """Something hinders work: a power cut, a shortage, a breakdown (生产异常). `raised_as` is the raiser's post.

    `hindrance_no` is the report of another department of which it was made.
    """

    __tablename__ = "exceptions"
    __table_args__ = (two_people("exceptions"),)
    code: ClassVar[str] = "EXC"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("异常", "Exception")
    moves: ClassVar[Moves] = {
        ExceptionStatus.RAISED: frozenset({ExceptionStatus.ACCEPTED, ExceptionStatus.DECLINED}),
        ExceptionStatus.ACCEPTED: frozenset(),
        ExceptionStatus.DECLINED: frozenset(),
    }

    kind: Mapped[str] = mapped_column(String(16))
    affected_orders: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    affected_duties: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]))
    description: Mapped[str] = mapped_column(Text)
    expected_end_at: Mapped[datetime | None] = mapped_column(moment)
    raised_as: Mapped[str] = mapped_column(String(40))
    hindrance_no: Mapped[str | None] = mapped_column(String(64), index=True)
    extension_hours: Mapped[Decimal | None] = mapped_column(hours)
    remark: Mapped[str] = remark()


class AuditStatus(StrEnum):
    RECORDED = "recorded"
    CORRECTED = "corrected"


class FiveSAudit(Document, Base):
    """How a team keeps its workplace (5S检查); `score` is 0 to 100."""

    __tablename__ = "five_s_audits"
    code: ClassVar[str] = "FSA"
    title: ClassVar[Label] = Label("5S检查", "5S audit")
    moves: ClassVar[Moves] = {
        AuditStatus.RECORDED: frozenset({AuditStatus.CORRECTED}),
        AuditStatus.CORRECTED: frozenset(),
    }

    team: Mapped[str] = mapped_column(Text)
    team_leader: Mapped[str] = mapped_column(String(16), index=True)
    score: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    remark: Mapped[str] = mapped_column(Text)
    corrects: Mapped[str | None] = mapped_column(String(64))


class TrainingStatus(StrEnum):
    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"


class Training(Document, Base):
    """A worker was trained for the work in the workshop (培训记录)."""

    __tablename__ = "trainings"
    code: ClassVar[str] = "TRN"
    title: ClassVar[Label] = Label("培训记录", "Training")
    moves: ClassVar[Moves] = {
        TrainingStatus.RECORDED: frozenset({TrainingStatus.WITHDRAWN}),
        TrainingStatus.WITHDRAWN: frozenset(),
    }

    worker: Mapped[str] = mapped_column(String(16), index=True)
    subject: Mapped[str] = mapped_column(Text)
    trained_on: Mapped[date]
    reason: Mapped[str] = remark()


class ReworkStatus(StrEnum):
    ISSUED = "issued"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Rework(Document, Base):
    """Work that is done again, with what it cost (返工单); money in CNY."""

    __tablename__ = "reworks"
    code: ClassVar[str] = "RWK"
    title: ClassVar[Label] = Label("返工单", "Rework order")
    moves: ClassVar[Moves] = {
        ReworkStatus.ISSUED: frozenset({ReworkStatus.FINISHED, ReworkStatus.CANCELLED}),
        ReworkStatus.FINISHED: frozenset(),
        ReworkStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    return_no: Mapped[str | None] = mapped_column(String(64), index=True)
    complaint_no: Mapped[str | None] = mapped_column(String(64), index=True)
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    team_leader: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    hours: Mapped[Decimal | None] = mapped_column(hours)
    rework_cost: Mapped[Decimal | None] = mapped_column(money)
    overtime_cost: Mapped[Decimal | None] = mapped_column(money)
    processing_fee: Mapped[Decimal | None] = mapped_column(money)
