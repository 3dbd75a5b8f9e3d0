"""Which documents lead finished goods into the house, to the customer, and sometimes back?"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.event import DutyRef
from services.warehouse.models_base import ONCE, Base, amount, moment, weight


class FinishedReceipt(Document, Base):
    """Finished goods are booked (成品入库单), wherever they stand."""

    __tablename__ = "finished_receipts"
    code: ClassVar[str] = "FGR"
    title: ClassVar[Label] = Label("成品入库单", "Finished-goods receipt")
    moves: ClassVar[Moves] = ONCE

    production_order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    lot: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(Text)
    heavy_zone: Mapped[bool]
    inspection_no: Mapped[str] = mapped_column(String(64))


class ShipmentStatus(StrEnum):
    NOTICED = "noticed"
    INSTRUCTED = "instructed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Shipment(Document, Base):
    """Goods on their way out, under the number of Sales' notice; with the delivery note (送货单) they have left.

    They are `offered` to the storekeeper once stock suffices; `waited_for` names the receipts they waited for until then.
    """

    __tablename__ = "shipments"
    __table_args__ = (Index("shipments_waiting", "no", postgresql_where=text("status = 'instructed' AND NOT offered")),)
    code: ClassVar[str] = "DN"
    title: ClassVar[Label] = Label("发货", "Shipment")
    moves: ClassVar[Moves] = {
        ShipmentStatus.NOTICED: frozenset({ShipmentStatus.INSTRUCTED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.INSTRUCTED: frozenset({ShipmentStatus.SHIPPED, ShipmentStatus.CANCELLED}),
        ShipmentStatus.SHIPPED: frozenset(),
        ShipmentStatus.CANCELLED: frozenset(),
    }

    line_no: Mapped[int]
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    instructed_quantity: Mapped[Decimal | None] = mapped_column(amount)
    ship_by: Mapped[date]
    consignee: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    documents_required: Mapped[list[str]] = mapped_column(ARRAY(Text))
    packing: Mapped[str] = mapped_column(Text)
    qa_passed: Mapped[bool | None]
    inspection_no: Mapped[str | None] = mapped_column(String(64))
    offered: Mapped[bool] = mapped_column(default=False)
    waited_for: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]), default=())
    delivery_note_no: Mapped[str | None] = mapped_column(String(64), unique=True)
    goods_issue_no: Mapped[str | None] = mapped_column(String(64), unique=True)
    lots: Mapped[list[str]] = mapped_column(ARRAY(String(64)), default=list)
    carrier: Mapped[str] = mapped_column(Text, default="")
    vehicle: Mapped[str] = mapped_column(Text, default="")
    packages: Mapped[int | None]
    gross_weight_kg: Mapped[Decimal | None] = mapped_column(weight)
    shipped_by: Mapped[str | None] = mapped_column(String(16))
    shipped_at: Mapped[datetime | None] = mapped_column(moment)


class CustomerReturnStatus(StrEnum):
    AUTHORISED = "authorised"
    RECEIVED = "received"


class CustomerReturn(Document, Base):
    """Goods that a customer may send back, under the number of Sales' authorisation (退货)."""

    __tablename__ = "customer_returns"
    code: ClassVar[str] = "CRN"
    title: ClassVar[Label] = Label("客户退货", "Customer return")
    moves: ClassVar[Moves] = {
        CustomerReturnStatus.AUTHORISED: frozenset({CustomerReturnStatus.RECEIVED}),
        CustomerReturnStatus.RECEIVED: frozenset(),
    }

    line_no: Mapped[int]
    complaint_no: Mapped[str] = mapped_column(String(64))
    product_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    received_quantity: Mapped[Decimal | None] = mapped_column(amount)
    receipt_no: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    location: Mapped[str] = mapped_column(Text, default="")
    received_by: Mapped[str | None] = mapped_column(String(16))
