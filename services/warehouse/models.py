"""Which documents does the warehouse keep, and how may each move? One file for each way that goods take."""

from typing import ClassVar

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from chassis.documents import Document, Moves
from chassis.hindrances import HindranceDocument
from chassis.language import Label
from chassis.opinions import OpinionDocument
from services.warehouse.models_base import (
    ONCE,
    Base,
    RecordedStatus,
)
from services.warehouse.models_copies import (
    Hold,
    HoldKind,
    OrderCopy,
    OrderLineCopy,
    ProductionOrderCopy,
    PurchaseLineCopy,
    PurchaseOrderCopy,
    Shortage,
)
from services.warehouse.models_incoming import (
    Arrival,
    ArrivalStatus,
    Lot,
    LotStatus,
    Receipt,
    ReturnNote,
)
from services.warehouse.models_outgoing import (
    CustomerReturn,
    CustomerReturnStatus,
    FinishedReceipt,
    Shipment,
    ShipmentStatus,
)
from services.warehouse.models_stock import (
    MaterialIssue,
    Requisition,
    RequisitionedItem,
    RequisitionStatus,
    Stock,
    StockCount,
    StockStatus,
    Stocktake,
)

__all__ = [
    "Arrival",
    "ArrivalStatus",
    "Base",
    "CustomerReturn",
    "CustomerReturnStatus",
    "FinishedReceipt",
    "Hindrance",
    "Hold",
    "HoldKind",
    "Lot",
    "LotStatus",
    "MaterialIssue",
    "Opinion",
    "OrderCopy",
    "OrderLineCopy",
    "ProductionOrderCopy",
    "PurchaseLineCopy",
    "PurchaseOrderCopy",
    "Receipt",
    "RecordedStatus",
    "RefusalRecord",
    "Requisition",
    "RequisitionStatus",
    "RequisitionedItem",
    "ReturnNote",
    "Shipment",
    "ShipmentStatus",
    "Shortage",
    "Stock",
    "StockCount",
    "StockStatus",
    "Stocktake",
]


class Hindrance(HindranceDocument, Base):
    """What hinders the warehouse in what it owes."""

    code: ClassVar[str] = "HDW"


class Opinion(OpinionDocument, Base):
    """The warehouse's opinion on a contract: is there stock?"""


class RefusalRecord(Document, Base):
    """A storekeeper refused what must be refused (仓库拒收、拒发)."""

    __tablename__ = "refusal_records"
    code: ClassVar[str] = "RFS"
    title: ClassVar[Label] = Label("拒绝记录", "Refusal")
    moves: ClassVar[Moves] = ONCE

    document_no: Mapped[str] = mapped_column(String(64))
    authority: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
