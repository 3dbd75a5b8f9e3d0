"""Payroll is told month by month what may be taken; what was stated stays, and whatever changes counts for what is left."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from contracts.accountability import PayrollStated
from services.accountability.judge.verdicts import Withdrawal
from tests.accountability.court import AFTER, BOSS, HR, OTHER, PERSON, Court, court
from tests.accountability.owing import (
    EFFECT,
    FIFTH,
    NOTIFIED_SO,
    NOVEMBER,
    OCTOBER,
    WAGE,
    find_fault,
    notify,
    owed,
    owing,
    record_wage,
)
from tests.accountability.test_record_pages import opened, words
from tests.ui.test_documents import cells


async def state(it: Court, month: str) -> dict[str, Any]:
    return await it.office.do(HR, "state_payroll", month=month)


def lines(statement: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [
        (line["record_no"], line["instalment_no"], line["instalment"], line["remaining_amount"])
        for line in statement["lines"]
    ]


async def shown(it: Court, employee: str = HR, path: str = "") -> str:
    return await words(it, employee, "en", path)


async def test_a_month_is_stated_once_in_order_and_stays_as_it_was_stated() -> None:
    async with owing() as it:
        assert await it.office.refused(HR, "state_payroll", month="2026-10") == "month_to_come"
        assert await it.office.refused(HR, "state_payroll", month="2026-09") == "nothing_to_state"
        assert await it.office.refused(HR, "state_payroll", month="2026-13") == "invalid_input"
        for other in (BOSS, PERSON):
            assert await it.office.refused(other, "state_payroll", month="2026-09") == "post_not_held"
        await it.at(OCTOBER)

        october = await state(it, "2026-10")
        await record_wage(it, "20000", since="2026-10")

        (line,) = october["lines"]
        assert lines(october) == [(it.no, 1, FIFTH, "2529.73")]
        assert (line["person"], line["clause"], line["reason"]) == (PERSON, "WHS-03", NOTIFIED_SO["notified_because"])
        assert await it.office.refused(HR, "state_payroll", month="2026-10") == "month_stated"
        assert await it.office.refused(HR, "state_payroll", month="2026-09") == "later_month_stated"
        async with it.office.as_(HR) as client:
            again = (await client.get(f"/api/payroll-statements/{october['no']}")).json()
        assert again == october

        await it.at(NOVEMBER)
        assert lines(await state(it, "2026-11")) == [(it.no, 2, "2529.73", "0.00")]
        await it.at("2026-12-12 09:00")
        assert await it.office.refused(HR, "state_payroll", month="2026-12") == "nothing_to_state"
        facts = await it.facts(PayrollStated)
        assert [fact.month for fact in facts if isinstance(fact, PayrollStated)] == ["2026-10", "2026-11"]


async def test_a_month_that_was_left_out_comes_later() -> None:
    async with owing() as it:
        await it.at(NOVEMBER)

        assert lines(await state(it, "2026-11")) == [(it.no, 1, FIFTH, "2529.73")]


async def test_a_wage_that_changes_changes_what_is_left() -> None:
    async with owing() as it:
        assert f"2026-10 1 {shown_money(FIFTH)}" in await shown(it)
        await record_wage(it, "10000.10", since="2026-11")
        assert "2026-11 2 2,000.02" in await shown(it)
        await it.at(OCTOBER)
        await state(it, "2026-10")

        await record_wage(it, "2740", since="2026-11")

        after = await shown(it)
        assert f"2026-10 1 {shown_money(FIFTH)} 2,529.73 stated to payroll PRS-" in after
        assert "2026-11: nothing can be taken from this month on" in after
        assert "CNY 2,529.73 are left" in after


def shown_money(amount: str) -> str:
    return f"{Decimal(amount):,.2f}"


async def test_a_record_that_falls_stops_what_was_not_stated_and_payroll_hears_what_to_give_back() -> None:
    async with owing() as it:
        await it.at(OCTOBER)
        await state(it, "2026-10")

        await it.hear([gone()])

        after = await shown(it)
        assert f"2026-10 1 {shown_money(FIFTH)} 2,529.73 stated to payroll PRS-" in after
        assert "planned" not in after
        assert "There is nothing to be taken in instalments." in after
        assert f"CNY {shown_money(FIFTH)} were stated without a ground and are to be given back" in after
        assert TO_GIVE_BACK not in (await (await opened(it, HR, "en")).get("/waiting")).words
        await it.at(NOVEMBER)
        assert "1,470.27 认定已更正 / corrected" in (await (await opened(it, HR, "en")).get("/payroll")).words
        waiting = await (await opened(it, HR, "en")).get("/waiting")
        assert TO_GIVE_BACK in waiting.words
        assert "/commands/state-payroll?month=2026-11" in waiting.html
        (line,) = (await state(it, "2026-11"))["lines"]
        assert TO_GIVE_BACK not in (await (await opened(it, HR, "en")).get("/waiting")).words
        assert (line["record_no"], line["instalment_no"], line["given_back"]) == (it.no, None, FIFTH)
        told = await shown(it, PERSON)
        assert "2026-11 — -1,470.27 0.00 to be given back, stated to payroll PRS-" in told
        assert "without a ground" not in told
        await it.at("2026-12-12 09:00")
        assert await it.office.refused(HR, "state_payroll", month="2026-12") == "nothing_to_state"


TO_GIVE_BACK = "Money to be given back of which payroll is to be told"


def gone() -> Withdrawal:
    said: dict[str, Any] = {"person": PERSON, "order_no": "SO-1", "ground_zh": "…", "ground_en": "…", "evidence": ()}
    because: dict[str, Any] = {"because_zh": "认定已更正", "because_en": "corrected"}
    return Withdrawal(key=owed().key, revision=1, clause="WHS-03", **said, **because)


async def test_what_was_stated_of_a_replaced_record_counts_for_the_one_that_takes_its_place() -> None:
    """Somebody else was found to share the loss: 1,600 in all, of which 1,470.27 were stated already."""
    async with owing() as it:
        await it.at(OCTOBER)
        await state(it, "2026-10")

        await it.hear([replace(owed(share="40"), revision=2, replaces=1)])
        await owed_anew(it)

        assert "CNY 1,470.27 stated of earlier records are counted against this one." in await shown(it)
        await it.at(NOVEMBER)
        assert lines(await state(it, "2026-11")) == [(it.no, 1, "129.73", "0.00")]


async def owed_anew(it: Court, month: str = "2026-10") -> None:
    """The later record comes into effect by the end of the month, and its person owes what it asks for."""
    await it.office.employ(hr=OTHER)
    found = await find_fault(it)
    await it.at(f"{month}-17 09:00")
    await it.do(HR, "issue_record", reason="…")
    await notify(it, found["no"])
    await it.at(f"{month}-30 09:00")


async def test_what_a_corrected_wage_does_not_bear_is_given_back_and_taken_later() -> None:
    """A wage mistyped as 20,000 let all 4,000 be stated; 3,000 lets 260 be taken, since 2,740 must be left."""
    async with owing() as it:
        await record_wage(it, "20000", since="2026-10")
        await it.at(OCTOBER)
        assert lines(await state(it, "2026-10")) == [(it.no, 1, "4000.00", "0.00")]

        await record_wage(it, "3000", since="2026-10")

        beyond = "CNY 3,740.00 of what was stated are more than the month bears and are to be given back"
        assert beyond in await shown(it, PERSON)
        assert "2026-11 2 260.00 3,480.00 planned" in await shown(it, PERSON)
        await it.at(NOVEMBER)
        assert TO_GIVE_BACK in (await (await opened(it, HR, "en")).get("/waiting")).words
        november = await state(it, "2026-11")
        assert lines(november) == [(it.no, 2, "260.00", "3480.00"), (it.no, None, "0.00", "3480.00")]
        assert [line["given_back"] for line in november["lines"]] == ["0.00", "3740.00"]
        assert "the wage of 2026-10 was corrected" in november["lines"][1]["reason"]
        assert TO_GIVE_BACK not in (await (await opened(it, HR, "en")).get("/waiting")).words
        assert beyond not in await shown(it, PERSON)
        await it.at("2026-12-12 09:00")
        assert lines(await state(it, "2026-12")) == [(it.no, 3, "260.00", "3220.00")]


async def test_what_was_given_back_for_a_wage_is_not_given_back_again_when_the_record_falls() -> None:
    async with owing() as it:
        await record_wage(it, "20000", since="2026-10")
        await it.at(OCTOBER)
        await state(it, "2026-10")
        await record_wage(it, "3000", since="2026-10")
        await it.at(NOVEMBER)
        await state(it, "2026-11")

        await it.hear([gone()])
        await it.at("2026-12-12 09:00")

        (line,) = (await state(it, "2026-12"))["lines"]
        assert (line["given_back"], line["reason"]) == ("520.00", "认定已更正 / corrected")


async def test_what_was_stated_beyond_a_smaller_share_is_given_back() -> None:
    """Of 1,470.27 stated, 400 are still owed."""
    async with owing() as it:
        await it.at(OCTOBER)
        await state(it, "2026-10")
        first = it.no
        await it.hear([replace(owed(share="10"), revision=2, replaces=1)])
        await owed_anew(it)

        said = await shown(it)
        assert "CNY 400.00 stated of earlier records are counted against this one." in said
        assert "Of what was stated of earlier records, CNY 1,070.27 have no ground and are to be given back" in said
        await it.at(NOVEMBER)
        (line,) = (await state(it, "2026-11"))["lines"]
        assert (line["record_no"], line["given_back"]) == (first, "1070.27")
        assert "no ground" not in await shown(it)
        await it.at("2026-12-12 09:00")
        assert await it.office.refused(HR, "state_payroll", month="2026-12") == "nothing_to_state"


@pytest.mark.parametrize("back", [{"revision": 2}, {"key": "GEN-04/E-060/SO-1", "clause": "GEN-04"}])
async def test_what_was_stated_before_a_record_fell_counts_when_its_loss_comes_back(back: dict[str, Any]) -> None:
    """The same record, or another clause for the same loss: 4,000 in all, of which 1,470.27 were stated already."""
    async with owing() as it:
        await it.at(OCTOBER)
        await state(it, "2026-10")
        await it.hear([gone()])
        await it.hear([replace(owed(), **back)])
        await owed_anew(it)
        await it.at(NOVEMBER)

        assert lines(await state(it, "2026-11")) == [(it.no, 1, FIFTH, "1059.46")]


async def test_what_was_given_back_counts_for_nothing_when_the_record_comes_back() -> None:
    async with owing() as it:
        await it.at(OCTOBER)
        await state(it, "2026-10")
        await it.hear([gone()])
        await it.at(NOVEMBER)
        await state(it, "2026-11")
        await it.hear([replace(owed(), revision=2)])
        await owed_anew(it, "2026-11")
        await it.at("2026-12-12 09:00")

        assert lines(await state(it, "2026-12")) == [(it.no, 1, FIFTH, "2529.73")]


async def test_an_appeal_that_takes_some_off_leaves_less_to_plan() -> None:
    async with court(owed()) as it:
        await record_wage(it)
        await it.at(AFTER)
        await it.do(HR, "issue_record")
        await it.office.employ(hr=OTHER)
        found = await find_fault(it, OTHER)
        await notify(it, found["no"])
        await it.do(PERSON, "make_appeal", appeal="…")
        await it.do(BOSS, "decide_appeal", outcome="reduce", compensation_reduced_to="1500", reason="…")
        await it.at(EFFECT)

        said = await shown(it)
        assert "Reduced on appeal to CNY 1,500.00." in said
        assert f"2026-10 1 {shown_money(FIFTH)} 29.73 planned 2026-11 2 29.73 0.00 planned" in said


async def test_nothing_is_payable_before_the_notification_or_the_records_effect() -> None:
    async with court(owed()) as it:
        await record_wage(it)
        assert "Neither intent nor gross negligence was found; until then nothing is payable." in await shown(it)
        found = await find_fault(it)
        await it.at(AFTER)
        await it.do(HR, "issue_record")
        assert "No written notification of reason and amount was given yet" in await shown(it)
        await it.at(EFFECT)
        await it.at(OCTOBER)
        assert await it.office.refused(HR, "state_payroll", month="2026-10") == "nothing_to_state"

        await notify(it, found["no"])

        assert await it.office.refused(HR, "state_payroll", month="2026-10") == "nothing_to_state"
        await it.at(NOVEMBER)
        assert lines(await state(it, "2026-11")) == [(it.no, 1, FIFTH, "2529.73")]


async def test_two_compensations_of_one_person_bear_on_one_wage() -> None:
    async with owing() as it:
        second = owed("100", of="DBN-8", key="GEN-03/E-060/SO-2", order_no="SO-2", clause="GEN-03")
        first = it.no
        await it.hear([second])
        found = await find_fault(it)
        await it.at("2026-09-16 09:00")
        await it.do(HR, "issue_record", reason="…")
        await notify(it, found["no"])
        await it.at("2026-09-30 09:00")

        assert "2026-12 1 100.00 0.00 planned" in await shown(it)
        await it.at("2026-12-12 09:00")
        assert lines(await state(it, "2026-12")) == [(first, 1, FIFTH, "2529.73")]


async def test_the_spreadsheet_says_that_nothing_is_deducted_and_who_took_it_along() -> None:
    async with owing() as it:
        await it.at(OCTOBER)
        no = (await state(it, "2026-10"))["no"]
        browser = await opened(it, HR, "en")

        answer = await browser.client.get(f"/payroll/{no}.xlsx")

        (sheet,) = cells(answer.content)
        assert "This system deducts and pays nothing." in str(sheet[1][0])
        heads = ["Who answers", "Record no.", "Clause", "Compensation no.", "Instalment no.", "Instalment (CNY)"]
        assert sheet[2][:6] == heads
        assert sheet[3][1:4] == [it.no, "WHS-03", "CMP-20260901-0001"]
        assert sheet[3][4:] == [1.0, 1470.27, 2529.73, 0.0, NOTIFIED_SO["notified_because"]]
        page = await browser.get(f"/payroll-statements/{no}")
        assert "Taken along" in page.words
        assert f"{HR} · 2026-10-12" in page.words
        month = await browser.get("/payroll?month=2026-10")
        assert "it stays as it is" in month.words
        assert "1,470.27" in month.words
        before = await browser.get("/payroll?month=2026-11")
        assert "2026-11 has not begun" in before.words


async def test_the_month_is_shown_before_it_is_stated_and_nonsense_is_refused() -> None:
    async with owing() as it:
        await it.at(OCTOBER)
        browser = await opened(it, HR, "zh")

        page = await browser.get("/payroll")

        assert "尚未出具" in page.words
        assert "本系统不扣款、不付款" in page.words
        assert "1,470.27" in page.words
        assert (await browser.client.get("/payroll?month=soon")).status_code == 422
        rules = (await browser.get("/rules")).words
        assert "当地月最低工资标准是多少元？ 2740 扣后不得低于当地标准" in rules
        assert "赔偿每月最多可从工资中扣多少（百分比）？ 20 法律的上限" in rules


@pytest.mark.parametrize("path", ["", "/print"])
async def test_page_and_form_show_the_computation_the_finding_the_notification_and_the_plan(path: str) -> None:
    async with owing(owed("5000", share="80")) as it:
        said = await shown(it, PERSON, path)

        assert "Loss DBN-7 customer's contract penalty Ceiling (CNY) 9,000.00" in said
        assert "Recorded direct loss (CNY) 5,000.00 Share (%) 80 Result (CNY) 4,000.00" in said
        assert "together CNY 4,000.00, a ceiling" in said
        assert "Gross negligence CMP-20260901-0001" in said
        assert "Share (%) 80 Amount (CNY) 4,000.00 Evidence INV-9" in said
        assert NOTIFIED_SO["notified_because"] in said
        assert f"2026-10 1 {shown_money(FIFTH)} 2,529.73 planned" in said
        assert shown_money(WAGE) not in said


async def test_two_who_state_a_month_at_once_state_it_once() -> None:
    async with owing() as it:
        await it.at(OCTOBER)

        both = await it.office.meet(
            "payroll_statements",
            it.office.attempt(HR, "state_payroll", month="2026-10"),
            it.office.attempt(HR, "state_payroll", month="2026-10"),
        )

        assert sorted(answer.status_code for answer in both) == [201, 409]
