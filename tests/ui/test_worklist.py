"""The first page says what is owed, by whom, to whom and by when, and changes by itself."""

import asyncio
from datetime import timedelta

from sqlalchemy import text

from chassis.signals import end_waiting, signal_of
from chassis.ui import live
from contracts.sales import HandoverSigned
from tests.sales.conftest import BOSS, FOLLOWER, SELLER
from tests.support.departments import MORNING, Department
from tests.ui.conftest import Opener, confirmed_order


async def due(sales: Department, minutes: int) -> None:
    """Give every open duty a due time this far from now."""
    async with sales.engine.begin() as connection:
        await connection.execute(
            text("UPDATE duties SET due_at = :due, from_department = 'pmc'"),
            {"due": MORNING + timedelta(minutes=minutes)},
        )


async def test_a_duty_shows_what_from_whom_who_and_by_when(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    await due(sales, -135)

    page = await (await open_as(FOLLOWER)).get("/")

    for shown in ("下达订单", no, "计划与车间", "跟单员 小3 E-003", "已超 2 小时 15 分", "今天 06:45", "已超时 1"):
        assert shown in page.words
    assert f'<a class="duty-link" href="/orders/{no}">' in page.html


async def test_urgency_is_a_word_and_an_icon_and_not_only_a_colour(sales: Department, open_as: Opener) -> None:
    await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    seen = {}
    for minutes in (-10, 60, 3000):
        await due(sales, minutes)
        page = await person.get("/")
        seen[minutes] = next(word for word in ("已超 10 分", "还剩 1 小时", "还剩 2 天 2 小时") if word in page.words)
        assert page.html.count("#alarm") == (2 if minutes < 0 else 0)

    assert len(set(seen.values())) == 3


async def test_a_clock_that_stands_is_shown_to_stand_and_for_what(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    await due(sales, 60)
    await sales.as_owner(
        "UPDATE duties SET paused_at = opened_at, waits_for = '{request_approval:PRQ-1,stop_work:WST-1}'"
    )
    await sales.wait_until(MORNING + timedelta(days=3))

    for path in ("/", f"/files/{no}"):
        chinese = (await (await open_as(FOLLOWER)).get(path)).words
        english = (await (await open_as(FOLLOWER, language="en")).get(path)).words
        assert "暂停 自 09-01" in chinese
        assert "等待采购申请审批 PRQ-1 等待停工解除 WST-1" in chinese
        assert "已超" not in chinese
        assert "waits for Purchase approval PRQ-1 waits for the end of stop-work WST-1" in english


async def test_what_was_struck_off_says_why_for_three_days(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    await sales.do(SELLER, "cancel_order", no, reason="客户撤项")
    person = await open_as(FOLLOWER)

    words = (await person.get("/")).words
    assert f"不用再办 1 下达订单 {no}" in words
    assert "订单已取消" in words
    assert "您现在没有要办的交接" not in (await person.get(f"/files/{no}")).words
    assert "订单已取消" in (await person.get(f"/files/{no}")).words
    await sales.wait_until(MORNING + timedelta(days=4))

    assert "您现在没有要办的交接" in (await person.get("/")).words
    assert "the order was cancelled" in (await (await open_as(FOLLOWER, language="en")).get(f"/files/{no}")).words


async def test_mine_and_the_departments_are_told_apart(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    seller = await open_as(SELLER)

    mine, everyone = (await seller.get("/")).words, (await seller.get("/?whose=everyone")).words

    assert no not in mine
    assert "全部门还有 1 项" in mine
    assert no in everyone
    assert "未签收" in everyone


async def test_a_duty_without_an_assignee_is_owed_by_every_holder_of_its_post(
    sales: Department, open_as: Opener
) -> None:
    no = await confirmed_order(sales)
    async with sales.engine.begin() as connection:
        await connection.execute(text("UPDATE duties SET assignee = NULL"))

    assert f"{no} " in (await (await open_as(FOLLOWER)).get("/")).words
    assert "您现在没有要办的交接" in (await (await open_as(SELLER)).get("/")).words


async def test_it_is_filtered_by_the_beginning_of_a_number(sales: Department, open_as: Opener) -> None:
    first, second = await confirmed_order(sales), await confirmed_order(sales)
    person = await open_as(FOLLOWER)

    words = (await person.get(f"/?q={second.lower()}")).words

    assert second in words
    assert first not in words
    assert "没有找到 X-9 的待办" in (await person.get("/?q=X-9")).words


async def test_signing_is_recorded_once_and_shown(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    token = (await person.get("/")).hidden("token")

    pages = [
        await person.post("/worklist/sign", token=token, link="release", key=no, headers={"HX-Request": "true"})
        for _ in range(2)
    ]

    assert "小3 已签收" in pages[-1].words
    assert "<html" not in pages[-1].html
    assert len(await sales.facts(HandoverSigned.name)) == 1


async def test_signing_works_without_script(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    token = (await person.get("/")).hidden("token")

    answer = (await person.post("/worklist/sign", token=token, link="release", key=no, back=f"/orders/{no}")).answer

    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{no}")


async def test_only_who_owes_a_handover_is_offered_to_sign_for_it(sales: Department, open_as: Opener) -> None:
    await confirmed_order(sales)

    assert "sign-button" in (await (await open_as(FOLLOWER)).get("/?whose=everyone")).html
    assert "sign-button" not in (await (await open_as(BOSS)).get("/?whose=everyone")).html


async def test_an_open_page_hears_of_a_change_after_its_commit_and_of_nothing_else(sales: Department) -> None:
    stream = live.changes(signal_of(sales.app), signal_of(sales.app).moment)
    assert await anext(stream) == live.HELLO
    told = asyncio.ensure_future(anext(stream))

    async with sales.as_(SELLER) as client:
        await client.get("/api/orders")
    assert not told.done()

    await confirmed_order(sales)
    assert await asyncio.wait_for(told, 5) == live.CHANGED
    await stream.aclose()


async def test_a_change_before_the_page_began_to_listen_is_told_at_once(sales: Department, open_as: Opener) -> None:
    page = (await (await open_as(SELLER)).get("/")).html
    since = page.partition('hx-sse:connect="/worklist/live?since=')[2].partition('"')[0]
    unchanged = live.changes(signal_of(sales.app), since)
    assert await anext(unchanged) == live.HELLO
    await unchanged.aclose()

    await confirmed_order(sales)

    stream = live.changes(signal_of(sales.app), since)
    assert await anext(stream) == live.CHANGED
    await stream.aclose()


async def test_a_change_between_two_looks_is_not_missed(sales: Department) -> None:
    stream = live.changes(signal_of(sales.app), "")
    await anext(stream)
    await confirmed_order(sales)

    assert await asyncio.wait_for(anext(stream), 5) == live.CHANGED
    await stream.aclose()


async def test_streams_end_when_the_process_is_told_to_stop(sales: Department) -> None:
    stream = live.changes(signal_of(sales.app), "")
    await anext(stream)
    rest = asyncio.ensure_future(anext(stream, b"ended"))

    end_waiting()

    assert await asyncio.wait_for(rest, 5) == b"ended"
