"""The customer is helped first; then PMC says who answers, and never in its own case."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts import links
from contracts.accountability import CalendarSet, EmployeeRegistered, Shift
from contracts.pmc import ComplaintAttributed, ComplaintClosed, ComplaintContained
from contracts.quality import CauseFound
from contracts.sales import RemedyConfirmed
from services.pmc.models import operation_no
from tests.pmc.conftest import (
    BOSS,
    CONTROLLER,
    COSTS,
    DIRECTOR,
    INSPECTOR,
    LEADER,
    MANAGER,
    OTHER_LEADER,
    PLANNER,
    SELLER,
    WORKER,
    authorisation,
    complaint,
    contract,
    one,
    reported,
    returned,
    supplied,
    work,
)
from tests.pmc.test_pages import browser
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio


def cause(**changes: Any) -> CauseFound:
    values = {"finding": "装配间隙超差", "cause": "production", "detectable": True, "inspector": INSPECTOR}
    return CauseFound(order_no="SOD-1", complaint_no="CCF-1", **{**values, **changes}, found_by=INSPECTOR)


def remedy() -> RemedyConfirmed:
    return RemedyConfirmed(order_no="SOD-1", complaint_no="CCF-1", customer_words="可以接受", recorded_by=SELLER)


async def contained(pmc: Department) -> None:
    await pmc.hear(complaint())
    await pmc.do(PLANNER, "contain_complaint", "CCF-1", action="当日派人更换")


def finding(**changes: Any) -> dict[str, Any]:
    return {"matter": "complaint", "complaint_no": "CCF-1", "cause": "production", "person": LEADER, **changes}


async def test_a_passed_complaint_is_a_case_of_ours(pmc: Department) -> None:
    await pmc.hear(complaint())

    case = await one(pmc, "complaints", "CCF-1")
    assert (case["status"], case["order_no"], case["description"]) == ("open", "SOD-1", "抽屉卡滞")


async def test_containing_it_is_stated(pmc: Department) -> None:
    await contained(pmc)

    (fact,) = await pmc.facts(ComplaintContained.name)
    assert (fact.complaint_no, fact.action) == ("CCF-1", "当日派人更换")  # type: ignore[attr-defined]
    assert await pmc.refused(PLANNER, "contain_complaint", "CCF-1", action="x") == "wrong_status"


async def test_the_customers_word_closes_it(pmc: Department) -> None:
    await contained(pmc)
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "customer_not_heard"

    await pmc.hear(remedy())
    await pmc.do(PLANNER, "close_complaint", "CCF-1")

    (fact,) = await pmc.facts(ComplaintClosed.name)
    assert fact.customer_confirmed is True  # type: ignore[attr-defined]


async def test_five_working_days_of_silence_close_it_too(pmc: Department) -> None:
    await contained(pmc)
    await pmc.wait_until(datetime(2026, 9, 8, 0, 59, tzinfo=UTC))
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "customer_not_heard"

    await pmc.wait_until(datetime(2026, 9, 8, 1, 0, tzinfo=UTC))
    await pmc.do(PLANNER, "close_complaint", "CCF-1")

    (fact,) = await pmc.facts(ComplaintClosed.name)
    assert fact.customer_confirmed is False  # type: ignore[attr-defined]


async def test_days_off_of_the_factory_calendar_are_no_silence(pmc: Department) -> None:
    await pmc.hear(
        CalendarSet(
            calendar_no="CAL-1",
            time_zone="Asia/Shanghai",
            shifts=(Shift(start="08:00", end="17:00"),),
            weekend=(6, 7),
            public_holidays=("2026-09-02",),
            make_up_days=(),
            set_by="system",
        )
    )
    await contained(pmc)

    await pmc.wait_until(datetime(2026, 9, 8, 1, 0, tzinfo=UTC))

    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "customer_not_heard"


async def test_the_customers_word_closes_it_whatever_else_was_done(pmc: Department) -> None:
    await pmc.hear(complaint())
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "nothing_done"
    await pmc.hear(authorisation())
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "remedy_underway"

    await pmc.hear(remedy())

    assert (await pmc.do(PLANNER, "close_complaint", "CCF-1"))["status"] == "closed"


async def test_silence_counts_from_the_last_of_the_remedy_and_not_while_any_of_it_is_under_way(pmc: Department) -> None:
    await pmc.hear(contract())
    await contained(pmc)
    await pmc.hear(authorisation())
    await pmc.wait_until(datetime(2026, 9, 8, 1, 0, tzinfo=UTC))
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "remedy_underway"

    await pmc.hear(returned())
    no = str((await pmc.do(PLANNER, "order_rework", **work()))["no"])
    await pmc.wait_until(datetime(2026, 9, 15, 1, 0, tzinfo=UTC))
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "remedy_underway"

    await pmc.do(LEADER, "finish_rework", no, **COSTS)
    await pmc.wait_until(datetime(2026, 9, 22, 0, 59, tzinfo=UTC))
    assert await pmc.refused(PLANNER, "close_complaint", "CCF-1") == "customer_not_heard"
    await pmc.wait_until(datetime(2026, 9, 22, 1, 0, tzinfo=UTC))
    await pmc.do(PLANNER, "close_complaint", "CCF-1")

    (fact,) = await pmc.facts(ComplaintClosed.name)
    assert fact.customer_confirmed is False  # type: ignore[attr-defined]


async def test_what_the_customer_keeps_of_a_return_holds_nothing_up(pmc: Department) -> None:
    await pmc.hear(contract())
    await contained(pmc)
    await pmc.hear(authorisation())
    await pmc.hear(returned(1))
    await pmc.wait_until(datetime(2026, 9, 8, 1, 0, tzinfo=UTC))

    assert (await pmc.do(PLANNER, "close_complaint", "CCF-1"))["status"] == "closed"


async def test_facts_about_a_complaint_that_is_not_here_wait(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(cause())
    with pytest.raises(WaitFor):
        await pmc.hear(remedy())


async def test_an_attribution_starts_from_qualitys_finding(pmc: Department) -> None:
    no = await supplied(pmc)
    await reported(pmc, no, 10)
    await pmc.hear(complaint())
    await pmc.hear(cause(operation=links.operation(no, 10), lot="FG-1"))

    await pmc.do(PLANNER, "attribute_complaint", matter="complaint", complaint_no="CCF-1")

    (fact,) = await pmc.facts(ComplaintAttributed.name)
    assert isinstance(fact, ComplaintAttributed)
    assert (fact.order_no, fact.cause, fact.operation) == ("SOD-1", "production", links.operation(no, 10))
    assert (fact.lot, fact.escaped_inspection, fact.inspector) == ("FG-1", True, INSPECTOR)
    assert (fact.attributed_by, fact.share_percent) == (PLANNER, Decimal(100))


async def test_the_planner_may_see_it_otherwise(pmc: Department) -> None:
    await pmc.hear(complaint())
    await pmc.hear(cause())
    other = finding(cause="supplier", person=None, escaped_inspection=False, share_percent="60")
    other |= {"direct_loss": "1200", "loss_document": "客户扣款单 0908"}

    await pmc.do(PLANNER, "attribute_complaint", **other)

    (fact,) = await pmc.facts(ComplaintAttributed.name)
    assert isinstance(fact, ComplaintAttributed)
    assert (fact.cause, fact.inspector) == ("supplier", None)
    assert (fact.direct_loss, fact.loss_document, fact.share_percent) == (Decimal(1200), "客户扣款单 0908", Decimal(60))


@pytest.mark.parametrize("amount", ["direct_loss", "processing_fee", "rework_cost", "overtime_cost"])
async def test_an_amount_that_nothing_records_is_not_taken(pmc: Department, amount: str) -> None:
    await pmc.hear(complaint())

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(**{amount: "1200"})) == "loss_without_document"
    assert (await pmc.do(PLANNER, "attribute_complaint", **finding(**{amount: "0"})))["loss_document"] is None


async def test_a_cause_that_nobody_found_is_asked_for(pmc: Department) -> None:
    await pmc.hear(complaint())

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(cause=None)) == "cause_missing"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"complaint_no": None}, "subject_missing"),
        ({"complaint_no": "CCF-9"}, "not_found"),
        ({"matter": "return"}, "subject_missing"),
        ({"matter": "return", "return_no": "RMA-9"}, "not_found"),
        ({"matter": "rework", "rework_no": "RWK-9"}, "not_found"),
        ({"operation_no": "OP-X-10"}, "not_found"),
        ({"share_percent": "101"}, "invalid_input"),
        ({"corrects": "ATT-9"}, "nothing_to_correct"),
    ],
)
async def test_an_attribution_with_a_fault_is_refused(pmc: Department, change: dict[str, Any], code: str) -> None:
    await pmc.hear(complaint())

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(**change)) == code
    assert await pmc.facts(ComplaintAttributed.name) == []


async def test_nobody_attributes_to_themselves(pmc: Department) -> None:
    await pmc.hear(complaint())
    own = finding(person=PLANNER)
    await pmc.employ(general_manager=PLANNER)

    assert await pmc.refused(PLANNER, "attribute_complaint", **own) == "own_case"
    assert (await pmc.do(BOSS, "attribute_complaint", **own))["person"] == PLANNER


@pytest.mark.parametrize(
    ("post", "change"),
    [
        ("workshop_director", {"person": None}),
        ("inspector", {"cause": "quality", "person": None}),
        ("inspector", {"escaped_inspection": True}),
    ],
)
async def test_whoever_holds_the_post_that_answers_leaves_it_to_the_general_manager(
    pmc: Department, post: str, change: dict[str, Any]
) -> None:
    await pmc.hear(complaint())
    await pmc.employ(**{post: PLANNER})

    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(**change)) == "own_case"
    assert (await pmc.do(BOSS, "attribute_complaint", **finding(**change)))["made_by"] == BOSS


async def test_the_team_leader_of_the_operation_is_part_of_the_case(pmc: Department) -> None:
    no = await supplied(pmc)
    await pmc.hear(complaint())
    await pmc.employ(planner=LEADER)

    own = finding(person=None, operation_no=operation_no(no, 10))
    assert await pmc.refused(LEADER, "attribute_complaint", **own) == "own_case"


@pytest.mark.parametrize(("named", "seen"), [(LEADER, 200), (OTHER_LEADER, 403)])
async def test_whom_it_does_not_name_does_not_see_who_was_held_to_answer(
    pmc: Department, named: str, seen: int
) -> None:
    await pmc.hear(complaint())
    no = (await pmc.do(PLANNER, "attribute_complaint", **finding(person=named)))["no"]

    for who, status in ((LEADER, seen), (DIRECTOR, 200), (BOSS, 200)):
        async with pmc.as_(who) as client:
            assert (await client.get(f"/api/attributions/{no}")).status_code == status
            assert (no in (await client.get("/api/attributions")).text) is (status == 200)


async def test_whom_it_names_sees_it_whatever_their_department_and_so_do_their_manager_and_hr(pmc: Department) -> None:
    await pmc.hear(complaint())
    await pmc.employ(inspector=INSPECTOR, quality_manager="E-051", purchasing_manager="E-041", hr="E-070")
    await pmc.hear(EmployeeRegistered(employee=INSPECTOR, nickname="小验", department="quality"))
    named = finding(cause="quality", person=INSPECTOR)
    no = (await pmc.do(PLANNER, "attribute_complaint", **named))["no"]

    for who, status in ((INSPECTOR, 200), ("E-051", 200), ("E-070", 200), (WORKER, 403), ("E-041", 403)):
        async with pmc.as_(who) as client:
            assert (await client.get(f"/api/attributions/{no}")).status_code == status


async def test_the_workshop_does_not_attribute(pmc: Department) -> None:
    await pmc.hear(complaint())

    assert await pmc.refused(DIRECTOR, "attribute_complaint", **finding()) == "post_not_held"


async def test_a_correction_names_what_it_corrects(pmc: Department) -> None:
    await pmc.hear(complaint())
    first = await pmc.do(PLANNER, "attribute_complaint", **finding())
    assert await pmc.refused(PLANNER, "attribute_complaint", **finding(cause="supplier")) == "already_attributed"

    second = await pmc.do(PLANNER, "attribute_complaint", **finding(cause="supplier", corrects=first["no"]))

    fact = (await pmc.facts(ComplaintAttributed.name))[-1]
    assert fact.corrects == first["no"]  # type: ignore[attr-defined]
    assert (await one(pmc, "attributions", first["no"]))["status"] == "corrected"
    again = finding(corrects=first["no"])
    assert await pmc.refused(PLANNER, "attribute_complaint", **again) == "nothing_to_correct"
    assert second["status"] == "stated"


async def test_the_database_itself_keeps_one_attribution_in_force(pmc: Department) -> None:
    await pmc.hear(complaint())
    first = await pmc.do(PLANNER, "attribute_complaint", **finding())
    await pmc.do(PLANNER, "attribute_complaint", **finding(corrects=first["no"]))

    with pytest.raises(IntegrityError, match="attributions_one_in_force"):
        async with pmc.engine.begin() as connection:
            await connection.execute(text("UPDATE attributions SET status = 'stated'"))


@pytest.mark.parametrize(
    ("reader", "name"),
    [(PLANNER, INSPECTOR), (MANAGER, INSPECTOR), (DIRECTOR, INSPECTOR), (BOSS, INSPECTOR), (CONTROLLER, "inspector")],
)
async def test_who_let_it_pass_is_named_to_who_attributes_and_the_others_read_the_post(
    pmc: Department, reader: str, name: str
) -> None:
    await pmc.hear(complaint())
    await pmc.hear(cause())

    async with pmc.as_(reader) as client:
        assert (await client.get("/api/complaints/CCF-1")).json()["inspector"] == name
        assert (await client.get("/api/complaints")).json()["items"][0]["inspector"] == name
    page = await (await browser(pmc, reader)).get("/complaints/CCF-1")
    assert (INSPECTOR in page.text) == (name == INSPECTOR)
