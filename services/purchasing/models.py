"""Which documents does Purchasing keep, and how may each move?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Integer, Numeric, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.hindrances import HindranceDocument
from chassis.language import Label
from chassis.opinions import OpinionDocument
from contracts.event import Fact, Quantity
from contracts.pmc import RequirementLine
from contracts.purchasing import PurchaseLine, Quote

money = Numeric(18, 4)
amount = Numeric(18, 6)


class Base(DeclarativeBase):
    """Purchasing's own tables."""


class OrderCopy(Base):
    """What Purchasing has to know of a customer's order: its products by line, which lines are off, was it given up?

    `products` holds every line that the order ever had; `revision` is the newest amendment's.
    """

    __tablename__ = "orders"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    products: Mapped[dict[int, str]] = mapped_column(Typed(dict[int, str]))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    removed: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")
    cancelled: Mapped[bool] = mapped_column(default=False)

    def is_off(self, line_no: int | None) -> bool:
        """Whether nothing more is bought for a line."""
        return self.cancelled or line_no in self.removed


class Hindrance(HindranceDocument, Base):
    """What hinders Purchasing in what it owes."""

    code: ClassVar[str] = "HDP"


class Opinion(OpinionDocument, Base):
    """Purchasing's opinion on a contract: can the material be here in time?"""


class SupplierStatus(StrEnum):
    APPROVED = "approved"
    REMOVED = "removed"


class Supplier(Document, Base):
    """One row of the approved-supplier list (合格供应商一览表); `no` is the supplier's code."""

    __tablename__ = "suppliers"
    code: ClassVar[str] = "ASL"
    title: ClassVar[Label] = Label("合格供应商", "Approved supplier")
    moves: ClassVar[Moves] = {
        SupplierStatus.APPROVED: frozenset({SupplierStatus.REMOVED}),
        SupplierStatus.REMOVED: frozenset({SupplierStatus.APPROVED}),
    }

    name: Mapped[str] = mapped_column(Text)
    approved_for: Mapped[list[str]] = mapped_column(ARRAY(String(64)))
    supplier_class: Mapped[str] = mapped_column(String(1))
    score: Mapped[int | None]
    valid_until: Mapped[date]
    last_audit: Mapped[date | None]
    removal_reason: Mapped[str] = mapped_column(Text, default="")


class RequirementStatus(StrEnum):
    ISSUED = "issued"
    CHECKED = "checked"
    COVERED = "covered"
    CANCELLED = "cancelled"


class Requirement(Document, Base):
    """PMC's material list (物料明细表) for one order line, as Purchasing works it off."""

    __tablename__ = "requirements"
    __table_args__ = (CheckConstraint("material_controller <> checked_by", name="checked_with_another"),)
    code: ClassVar[str] = "MRL"
    title: ClassVar[Label] = Label("物料明细表", "Material list")
    moves: ClassVar[Moves] = {
        RequirementStatus.ISSUED: frozenset({RequirementStatus.CHECKED, RequirementStatus.CANCELLED}),
        RequirementStatus.CHECKED: frozenset({RequirementStatus.COVERED, RequirementStatus.CANCELLED}),
        RequirementStatus.COVERED: frozenset({RequirementStatus.CANCELLED}),
        RequirementStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    package_no: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    lines: Mapped[tuple[RequirementLine, ...]] = mapped_column(Typed(tuple[RequirementLine, ...]))
    checked_by: Mapped[str | None] = mapped_column(String(16))
    checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    material_controller: Mapped[str | None] = mapped_column(String(16))


class Need(Base):
    """How far one short line of a material list has come, in its own unit: requested, ordered."""

    __tablename__ = "needs"

    requirement_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    product_code: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(64))
    short: Mapped[Decimal] = mapped_column(amount)
    required_on: Mapped[date]
    lead_time_days: Mapped[int]
    requested: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    ordered: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))


class RequestLine(Fact):
    """One line of a purchase request, for one line of the material list."""

    requirement_line_no: int
    item_code: str
    description: str
    unit: str
    quantity: Quantity
    lead_time_days: int


class RequestStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    ORDERED = "ordered"
    CANCELLED = "cancelled"


class PurchaseRequest(Document, Base):
    """The buyer asks to buy (采购申请单) from `supplier_code`; `amount` is what that supplier asks.

    `exemption_wanted` and `supplier_wanted` are what the buyer has asked for and nobody has decided yet.
    """

    __tablename__ = "purchase_requests"
    __table_args__ = (
        CheckConstraint("approved_by <> made_by", name="request_approved_by_another"),
        CheckConstraint("exempted_by <> made_by", name="request_exempted_by_another"),
    )
    code: ClassVar[str] = "PRQ"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("采购申请单", "Purchase request")
    moves: ClassVar[Moves] = {
        RequestStatus.SUBMITTED: frozenset({RequestStatus.APPROVED, RequestStatus.REJECTED, RequestStatus.CANCELLED}),
        RequestStatus.APPROVED: frozenset({RequestStatus.ORDERED, RequestStatus.CANCELLED}),
        RequestStatus.REJECTED: frozenset(),
        RequestStatus.ORDERED: frozenset(),
        RequestStatus.CANCELLED: frozenset(),
    }

    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    line_no: Mapped[int]
    lines: Mapped[tuple[RequestLine, ...]] = mapped_column(Typed(tuple[RequestLine, ...]))
    supplier_code: Mapped[str] = mapped_column(String(64))
    amount: Mapped[Decimal | None] = mapped_column(money)
    quotes: Mapped[tuple[Quote, ...]] = mapped_column(Typed(tuple[Quote, ...]))
    exemption: Mapped[str] = mapped_column(Text, default="")
    exempted_by: Mapped[str | None] = mapped_column(String(16))
    exemption_wanted: Mapped[str] = mapped_column(Text, default="", server_default="")
    supplier_wanted: Mapped[str | None] = mapped_column(String(64))
    supplier_wanted_because: Mapped[str] = mapped_column(Text, default="", server_default="")
    switched_from: Mapped[str | None] = mapped_column(String(64))
    switch_reason: Mapped[str] = mapped_column(Text, default="")
    switch_approved_by: Mapped[str | None] = mapped_column(String(16))
    rejection: Mapped[str] = mapped_column(Text, default="")
    remark: Mapped[str] = mapped_column(Text, default="")


