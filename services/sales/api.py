"""What may Sales' people do? Every command with its posts; deny by default."""

from chassis import hindrances
from chassis.desk import Call, Desk, Reason
from chassis.language import Label
from services.sales import (
    changes,
    complaints,
    customers,
    inquiries,
    orders,
    penalties,
    relays,
    shipment_checks,
    shipping_notices,
)
from services.sales.models import (
    Complaint,
    ComplaintStatus,
    ContractPenalty,
    Customer,
    Hindrance,
    Inquiry,
    InquiryStatus,
    NoticeStatus,
    Order,
    OrderStatus,
    PenaltyStatus,
    Relay,
    RelayStatus,
    ReturnAuthorisation,
    ShippingNotice,
)

SALES = frozenset({"salesperson", "sales_manager"})
FOLLOWING = frozenset({"merchandiser"})
# Whoever a penalty is attributed to may be the one who wrote it down: taking it back is their manager's.
ANSWERING = frozenset({"sales_manager", "general_manager"})
OPEN = frozenset({OrderStatus.CONFIRMED, OrderStatus.RELEASED})

desk = Desk("sales", readers=SALES | FOLLOWING | {"general_manager"})
desk.keep(Order, "orders", columns=("no", "customer_code", "amount", "status", "made_at"), filters=("customer_code",))
desk.keep(
    ShippingNotice, "shipping-notices", columns=("no", "order_no", "product_code", "quantity", "ship_by", "status")
)
desk.keep(Inquiry, "inquiries", columns=("no", "order_no", "question", "assignee", "status"), filters=("assignee",))
desk.keep(
    Relay,
    "relays",
    columns=("no", "order_no", "description", "assignee", "status"),
    filters=("assignee", "exception_no"),
)
desk.keep(Complaint, "complaints", columns=("no", "order_no", "kind", "description", "status"), filters=("kind",))
desk.keep(
    ReturnAuthorisation,
    "returns",
    columns=("no", "order_no", "complaint_no", "quantity", "status"),
    reference="return_no",
)
desk.keep(
    ContractPenalty,
    "contract-penalties",
    columns=("no", "order_no", "customer_code", "customer_reference", "amount", "imposed_on", "status"),
    filters=("customer_code", "complaint_no"),
)
desk.keep(
    Customer, "customers", columns=("no", "name", "contact", "address", "transit_days"), reference="customer_code"
)
hindrances.keep(desk, Hindrance, posts=SALES | FOLLOWING)


@desk.command(Customer, Label("登记客户", "Register customer"), posts=SALES)
async def register_customer(call: Call, form: customers.Registration) -> Customer:
    return await customers.register(call.session, form, maker=call.by, now=call.now)


@desk.command(Order, Label("提交合同评审", "Submit contract for review"), posts=SALES)
async def submit_contract(call: Call, form: orders.Contract) -> Order:
    return await orders.submit(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Order,
    Label("确认订单", "Confirm order"),
    posts=SALES | {"general_manager"},
    when={OrderStatus.SUBMITTED, OrderStatus.ACCEPTED, OrderStatus.CONDITIONAL, OrderStatus.DECLINED},
)
async def confirm_order(call: Call, no: str) -> Order:
    return await orders.confirm(call.session, no, by=call.actor, now=call.now)


@desk.command(
    Order, Label("下达订单", "Release order"), posts=FOLLOWING, when={OrderStatus.CONFIRMED}, settles={"release"}
)
async def release_order(call: Call, no: str) -> Order:
    return await orders.release(call.session, no, by=call.actor)


@desk.command(Order, Label("变更订单", "Amend order"), posts=SALES, when=OPEN)
async def amend_order(call: Call, no: str, form: changes.Amendment) -> Order:
    return await changes.amend(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Order, Label("客户延期", "Customer postpones"), posts=SALES, when=OPEN)
async def postpone_delivery(call: Call, no: str, form: changes.Postponement) -> Order:
    return await changes.postpone(call.session, no, form, by=call.actor, now=call.now)


