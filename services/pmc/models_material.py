"""What does PMC know of material: in stock, claimed by orders, and on its way?"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves
from chassis.language import Label
from services.pmc.models_base import Base, amount, money, remark


class Stock(Base):
    """What the warehouse has of an item, as its facts say; `unit_cost` in CNY is the last purchase's price."""

    __tablename__ = "stock"

    item_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    on_hand: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    unit_cost: Mapped[Decimal | None] = mapped_column(money)


class LineMaterial(Base):
    """What of an item an order line claimed by its requirement, and what of it the workshop has already."""

    __tablename__ = "line_materials"
    __table_args__ = (Index("line_materials_outstanding", "item_code", postgresql_where=text("claimed > issued")),)

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    claimed: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    issued: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))


class OpenPurchase(Base):
    """What still comes for a line of a requirement: its shortage until ordered, then the order until received."""

    __tablename__ = "open_purchases"
    __table_args__ = (
        Index("open_purchases_coming", "item_code", postgresql_where=text("greatest(short, ordered) > received")),
    )

    requirement_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    requirement_line_no: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(64))
    short: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    ordered: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    received: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))


class ReceivedLot(Base):
    """A lot that was bought for a requirement and is in stock: what a requisition may have waited for."""

    __tablename__ = "received_lots"

    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    item_code: Mapped[str] = mapped_column(String(64))


class ArrivedLot(Base):
    """A lot at the gate, of which line of a purchase order, and whether it failed and nobody has taken it all the same."""

    __tablename__ = "arrived_lots"

    lot: Mapped[str] = mapped_column(String(64), primary_key=True)
    purchased_line: Mapped[str] = mapped_column(String(80), index=True)
    quantity: Mapped[Decimal] = mapped_column(amount)
    failed: Mapped[bool] = mapped_column(default=False)


class PurchaseStatus(StrEnum):
    OPEN = "open"
    FOLLOWED_UP = "followed_up"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class PurchasedLine(Document, Base):
    """One line that Purchasing ordered, for the planner to follow up; `no` is the purchase order's number and line."""

    __tablename__ = "purchased_lines"
    code: ClassVar[str] = "PO"
    title: ClassVar[Label] = Label("采购跟催", "Purchase follow-up")
    moves: ClassVar[Moves] = {
        PurchaseStatus.OPEN: frozenset({PurchaseStatus.FOLLOWED_UP, PurchaseStatus.ARRIVED, PurchaseStatus.CANCELLED}),
        PurchaseStatus.FOLLOWED_UP: frozenset(
            {PurchaseStatus.FOLLOWED_UP, PurchaseStatus.ARRIVED, PurchaseStatus.CANCELLED}
        ),
        PurchaseStatus.ARRIVED: frozenset({PurchaseStatus.OPEN}),
        PurchaseStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    purchase_order_no: Mapped[str] = mapped_column(String(64))
    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    requirement_line_no: Mapped[int]
    supplier_code: Mapped[str] = mapped_column(String(64))
    item_code: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(amount)
    unit: Mapped[str] = mapped_column(String(64))
    required_on: Mapped[date]
    promised_on: Mapped[date]
    arrived: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    finding: Mapped[str] = remark()


class RedatingStatus(StrEnum):
    OPEN = "open"
    REDATED = "redated"
    CANCELLED = "cancelled"


class Redating(Document, Base):
    """A delay that Purchasing reported, for the planner to re-plan; `no` is the report's number."""

    __tablename__ = "redatings"
    code: ClassVar[str] = "DLY"
    title: ClassVar[Label] = Label("延误改期", "Re-dating of a delay")
    moves: ClassVar[Moves] = {
        RedatingStatus.OPEN: frozenset({RedatingStatus.REDATED, RedatingStatus.CANCELLED}),
        RedatingStatus.REDATED: frozenset(),
        RedatingStatus.CANCELLED: frozenset(),
    }

    purchase_order_no: Mapped[str] = mapped_column(String(64))
    requirement_no: Mapped[str] = mapped_column(String(64))
    requirement_line_no: Mapped[int]
    required_on: Mapped[date]
    expected_on: Mapped[date]
    redated_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text)