class PurchaseOrderStatus(StrEnum):
    ISSUED = "issued"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class PurchaseOrder(Document, Base):
    """We committed to buy these lines (订购单); `other_suppliers` may deliver them by approved change.

    `supplier_wanted` is whom the buyer has asked for beside, while nobody has decided.
    """

    __tablename__ = "purchase_orders"
    __table_args__ = (CheckConstraint("approved_by <> made_by", name="order_approved_by_another"),)
    code: ClassVar[str] = "PO"
    second_person: ClassVar[bool] = True
    title: ClassVar[Label] = Label("订购单", "Purchase order")
    moves: ClassVar[Moves] = {
        PurchaseOrderStatus.ISSUED: frozenset({PurchaseOrderStatus.ARRIVED, PurchaseOrderStatus.CANCELLED}),
        PurchaseOrderStatus.ARRIVED: frozenset({PurchaseOrderStatus.ISSUED}),
        PurchaseOrderStatus.CANCELLED: frozenset(),
    }

    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    request_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    supplier_code: Mapped[str] = mapped_column(String(64))
    other_suppliers: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    supplier_wanted: Mapped[str | None] = mapped_column(String(64))
    supplier_wanted_because: Mapped[str] = mapped_column(Text, default="", server_default="")
    lines: Mapped[tuple[PurchaseLine, ...]] = mapped_column(Typed(tuple[PurchaseLine, ...]))
    quotes: Mapped[tuple[Quote, ...]] = mapped_column(Typed(tuple[Quote, ...]))
    exemption: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(money)
    terms: Mapped[str] = mapped_column(Text)

    @property
    def suppliers(self) -> frozenset[str]:
        """Who may deliver: the ordered one, and those a recorded change allows."""
        return frozenset({self.supplier_code, *self.other_suppliers})


class OrderedLine(Base):
    """One line of a purchase order on its way: how much arrived, and by which dates it is wanted and promised."""

    __tablename__ = "ordered_lines"

    purchase_order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    requirement_line_no: Mapped[int]
    quantity: Mapped[Decimal] = mapped_column(amount)
    arrived: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    required_on: Mapped[date]
    promised_on: Mapped[date]


class ArrivedLot(Base):
    """A lot at the gate against one of our lines; a failed one does not count as arrived."""

    __tablename__ = "arrived_lots"

    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    purchase_order_no: Mapped[str | None] = mapped_column(String(64))
    line_no: Mapped[int | None]
    quantity: Mapped[Decimal] = mapped_column(amount)
    failed: Mapped[bool] = mapped_column(default=False)


class DelayStatus(StrEnum):
    REPORTED = "reported"
    REDATED = "redated"


class DelayReport(Document, Base):
    """What cannot arrive in time, said before it bites (交期延误报告)."""

    __tablename__ = "delay_reports"
    code: ClassVar[str] = "DLY"
    title: ClassVar[Label] = Label("到货延误报告", "Delay report")
    moves: ClassVar[Moves] = {
        DelayStatus.REPORTED: frozenset({DelayStatus.REDATED}),
        DelayStatus.REDATED: frozenset({DelayStatus.REDATED}),
    }

    purchase_order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    requirement_no: Mapped[str] = mapped_column(String(64))
    requirement_line_no: Mapped[int]
    required_on: Mapped[date]
    expected_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)


class BreachStatus(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class BreachCase(Document, Base):
    """Goods arrived past a rule of buying; the manager says who ordered them, or that nobody of ours did."""

    __tablename__ = "breach_cases"
    __table_args__ = (
        UniqueConstraint("arrival_no", "breach"),
        CheckConstraint("confirmed_by <> ordered_by", name="nobody_in_their_own_case"),
    )
    code: ClassVar[str] = "PBC"
    title: ClassVar[Label] = Label("采购违规确认", "Purchasing breach")
    moves: ClassVar[Moves] = {
        BreachStatus.OPEN: frozenset({BreachStatus.CONFIRMED, BreachStatus.DISMISSED}),
        BreachStatus.CONFIRMED: frozenset({BreachStatus.CONFIRMED, BreachStatus.DISMISSED}),
        BreachStatus.DISMISSED: frozenset(),
    }

    breach: Mapped[str] = mapped_column(String(32))
    arrival_no: Mapped[str] = mapped_column(String(64))
    purchase_order_no: Mapped[str | None] = mapped_column(String(64))
    supplier_code: Mapped[str] = mapped_column(String(64))
    ordered_by: Mapped[str | None] = mapped_column(String(16))
    confirmed_by: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")


class RefusalStatus(StrEnum):
    RECORDED = "recorded"


class RefusalRecord(Document, Base):
    """A buyer refused what was unapproved or only spoken (采购拒单)."""

    __tablename__ = "refusal_records"
    code: ClassVar[str] = "RFS"
    title: ClassVar[Label] = Label("拒单记录", "Refusal")
    moves: ClassVar[Moves] = {RefusalStatus.RECORDED: frozenset()}

    document_no: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
