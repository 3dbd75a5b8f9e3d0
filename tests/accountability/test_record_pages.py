"""Who a record concerns sees it, and what it waits for, in words; on the screen and as a form on paper."""

import re
from typing import Any

import httpx
import pytest

from chassis import auth
from chassis.auth import cookie_name
from chassis.database import transaction
from chassis.language import language
from contracts.accountability import Sanction
from services.accountability.compensation import formulas
from services.accountability.judge.verdicts import CompensationProposal
from services.accountability.ledger import months
from services.accountability.models import LedgerEntry
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court, heavy, late_receipt, proposed
from tests.support.facts import RULES, a_story, local
from tests.support.orders import an_order
from tests.ui.conftest import BROWSER, Browser, Page

DEADLINES = {"zh": "申辩期到 2026-09-03 09:01 为止。", "en": "The case may be stated until 2026-09-03 09:01."}


async def opened(it: Court, employee: str, language: str = "zh") -> Browser:
    """A browser in which this person is signed in at accountability."""
    async with transaction(it.office.engine) as session:
        secret = await auth.open_session(session, employee)
    transport = httpx.ASGITransport(it.office.app, raise_app_exceptions=False)
    cookies = {"language": language, cookie_name("accountability", secure=False): secret}
    return Browser(httpx.AsyncClient(transport=transport, base_url="http://test", headers=BROWSER, cookies=cookies))


async def words(it: Court, employee: str = HR, language: str = "zh", path: str = "") -> str:
    page: Page = await (await opened(it, employee, language)).get(f"/records/{it.no}{path}")
    assert page.status == 200, page.html
    return page.words


@pytest.mark.parametrize(
    ("begin", "zh", "en"),
    [
        ({}, "到时没有申辩,即自行发出。", "If no statement comes by then, it is issued by itself."),
        ({"consulted": None}, "等待征求员工意见的记录:责任条款 2026-01", "waits for the recorded consultation"),
        ({"acknowledged": ""}, "等待当事人知悉责任条款 2026-01", "waits until the person has acknowledged rulebook"),
    ],
)
async def test_the_page_says_what_a_record_waits_for(begin: dict[str, Any], zh: str, en: str) -> None:
    async with court(**begin) as it:
        for language, said in (("zh", zh), ("en", en)):
            shown = await words(it, language=language)
            assert DEADLINES[language] in shown
            assert said in shown


async def test_a_record_from_a_complaint_says_that_the_customer_comes_first() -> None:
    async with court(proposed(complaints=("C-1",), held_for="C-1")) as it:
        await it.at("2026-09-20 09:00")

        assert "先顾客户:客诉 C-1 对客户关闭后再继续。" in await words(it)
        assert "First the customer: it waits until complaint C-1 is closed." in await words(it, language="en")


async def test_a_record_from_two_complaints_names_both() -> None:
    async with court(proposed(complaints=("C-1", "C-2"), held_for="C-1")) as it:
        assert "先顾客户:客诉 C-1、C-2 全部对客户关闭后再继续。" in await words(it)
        assert "it waits until complaints C-1, C-2 are all closed." in await words(it, language="en")


async def test_the_page_says_why_a_person_decides_and_what_else_is_to_be_known() -> None:
    said = {"absorbed": ("PMC-01",), "self_dealing": (("storekeeper", "inspector"),)}
    async with court(proposed(sanction=Sanction.MAJOR_DEMERIT, **said)) as it:
        shown = await words(it, language="en")

        assert "HR decides whether it is issued or dropped." in shown
        assert "A major demerit is always a person's decision." in shown
        assert "the lighter clause PMC-01 is taken in by this one" in shown
        assert "the person held Storekeeper and Inspector at the time" in shown


