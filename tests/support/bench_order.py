"""What is the bench order? One product, one purchase with three quotes, three operations, every link of the chain once.

42 commands of 13 people in six departments; the same order is the unit of the benchmark and of the kill tests.
"""

from datetime import date, datetime, timedelta
from typing import Any

from chassis.instants import FACTORY
from contracts import links
from tests.support.company import PEOPLE, SUPPLIERS, Company

PRODUCT, CUSTOMER = "P-BENCH", "C-BENCH"
BOUGHT, STOCKED = "M-BOUGHT", "M-STOCKED"
OPERATIONS = (10, 20, 30)
DEPARTMENTS = {
    "engineering": "engineer",
    "pmc": "planner",
    "purchasing": "buyer",
    "quality": "inspector",
    "warehouse": "storekeeper",
}
COMMANDS = 42


def factory_today() -> date:
    """The day in the factory by the real clock; on this machine it may still be the day before."""
    return datetime.now(FACTORY).date()


async def prepare(company: Company, today: date) -> None:
    """Master data: the customer, the product, three suppliers and plenty of what is on stock."""
    who = PEOPLE
    await company.at_work()
    await company.do("sales", who["salesperson"], "register_customer", no=CUSTOMER, name="Bench", address="Suzhou")
    part = {"unit": "个", "purchased": True, "lead_time_days": 4}
    await company.do(
        "engineering",
        who["engineer"],
        "register_product",
        no=PRODUCT,
        name="bench cabinet",
        bom=[
            {"item_code": BOUGHT, "description": "bought", "quantity": "1", **part},
            {"item_code": STOCKED, "description": "stocked", "quantity": "2", **part},
        ],
        route=[
            {"op_no": op, "title": f"operation {op}", "standard_hours": "4", "predecessor": before}
            for op, before in zip(OPERATIONS, (None, *OPERATIONS), strict=False)
        ],
        required=["drawing"],
        inspection_standard="QS-1",
        unit_weight_kg="80",
    )
    for supplier in SUPPLIERS:
        await company.do(
            "purchasing",
            who["purchasing_manager"],
            "qualify_supplier",
            no=supplier,
            name=supplier,
            approved_for=[BOUGHT],
            supplier_class="A",
            valid_until=(today + timedelta(days=365)).isoformat(),
        )
    lesson = {"worker": who["worker"], "subject": "bench cabinet", "trained_on": today.isoformat()}
    await company.do_when_known("unknown_employee", "pmc", who["workshop_director"], "record_training", **lesson)
    count = {"item_code": STOCKED, "unit": "个", "counted": "1000000000"}
    await company.do("warehouse", who["warehouse_manager"], "count_stock", **count)


async def run_order(company: Company) -> str:
    """One order from the contract to the customer's door; returns its number."""
    today = factory_today()
    order = await promise(company, today)
    no = str(order["no"])
    production, requirement = await plan(company, no, today)
    await buy(company, no, requirement, today)
    await produce(company, no, production)
    await ship(company, no, today)
    return no


def contract(today: date) -> dict[str, Any]:
    """What the salesperson writes down for one piece, wanted in forty days."""
    line = {
        "line_no": 1,
        "product_code": PRODUCT,
        "model": "BENCH",
        "quantity": "1",
        "unit_price": "1000",
        "delivery_date": (today + timedelta(days=40)).isoformat(),
    }
    return {"customer_code": CUSTOMER, "lines": [line], "merchandiser": PEOPLE["merchandiser"]}


async def promise(company: Company, today: date) -> dict[str, Any]:
    who = PEOPLE
    order: dict[str, Any] = await company.do("sales", who["salesperson"], "submit_contract", **contract(today))
    no = order["no"]
    for department, post in DEPARTMENTS.items():
        document = await company.duty(department, who[post], links.opinion(no, department), no)
        await company.do(department, who[post], "give_opinion", document, opinion="agree")
    document = await company.duty("pmc", who["planner"], links.review(no), no)
    await company.do("pmc", who["planner"], "decide_review", document, outcome="accepted")
    await reviewed(company, no)
    await company.do("sales", who["salesperson"], "confirm_order", no)
    await company.do("sales", who["merchandiser"], "release_order", no)
    return order


async def reviewed(company: Company, no: str) -> None:
    """Sales has heard of the decision."""
    await company.until(
        "sales", PEOPLE["salesperson"], f"/api/orders/{no}", lambda order: order["status"] == "accepted"
    )


async def plan(company: Company, no: str, today: date) -> tuple[dict[str, Any], dict[str, Any]]:
    who = PEOPLE
    package = await company.duty("engineering", who["engineer"], links.package(no, 1), no)
    await company.do("engineering", who["engineer"], "draft_package", package, documents=["drawing"])
    await company.do("engineering", who["engineer"], "release_package", package)
    document = await company.duty("pmc", who["planner"], links.production_order(no, 1), no)
    start = {"start_on": (today + timedelta(days=1)).isoformat()}
    production = await company.do("pmc", who["planner"], "issue_production_order", document, **start)
    due = f"{today + timedelta(days=20)}T09:00:00Z"
    for op in OPERATIONS:
        document = await company.duty("pmc", who["workshop_director"], links.dispatch(production["no"], op), no)
        team = {"team": "bench", "team_leader": who["team_leader"], "due_at": due}
        await company.do("pmc", who["workshop_director"], "dispatch_operation", document, **team)
    document = await company.duty("pmc", who["planner"], links.requirement(no, 1), no)
    return production, await company.do("pmc", who["planner"], "issue_requirement", document)


