"""What may the warehouse's people do? Every command with its posts; deny by default."""

from chassis import hindrances, opinions
from chassis.desk import Call, Desk
from chassis.language import Label
from chassis.opinions import OpinionStatus
from services.warehouse import (
    arrivals,
    customer_returns,
    finished_receipts,
    receipts,
    refusals,
    requisitions,
    shipments,
    stock_counts,
    stocktakes,
)
from services.warehouse.models import (
    Arrival,
    CustomerReturn,
    CustomerReturnStatus,
    FinishedReceipt,
    Hindrance,
    Lot,
    LotStatus,
    MaterialIssue,
    Opinion,
    Receipt,
    RefusalRecord,
    Requisition,
    ReturnNote,
    Shipment,
    ShipmentStatus,
    Stock,
    StockCount,
    Stocktake,
)

KEEPING = frozenset({"storekeeper"})
MANAGING = frozenset({"warehouse_manager"})
COUNTING = MANAGING | {"planner", "material_controller", "finance", "general_manager"}

desk = Desk("warehouse", readers=KEEPING | COUNTING)
desk.keep(
    Arrival,
    "arrivals",
    columns=("no", "order_no", "supplier_code", "purchase_order_no", "status", "made_at"),
    filters=("supplier_code", "purchase_order_no"),
)
desk.keep(
    Lot,
    "lots",
    columns=("no", "item_code", "quantity", "remaining", "location", "arrival_no", "status"),
    filters=("item_code", "arrival_no", "supplier_code"),
    reference="lot",
)
desk.keep(
    Receipt,
    "receipts",
    columns=("no", "order_no", "lot", "item_code", "quantity", "location", "override_by"),
    filters=("item_code", "lot"),
)
desk.keep(
    ReturnNote,
    "return-notes",
    columns=("no", "order_no", "lot", "supplier_code", "item_code", "quantity", "reason"),
    filters=("supplier_code", "lot"),
    reference="return_note_no",
)
desk.keep(
    Requisition,
    "requisitions",
    columns=("no", "order_no", "production_order_no", "offered", "status", "made_at"),
    filters=("production_order_no",),
)
desk.keep(
    MaterialIssue,
    "material-issues",
    columns=("no", "order_no", "requisition_no", "complete", "made_by", "made_at"),
    filters=("requisition_no",),
)
desk.keep(
    FinishedReceipt,
    "finished-receipts",
    columns=("no", "order_no", "production_order_no", "product_code", "quantity", "location"),
    filters=("production_order_no", "product_code"),
    reference="finished_receipt_no",
)
desk.keep(Stock, "stock", columns=("no", "quantity", "unit", "location"), reference="item_code")
desk.keep(
    StockCount,
    "stock-counts",
    columns=("no", "item_code", "booked", "counted", "variance", "made_by", "made_at"),
    filters=("item_code",),
)
desk.keep(
    Stocktake,
    "stocktakes",
    columns=("no", "month", "uncounted", "made_by", "made_at"),
    filters=("month",),
    reference="stocktake_no",
)
desk.keep(
    Shipment,
    "shipments",
    columns=("no", "order_no", "product_code", "quantity", "ship_by", "delivery_note_no", "status"),
    filters=("product_code", "delivery_note_no"),
    reference="notice_no",
)
desk.keep(
    CustomerReturn,
    "customer-returns",
    columns=("no", "order_no", "complaint_no", "product_code", "quantity", "status"),
    filters=("complaint_no",),
)
desk.keep(RefusalRecord, "refusals", columns=("no", "order_no", "authority", "document_no", "reason", "made_by"))
desk.keep(Opinion, "opinions", columns=opinions.COLUMNS, filters=("assignee",))
hindrances.keep(desk, Hindrance, posts=KEEPING)


@desk.command(Opinion, opinions.GIVE, posts=KEEPING, when={OpinionStatus.OPEN}, settles={"opinion"})
async def give_opinion(call: Call, no: str, form: opinions.Answer) -> Opinion:
    return await opinions.give(call.session, Opinion, no, form, by=call.actor, now=call.now)


@desk.command(Arrival, Label("登记来料", "Log arrival"), posts=KEEPING)
async def log_arrival(call: Call, form: arrivals.Delivery) -> Arrival:
    return await arrivals.log(call.session, form, maker=call.actor, now=call.now)


@desk.command(Receipt, Label("入库", "Receive into stock"), posts=KEEPING, settles={"receipt"})
async def receive_goods(call: Call, form: receipts.Booking) -> Receipt:
    return await receipts.receive(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Lot,
    Label("特批入库", "Override the inspection"),
    posts=MANAGING,
    when={LotStatus.QUARANTINE, LotStatus.AWAITING_INSPECTION, LotStatus.FAILED},
    irreversible=True,
)
async def override_inspection(call: Call, no: str, form: receipts.Override) -> Lot:
    return await receipts.override(call.session, no, form, by=call.actor, now=call.now)


@desk.command(ReturnNote, Label("退回供应商", "Return to supplier"), posts=KEEPING, irreversible=True)
async def return_goods(call: Call, form: receipts.GoingBack) -> ReturnNote:
    return await receipts.give_back(call.session, form, maker=call.actor, now=call.now)


@desk.command(MaterialIssue, Label("发料", "Issue material"), posts=KEEPING, settles={"issue"})
async def issue_material(call: Call, form: requisitions.Issue) -> MaterialIssue:
    return await requisitions.issue(call.session, form, maker=call.actor, now=call.now)


@desk.command(FinishedReceipt, Label("成品入库", "Receive finished goods"), posts=KEEPING, settles={"finished_receipt"})
async def receive_finished_goods(call: Call, form: finished_receipts.Booking) -> FinishedReceipt:
    return await finished_receipts.receive(call.session, form, maker=call.actor, now=call.now)


@desk.command(StockCount, Label("盘点", "Count stock"), posts=COUNTING)
async def count_stock(call: Call, form: stock_counts.Count) -> StockCount:
    return await stock_counts.count(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Stocktake, Label("移交财务", "Hand over to finance"), posts=KEEPING, settles={"stocktake"}, irreversible=True
)
async def hand_over_stocktake(call: Call, form: stocktakes.HandingOver) -> Stocktake:
    return await stocktakes.hand_over(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Shipment,
    Label("发货", "Ship goods"),
    posts=KEEPING,
    when={ShipmentStatus.INSTRUCTED},
    irreversible=True,
    settles={"ship"},
)
async def ship_goods(call: Call, no: str, form: shipments.Dispatch) -> Shipment:
    return await shipments.ship(call.session, no, form, by=call.actor, now=call.now)


@desk.command(CustomerReturn, Label("收退货", "Receive return"), posts=KEEPING, when={CustomerReturnStatus.AUTHORISED})
async def receive_return(call: Call, no: str, form: customer_returns.Intake) -> CustomerReturn:
    return await customer_returns.receive(call.session, no, form, by=call.actor, now=call.now)


@desk.command(RefusalRecord, Label("拒收、拒发", "Refuse"), posts=KEEPING)
async def refuse_paper(call: Call, form: refusals.Paper) -> RefusalRecord:
    return await refusals.refuse(call.session, form, maker=call.actor, now=call.now)
