"""Which facts of other departments does the warehouse keep, because a gate needs them?"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.warehouse.models_base import Base, amount, moment, weight


class OrderCopy(Base):
    """A customer's order: its newest revision, and whether it was given up."""

    __tablename__ = "orders"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    cancelled: Mapped[bool] = mapped_column(default=False)


class OrderLineCopy(Base):
    """How much of an order line was ordered (none of one that is off the order), how much of it has left, and by when it must.

    The date is the one that was stated last, at `dated_at`; it is not known of lines that were kept before dates were.
    """

    __tablename__ = "order_lines"

    order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    product_code: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    shipped: Mapped[Decimal] = mapped_column(amount, default=Decimal(0), server_default="0")
    delivery_date: Mapped[date | None]
    transit_days: Mapped[int | None]
    dated_at: Mapped[datetime | None] = mapped_column(moment)

    @property
    def ship_by(self) -> date | None:
        if self.delivery_date is None or self.transit_days is None:
            return None
        return self.delivery_date - timedelta(days=self.transit_days)


class Shortage(Base):
    """One short line of a material list, and how much of it has arrived and did not fail."""

    __tablename__ = "shortages"

    requirement_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    short: Mapped[Decimal] = mapped_column(amount)
    arrived: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))


class PurchaseOrderCopy(Base):
    """An approved purchase order: goods may arrive against it. `line_no` is the customer's line that it was placed for."""

    __tablename__ = "purchase_orders"

    purchase_order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_no: Mapped[str | None] = mapped_column(String(64))
    line_no: Mapped[int | None]
    supplier_code: Mapped[str] = mapped_column(String(64))
    issued_by: Mapped[str] = mapped_column(String(16))


class PurchaseLineCopy(Base):
    """One line of a purchase order, and how much of it has arrived and did not fail."""

    __tablename__ = "purchase_lines"

    purchase_order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    arrived: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    requirement_no: Mapped[str] = mapped_column(String(64), index=True)
    requirement_line_no: Mapped[int]


class ProductionOrderCopy(Base):
    """What the workshop makes, how much of it passed its final inspection, and how much of that is booked."""

    __tablename__ = "production_orders"

    production_order_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    unit_weight_kg: Mapped[Decimal] = mapped_column(weight)
    passed: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    received: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    inspection_no: Mapped[str | None] = mapped_column(String(64))
    inspection_passed: Mapped[bool | None]
    lot: Mapped[str | None] = mapped_column(String(64))


class HoldKind(StrEnum):
    BLOCK = "block"
    STOP_WORK = "stop_work"


class Hold(Base):
    """A block or a stop-work, whoever ordered it; a lifted one is kept, so that a late word of it changes nothing."""

    __tablename__ = "holds"

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    no: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    order_no: Mapped[str] = mapped_column(String(64), index=True)
    line_no: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    lifted: Mapped[bool]
