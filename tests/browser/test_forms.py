"""What happens to a form that is refused, and to one that an impatient hand submits twice?"""

import re
from collections.abc import Mapping

from playwright.sync_api import expect

from tests.browser.conftest import Factory, Opener, contract_submitted
from tests.browser.person import Answer
from tests.support.bench_order import CUSTOMER, PRODUCT
from tests.support.company import PEOPLE, Company

LINE = {"产品编码": PRODUCT, "型号": "BENCH", "数量": "1", "单价(元)": "1000", "交货日期": "2026-10-11"}
MERCHANDISER = "小2 E-002"


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(open_as: Opener) -> None:
    seller = open_as("salesperson")
    seller.opens_shelf("订单")
    typed: Mapping[str, Answer] = {"客户": "C-NOBODY", "明细": [LINE], "特殊要求": "防腐处理", "跟单员": MERCHANDISER}

    seller.offered("提交合同评审").click()
    seller.submits("提交合同评审", typed)

    customer = seller.field("客户")
    expect(customer).to_have_attribute("aria-invalid", "true")
    expect(customer).to_have_accessible_description(re.compile("C-NOBODY"))
    expect(customer).to_be_focused()
    for label in ("产品编码", "数量", "单价(元)", "交货日期"):
        expect(seller.field(label)).to_have_value(LINE[label])
    expect(seller.field("特殊要求")).to_have_value("防腐处理")
    expect(seller.field("跟单员")).to_have_value(PEOPLE["merchandiser"])

    seller.submits("提交合同评审", {"客户": CUSTOMER})
    seller.sees_done("提交合同评审")


def test_each_wrong_row_says_so_at_its_own_field(open_as: Opener) -> None:
    seller = open_as("salesperson")
    seller.opens_shelf("订单")

    seller.offered("提交合同评审").click()
    rows = [LINE, {**LINE, "数量": "0"}]
    seller.submits("提交合同评审", {"客户": CUSTOMER, "明细": rows, "跟单员": MERCHANDISER})

    quantities = seller.main.get_by_role("textbox", name="数量", exact=True)
    expect(quantities.nth(1)).to_have_attribute("aria-invalid", "true")
    expect(quantities.nth(1)).to_have_accessible_description(re.compile("大于 0"))
    expect(quantities.nth(0)).not_to_have_attribute("aria-invalid", "true")
    seller.main.get_by_role("alert").get_by_role("link", name=re.compile("数量 · 第 2 行")).click()
    expect(quantities.nth(1)).to_be_focused()


def test_a_double_click_makes_one_document(factory: Factory, open_as: Opener) -> None:
    factory.do(customer_registered)
    seller = open_as("salesperson")
    seller.opens_shelf("订单")
    seller.opens_form("提交合同评审")
    seller.fills_in({"客户": "C-TWICE", "明细": [LINE], "跟单员": MERCHANDISER})

    seller.main.get_by_role("button", name="提交合同评审", exact=True).dblclick()

    order = seller.sees_done("提交合同评审")
    seller.opens_shelf("订单")
    seller.main.get_by_label("客户", exact=True).fill("C-TWICE")
    expect(seller.main.get_by_role("row").filter(has_text=CUSTOMER)).to_have_count(0)
    expect(seller.main.get_by_role("rowheader")).to_have_text([order])


def test_a_double_click_fulfils_a_handover_once(factory: Factory, open_as: Opener) -> None:
    order = factory.do(contract_submitted)
    engineer = open_as("engineer")
    engineer.signs_for("评审意见", order)
    engineer.opens_form("填写评审意见")
    engineer.fills_in({"评审意见": "同意"})

    engineer.main.get_by_role("button", name="填写评审意见", exact=True).dblclick()

    engineer.sees_done("填写评审意见")
    expect(engineer.main.get_by_role("listitem").filter(has_text="填写评审意见")).to_have_count(1)
    expect(engineer.main).not_to_contain_text("被拒绝")


async def customer_registered(company: Company) -> None:
    customer = {"no": "C-TWICE", "name": "Twice", "address": "Suzhou"}
    await company.do("sales", PEOPLE["salesperson"], "register_customer", **customer)
