"""Other sites cannot act through a person's browser, and pages run nothing but our own files."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.event import SERVICES
from contracts.sales import OrderReleased
from tests.sales.conftest import FOLLOWER, SELLER
from tests.support.departments import Department, department
from tests.ui.conftest import Opener, browser, confirmed_order

TEMPLATES = Path(__file__).resolve().parents[2] / "chassis" / "templates"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
    ],
)
async def test_a_form_sent_from_another_site_does_nothing(
    sales: Department, open_as: Opener, headers: dict[str, str]
) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    if not headers["Sec-Fetch-Site"]:
        del person.client.headers["Sec-Fetch-Site"]
        headers = {"Origin": headers["Origin"]}

    page = await person.fill(f"/commands/release-order/{no}", headers=headers)

    assert page.status == 403
    assert "不是从本系统的页面发出的" in page.words
    assert await sales.facts(OrderReleased.name) == []


async def test_a_form_without_the_sessions_token_does_nothing(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    others = (await (await open_as(FOLLOWER)).get("/")).hidden("token")

    for token in ("", "guess", others):
        page = await person.fill(f"/commands/release-order/{no}", token=token)
        assert page.status == 403
        assert "此页面已过期" in page.words

    assert await sales.facts(OrderReleased.name) == []


async def test_a_cookie_does_not_let_another_site_use_the_api(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)

    answer = await person.client.post(
        f"/api/orders/{no}/release-order", json={}, headers={"Sec-Fetch-Site": "cross-site", "Accept": "*/*"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_request")


async def test_every_page_forbids_foreign_scripts_frames_and_keeping(sales: Department, open_as: Opener) -> None:
    person = await open_as(FOLLOWER)

    for path in ("/", "/orders", "/orders/none", "/login", "/problems/not_found"):
        headers = (await person.get(path)).answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_template_carries_script_or_style_that_the_policy_would_block() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|://", re.IGNORECASE)

    found = {file.name: inline.findall(file.read_text()) for file in TEMPLATES.rglob("*.html")}

    assert {name: hits for name, hits in found.items() if hits} == {}


async def test_more_than_a_form_can_need_is_refused_before_it_is_read(sales: Department) -> None:
    page = await browser(sales).post("/login", employee="x" * (2 << 20), password="x")

    assert page.status == 413


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody says beforehand."""
    for _ in range(size >> 16):
        yield b"a=" + b"x" * ((1 << 16) - 3) + b"&"


A_FORM, JSON = "application/x-www-form-urlencoded", "application/json"
UNREADABLE = ("无法读取", "cannot be read", 400, "unreadable")
BODIES: tuple[tuple[str, Callable[[], Any], tuple[str, str, int, str]], ...] = (
    (A_FORM, lambda: in_pieces(3 << 20), ("请减少内容后再提交", "Please submit less", 413, "body_too_large")),
    (JSON, lambda: in_pieces(3 << 20), ("请减少内容后再提交", "Please submit less", 413, "body_too_large")),
    (JSON, lambda: b'{"no": "\xff"}', UNREADABLE),
    (JSON, lambda: b"[" * 200_000, UNREADABLE),
)


@pytest.mark.parametrize("name", SERVICES)
async def test_what_is_refused_while_a_body_is_read_is_said_in_our_words(name: str) -> None:
    """Whatever the framework makes of it: JSON and forms, in every department and in the reader's language."""
    async with department(name) as it:
        command = next(iter(it.service.desk.commands.values()))
        api = f"/api/{it.service.desk.path_of(command).format(no='X-1')}"
        for kind, body, (zh, en, status, code) in BODIES:
            for language, said in (("zh", zh), ("en", en)):
                async with it.as_("E-001", language=language) as client:
                    path = "/login" if kind == A_FORM else api
                    answer = await client.post(path, content=body(), headers={"Content-Type": kind})
                told = answer.json() if kind == JSON else {"code": code, "detail": answer.text}
                assert (answer.status_code, told["code"]) == (status, code), (kind, language, answer.text)
                assert said in told["detail"]


async def test_files_are_kept_by_the_browser_for_good_and_found_by_their_content(sales: Department) -> None:
    person = browser(sales)
    address = re.search(r'href="(/static/pages\.css\?v=[0-9a-f]{10})"', (await person.get("/login")).html)
    assert address is not None

    answer = (await person.get(address[1])).answer

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


async def test_a_page_that_breaks_says_that_nothing_was_saved(sales: Department, open_as: Opener) -> None:
    person = await open_as(FOLLOWER)
    await sales.as_owner("DROP TABLE duties")

    page = await person.get("/")

    assert page.status == 500
    assert "没有保存任何内容" in page.words
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/orders/%00", "/orders?q=%00", "/api/orders/%00", "/commands/issue-shipping-notice?line_no=%00"]
)
async def test_an_address_that_names_what_no_database_keeps_is_refused(
    sales: Department, open_as: Opener, path: str
) -> None:
    page = await (await open_as(FOLLOWER)).get(path)

    assert page.status == 400
    assert "空字符" in page.words


async def test_neither_can_it_be_submitted_by_a_form_or_a_program(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)

    assert (await person.fill(f"/commands/release-order/{no}", key="\x00")).status == 400
    answer = await sales.attempt(SELLER, "cancel_order", no, reason="\x00")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert await sales.facts(OrderReleased.name) == []
