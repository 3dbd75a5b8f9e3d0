"""A person signs in at their department, in their language, and nobody else gets in."""

from pathlib import Path

import pytest
import yaml
from argon2 import PasswordHasher

from chassis.auth import LocalAccounts
from tests.sales.conftest import BOSS, SELLER
from tests.support.departments import Department
from tests.ui.conftest import Opener, browser

PASSWORD = "出货要及时"


@pytest.fixture
def accounts(sales: Department, tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    file.write_text(yaml.safe_dump({SELLER: quick.hash(PASSWORD), "E-404": quick.hash(PASSWORD)}))
    sales.app.state.authenticator = LocalAccounts(file)


@pytest.mark.usefixtures("accounts")
async def test_the_right_password_opens_a_session_that_no_script_can_read(sales: Department) -> None:
    person = browser(sales)

    answer = (await person.post("/login", employee=SELLER, password=PASSWORD, next="/orders")).answer

    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("handover_sales=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await person.get("/")).status == 200


@pytest.mark.usefixtures("accounts")
async def test_over_an_encrypted_connection_the_cookie_is_bound_to_this_host(sales: Department) -> None:
    sales.app.state.settings.secure_cookies = True

    cookie = (await browser(sales).post("/login", employee=SELLER, password=PASSWORD)).answer.headers["set-cookie"]

    assert cookie.startswith("__Host-handover_sales=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.usefixtures("accounts")
async def test_a_wrong_password_is_refused_beside_its_field(sales: Department) -> None:
    page = await browser(sales).post("/login", employee=SELLER, password="guess")

    assert page.status == 401
    assert "工号或密码不对。请重新输入。" in page.words
    assert 'aria-invalid="true" aria-describedby="password-error"' in page.html
    assert f'value="{SELLER}"' in page.html
    assert "set-cookie" not in page.answer.headers


@pytest.mark.usefixtures("accounts")
async def test_the_sixth_attempt_in_a_minute_has_to_wait(sales: Department) -> None:
    person = browser(sales)
    statuses = [(await person.post("/login", employee=SELLER, password="guess")).status for _ in range(6)]

    assert statuses == [401] * 5 + [429]
    assert (await person.post("/login", employee=SELLER, password=PASSWORD)).status == 429


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("address", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "x"])
async def test_signing_in_never_leads_to_another_site(sales: Department, address: str) -> None:
    page = await browser(sales).post("/login", employee=SELLER, password=PASSWORD, next=address)

    assert page.answer.headers["location"] == "/"


async def test_signing_out_ends_the_session_and_not_only_the_cookie(sales: Department, open_as: Opener) -> None:
    person = await open_as(SELLER)
    secret = person.client.cookies["handover_sales"]
    token = (await person.get("/")).hidden("token")

    answer = (await person.post("/logout", token=token)).answer

    assert answer.headers["location"] == "/login"
    again = browser(sales)
    again.client.cookies.set("handover_sales", secret)
    assert (await again.get("/")).answer.headers["location"] == "/login"


async def test_without_a_session_a_page_asks_to_sign_in_and_comes_back(sales: Department) -> None:
    answer = (await browser(sales).get("/orders")).answer

    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Forders")


async def test_htmx_is_told_to_leave_the_page_for_the_login(sales: Department) -> None:
    answer = (await browser(sales).get("/", **{"HX-Request": "true", "HX-Current-URL": "http://test/orders"})).answer

    assert answer.headers["hx-redirect"] == "/login?next=%2Forders"


async def test_a_cookie_of_another_department_opens_nothing(sales: Department, open_as: Opener) -> None:
    secret = (await open_as(SELLER)).client.cookies["handover_sales"]
    stranger = browser(sales)
    stranger.client.cookies.set("handover_warehouse", secret)

    assert (await stranger.get("/")).status == 303


async def test_people_of_other_departments_learn_why_they_see_nothing(sales: Department, open_as: Opener) -> None:
    await sales.employ(storekeeper="E-050")

    page = await (await open_as("E-050")).get("/orders")

    assert page.status == 403
    assert "E-050 现在不任此操作所需的岗位(总经理、跟单员、业务经理、业务员)" in page.words
    assert "换一个账号登录" in page.words


async def test_the_switch_changes_the_language_and_is_remembered(sales: Department, open_as: Opener) -> None:
    person = await open_as(BOSS)
    assert "您现在没有要办的交接" in (await person.get("/")).words

    answer = (await person.post("/language", chosen="en", next="/orders")).answer

    assert answer.headers["location"] == "/orders"
    assert "language=en" in answer.headers["set-cookie"]
    assert "You owe no handover right now" in (await person.get("/")).words


async def test_chinese_is_the_default_whatever_else_the_browser_prefers_second(sales: Department) -> None:
    stranger = browser(sales)
    del stranger.client.cookies["language"]

    assert 'lang="zh-CN"' in (await stranger.get("/login", **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})).html