async def buy(company: Company, no: str, requirement: dict[str, Any], today: date) -> None:
    await receive(company, no, await arrive(company, no, *await purchase(company, no, requirement, today)))


async def purchase(
    company: Company, no: str, requirement: dict[str, Any], today: date
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Three quotes and an order for what is short; returns the purchase order and the short line."""
    who, number = PEOPLE, requirement["no"]
    (short,) = [line for line in requirement["lines"] if line["item_code"] == BOUGHT]
    await company.duty("purchasing", who["buyer"], links.purchase_order(number), no)
    await company.do(
        "purchasing", who["buyer"], "check_requirement", number, material_controller=who["material_controller"]
    )
    wanted = [{"requirement_line_no": short["line_no"]}]
    request = await company.do(
        "purchasing", who["buyer"], "submit_request", requirement_no=number, supplier_code=SUPPLIERS[0], lines=wanted
    )
    for price, supplier in enumerate(SUPPLIERS, 100):
        quote = {"supplier_code": supplier, "amount": str(price), "lead_time_days": 4}
        await company.do("purchasing", who["buyer"], "record_quote", request["no"], **quote)
    await company.do("purchasing", who["purchasing_manager"], "approve_request", request["no"])
    promised = (today + timedelta(days=10)).isoformat()
    lines = [{"requirement_line_no": short["line_no"], "unit_price": "100", "promised_on": promised}]
    issued = await company.do(
        "purchasing",
        who["buyer"],
        "issue_purchase_order",
        request_no=request["no"],
        supplier_code=SUPPLIERS[0],
        lines=lines,
    )
    return issued, short


async def arrive(company: Company, no: str, issued: dict[str, Any], short: dict[str, Any]) -> str:
    """The goods are at the gate and pass their inspection; returns their lot."""
    who = PEOPLE
    line = {"item_code": BOUGHT, "quantity": short["short"], "purchase_order_line_no": issued["lines"][0]["line_no"]}
    arrival = await company.do_when_known(
        "purchase_order_unknown",
        "warehouse",
        who["storekeeper"],
        "log_arrival",
        supplier_code=SUPPLIERS[0],
        purchase_order_no=issued["no"],
        lines=[line],
    )
    lot: str = arrival["lines"][0]["lot"]
    document = await company.duty("quality", who["inspector"], links.iqc(lot), no)
    passed = {"sample_size": 1, "defects": 0, "passed": True}
    await company.do("quality", who["inspector"], "inspect_incoming", document, **passed)
    return lot


async def receive(company: Company, no: str, lot: str) -> None:
    document = await company.duty("warehouse", PEOPLE["storekeeper"], links.receipt(lot), no)
    await company.do("warehouse", PEOPLE["storekeeper"], "receive_goods", lot=document, location="A-01")


async def produce(company: Company, no: str, production: dict[str, Any]) -> None:
    who, number = PEOPLE, production["no"]
    requisition = await company.do("pmc", who["team_leader"], "submit_requisition", production_order_no=number)
    document = await company.duty("pmc", who["workshop_director"], links.requisition_approval(requisition["no"]), no)
    await company.do("pmc", who["workshop_director"], "approve_requisition", document)
    document = await company.duty("warehouse", who["storekeeper"], links.issue(requisition["no"]), no)
    await company.do("warehouse", who["storekeeper"], "issue_material", requisition_no=document)
    for op in OPERATIONS:
        document = await company.duty("pmc", who["team_leader"], links.operation(number, op), no)
        report = {"good": "1", "workers": [who["worker"]]}
        await company.do("pmc", who["team_leader"], "report_operation", document, **report)
    document = await company.duty("quality", who["inspector"], links.final_inspection(number), no)
    passed = {"sample_size": 1, "defects": 0, "passed": True}
    await company.do("quality", who["inspector"], "inspect_final", document, **passed)
    document = await company.duty("warehouse", who["storekeeper"], links.finished_receipt(number), no)
    finished = {"production_order_no": document, "quantity": "1", "location": "F-1", "heavy_zone": True}
    await company.do("warehouse", who["storekeeper"], "receive_finished_goods", **finished)


async def ship(company: Company, no: str, today: date) -> None:
    who = PEOPLE
    await company.duty("sales", who["salesperson"], links.notice(no, 1), no)
    notice = await company.do(
        "sales", who["salesperson"], "issue_shipping_notice", order_no=no, line_no=1, quantity="1"
    )
    number = notice["no"]
    reviews = {"planner": links.planner_review(number), "director": links.director_review(number)}
    for review, post in (("planner", "planner"), ("director", "workshop_director")):
        document = await company.duty("pmc", who[post], reviews[review], no)
        await company.do("pmc", who[post], "review_shipment", document, review=review, passed=True)
    document = await company.duty("pmc", who["planner"], links.instruction(number), no)
    await company.do("pmc", who["planner"], "instruct_shipment", document)
    document = await company.duty("quality", who["inspector"], links.outgoing_qa(number), no)
    passed = {"sample_size": 1, "defects": 0, "passed": True}
    await company.do("quality", who["inspector"], "inspect_outgoing", document, **passed)
    document = await company.duty("warehouse", who["storekeeper"], links.ship(number), no)
    await company.do("warehouse", who["storekeeper"], "ship_goods", document, carrier="bench")
    document = await company.duty("pmc", who["planner"], links.shipment_report(number), no)
    await company.do("pmc", who["planner"], "report_shipment", document)
    await company.until(
        "sales", who["salesperson"], f"/api/shipping-notices/{number}", lambda shipped: shipped["status"] == "shipped"
    )
    await company.do("sales", who["salesperson"], "confirm_delivery", number, delivered_on=today.isoformat())
