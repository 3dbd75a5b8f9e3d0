"""Can a customer's order be carried from the contract to the door by its people at their pages alone?

Thirteen people sign in at their departments, find each handover on the worklist, sign for it, open it and fulfil it. The
buyer and the inspector read English, everybody else Chinese.
"""

from collections.abc import Callable, Mapping
from functools import cache

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.person import Answer, Person
from tests.support.bench_order import BOUGHT, CUSTOMER, PRODUCT
from tests.support.company import SUPPLIERS

ENGLISH = frozenset({"buyer", "inspector"})
TEAM_LEADER, WORKER, MATERIAL_CONTROLLER, MERCHANDISER = "小7 E-023", "小8 E-031", "小5 E-021", "小2 E-002"
OPERATIONS = ("10", "20", "30")
PASSED: Mapping[str, Answer] = {"Sample size": "1", "Defects": "0", "passed": True}
People = Callable[[str], Person]


@pytest.mark.timeout(900)
def test_an_order_is_carried_by_its_people_from_the_contract_to_the_customer(open_as: Opener) -> None:
    @cache
    def people(post: str) -> Person:
        return open_as(post, language="en" if post in ENGLISH else "zh")

    order = promise(people)
    production_order = plan(people, order)
    purchase_order = buy(people, order)
    receive(people, order, purchase_order)
    produce(people, order, production_order)
    notice = ship(people, order)

    seller = people("salesperson")
    expect(seller.heading(f"{notice} 已送达")).to_be_visible()
    seller.main.get_by_role("link", name=order).first.click()
    expect(seller.table_row(order)).to_contain_text("已送达")


def promise(people: People) -> str:
    """The contract, five departments' opinions, the decision, and the order's release."""
    seller = people("salesperson")
    seller.opens_shelf("订单")
    line = {"产品编码": PRODUCT, "型号": "BENCH", "数量": "1", "单价(元)": "1000", "交货日期": "2026-10-11"}
    contract: Mapping[str, Answer] = {"客户": CUSTOMER, "明细": [line], "跟单员": MERCHANDISER}
    order = seller.does("提交合同评审", contract)
    for post in ("engineer", "planner", "storekeeper"):
        people(post).signs_for("评审意见", order)
        people(post).does("填写评审意见", {"评审意见": "同意"})
    for post in ("buyer", "inspector"):
        people(post).signs_for("Review opinion", order)
        people(post).does("Give opinion", {"Review opinion": "agree"})
    people("planner").signs_for("合同评审决定", order)
    people("planner").does("决定合同评审", {"决定": "已接受"})
    seller.sees_status(order, "已接受")
    seller.does("确认订单")
    people("merchandiser").signs_for("下达订单", order)
    people("merchandiser").does("下达订单")
    return order


def plan(people: People, order: str) -> str:
    """The engineering package, the production order with its operations dispatched, and the list of material."""
    engineer, planner, director = people("engineer"), people("planner"), people("workshop_director")
    engineer.signs_for("工程资料", order)
    engineer.does("编制资料", {"资料": "drawing"})
    engineer.does("发布资料")
    planner.signs_for("生产指令", order)
    production_order = planner.does("下达生产指令", {"开工日期": "2026-09-01"})
    for operation in OPERATIONS:
        director.signs_for("派工", operation_of(production_order, operation))
        director.does("派工", {"班组": "钣金一班", "组长": TEAM_LEADER, "期限": "2026-09-21T17:00"})
    planner.signs_for("物料明细", order)
    planner.does("下达物料明细")
    return production_order


def operation_of(production_order: str, operation: str) -> str:
    """An operation's number, as it is printed on the production order."""
    return f"OP-{production_order.removeprefix('MO-')}-{operation}"


def buy(people: People, order: str) -> str:
    """Three quotes, the approval and the purchase order for what is short."""
    buyer, manager = people("buyer"), people("purchasing_manager")
    buyer.signs_for("Purchase order", order)
    buyer.does("Check material list", {"Material controller": MATERIAL_CONTROLLER})
    quotes = [
        {"Supplier": supplier, "Amount (CNY)": str(amount), "Lead time (days)": "4"}
        for amount, supplier in enumerate(SUPPLIERS, 100)
    ]
    line = buyer.table_row(BOUGHT).get_by_role("cell").first.inner_text()
    wish: Mapping[str, Answer] = {"Lines": [{"Material list line": line}], "Supplier": SUPPLIERS[0], "Quotes": quotes}
    buyer.starts("Submit purchase request", wish)
    manager.signs_for("采购申请审批", order)
    request = manager.does("批准采购")
    buyer.goes_to(request)
    price = {"Material list line": line, "Unit price (CNY)": "100", "Promised on": "2026-09-11"}
    return buyer.starts("Issue purchase order", {"Lines": [price]})


def receive(people: People, order: str, purchase_order: str) -> None:
    """The goods at the gate, their inspection and their place in the store."""
    storekeeper, inspector = people("storekeeper"), people("inspector")
    storekeeper.opens_shelf("送检单")
    line = {"物料编码": BOUGHT, "数量": "1", "订购单行号": "1"}
    storekeeper.does("登记来料", {"供应商": SUPPLIERS[0], "订购单号": purchase_order, "明细": [line]})
    inspector.signs_for("Incoming inspection", order)
    inspector.does("Inspect arrived goods", PASSED)
    storekeeper.signs_for("入库", order)
    storekeeper.does("入库", {"库位": "A-01"})


def produce(people: People, order: str, production_order: str) -> None:
    """Material at the bench, three operations, the final inspection and the finished goods in the store."""
    leader, director, storekeeper = people("team_leader"), people("workshop_director"), people("storekeeper")
    leader.goes_to(production_order)
    leader.starts("申请领料")
    director.signs_for("领料审批", order)
    director.does("批准领料")
    storekeeper.signs_for("发料", order)
    storekeeper.does("发料")
    for operation in OPERATIONS:
        leader.signs_for("工序", operation_of(production_order, operation))
        leader.does("报完工", {"良品": "1", "作业员": [WORKER]})
    people("inspector").signs_for("Final inspection", order)
    people("inspector").does("Inspect finished goods", PASSED)
    storekeeper.signs_for("成品入库", order)
    storekeeper.does("成品入库", {"库位": "F-1", "车间重件区": True})


def ship(people: People, order: str) -> str:
    """The notice, two reviews, the instruction, the outgoing inspection, the shipment, its report and the delivery."""
    seller, planner, director = people("salesperson"), people("planner"), people("workshop_director")
    seller.signs_for("出货通知", order)
    notice = seller.does("发出货通知", {"数量": "1"})
    planner.signs_for("出货评审(计划)", order)
    planner.does("出货评审", {"合格": True})
    director.signs_for("出货评审(车间)", order)
    director.does("出货评审", {"合格": True})
    planner.signs_for("出货指令", order)
    planner.does("指令出货")
    people("inspector").signs_for("Outgoing inspection", order)
    people("inspector").does("Inspect before shipping", PASSED)
    people("storekeeper").signs_for("发货", order)
    people("storekeeper").does("发货", {"承运人": "顺丰"})
    planner.signs_for("出货回报", order)
    planner.does("回报业务")
    seller.sees_status(notice, "已发货")
    seller.does("登记送达", {"送达日期": "2026-09-01"})
    return notice
