"""Which documents does Sales keep, and how may each move?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.hindrances import HindranceDocument
from chassis.language import Label
from contracts import links
from contracts.event import DutyRef
from contracts.parts import OrderLine

money = Numeric(18, 4)
amount = Numeric(18, 6)


class Base(DeclarativeBase):
    """Sales' own tables."""


class Hindrance(HindranceDocument, Base):
    """What hinders Sales in what it owes."""

    code: ClassVar[str] = "HDS"


class CustomerStatus(StrEnum):
    ACTIVE = "active"


class Customer(Document, Base):
    """Who buys from us; `no` is the customer's code."""

    __tablename__ = "customers"
    code: ClassVar[str] = "CUS"
    title: ClassVar[Label] = Label("客户", "Customer")
    moves: ClassVar[Moves] = {CustomerStatus.ACTIVE: frozenset()}

    name: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    transit_days: Mapped[int]


class OrderStatus(StrEnum):
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    CONDITIONAL = "conditional"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Order(Document, Base):
    """A customer's order (订单明细表), from the contract that is reviewed to the goods at their door."""

    __tablename__ = "orders"
    code: ClassVar[str] = "SOD"
    title: ClassVar[Label] = Label("订单", "Order")
    moves: ClassVar[Moves] = {
        OrderStatus.SUBMITTED: frozenset(
            {OrderStatus.ACCEPTED, OrderStatus.CONDITIONAL, OrderStatus.DECLINED, OrderStatus.CANCELLED}
        ),
        OrderStatus.ACCEPTED: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
        OrderStatus.CONDITIONAL: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
        OrderStatus.DECLINED: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
        OrderStatus.CONFIRMED: frozenset({OrderStatus.RELEASED, OrderStatus.CANCELLED}),
        OrderStatus.RELEASED: frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED}),
        OrderStatus.DELIVERED: frozenset(),
        OrderStatus.CANCELLED: frozenset(),
    }

    customer_code: Mapped[str] = mapped_column(String(64))
    customer_po: Mapped[str] = mapped_column(Text)
    lines: Mapped[tuple[OrderLine, ...]] = mapped_column(Typed(tuple[OrderLine, ...]))
    amount: Mapped[Decimal] = mapped_column(money)
    special_requirements: Mapped[str] = mapped_column(Text)
    payment_terms: Mapped[str] = mapped_column(Text)
    salesperson: Mapped[str] = mapped_column(String(16))
    merchandiser: Mapped[str] = mapped_column(String(16))
    commission: Mapped[Decimal] = mapped_column(money)
    agency_fee: Mapped[Decimal] = mapped_column(money)
    conditions: Mapped[str] = mapped_column(Text, default="")
    waived_by: Mapped[str | None] = mapped_column(String(16))
    revision: Mapped[int] = mapped_column(default=1)

    def line(self, line_no: int) -> OrderLine | None:
        return next((line for line in self.lines if line.line_no == line_no), None)


class LineProgress(Base):
    """How far one order line has come, in its own unit: finished, noticed, shipped, delivered.

    `asked` is how many were in store when the notice that is owed now was asked for, None while none is owed;
    `production_order_no` is where the latest of them came from. `booked_at` is when the first of them was booked, as the
    warehouse recorded it (unknown of lines from before that was kept), `checked_at` when somebody last looked after the line.
    """

    __tablename__ = "line_progress"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    finished: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    noticed: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    shipped: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    delivered: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    asked: Mapped[Decimal | None] = mapped_column(amount)
    production_order_no: Mapped[str | None] = mapped_column(String(64))
    booked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def made(self) -> tuple[DutyRef, ...]:
        """The handover by which the latest goods came into store."""
        return (links.finished_receipt(self.production_order_no),) if self.production_order_no else ()

    @property
    def is_looked_after(self) -> bool:
        """Whether somebody looked since its first goods came: one look is enough for all of them (MER-03)."""
        return self.checked_at is not None and (self.booked_at is None or self.booked_at <= self.checked_at)

    def book(self, quantity: Decimal, production_order_no: str, at: datetime) -> None:
        """Count finished goods in, in whatever order they are heard of."""
        if self.booked_at is not None or not self.finished:
            self.booked_at = min(at, self.booked_at or at)
        self.finished += quantity
        self.production_order_no = production_order_no

    def in_store(self, ordered: Decimal) -> Decimal:
        """How many of those that are wanted are in store."""
        return max(min(self.finished, ordered) - self.shipped, Decimal(0))

    def left(self, ordered: Decimal) -> Decimal:
        """How many in store are not under notice yet; what was made beyond the order is nobody's to ship."""
        return max(min(self.finished, ordered) - self.noticed, Decimal(0))

    def is_noticed(self, ordered: Decimal) -> bool:
        """Whether the notice that is owed was given: what was asked for, or all that the order still has, is under notice."""
        return self.asked is not None and self.noticed >= min(self.asked, ordered)


class InquiryStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"


