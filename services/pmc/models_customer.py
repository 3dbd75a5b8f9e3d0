"""Which documents does PMC keep on the way to the customer and back, and how may each move?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.event import DutyRef
from services.pmc.models_base import Base, amount, moment, money, remark


class ShipmentStatus(StrEnum):
    REVIEWING = "reviewing"
    HELD = "held"
    CLEARED = "cleared"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    REPORTED = "reported"
    CANCELLED = "cancelled"


class ReviewVerdict(StrEnum):
    CLEARED = "cleared"
    HELD = "held"


class Shipment(Document, Base):
    """What Sales wants to leave, reviewed and instructed (出货评审); `no` is the shipping notice's number.

    It is `offered` to planner and director once its goods are in store: Sales may give notice ahead of them.
    """

    __tablename__ = "shipments"
    code: ClassVar[str] = "SHN"
    title: ClassVar[Label] = Label("出货", "Shipment")
    moves: ClassVar[Moves] = {
        ShipmentStatus.REVIEWING: frozenset({ShipmentStatus.HELD, ShipmentStatus.CLEARED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.HELD: frozenset({ShipmentStatus.REVIEWING, ShipmentStatus.CLEARED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.CLEARED: frozenset({ShipmentStatus.INSTRUCTED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.INSTRUCTED: frozenset({ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.SHIPPED: frozenset({ShipmentStatus.REPORTED}),
        ShipmentStatus.REPORTED: frozenset(),
        ShipmentStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    ship_by: Mapped[date]
    consignee: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    offered: Mapped[bool] = mapped_column(default=False)
    planner_review: Mapped[str | None] = mapped_column(String(16))
    director_review: Mapped[str | None] = mapped_column(String(16))
    remark: Mapped[str] = remark()
    delivery_note_no: Mapped[str | None] = mapped_column(String(64))


class BlockStatus(StrEnum):
    IN_FORCE = "in_force"
    LIFTED = "lifted"


class Block(Document, Base):
    """The workshop director holds nonconforming goods of an order back (扣货)."""

    __tablename__ = "blocks"
    code: ClassVar[str] = "BLK"
    title: ClassVar[Label] = Label("扣货单", "Shipment block")
    moves: ClassVar[Moves] = {
        BlockStatus.IN_FORCE: frozenset({BlockStatus.LIFTED}),
        BlockStatus.LIFTED: frozenset(),
    }

    reason: Mapped[str] = mapped_column(Text)
    lifted_by: Mapped[str | None] = mapped_column(String(16))
    lifted_because: Mapped[str] = remark()


class HoldKind(StrEnum):
    STOP = "stop"
    BLOCK = "block"


class Hold(Base):
    """A stop-work or block, whoever ordered it; no `line_no`: the whole order. Lifted ones stay, so that a late word of
    the beginning does not put them in force again."""

    __tablename__ = "holds"
    __table_args__ = (Index("holds_in_force", "order_no", postgresql_where=text("NOT lifted")),)

    no: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    lifted: Mapped[bool] = mapped_column(default=False)


class ComplaintStatus(StrEnum):
    OPEN = "open"
    CONTAINED = "contained"
    CLOSED = "closed"


class Complaint(Document, Base):
    """A customer's complaint as PMC steers it (客诉处理单); `no` is Sales' number. The cause is Quality's finding."""

    __tablename__ = "complaints"
    code: ClassVar[str] = "CCF"
    title: ClassVar[Label] = Label("客诉处理单", "Complaint case")
    moves: ClassVar[Moves] = {
        ComplaintStatus.OPEN: frozenset({ComplaintStatus.CONTAINED, ComplaintStatus.CLOSED}),
        ComplaintStatus.CONTAINED: frozenset({ComplaintStatus.CLOSED}),
        ComplaintStatus.CLOSED: frozenset(),
    }

    line_no: Mapped[int | None]
    customer_code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = remark()
    contained_at: Mapped[datetime | None] = mapped_column(moment)
    customer_words: Mapped[str | None] = mapped_column(Text)
    finding: Mapped[str] = remark()
    cause: Mapped[str | None] = mapped_column(String(64))
    operation: Mapped[DutyRef | None] = mapped_column(Typed(DutyRef))
    lot: Mapped[str | None] = mapped_column(String(64))
    detectable: Mapped[bool] = mapped_column(default=False)
    inspector: Mapped[str | None] = mapped_column(String(16))