async def test_a_replaced_record_and_its_successor_name_each_other_and_the_reason() -> None:
    async with court() as it:
        await it.do(PERSON, "state_case", statement="送检单没有送到。")
        first = it.no
        await it.hear([proposed(revision=2, replaces=1, because_zh="归属已更正", because_en="corrected")])

        successor = await words(it)
        assert f"替代 {first}:归属已更正。" in successor
        assert "它替代的处罚单已有申辩或决定,所以由人决定。" in successor
        old = (await (await opened(it, HR)).get(f"/records/{first}")).words
        assert "因后来的证据撤销:归属已更正。" in old
        assert f"由 {it.no} 替代。" in old
        assert "送检单没有送到。" in old
        printed = (await (await opened(it, HR)).get(f"/records/{first}/print")).words
        assert "没有发出:后来的证据撤回了处罚单。" in printed
        assert "还没有决定" not in printed


async def test_a_dropped_record_says_who_dropped_it_and_why() -> None:
    async with court() as it:
        await it.do(HR, "drop_record", reason="送检单确实没有送到")

        assert re.search(rf"\S+ {HR} 决定不予发出:送检单确实没有送到", await words(it))


async def test_the_person_is_led_to_their_own_records_and_to_no_others() -> None:
    async with court() as it:
        person, other = await opened(it, PERSON), await opened(it, OTHER)

        home = await person.get("/")
        assert (home.status, home.answer.headers["location"]) == (303, "/records")
        assert it.no in (await person.get("/records")).words
        assert it.no not in (await other.get("/records")).words
        assert it.no not in (await other.get(f"/records?person={PERSON}")).words
        for path in (f"/records/{it.no}", f"/records/{it.no}/print", f"/commands/state-case/{it.no}"):
            assert (await person.get(path)).status == 200, path
            assert (await other.get(path)).status == 403, path
        for closed in ("/employees", "/files/SO-1", f"/commands/issue-record/{it.no}"):
            assert (await person.get(closed)).status == 403, closed


async def test_the_api_shows_everybody_their_own_alone() -> None:
    async with court() as it:
        for employee, found in ((PERSON, 1), (OTHER, 0), (HR, 1)):
            async with it.office.as_(employee) as client:
                assert len((await client.get("/api/records", params={"person": PERSON})).json()["items"]) == found
        async with it.office.as_(OTHER) as client:
            assert (await client.get(f"/api/records/{it.no}")).json()["code"] == "not_for_their_eyes"


async def test_the_person_states_their_case_from_the_page() -> None:
    async with court() as it:
        person = await opened(it, PERSON)
        assert "申辩" in (await person.get(f"/records/{it.no}")).words

        sent = await person.fill(f"/commands/state-case/{it.no}", statement="照片可以证明", references="照片 1\n照片 2")

        assert sent.status == 303, sent.words
        assert "照片可以证明 所指证据:照片 1、照片 2" in await words(it)


async def test_hr_is_not_offered_to_speak_for_the_person() -> None:
    async with court() as it:
        assert f"/commands/state-case/{it.no}" not in (await (await opened(it, HR)).get(f"/records/{it.no}")).html


