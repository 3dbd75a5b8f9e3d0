"""Whoever is hindered finds the form where the handover is owed, and sees there what came of it."""

from decimal import Decimal

from contracts import links
from contracts.pmc import ExceptionDecided
from contracts.sales import HindranceReported
from tests.sales.conftest import FOLLOWER, SELLER
from tests.support.departments import Department
from tests.ui.conftest import Opener, confirmed_order

SAID = {"kind": "breakdown", "description": "系统停用,无法下达"}


async def decided(sales: Department, no: str, order_no: str, *, accepted: bool) -> None:
    fact = ExceptionDecided(
        order_no=order_no,
        exception_no="EXC-20260901-0001",
        hindrance_no=no,
        accepted=accepted,
        extension_hours=Decimal("4.5" if accepted else 0),
        affected_orders=(order_no,),
        affected_duties=(links.release(order_no),),
        decided_by="E-020",
    )
    await sales.hear(fact)


async def test_a_row_leads_its_owner_to_the_form_with_the_handover_chosen(sales: Department, open_as: Opener) -> None:
    first, second = await confirmed_order(sales), await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    path = f"/commands/report-hindrance?handovers=release%3A{first}"

    assert f'<a href="{path}">上报异常' in (await person.get("/")).html
    form = await person.get(path)

    assert f'name="handovers" value="release:{first}" checked' in form.html
    assert f'name="handovers" value="release:{second}" >' in form.html
    assert f"下达订单 {second} · 未定时限" in form.words


async def test_nobody_is_offered_it_for_what_waits_for_another_post(sales: Department, open_as: Opener) -> None:
    await confirmed_order(sales)

    assert "上报异常" not in (await (await open_as(SELLER)).get("/?whose=everyone")).words


async def test_what_was_reported_and_decided_is_shown_on_the_row_and_on_the_report(
    sales: Department, open_as: Opener
) -> None:
    order_no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)

    done = await person.fill("/commands/report-hindrance", handovers=[f"release:{order_no}"], **SAID)

    assert done.status == 303
    report = done.answer.headers["location"].partition("?")[0]
    no = report.rpartition("/")[2]
    assert f"异常 {no} 待裁定" in (await person.get("/")).words
    await decided(sales, no, order_no, accepted=True)
    assert f"异常 {no} 已接受 顺延 4.5 工时" in (await person.get("/")).words
    for page in (f"/orders/{order_no}", f"/files/{order_no}"):
        assert f'<a class="no" href="{report}">{no}</a> <b>已接受</b>' in (await person.get(page)).html
    assert "EXC-20260901-0001" in (await person.get(report)).words


async def test_the_report_names_who_owes_the_handover_also_where_a_colleague_made_it(sales: Department) -> None:
    order_no = await confirmed_order(sales)
    await sales.employ(merchandiser="E-009")

    await sales.do("E-009", "report_hindrance", handovers=[f"release:{order_no}"], **SAID)

    (fact,) = await sales.facts(HindranceReported.name)
    assert isinstance(fact, HindranceReported)
    assert (fact.assignee, fact.reported_by, fact.reported_as) == (FOLLOWER, "E-009", "merchandiser")


async def test_a_report_that_was_declined_says_so(sales: Department, open_as: Opener) -> None:
    order_no = await confirmed_order(sales)
    form = {"handovers": [f"release:{order_no}"], **SAID}
    no = str((await sales.do(FOLLOWER, "report_hindrance", **form))["no"])

    await decided(sales, no, order_no, accepted=False)

    words = (await (await open_as(FOLLOWER, language="en")).get("/")).words
    assert f"Hindrance {no} declined" in words
    assert "working hours more" not in words


async def test_a_form_without_a_handover_or_for_one_that_is_done_says_what_to_do(
    sales: Department, open_as: Opener
) -> None:
    order_no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)

    empty = await person.fill("/commands/report-hindrance", **SAID)
    assert (empty.status, empty.beside("handovers") != "") == (422, True)
    await sales.do(FOLLOWER, "release_order", order_no)
    late = await person.fill("/commands/report-hindrance", handovers=[f"release:{order_no}"], **SAID)

    assert (late.status, "不在本部门的待办中,或已办完" in late.beside("handovers")) == (409, True)
    assert "您现在没有要办的交接" in late.words
    assert "系统停用,无法下达" in late.html
