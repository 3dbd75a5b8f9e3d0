"""Which documents lead goods from the gate into stock, or back?"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.warehouse import ArrivedLine
from services.warehouse.models_base import ONCE, Base, amount, moment


class ArrivalStatus(StrEnum):
    LOGGED = "logged"
    QUARANTINE = "quarantine"


class Arrival(Document, Base):
    """A delivery at the gate (送检单), one lot a line; what nobody ordered waits in quarantine."""

    __tablename__ = "arrivals"
    code: ClassVar[str] = "ARV"
    title: ClassVar[Label] = Label("送检单", "Arrival")
    moves: ClassVar[Moves] = {ArrivalStatus.LOGGED: frozenset(), ArrivalStatus.QUARANTINE: frozenset()}

    supplier_code: Mapped[str] = mapped_column(String(64))
    purchase_order_no: Mapped[str | None] = mapped_column(String(64))
    lines: Mapped[tuple[ArrivedLine, ...]] = mapped_column(Typed(tuple[ArrivedLine, ...]))
    packages: Mapped[int]
    remark: Mapped[str] = mapped_column(Text)


class LotStatus(StrEnum):
    QUARANTINE = "quarantine"
    AWAITING_INSPECTION = "awaiting_inspection"
    PASSED = "passed"
    FAILED = "failed"
    RECEIVED = "received"
    RETURNED = "returned"


class Lot(Document, Base):
    """Goods that came together; `remaining` is what of them is still in stock.

    `counted_out`: it failed, so it does not count as arrived until it is received all the same. `order_line_no` is the line of
    the customer's order that it was bought or made for.
    """

    __tablename__ = "lots"
    __table_args__ = (
        CheckConstraint("remaining >= 0", name="lots_never_negative"),
        Index("lots_in_stock", "item_code", "received_at", postgresql_where=text("remaining > 0")),
    )
    code: ClassVar[str] = "LOT"
    title: ClassVar[Label] = Label("批次", "Lot")
    moves: ClassVar[Moves] = {
        LotStatus.QUARANTINE: frozenset({LotStatus.RECEIVED, LotStatus.RETURNED}),
        LotStatus.AWAITING_INSPECTION: frozenset({LotStatus.PASSED, LotStatus.FAILED, LotStatus.RECEIVED}),
        LotStatus.PASSED: frozenset({LotStatus.RECEIVED, LotStatus.FAILED}),
        LotStatus.FAILED: frozenset({LotStatus.PASSED, LotStatus.RECEIVED, LotStatus.RETURNED}),
        LotStatus.RECEIVED: frozenset(),
        LotStatus.RETURNED: frozenset(),
    }

    item_code: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    remaining: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))
    location: Mapped[str] = mapped_column(Text, default="")
    supplier_code: Mapped[str | None] = mapped_column(String(64))
    arrival_no: Mapped[str | None] = mapped_column(String(64))
    purchase_order_no: Mapped[str | None] = mapped_column(String(64))
    purchase_order_line_no: Mapped[int | None]
    requirement_no: Mapped[str | None] = mapped_column(String(64))
    requirement_line_no: Mapped[int | None]
    order_line_no: Mapped[int | None]
    inspection_no: Mapped[str | None] = mapped_column(String(64))
    disposition: Mapped[str | None] = mapped_column(String(16))
    counted_out: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime | None] = mapped_column(moment)


class Receipt(Document, Base):
    """A lot is in stock (入库单); `override_by` names who took it without a passed inspection."""

    __tablename__ = "receipts"
    code: ClassVar[str] = "GRN"
    title: ClassVar[Label] = Label("入库单", "Receipt")
    moves: ClassVar[Moves] = ONCE

    lot: Mapped[str] = mapped_column(String(64), unique=True)
    arrival_no: Mapped[str] = mapped_column(String(64))
    item_code: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    location: Mapped[str] = mapped_column(Text)
    inspection_no: Mapped[str | None] = mapped_column(String(64))
    override_by: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")


class ReturnNote(Document, Base):
    """A lot went back to its supplier (退货单)."""

    __tablename__ = "return_notes"
    code: ClassVar[str] = "RTS"
    title: ClassVar[Label] = Label("退供应商单", "Return to supplier")
    moves: ClassVar[Moves] = ONCE

    lot: Mapped[str] = mapped_column(String(64), unique=True)
    arrival_no: Mapped[str] = mapped_column(String(64))
    supplier_code: Mapped[str] = mapped_column(String(64))
    item_code: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    reason: Mapped[str] = mapped_column(Text)