async def test_everybody_reads_the_rules_and_says_there_that_they_know_them() -> None:
    async with court(acknowledged="", consulted=None) as it:
        person = await opened(it, PERSON)
        page = await person.get("/rules")
        assert "检验合格的物料与成品须及时入账。" in page.words
        assert "您还没有知悉" in page.words
        assert "还没有征求员工意见的记录" in page.words

        fields: dict[str, Any] = {name: page.hidden(name) for name in ("token", "key", "rulebook_no")}
        assert (await person.post("/commands/acknowledge-rulebook", **fields)).status == 303

        assert "您已于 2026-09-01 09:00 知悉。" in (await person.get("/rules/2026-01")).words
        assert (await person.get("/rules/1999")).status == 404
        overview = (await (await opened(it, HR)).get("/rules")).words
        assert OTHER in overview.partition("尚未知悉:")[2]
        assert PERSON not in overview.partition("尚未知悉:")[2].partition("期限")[0]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["处罚单", "大过 → 警告", "检验合格的物料与成品须及时入账。", "到达待办 2026-08-30 09:00", "照片可以证明", "属实",
                "初犯", "申辩:期限已于 2026-09-03 09:01 结束。", "申诉:已于 2026-09-03 09:02 决定:减轻。", "当事人签收"]),
        ("en", ["Penalty record", "major demerit → warning", "Passed material and finished goods are booked promptly.",
                "Arrived on the worklist 2026-08-30 09:00", "照片可以证明", "属实", "初犯",
                "Statement: the time for it ended at 2026-09-03 09:01.",
                "Appeal: decided at 2026-09-03 09:02: reduce.", "Received by the person"]),
    ],
)  # fmt: skip
async def test_the_form_on_paper_shows_the_whole_case(language: str, said: list[str]) -> None:
    async with court(heavy()) as it:
        await it.do(PERSON, "state_case", statement="照片可以证明")
        await it.at(AFTER)
        await it.do(HR, "issue_record", reason="属实")
        await it.do(PERSON, "make_appeal", appeal="太重了")
        await it.do(BOSS, "decide_appeal", outcome="reduce", reduced_to="warning", reason="初犯")
        shown = await words(it, PERSON, language, "/print")

        proofs = late_receipt().judged("2026-09-01 09:00").record("WHS-03").evidence
        for piece in [*said, it.no, "WHS-03", "2026-01", *(f"{proof.position}" for proof in proofs)]:
            assert piece in shown
        assert all(proof.hash in shown for proof in proofs)


async def test_money_is_shown_with_how_it_was_computed() -> None:
    figures: dict[str, Any] = {"amount": 240, "ceiling": 240, "recorded_loss": 500, "share_percent": 80}
    computed = "RWK-1: min(240.00, 500.00 × 80.00 % = 400.00) = 240.00 CNY"
    money = CompensationProposal(**figures, negligence_found=True, computation=computed)
    async with court(proposed(sanction=None, compensation=money)) as it:
        shown = await words(it, path="/print")

        assert "建议赔偿(元) 240.00" in shown
        assert computed in shown
        assert "仅赔偿" in shown


@pytest.mark.parametrize(
    ("code", "tongue", "said"),
    [
        ("MER-02", "zh", "提成 + 雇佣金 + 订单金额 × 10 %"),
        ("MER-02", "en", "commission + agency fee + order amount × 10 %"),
        ("QUA-03", "zh", "取低者(返工费, 加班费) × 50 %"),
        ("QUA-03", "en", "the lower of (rework cost, overtime cost) × 50 %"),
        ("TML-03", "zh", "损耗逐项合计(数量 > 允许损耗时,(数量 - 允许损耗) × 单位成本) × 20 %"),
        (
            "TML-03",
            "en",
            "the sum over waste of ((quantity - planned waste) × unit cost, where quantity > planned waste) × 20 %",
        ),
    ],
)
def test_a_formula_is_said_in_words(code: str, tongue: str, said: str) -> None:
    formula = next(each["compensation"]["formula"] for each in RULES["clauses"] if each["code"] == code)
    chosen = language.set(tongue)
    try:
        assert formulas.in_words(formula) == said
        assert f"({said} = 9.00, " in formulas.computed_in_words(f"A-1: min({formula} = 9.00, 4.00 × 50.00 % = 2.00)")
    finally:
        language.reset(chosen)


@pytest.mark.parametrize(
    "formula",
    [
        "size(fact.waste) * 20 / 100",
        "sum(fact.waste.map(w, w.quantity * w.colour)) * 20 / 100",
        "sum(fact.waste.map(w, w.quantity > 3 ? w.unit_cost : w.allowance))",
        "sum(fact.waste.map(w, w.quantity * w.unit_cost)) * size(fact.waste)",
    ],
)
def test_a_formula_with_something_that_has_no_word_stays_as_it_was_written(formula: str) -> None:
    computation = f"A-1: min({formula} = 9.00, 4.00 × 50.00 % = 2.00)"

    assert formulas.in_words(formula) == formula
    assert formulas.computed_in_words(computation) == computation