@desk.command(
    Order,
    Label("取消订单", "Cancel order"),
    posts=SALES,
    when=frozenset(OrderStatus) - {OrderStatus.DELIVERED, OrderStatus.CANCELLED},
    irreversible=True,
)
async def cancel_order(call: Call, no: str, form: orders.Cancellation) -> Order:
    return await orders.cancel(call.session, no, form, by=call.actor)


@desk.command(
    Order,
    Label("出货跟踪", "Check shipment"),
    posts=FOLLOWING,
    when={OrderStatus.RELEASED},
    settles={"shipment_check"},
)
async def check_shipment(call: Call, no: str, form: shipment_checks.Check) -> Order:
    return await shipment_checks.check(call.session, no, form, by=call.actor, now=call.now)


@desk.command(Inquiry, Label("查询进度", "Ask about progress"), posts=SALES)
async def ask_progress(call: Call, form: inquiries.Question) -> Inquiry:
    return await inquiries.ask(call.session, form, maker=call.actor, now=call.now)


@desk.command(Inquiry, Label("答复进度", "Answer"), posts=FOLLOWING, when={InquiryStatus.OPEN}, settles={"progress"})
async def answer_progress(call: Call, no: str, form: inquiries.Answer) -> Inquiry:
    return await inquiries.answer(call.session, no, form, by=call.actor)


@desk.command(
    Relay, Label("转告业务", "Relay to Sales"), posts=FOLLOWING, when={RelayStatus.OPEN}, settles={"exception_relay"}
)
async def relay_exception(call: Call, no: str, form: relays.Message) -> Relay:
    return await relays.relay(call.session, no, form, by=call.actor)


@desk.command(ShippingNotice, Label("发出货通知", "Issue shipping notice"), posts=SALES, settles={"notice"})
async def issue_shipping_notice(call: Call, form: shipping_notices.Notice) -> ShippingNotice:
    return await shipping_notices.issue(call.session, form, maker=call.actor, now=call.now)


@desk.command(ShippingNotice, Label("登记送达", "Confirm delivery"), posts=SALES, when={NoticeStatus.SHIPPED})
async def confirm_delivery(call: Call, no: str, form: shipping_notices.Delivery) -> ShippingNotice:
    return await shipping_notices.confirm_delivery(call.session, no, form, by=call.actor)


@desk.command(Complaint, Label("登记客诉", "Take in complaint"), posts=SALES | FOLLOWING)
async def receive_complaint(call: Call, form: complaints.Intake) -> Complaint:
    return await complaints.receive(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    Complaint,
    Label("书面移交计划", "Pass to PMC"),
    posts=SALES,
    when={ComplaintStatus.RECEIVED},
    settles={"complaint_to_pmc"},
)
async def pass_complaint(call: Call, no: str) -> Complaint:
    return await complaints.pass_on(call.session, no, by=call.actor)


@desk.command(Complaint, Label("客户确认", "Customer content"), posts=SALES, when={ComplaintStatus.PASSED})
async def confirm_remedy(call: Call, no: str, form: complaints.Words) -> Complaint:
    return await complaints.confirm_remedy(call.session, no, form, by=call.actor)


@desk.command(ReturnAuthorisation, Label("批准退货", "Authorise return"), posts=SALES)
async def authorise_return(call: Call, form: complaints.Return) -> ReturnAuthorisation:
    return await complaints.authorise_return(call.session, form, maker=call.actor, now=call.now)


@desk.command(ContractPenalty, Label("登记客户罚款", "Record contract penalty"), posts=SALES | FOLLOWING)
async def record_contract_penalty(call: Call, form: penalties.Imposed) -> ContractPenalty:
    return await penalties.record(call.session, form, maker=call.actor, now=call.now)


@desk.command(
    ContractPenalty,
    Label("撤销客户罚款", "Withdraw contract penalty"),
    posts=ANSWERING,
    when={PenaltyStatus.RECORDED},
    irreversible=True,
)
async def withdraw_contract_penalty(call: Call, no: str, form: Reason) -> ContractPenalty:
    return await penalties.withdraw(call.session, no, form, by=call.actor)
