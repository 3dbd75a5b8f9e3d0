"""A form says beside each field what is wrong, is carried out once, and tells who owes the next step."""

import html
from typing import Any

import pytest

from chassis.gate import gate_of
from chassis.ui.hints import hint_of
from chassis.ui.shapes import members_of
from contracts.sales import ContractSubmitted, OrderCancelled, OrderReleased, ProgressAsked, ShippingNoticeIssued
from services.accountability.what_if.what_ifs import Question
from tests.sales.conftest import FOLLOWER, LINE, SELLER, received
from tests.support.departments import Department
from tests.ui.conftest import Opener, confirmed_order

HTMX = {"HX-Request": "true"}


def typed(**changes: Any) -> dict[str, str]:
    """A contract as it is typed into its form."""
    line = {f"lines.0.{name}": value for name, value in LINE.items()}
    return {"customer_code": "C-01", "merchandiser": FOLLOWER, **line, "lines.0.unit": "台", **changes}


async def test_a_filled_form_becomes_a_document_and_says_so(sales: Department, open_as: Opener) -> None:
    seller = await open_as(SELLER)

    answer = (await seller.fill("/commands/submit-contract", **typed())).answer

    (fact,) = await sales.facts(ContractSubmitted.name)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/orders/{fact.order_no}?done=")
    assert "已完成:提交合同评审" in (await seller.get(answer.headers["location"])).words
    assert isinstance(fact, ContractSubmitted)
    assert fact.lines[0].quantity == 2


async def test_htmx_is_led_to_the_document_as_well(sales: Department, open_as: Opener) -> None:
    answer = (await (await open_as(SELLER)).fill("/commands/submit-contract", headers=HTMX, **typed())).answer

    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["hx-redirect"].startswith("/orders/SOD-")


async def test_every_wrong_field_has_its_remedy_beside_it_and_keeps_what_was_typed(
    sales: Department, open_as: Opener
) -> None:
    wrong = typed(merchandiser="", **{"lines.0.quantity": "0", "lines.0.unit_price": "abc"})

    page = await (await open_as(SELLER)).fill("/commands/submit-contract", **wrong)

    assert page.status == 422
    assert page.beside("lines-0-quantity") == "须大于 0。"
    assert page.beside("lines-0-unit_price") == "请填写数字。"
    assert page.beside("merchandiser") == "必填,请填写。"
    assert page.beside("customer_code") == page.beside("lines-0-model") == page.beside("lines") == ""
    assert "有 3 处填写不对" in page.words
    assert 'value="abc"' in page.html
    assert await sales.facts(ContractSubmitted.name) == []


async def test_remedies_are_in_the_readers_language(sales: Department, open_as: Opener) -> None:
    page = await (await open_as(SELLER, language="en")).fill("/commands/submit-contract", **typed(merchandiser=""))

    assert page.beside("merchandiser") == "This is required."


async def test_a_refusal_of_the_business_stands_beside_the_field_it_names(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    page = await seller.fill(
        f"/commands/issue-shipping-notice?order_no={no}&line_no=1", order_no=no, line_no="1", quantity="3"
    )

    assert page.status == 422
    assert page.beside("quantity") == "第 1 行还可通知出货 2,不能通知 3。请减少数量。"
    assert await sales.facts(ShippingNoticeIssued.name) == []


async def test_a_refusal_without_a_field_stands_above_the_form(sales: Department, open_as: Opener) -> None:
    no = str((await sales.do(SELLER, "submit_contract", **contract_of_the_tests()))["no"])

    page = await (await open_as(SELLER)).fill(f"/commands/confirm-order/{no}", headers=HTMX)

    assert page.status == 409
    assert f"订单 {no} 的合同评审还没有决定" in page.words
    assert page.html.startswith("<form") or "<html" not in page.html


def contract_of_the_tests() -> dict[str, Any]:
    return {"customer_code": "C-01", "lines": [LINE], "merchandiser": FOLLOWER}


async def test_a_form_sent_twice_is_done_once(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)
    form = await seller.get("/commands/ask-progress")
    fields = {"token": form.hidden("token"), "key": form.hidden("key"), "order_no": no, "question": "何时喷涂?"}

    first, second = [await seller.post("/commands/ask-progress", **fields) for _ in range(2)]

    assert first.answer.headers["location"] == second.answer.headers["location"]
    assert len(await sales.facts(ProgressAsked.name)) == 1


async def test_an_old_form_with_new_content_is_asked_about_and_gets_a_new_key(
    sales: Department, open_as: Opener
) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)
    form = await seller.get("/commands/ask-progress")
    fields = {"token": form.hidden("token"), "key": form.hidden("key"), "order_no": no}
    await seller.post("/commands/ask-progress", **fields, question="何时喷涂?")

    again = await seller.post("/commands/ask-progress", **fields, question="何时装配?")

    assert again.status == 422
    assert "这张表单已经提交过一次" in again.words
    assert again.hidden("key") != fields["key"]
    sent = await seller.post("/commands/ask-progress", **{**fields, "key": again.hidden("key")}, question="何时装配?")
    assert sent.status == 303
    assert len(await sales.facts(ProgressAsked.name)) == 2


