"""What does the Warehouse (仓库) state?"""

from typing import ClassVar

from contracts import parts
from contracts.event import Code, DocumentNo, EmployeeId, Event, Fact, Quantity, Text


class ArrivedLine(Fact):
    """Goods at the gate; `lot` is made at arrival. The purchase and requirement are None when nobody ordered them.

    `order_line_no` is the line of the customer's order for which they were bought.
    """

    line_no: int
    lot: DocumentNo
    item_code: Code
    description: Text
    unit: Code
    quantity: Quantity
    purchase_order_line_no: int | None = None
    requirement_no: DocumentNo | None = None
    requirement_line_no: int | None = None
    order_line_no: int | None = None


class GoodsArrived(Event):
    """A delivery is at the gate (送检单). Without an approved purchase order it waits in quarantine."""

    name: ClassVar[str] = "warehouse.goods_arrived.v1"

    arrival_no: DocumentNo
    supplier_code: Code
    purchase_order_no: DocumentNo | None = None
    ordered_supplier_code: Code | None = None
    quarantine: bool = False
    lines: tuple[ArrivedLine, ...]
    logged_by: EmployeeId


class GoodsReceived(Event):
    """A passed lot is in stock. `override_by` names who received it without a passed inspection."""

    name: ClassVar[str] = "warehouse.goods_received.v1"

    receipt_no: DocumentNo
    arrival_no: DocumentNo
    lot: DocumentNo
    inspection_no: DocumentNo | None
    item_code: Code
    unit: Code
    quantity: Quantity
    requirement_no: DocumentNo | None = None
    requirement_line_no: int | None = None
    location: Text = ""
    override_by: EmployeeId | None = None
    received_by: EmployeeId


class GoodsReturned(Event):
    """A failed lot went back to its supplier."""

    name: ClassVar[str] = "warehouse.goods_returned.v1"

    return_note_no: DocumentNo
    arrival_no: DocumentNo
    lot: DocumentNo
    supplier_code: Code
    item_code: Code
    quantity: Quantity
    reason: Text
    returned_by: EmployeeId


class IssuedLine(Fact):
    """Material that left stock for the workshop."""

    item_code: Code
    quantity: Quantity
    unit: Code
    lots: tuple[DocumentNo, ...] = ()


class MaterialIssued(Event):
    """Material left on an approved requisition; `complete` when nothing of it is still owed."""

    name: ClassVar[str] = "warehouse.material_issued.v1"

    issue_no: DocumentNo
    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    lines: tuple[IssuedLine, ...]
    complete: bool
    issued_by: EmployeeId


class WithdrawalDecided(Event):
    """Whether a requisition that the workshop withdrew has ended: it has unless something was issued on it before.

    Of one that has ended nothing is issued any more; one that has not is issued as if nobody had withdrawn it.
    """

    name: ClassVar[str] = "warehouse.withdrawal_decided.v1"

    requisition_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    accepted: bool


class FinishedGoodsReceived(Event):
    """Finished goods are booked (成品入库单); heavy ones may stand in the workshop's marked zone."""

    name: ClassVar[str] = "warehouse.finished_goods_received.v1"

    receipt_no: DocumentNo
    production_order_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    lot: DocumentNo
    location: Text
    heavy_zone: bool = False
    inspection_no: DocumentNo
    received_by: EmployeeId


class GoodsShipped(Event):
    """Goods left with their delivery note (送货单) and goods-issue note (成品出库单)."""

    name: ClassVar[str] = "warehouse.goods_shipped.v1"

    delivery_note_no: DocumentNo
    goods_issue_no: DocumentNo
    notice_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    lots: tuple[DocumentNo, ...]
    carrier: Text
    vehicle: Text = ""
    packages: int = 1
    shipped_by: EmployeeId


class ShipmentWithheld(Event):
    """Goods that had passed failed their outgoing inspection before they left: nobody owes the shipment until they pass.

    It closes the storekeeper's handover, which is handed over anew then.
    """

    name: ClassVar[str] = "warehouse.shipment_withheld.v1"

    notice_no: DocumentNo
    line_no: int
    inspection_no: DocumentNo


class ReturnReceived(Event):
    """A customer's return is back in the house."""

    name: ClassVar[str] = "warehouse.return_received.v1"

    return_no: DocumentNo
    receipt_no: DocumentNo
    line_no: int
    product_code: Code
    quantity: Quantity
    received_by: EmployeeId


class StockCounted(Event):
    """Somebody counted an item: the opening stock, or a stocktake line. The counter is never the storekeeper's own word.

    `opening`: nothing of the item was ever booked here before, so that there were no books to match. `month`: whose stocktake
    it is part of, `2026-03`; a count that does not say so is of the month in which it was recorded.
    """

    name: ClassVar[str] = "warehouse.stock_counted.v1"

    count_no: DocumentNo
    item_code: Code
    unit: Code
    booked: Quantity
    counted: Quantity
    counted_by: EmployeeId
    opening: bool = False
    month: Code | None = None


class StocktakeLine(Fact):
    """What was counted last of one item, and by how much the books differed."""

    count_no: DocumentNo
    item_code: Code
    unit: Code
    booked: Quantity
    counted: Quantity
    cause: Text = ""


class StocktakeHandedOver(Event):
    """Finance has a month's stocktake (WHS-04); `uncounted` items were in stock and nobody counted them since its first day."""

    name: ClassVar[str] = "warehouse.stocktake_handed_over.v1"

    stocktake_no: DocumentNo
    month: Code
    lines: tuple[StocktakeLine, ...]
    uncounted: int = 0
    handed_over_by: EmployeeId


class AuthorityRefused(parts.AuthorityRefused):
    """A storekeeper refused what must be refused."""

    name: ClassVar[str] = "warehouse.authority_refused.v1"


class OpinionGiven(parts.OpinionGiven):
    """The warehouse's opinion on a contract (stock)."""

    name: ClassVar[str] = "warehouse.opinion_given.v1"


class HandoverDelivered(parts.HandoverDelivered):
    """A handover reached the warehouse's worklist."""

    name: ClassVar[str] = "warehouse.handover_delivered.v1"


class HandoverSigned(parts.HandoverSigned):
    """Somebody in the warehouse signed for a handover."""

    name: ClassVar[str] = "warehouse.handover_signed.v1"


class HindranceReported(parts.HindranceReported):
    """Somebody in the warehouse reported what hinders a handover."""

    name: ClassVar[str] = "warehouse.hindrance_reported.v1"


class WordCameLate(parts.WordCameLate):
    """The warehouse heard only later that what handovers waited for was over."""

    name: ClassVar[str] = "warehouse.word_came_late.v1"


class ServiceUnavailable(parts.ServiceUnavailable):
    """The warehouse's service could not record acts for a while."""

    name: ClassVar[str] = "warehouse.service_unavailable.v1"
