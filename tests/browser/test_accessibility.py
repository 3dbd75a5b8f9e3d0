"""Can people who use a screen reader, or who see colours poorly, work with every kind of page?"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Factory, Opener, contract_submitted

SERIOUS = frozenset({"serious", "critical"})


def assert_accessible(page: Page) -> None:
    """No serious violation of axe's rules; the report names each element and the remedy."""
    results = Axe().run(page)
    found = [rule for rule in results.response["violations"] if rule["impact"] in SERIOUS]
    assert not found, "\n".join(results.generate_report(rule["id"]) for rule in found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_is_accessible(factory: Factory, open_as: Opener, scheme: str) -> None:
    order = factory.do(contract_submitted)
    engineer = open_as("engineer", signed_in=False, color_scheme=scheme)
    engineer.page.goto(f"{engineer.url}/login")
    assert_accessible(engineer.page)
    engineer.signs_in()
    engineer.owes("评审意见", order)
    assert_accessible(engineer.page)
    engineer.opens_shelf("评审意见")
    expect(engineer.table_row(order)).to_be_visible()
    assert_accessible(engineer.page)
    engineer.signs_for("评审意见", order)
    assert_accessible(engineer.page)
    engineer.offered("填写评审意见").click()
    engineer.submits("填写评审意见")
    expect(engineer.main.get_by_role("alert")).to_be_visible()
    assert_accessible(engineer.page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_with_rows_is_accessible(open_as: Opener, scheme: str) -> None:
    seller = open_as("salesperson", color_scheme=scheme)
    seller.opens_shelf("订单")
    seller.offered("提交合同评审").click()
    expect(seller.heading("提交合同评审")).to_be_visible()
    assert_accessible(seller.page)