async def test_a_first_cause_is_told_with_every_overrun_on_the_way() -> None:
    story = a_story()
    an_order(story, delivery_date="2026-03-05", takes={"release": 9, "final_inspection": 20, "instruction": 27})
    async with court(story.judged("2026-06-30 17:00").record("SHP-02")) as it:
        shown = await words(it)

        assert "错过 交期 应达期限 2026-03-05 17:00" in shown
        assert re.search(r"各环节超时\(工时\) .*下达订单 SO-1 5\.00; .*出货指令 SHN-SO-1 12\.00", shown)


async def test_the_evidence_says_what_stands_at_each_position_and_since_when() -> None:
    async with court() as it:
        (position, digest), *_ = ((proof.position, proof.hash) for proof in proposed().evidence)
        row = {
            "source": "warehouse",
            "epoch": 1,
            "sequence": 1,
            "type": "warehouse.handover_delivered.v1",
            "body": b"{}",
        }
        at = dict.fromkeys(("recorded_at", "admitted", "arrived_at"), local("2026-08-30 09:00"))
        hashes = dict.fromkeys(("hash", "source_hash"), bytes.fromhex(digest))
        async with transaction(it.office.engine) as session:
            await months.have(session, [at["admitted"]])
            session.add(LedgerEntry(position=position, **row, **at, **hashes))

        assert f"{position} 交接到达待办 2026-08-30 09:00 {digest}" in await words(it)
        assert f"{position} 2026-08-30 09:00 Handover delivered {digest}" in await words(it, HR, "en", "/print")


@pytest.mark.parametrize("employee", [PERSON, HR])
async def test_whatever_list_and_page_lead_to_is_open_to_who_reads_it(employee: str) -> None:
    async with court() as it:
        browser = await opened(it, employee)
        pages = [(await browser.get(path)).html for path in ("/records", f"/records/{it.no}")]
        places = {href for href in re.findall(r'href="(/[^"#]*)', "".join(pages)) if not href.startswith("/static/")}

        assert places
        assert [place for place in places if (await browser.get(place)).status == 403] == []


async def rights_of(it: Court, language: str = "en") -> str:
    head = {"en": "Your rights", "zh": "您的权利"}[language]
    return (await words(it, PERSON, language, "/print")).partition(head)[2]


async def test_the_form_promises_what_is_still_to_come_and_nothing_that_is_over() -> None:
    async with court() as it:
        told = await rights_of(it)
        assert "Statement: until 2026-09-03 09:01, to HR" in told
        assert "Appeal: within 5 working days of the issue, to General manager" in told
        assert "Once in effect, it lapses" in told
        await it.at(AFTER)

        issued = await rights_of(it)
        assert "Statement: the time for it ended at 2026-09-03 09:01." in issued
        assert "Appeal: until 2026-09-10 09:03, to General manager" in issued
        await it.office.wait_until(local("2026-09-10 09:04"))
        assert "Appeal: the time for it ended at 2026-09-10 09:03." in await rights_of(it)
        await it.at("2026-09-11 09:00")

        in_effect = await rights_of(it)
        assert "Appeal: the time for it ended at 2026-09-10 09:03." in in_effect
        assert "This record lapses at 2027-09-11 09:00." in in_effect
        await it.at("2027-09-11 09:01")
        assert "本单已于 2027-09-11 09:01 失效,不再计入。" in await rights_of(it, "zh")


async def test_a_record_that_fell_promises_nothing() -> None:
    async with court() as it:
        await it.do(HR, "drop_record", reason="送检单确实没有送到")

        told = await rights_of(it)
        assert "This record was withdrawn at 2026-09-01 09:00 and counts for nothing" in told
        assert all(word not in told for word in ("Statement:", "Appeal:", "lapses"))