async def test_a_decision_needs_no_form_and_names_nobody_when_nothing_is_owed_any_more(
    sales: Department, open_as: Opener
) -> None:
    no = await confirmed_order(sales)
    follower = await open_as(FOLLOWER)
    document = await follower.get(f"/orders/{no}")

    answer = (
        await follower.post(f"/commands/release-order/{no}", token=document.hidden("token"), key=document.hidden("key"))
    ).answer

    page = await follower.get(answer.headers["location"])
    assert "已完成:下达订单" in page.words
    assert "下一步" not in page.words
    assert len(await sales.facts(OrderReleased.name)) == 1


async def test_success_names_who_owes_the_next_step(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    answer = (await seller.fill("/commands/ask-progress", order_no=no, question="何时喷涂?")).answer

    assert "下一步:进度答复 — 跟单员 小3 E-003" in (await seller.get(answer.headers["location"])).words


async def test_an_address_alone_cannot_claim_that_something_was_done(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    assert "已完成" not in (await (await open_as(SELLER)).get(f"/orders/{no}?done=made-up")).words


async def test_what_cannot_be_undone_has_to_be_confirmed(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    refused = await seller.fill(f"/commands/cancel-order/{no}", reason="客户撤项")
    assert refused.status == 422
    assert "此操作不能撤销。请先勾选确认" in refused.beside("confirmed")
    assert await sales.facts(OrderCancelled.name) == []

    assert (await seller.fill(f"/commands/cancel-order/{no}", reason="客户撤项", confirmed="true")).status == 303
    assert len(await sales.facts(OrderCancelled.name)) == 1


async def test_a_post_that_may_not_do_it_is_not_even_asked(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    assert (await seller.get(f"/commands/release-order/{no}")).status == 403
    token = (await seller.get("/")).hidden("token")
    assert (await seller.post(f"/commands/release-order/{no}", token=token, key="k")).status == 403
    assert (await seller.post(f"/orders/{no}", token=token)).status == 405
    assert await sales.facts(OrderReleased.name) == []


async def test_a_form_about_nothing_is_not_found(open_as: Opener) -> None:
    assert (await (await open_as(SELLER)).get("/commands/confirm-order/SOD-none")).status == 404


async def test_what_the_document_says_is_there_to_be_changed(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    form = (await (await open_as(SELLER)).get(f"/commands/amend-order/{no}")).html

    assert 'value="GGD-01"' in form
    assert 'value="18500"' in form
    assert 'type="date" class="form-control" value="2026-09-25"' in form


async def test_what_led_to_the_form_is_filled_in(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    form = (await (await open_as(SELLER)).get(f"/commands/issue-shipping-notice?order_no={no}&line_no=1")).html

    assert f'value="{no}"' in form
    assert 'inputmode="numeric" value="1"' in form


async def test_rows_are_added_and_taken_away_without_script(open_as: Opener) -> None:
    seller = await open_as(SELLER)

    two = await seller.fill("/commands/submit-contract", add="lines", **typed())
    assert (two.status, two.html.count("<tr data-row>")) == (200, 2)
    assert 'name="lines.1.line_no"' in two.html

    rest = await seller.fill("/commands/submit-contract", remove="lines.0", **typed(**{"lines.1.model": "DMC"}))
    assert rest.html.count("<tr data-row>") == 1
    assert 'value="DMC"' in rest.html
    assert 'value="GGD-01"' not in rest.html


async def test_a_row_that_nobody_filled_in_is_left_out(sales: Department, open_as: Opener) -> None:
    blank = {"lines.1.line_no": "2", "lines.1.unit": "台", "lines.1.transit_days": "0"}

    await (await open_as(SELLER)).fill("/commands/submit-contract", **typed(**blank))

    (fact,) = await sales.facts(ContractSubmitted.name)
    assert isinstance(fact, ContractSubmitted)
    assert len(fact.lines) == 1


async def test_full_width_digits_and_thousands_are_numbers(sales: Department, open_as: Opener) -> None:
    await (await open_as(SELLER)).fill("/commands/submit-contract", **typed(**{"lines.0.unit_price": "18,500"}))

    (fact,) = await sales.facts(ContractSubmitted.name)
    assert isinstance(fact, ContractSubmitted)
    assert fact.amount == 37000


async def test_a_local_time_is_meant_on_the_factorys_clock(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    answer = (
        await (await open_as(SELLER)).fill(
            "/commands/receive-complaint",
            order_no=no,
            kind="quality",
            channel="phone",
            received_at="2026-09-01T08:30",
            description="柜门松动",
        )
    ).answer

    page = await (await open_as(SELLER)).get(answer.headers["location"])
    assert "收到时间 2026-09-01 08:30" in page.words


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '" onfocus="alert(1)', "<img src=x onerror=alert(1)>"])
async def test_what_people_type_is_shown_and_never_run(sales: Department, open_as: Opener, text: str) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    refused = await seller.fill("/commands/ask-progress", order_no=text, question=text)
    answer = (await seller.fill("/commands/ask-progress", order_no=no, question=text)).answer
    shown = await seller.get(answer.headers["location"])

    assert refused.status == 404
    assert text not in refused.html
    assert text not in shown.html
    assert text in html.unescape(refused.html)
    assert text in html.unescape(shown.html)


async def test_who_may_be_chosen_are_the_holders_of_the_post(sales: Department, open_as: Opener) -> None:
    form = (await (await open_as(SELLER)).get("/commands/submit-contract")).html
    choice = form[form.index('name="merchandiser"') :].partition("</select>")[0]

    assert f'<option value="{FOLLOWER}" >小3 E-003</option>' in choice
    assert SELLER not in choice


async def test_known_numbers_are_suggested_with_a_telling_word(sales: Department, open_as: Opener) -> None:
    form = (await (await open_as(SELLER)).get("/commands/submit-contract")).html

    assert '<option value="C-01">华东电力安装</option>' in form


async def test_what_cannot_be_done_just_now_leaves_the_form_as_it_was_typed(sales: Department, open_as: Opener) -> None:
    """The service has just started and does not know yet whether its database is whole."""
    seller = await open_as(SELLER)
    gate = gate_of(sales.engine)
    gate.patience_s = 0.01
    gate.shut()

    page = await seller.fill("/commands/submit-contract", **typed())
    answer = await sales.attempt(SELLER, "submit_contract", **contract_of_the_tests())

    assert page.status == 503
    assert "正在与其他部门核对" in page.words
    assert 'value="C-01"' in page.html
    assert (answer.status_code, answer.json()["code"]) == (503, "not_compared_yet")
    assert answer.headers["content-type"] == "application/problem+json"
    gate.open()
    assert (await seller.fill("/commands/submit-contract", **typed())).status == 303
    assert len(await sales.facts(ContractSubmitted.name)) == 1


async def test_the_notices_form_says_how_many_are_in_store_and_how_many_are_under_notice(
    sales: Department, open_as: Opener
) -> None:
    no = await confirmed_order(sales, lines=[{**LINE, "quantity": "100"}])
    await sales.hear(received(no, 95))
    await sales.do(SELLER, "issue_shipping_notice", order_no=no, line_no=1, quantity="60")
    seller = await open_as(SELLER)

    page = await seller.get(f"/commands/issue-shipping-notice?order_no={no}&line_no=1")

    assert "订购数量 100 已入成品库 95 已通知出货 60 已入库、待通知 35" in page.words
    assert (await seller.get("/commands/issue-shipping-notice?order_no=SOD-9&line_no=%C2%B2")).status == 200


async def test_what_a_name_alone_does_not_tell_is_said_under_the_field() -> None:
    said = {each.name: hint_of(each) for each in members_of(Question)}

    assert said["days_off"] == "日期写成 2026-10-01;每行一项"
    assert said["shifts"] == "时刻写成 08:00"
    assert said["question"] == ""