class Inquiry(Document, Base):
    """Sales asks the merchandiser how production stands."""

    __tablename__ = "inquiries"
    code: ClassVar[str] = "INQ"
    title: ClassVar[Label] = Label("进度查询", "Progress inquiry")
    moves: ClassVar[Moves] = {
        InquiryStatus.OPEN: frozenset({InquiryStatus.ANSWERED}),
        InquiryStatus.ANSWERED: frozenset(),
    }

    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    assignee: Mapped[str] = mapped_column(String(16))


class RelayStatus(StrEnum):
    OPEN = "open"
    RELAYED = "relayed"


class Relay(Document, Base):
    """One exception or delay that one order's customer must hear of from us first.

    `exception_no` is the exception, Purchasing's delay report, or the operation that a team reported to be late.
    """

    __tablename__ = "relays"
    code: ClassVar[str] = "RLY"
    title: ClassVar[Label] = Label("异常转告", "Exception relay")
    moves: ClassVar[Moves] = {RelayStatus.OPEN: frozenset({RelayStatus.RELAYED}), RelayStatus.RELAYED: frozenset()}

    exception_no: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text, default="")
    assignee: Mapped[str] = mapped_column(String(16))


class NoticeStatus(StrEnum):
    ISSUED = "issued"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


class ShippingNotice(Document, Base):
    """Sales wants these goods to leave (出货通知单)."""

    __tablename__ = "shipping_notices"
    code: ClassVar[str] = "SHN"
    title: ClassVar[Label] = Label("出货通知单", "Shipping notice")
    moves: ClassVar[Moves] = {
        NoticeStatus.ISSUED: frozenset({NoticeStatus.INSTRUCTED, NoticeStatus.SHIPPED}),
        NoticeStatus.INSTRUCTED: frozenset({NoticeStatus.SHIPPED}),
        NoticeStatus.SHIPPED: frozenset({NoticeStatus.DELIVERED}),
        NoticeStatus.DELIVERED: frozenset(),
    }

    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    ship_by: Mapped[date]
    consignee: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    documents_required: Mapped[list[str]] = mapped_column(ARRAY(Text))
    packing: Mapped[str] = mapped_column(Text)
    delivery_note_no: Mapped[str | None] = mapped_column(String(64))
    reported: Mapped[bool] = mapped_column(default=False)


class ComplaintStatus(StrEnum):
    RECEIVED = "received"
    PASSED = "passed"
    REMEDIED = "remedied"
    CLOSED = "closed"


class Complaint(Document, Base):
    """What a customer complained of, as Sales took it in."""

    __tablename__ = "complaints"
    code: ClassVar[str] = "CCF"
    title: ClassVar[Label] = Label("客诉", "Complaint")
    moves: ClassVar[Moves] = {
        ComplaintStatus.RECEIVED: frozenset({ComplaintStatus.PASSED}),
        ComplaintStatus.PASSED: frozenset({ComplaintStatus.REMEDIED, ComplaintStatus.CLOSED}),
        ComplaintStatus.REMEDIED: frozenset({ComplaintStatus.CLOSED}),
        ComplaintStatus.CLOSED: frozenset(),
    }

    line_no: Mapped[int | None]
    customer_code: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    received_by: Mapped[str] = mapped_column(String(16))
    description: Mapped[str] = mapped_column(Text)
    assignee: Mapped[str] = mapped_column(String(16))


class ReturnStatus(StrEnum):
    ISSUED = "issued"
    RECEIVED = "received"


class ReturnAuthorisation(Document, Base):
    """The customer may send goods back under this number (退货授权)."""

    __tablename__ = "return_authorisations"
    code: ClassVar[str] = "RMA"
    title: ClassVar[Label] = Label("退货授权", "Return authorisation")
    moves: ClassVar[Moves] = {
        ReturnStatus.ISSUED: frozenset({ReturnStatus.RECEIVED}),
        ReturnStatus.RECEIVED: frozenset(),
    }

    complaint_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    reason: Mapped[str] = mapped_column(Text)


class PenaltyStatus(StrEnum):
    RECORDED = "recorded"
    WITHDRAWN = "withdrawn"


class ContractPenalty(Document, Base):
    """What a customer keeps or charges because the contract was not kept (客户合同罚款), in CNY."""

    __tablename__ = "contract_penalties"
    __table_args__ = (
        Index(
            "contract_penalties_one_for_a_debit_note",
            "customer_code",
            "customer_reference",
            unique=True,
            postgresql_where=text("status = 'recorded'"),
        ),
    )
    code: ClassVar[str] = "CPN"
    title: ClassVar[Label] = Label("客户合同罚款", "Contract penalty")
    moves: ClassVar[Moves] = {
        PenaltyStatus.RECORDED: frozenset({PenaltyStatus.WITHDRAWN}),
        PenaltyStatus.WITHDRAWN: frozenset(),
    }

    customer_code: Mapped[str] = mapped_column(String(64))
    customer_reference: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Decimal] = mapped_column(money)
    imposed_on: Mapped[date]
    complaint_no: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_because: Mapped[str] = mapped_column(Text, default="")
