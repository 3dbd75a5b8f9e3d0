"""Which documents say what is in stock, and what of it the workshop may have?"""

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves, Typed
from chassis.language import Label
from contracts.event import DutyRef
from contracts.pmc import RequisitionLine
from contracts.warehouse import IssuedLine, StocktakeLine
from services.warehouse.models_base import ONCE, Base, amount


class StockStatus(StrEnum):
    IN_STOCK = "in_stock"


class Stock(Document, Base):
    """What the books say of one item (台帐); `no` is the item's code. Every movement locks its row."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("quantity >= 0", name="stock_never_negative"),)
    code: ClassVar[str] = "STO"
    title: ClassVar[Label] = Label("库存", "Stock")
    moves: ClassVar[Moves] = {StockStatus.IN_STOCK: frozenset()}

    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    location: Mapped[str] = mapped_column(Text)


class StockCount(Document, Base):
    """Somebody counted an item (盘点表): the opening stock, or a line of a stocktake."""

    __tablename__ = "stock_counts"
    code: ClassVar[str] = "STK"
    title: ClassVar[Label] = Label("盘点表", "Stock count")
    moves: ClassVar[Moves] = ONCE

    item_code: Mapped[str] = mapped_column(String(64), index=True)
    unit: Mapped[str] = mapped_column(String(64))
    booked: Mapped[Decimal] = mapped_column(amount)
    counted: Mapped[Decimal] = mapped_column(amount)
    variance: Mapped[Decimal] = mapped_column(amount)
    location: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)


class Stocktake(Document, Base):
    """What was counted for one month, as finance received it (月度盘点); a copy stays here."""

    __tablename__ = "stocktakes"
    code: ClassVar[str] = "STM"
    title: ClassVar[Label] = Label("月度盘点", "Monthly stocktake")
    moves: ClassVar[Moves] = ONCE

    month: Mapped[str] = mapped_column(String(7), unique=True)
    lines: Mapped[tuple[StocktakeLine, ...]] = mapped_column(Typed(tuple[StocktakeLine, ...]))
    uncounted: Mapped[int]
    remark: Mapped[str] = mapped_column(Text)


class RequisitionStatus(StrEnum):
    APPROVED = "approved"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Requisition(Document, Base):
    """An approved requisition (领料单).

    It is `offered` to the storekeeper once stock suffices; `waited_for` names the receipts it waited for until then.
    """

    __tablename__ = "requisitions"
    __table_args__ = (
        Index("requisitions_waiting", "no", postgresql_where=text("status = 'approved' AND NOT offered")),
    )
    code: ClassVar[str] = "REQ"
    title: ClassVar[Label] = Label("领料单", "Requisition")
    moves: ClassVar[Moves] = {
        RequisitionStatus.APPROVED: frozenset(
            {RequisitionStatus.ISSUED, RequisitionStatus.WITHDRAWN, RequisitionStatus.CANCELLED}
        ),
        RequisitionStatus.ISSUED: frozenset(),
        RequisitionStatus.WITHDRAWN: frozenset(),
        RequisitionStatus.CANCELLED: frozenset(),
    }

    production_order_no: Mapped[str] = mapped_column(String(64))
    line_no: Mapped[int]
    lines: Mapped[tuple[RequisitionLine, ...]] = mapped_column(Typed(tuple[RequisitionLine, ...]))
    offered: Mapped[bool] = mapped_column(default=False)
    waited_for: Mapped[tuple[DutyRef, ...]] = mapped_column(Typed(tuple[DutyRef, ...]), default=())


class RequisitionedItem(Base):
    """How much of an item a requisition may have, and how much of it has left the store."""

    __tablename__ = "requisitioned_items"
    __table_args__ = (Index("requisitioned_items_owed", "item_code", postgresql_where=text("issued < quantity")),)

    requisition_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[Decimal] = mapped_column(amount)
    issued: Mapped[Decimal] = mapped_column(amount, default=Decimal(0))


class MaterialIssue(Document, Base):
    """Material left on a requisition (发料单); the oldest lots first."""

    __tablename__ = "material_issues"
    code: ClassVar[str] = "ISS"
    title: ClassVar[Label] = Label("发料单", "Material issue")
    moves: ClassVar[Moves] = ONCE

    requisition_no: Mapped[str] = mapped_column(String(64), index=True)
    production_order_no: Mapped[str] = mapped_column(String(64))
    lines: Mapped[tuple[IssuedLine, ...]] = mapped_column(Typed(tuple[IssuedLine, ...]))
    complete: Mapped[bool]
