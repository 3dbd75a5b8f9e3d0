"""Who gets in at a department's door, in which language, and what does everybody else learn?"""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.person import PASSWORD


def test_a_wrong_password_is_said_beside_its_field_and_the_employee_id_stays(open_as: Opener) -> None:
    merchandiser = open_as("merchandiser", signed_in=False)
    merchandiser.page.goto(f"{merchandiser.url}/login")

    merchandiser.types_credentials("a wrong password")

    password = merchandiser.page.get_by_label("密码", exact=True)
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(password).to_have_accessible_description(re.compile("密码不对"))
    expect(password).to_be_focused()
    expect(merchandiser.page.get_by_label("工号", exact=True)).to_have_value(merchandiser.employee)

    merchandiser.types_credentials(PASSWORD)
    expect(merchandiser.heading("待办")).to_be_visible()


def test_a_person_of_another_department_is_refused_with_the_posts_that_may_enter(open_as: Opener) -> None:
    stranger = open_as("merchandiser", at="engineering", signed_in=False)
    stranger.page.goto(f"{stranger.url}/login")

    stranger.types_credentials(PASSWORD)

    expect(stranger.heading("您不能进行此操作")).to_be_visible()
    expect(stranger.main).to_contain_text("工程师")
    stranger.main.get_by_role("link", name="换一个账号登录").click()
    expect(stranger.page.get_by_role("button", name="登录", exact=True)).to_be_visible()


def test_the_page_asked_for_comes_after_the_sign_in(open_as: Opener) -> None:
    seller = open_as("salesperson", signed_in=False)
    seller.page.goto(f"{seller.url}/customers")

    seller.types_credentials(PASSWORD)

    expect(seller.heading(re.compile("^客户 "))).to_be_visible()


def test_the_language_is_switched_on_the_page_and_stays(open_as: Opener) -> None:
    seller = open_as("salesperson")
    seller.opens_shelf("订单")
    page = seller.page

    page.get_by_role("button", name="English").click()

    expect(seller.heading(re.compile("^Order "))).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(seller.url)
    expect(seller.heading("Worklist")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(seller.heading("待办")).to_be_visible()


def test_whoever_signed_out_has_to_sign_in_again(open_as: Opener) -> None:
    seller = open_as("salesperson")

    seller.page.get_by_role("banner").get_by_label("小1 的菜单").click()
    seller.page.get_by_role("button", name="退出登录").click()

    expect(seller.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    seller.page.goto(f"{seller.url}/orders")
    expect(seller.page.get_by_role("button", name="登录", exact=True)).to_be_visible()
