"""People find documents, see what happened to them, and are offered what their post allows next."""

import html
import io
import json
import re
import zipfile
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import event

import chassis.ui.files
import chassis.ui.lists
from chassis.ui.sheets import harmless
from contracts.pmc import ReviewDecided, ReviewOutcome
from tests.sales.conftest import BOSS, FOLLOWER, LINE, MANAGER, SELLER, contract, received
from tests.support.departments import MORNING, Department
from tests.support.worklists import know_the_standards
from tests.ui.conftest import Browser, Opener, browser, confirmed_order


async def test_a_document_shows_its_fields_lines_people_and_times(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales, special_requirements="柜门朝左开")

    words = (await (await open_as(SELLER)).get(f"/orders/{no}")).words

    for shown in (
        f"{no} 已确认",
        "金额(元) 37,000.00",
        "特殊要求 柜门朝左开",
        "跟单员 小3 E-003",
        "制单 小1 E-001 2026-09-01 09:00",
        "GGD-01",
        "18,500.00",
        "2026-09-25 周五",
    ):
        assert shown in words


async def test_each_post_is_offered_its_own_next_steps_and_no_others(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    seller = offered(await (await open_as(SELLER)).get(f"/orders/{no}"))
    follower = offered(await (await open_as(FOLLOWER)).get(f"/orders/{no}"))

    assert {"变更订单", "客户延期", "取消订单", "查询进度"} <= seller
    assert "下达订单" not in seller
    assert "下达订单" in follower
    assert not follower & {"变更订单", "取消订单", "出货跟踪"}


def offered(page: object) -> set[str]:
    """The titles of the buttons and links in the head of a document's page."""
    text = getattr(page, "html")  # noqa: B009 - the page of the conftest
    head = text[text.index('<div class="actions">') : text.index('<div class="document">')]
    return {title.strip() for title in re.findall(r">([^<>]+)<", head) if title.strip()}


async def test_what_fulfils_an_open_handover_stands_out(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)

    html = (await (await open_as(FOLLOWER)).get(f"/orders/{no}")).html

    assert re.search(r'<button class="btn btn-primary">下达订单</button>', html)


async def test_a_command_about_a_line_begins_with_the_line_of_the_most_urgent_handover(
    sales: Department, open_as: Opener
) -> None:
    lines = [{**LINE, "line_no": 3}, {**LINE, "line_no": 2, "delivery_date": "2026-09-20"}, LINE]
    no = await confirmed_order(sales, lines=lines)
    await sales.do(FOLLOWER, "release_order", no)
    follower = await open_as(FOLLOWER)
    assert f'href="/commands/check-shipment/{no}"' in (await follower.get(f"/orders/{no}")).html

    await know_the_standards(sales)
    for line_no in (1, 2):
        await sales.hear(received(no, 2).model_copy(update={"line_no": line_no}))

    assert f'href="/commands/check-shipment/{no}?line_no=2"' in (await follower.get(f"/orders/{no}")).html


async def test_the_history_tells_refused_attempts_in_the_readers_language(sales: Department, open_as: Opener) -> None:
    no = str((await sales.do(SELLER, "submit_contract", **contract()))["no"])
    await sales.refused(SELLER, "confirm_order", no)
    person = await open_as(MANAGER)

    words = (await person.get(f"/orders/{no}")).words
    assert f"确认订单 被拒绝 小1 E-001 今天 09:00 订单 {no} 的合同评审还没有决定。" in words
    assert "提交合同评审 小1 E-001 · 业务员" in words

    await person.post("/language", chosen="en")
    assert f"The contract review of {no} is not decided yet." in (await person.get(f"/orders/{no}")).words


async def test_open_and_past_handovers_of_a_document_are_shown(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(FOLLOWER)
    assert "下达订单 未定时限" in (await person.get(f"/orders/{no}")).words

    await sales.do(FOLLOWER, "release_order", no)

    words = (await person.get(f"/orders/{no}")).words
    assert "未定时限" not in words
    assert "下达订单 今天 09:00 今天 09:00" in words


async def test_a_list_is_filtered_paged_and_links_to_its_documents(sales: Department, open_as: Opener) -> None:
    numbers = [str((await sales.do(SELLER, "submit_contract", **contract()))["no"]) for _ in range(52)]
    await sales.hear(
        ReviewDecided(order_no=numbers[0], review_no="CRV-1", outcome=ReviewOutcome.DECLINED, decided_by="E-020")
    )
    person = await open_as(SELLER)

    first = await person.get("/orders")
    assert first.html.count("row-link") == 50
    assert f'href="/orders/{numbers[-1]}"' in first.html
    older = await person.get(re.findall(r'href="(/orders\?after=[^"]+)"', first.html)[0])
    assert older.html.count("row-link") == 2
    assert "回到最新" in older.words

    declined = await person.get("/orders?status=declined", **{"HX-Request": "true"})
    assert declined.html.count("row-link") == 1
    assert "已拒绝" in declined.words
    assert "<html" not in declined.html
    assert "没有符合条件的订单" in (await person.get("/orders?q=SOD-1999")).words


async def test_an_empty_list_says_how_to_begin(sales: Department, open_as: Opener) -> None:
    assert "还没有退货授权 用右上角的按钮新建第一份。" in (await (await open_as(SELLER)).get("/returns")).words


async def test_only_who_may_make_a_document_is_offered_to(sales: Department, open_as: Opener) -> None:
    assert "提交合同评审" in (await (await open_as(SELLER)).get("/orders")).words
    assert "提交合同评审" not in (await (await open_as(FOLLOWER)).get("/orders")).words


def cells(content: bytes) -> list[list[list[str | float]]]:
    """Every sheet of a workbook as rows of values."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = [
            "".join(text.text or "" for text in entry.iter(f"{space}t"))
            for entry in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 - our own file
        ]
        sheets = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [
            [
                [
                    shared[int(value.text or 0)] if cell.get("t") == "s" else float(value.text or 0)
                    for cell in row
                    if (value := cell.find(f"{space}v")) is not None
                ]
                for row in ElementTree.fromstring(book.read(name)).iter(f"{space}row")  # noqa: S314
            ]
            for name in sheets
        ]


async def test_the_export_holds_what_the_list_shows_and_no_formula(sales: Department, open_as: Opener) -> None:
    no = str(
        (
            await sales.do(
                SELLER,
                "submit_contract",
                **contract(special_requirements="=HYPERLINK(1)", customer_po="@cmd", payment_terms="预付 30%"),
            )
        )["no"]
    )
    await sales.do(SELLER, "submit_contract", **contract())

    answer = (await (await open_as(SELLER)).get(f"/orders.xlsx?q={no}")).answer

    assert answer.headers["content-disposition"] == 'attachment; filename="orders-20260901-0900.xlsx"'
    orders, lines = cells(answer.content)
    assert len(orders) == 2
    row = dict(zip(orders[0], orders[1], strict=False))
    assert (row["编号"], row["状态"], row["客户订单号"]) == (no, "已提交", "'@cmd")
    assert {"'=HYPERLINK(1)", "预付 30%", 37000.0, "小1 E-001"} <= set(orders[1])
    assert lines[0][:3] == ["编号", "行号", "产品编码"]
    assert lines[1][:3] == [no, 1.0, "GGD-01"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


async def test_a_spreadsheet_that_ends_early_says_so_and_where_the_rest_is(
    sales: Department, open_as: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis.ui.lists, "MOST_EXPORTED", 2)
    monkeypatch.setattr(chassis.ui.lists, "EXPORT_STEP", 2)
    numbers = [str((await sales.do(SELLER, "submit_contract", **contract()))["no"]) for _ in range(5)]
    person, address, taken = await open_as(SELLER), "/orders.xlsx?status=submitted", list[str]()
    for left in (3, 1, 0):
        answer = (await person.get(address)).answer
        assert answer.headers["content-disposition"] == 'attachment; filename="orders-20260901-0900-part.xlsx"'
        orders, lines = cells(answer.content)
        if left:
            (said,) = orders.pop()
            assert lines.pop() == [said]
            assert f"到 {orders[-1][0]} 为止;还有 {left} 份更早的未列出" in str(said)
            address = re.findall(r"http\S+", str(said))[0]
        taken += [str(row[0]) for row in orders[1:] if row]

    assert taken == numbers[::-1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx", "\rx"])
def test_what_looks_like_a_formula_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


async def test_a_number_opens_its_document(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(SELLER)

    assert await found_at(person, no) == f"/orders/{no}"
    assert await found_at(person, f" {no.lower()} ") == f"/orders/{no}"
    assert await found_at(person, "C-0") == "/customers/C-01"


async def found_at(person: Browser, number: str) -> str:
    answer = (await person.client.get("/find", params={"q": number})).headers
    return answer["location"]


async def test_a_number_is_found_by_an_index(sales: Department, open_as: Opener) -> None:
    await sales.do(SELLER, "register_customer", no="k-7", name="客户乙", address="苏州")
    person, asked = await open_as(SELLER), list[str]()
    event.listen(sales.engine.sync_engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))

    assert await found_at(person, "k-7") == "/customers/k-7"
    assert "k-7" in (await person.get("/customers?q=k-")).words

    searches = [each for each in asked if "LIKE" in each]
    assert len(searches) == 2
    assert not any("ILIKE" in each for each in searches)


async def test_several_numbers_are_offered_and_none_is_explained(sales: Department, open_as: Opener) -> None:
    numbers = [await confirmed_order(sales) for _ in range(2)]
    person = await open_as(SELLER)

    several = (await person.get("/find?q=SOD-")).words
    assert all(no in several for no in numbers)
    assert "没有以 XYZ 开头的编号" in (await person.get("/find?q=XYZ")).words
    assert "没有以 % 开头的编号" in (await person.get("/find?q=%25")).words or "SOD" in several


async def test_an_orders_file_gathers_its_documents_and_handovers(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    inquiry = (await sales.do(SELLER, "ask_progress", order_no=no, question="何时喷涂?"))["no"]

    words = (await (await open_as(SELLER)).get(f"/files/{no}")).words

    for shown in (f"{no} 订单 已确认", f"{inquiry} 进度查询 待办", "下达订单", "进度答复", "发出货通知"):
        assert shown in words


async def test_what_an_orders_file_leaves_out_is_in_the_lists_that_it_names(
    sales: Department, open_as: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis.ui.files, "MOST_FOUND", 2)
    no = await confirmed_order(sales)
    asked = [(await sales.do(SELLER, "ask_progress", order_no=no, question="何时?"))["no"] for _ in range(3)]
    person = await open_as(SELLER)

    for path, list_of in ((f"/files/{no}", "order_no"), (f"/find?q={no[:-1]}", "q")):
        page = await person.get(path)
        assert "只列出最近的 2 份" in page.words
        assert [each for each in asked if f'href="/inquiries/{each}"' in page.html] == asked[2:]
        assert f'href="/inquiries?{list_of}=' in page.html
        assert f'href="/orders?{list_of}=' not in page.html
    monkeypatch.setattr(chassis.ui.files, "MOST_FOUND", 4)
    assert "只列出" not in (await person.get(f"/files/{no}")).words


async def test_an_orders_file_says_that_it_does_not_list_all_handovers(
    sales: Department, open_as: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = await confirmed_order(sales)
    await sales.do(SELLER, "ask_progress", order_no=no, question="何时?")
    assert "只列出时限最早" not in (await (await open_as(SELLER)).get(f"/files/{no}")).words

    monkeypatch.setattr(chassis.ui.files, "MOST_HANDOVERS", 1)

    assert "只列出时限最早的 1 项" in (await (await open_as(SELLER)).get(f"/files/{no}")).words


async def test_an_orders_file_leads_to_its_traces_where_there_is_jaeger(sales: Department, open_as: Opener) -> None:
    no = await confirmed_order(sales)
    person = await open_as(SELLER, language="en")
    assert "traces" not in (await person.get(f"/files/{no}")).words

    sales.app.state.settings = sales.app.state.settings.model_copy(update={"jaeger_url": "https://jaeger.example/"})
    shown = (await person.get(f"/files/{no}")).html

    here, journey = [html.unescape(link) for link in re.findall(r'href="(https://jaeger[^"]*)"', shown)]
    asked = parse_qs(urlsplit(here).query)
    assert here.startswith("https://jaeger.example/search?")
    assert (asked["service"], json.loads(asked["tags"][0])) == (["sales"], {"order.no": no})
    assert int(asked["start"][0]) / 1e6 < MORNING.timestamp() < int(asked["end"][0]) / 1e6
    assert re.fullmatch(r"https://jaeger.example/trace/[0-9a-f]{32}", journey)


@pytest.mark.parametrize("path", ["/orders/SOD-none", "/files/SOD-none", "/nowhere", "/problems/no-such-code"])
async def test_what_is_not_there_says_so_with_a_way_on(sales: Department, open_as: Opener, path: str) -> None:
    for language, heading, way in (
        ("zh", "找不到这一页", "回到待办"),
        ("en", "There is nothing here", "Go to the worklist"),
    ):
        page = await (await open_as(SELLER, language=language)).get(path)
        assert page.status == 404
        assert heading in page.words
        assert way in page.words


async def test_programs_get_the_same_refusal_as_json(sales: Department) -> None:
    async with sales.as_(SELLER) as client:
        answer = await client.get("/nowhere", headers={"Accept": "application/json"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "no_such_page"


async def test_a_problems_address_explains_its_code_to_anybody(sales: Department) -> None:
    page = await browser(sales).get("/problems/more_than_ordered")

    assert page.status == 200
    assert "第 ‹行号› 行还可通知出货" in page.words


async def test_a_document_number_may_hold_anything(sales: Department, open_as: Opener) -> None:
    await sales.do(SELLER, "register_customer", no="C/02 甲", name="客户甲", address="苏州")
    person = await open_as(SELLER)
    link = re.search(r'href="(/customers/C%2F02[^"]+)"', (await person.get("/customers")).html)
    assert link is not None

    assert "客户甲" in (await person.get(link[1])).words


async def test_somebody_acting_in_a_post_is_marked(sales: Department, open_as: Opener) -> None:
    from sqlalchemy import text

    async with sales.engine.begin() as connection:
        await connection.execute(text("UPDATE holdings SET acting = true WHERE employee = :boss"), {"boss": BOSS})

    assert "总经理 代" in (await (await open_as(BOSS)).get("/")).words


async def test_a_page_needs_few_statements(sales: Department, open_as: Opener) -> None:
    from asyncpg.connection import LoggedQuery

    no = await confirmed_order(sales, lines=[LINE])
    person = await open_as(FOLLOWER)
    counted: list[str] = []
    engine = sales.engine.sync_engine

    def given_to_driver(said: LoggedQuery) -> None:
        if said.query.lstrip("(").startswith("SELECT"):
            counted.append(said.query)

    event.listen(engine, "before_cursor_execute", lambda *seen: counted.append(seen[2]))
    event.listen(engine, "checkout", lambda adapted, *_: adapted.driver_connection.add_query_logger(given_to_driver))
    needed = {}
    for path in ("/", "/orders", f"/orders/{no}", f"/files/{no}", "/find?q=SOD"):
        counted.clear()
        await person.get(path)
        needed[path] = len(counted)

    assert needed == {"/": 2, "/orders": 2, f"/orders/{no}": 4, f"/files/{no}": 3, "/find?q=SOD": 2}