class CustomerReturn(Base):
    """Goods that a customer may send back, how many of them came, and when the last of these did."""

    __tablename__ = "customer_returns"

    return_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    complaint_no: Mapped[str] = mapped_column(String(64), index=True)
    order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    received: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    received_at: Mapped[datetime | None] = mapped_column(moment)


class Pass(Base):
    """Who let goods of an order line, or with no line a lot of material, pass an inspection."""

    __tablename__ = "passes"

    inspection_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_no: Mapped[str | None] = mapped_column(String(64), index=True)
    line_no: Mapped[int | None]
    lot: Mapped[str] = mapped_column(String(64), index=True)
    inspected_by: Mapped[str] = mapped_column(String(16))


class PenaltyStatus(StrEnum):
    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"


class ContractPenalty(Document, Base):
    """What a customer imposed on a contract, as Sales recorded it (客户合同罚款); `no` is Sales' number. CNY."""

    __tablename__ = "contract_penalties"
    code: ClassVar[str] = "CPN"
    title: ClassVar[Label] = Label("客户合同罚款", "Contract penalty")
    moves: ClassVar[Moves] = {
        PenaltyStatus.RECORDED: frozenset({PenaltyStatus.WITHDRAWN}),
        PenaltyStatus.WITHDRAWN: frozenset(),
    }

    customer_code: Mapped[str] = mapped_column(String(64))
    customer_reference: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(money)
    imposed_on: Mapped[date]
    complaint_no: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_because: Mapped[str] = remark()


class AttributionStatus(StrEnum):
    STATED = "stated"
    CORRECTED = "corrected"


class Attribution(Document, Base):
    """Who answers for a complaint, a return, a rework or a penalty (责任判定); `subject_no` is its number. Money in CNY."""

    __tablename__ = "attributions"
    __table_args__ = (
        Index(
            "attributions_one_in_force", "matter", "subject_no", unique=True, postgresql_where=text("status = 'stated'")
        ),
    )
    code: ClassVar[str] = "ATT"
    title: ClassVar[Label] = Label("责任判定", "Attribution")
    moves: ClassVar[Moves] = {
        AttributionStatus.STATED: frozenset({AttributionStatus.CORRECTED}),
        AttributionStatus.CORRECTED: frozenset(),
    }

    line_no: Mapped[int | None]
    matter: Mapped[str] = mapped_column(String(16))
    subject_no: Mapped[str] = mapped_column(String(64))
    complaint_no: Mapped[str | None] = mapped_column(String(64))
    return_no: Mapped[str | None] = mapped_column(String(64))
    rework_no: Mapped[str | None] = mapped_column(String(64))
    penalty_no: Mapped[str | None] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(64))
    operation: Mapped[DutyRef | None] = mapped_column(Typed(DutyRef))
    lot: Mapped[str | None] = mapped_column(String(64))
    person: Mapped[str | None] = mapped_column(String(16))
    escaped_inspection: Mapped[bool]
    inspector: Mapped[str | None] = mapped_column(String(16))
    direct_loss: Mapped[Decimal | None] = mapped_column(money)
    processing_fee: Mapped[Decimal | None] = mapped_column(money)
    rework_cost: Mapped[Decimal | None] = mapped_column(money)
    overtime_cost: Mapped[Decimal | None] = mapped_column(money)
    loss_document: Mapped[str | None] = mapped_column(String(64))
    share_percent: Mapped[Decimal] = mapped_column(amount)
    gross_negligence: Mapped[bool]
    corrects: Mapped[str | None] = mapped_column(String(64))
