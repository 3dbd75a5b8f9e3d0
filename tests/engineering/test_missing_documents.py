"""Whoever released a package never judges whether something was missing from it (ENG-01)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.waiting import WaitFor
from contracts.engineering import MissingDocumentDecided
from contracts.pmc import MissingDocumentReported
from tests.engineering.conftest import BOSS, ENGINEER, MANAGER, PLANNER, released, shelf
from tests.support.departments import Department, readers


def report(package_no: str, document: str = "terminal_layout") -> MissingDocumentReported:
    return MissingDocumentReported(
        order_no="SOD-1",
        report_no="MDR-1",
        package_no=package_no,
        line_no=1,
        document=document,
        remark="配线无图可依",
        reported_by=PLANNER,
    )


async def reported(engineering: Department, document: str = "terminal_layout") -> str:
    no = await released(engineering)
    await engineering.hear(report(no, document))
    return no


async def test_a_document_outside_the_required_ones_can_be_confirmed_missing(engineering: Department) -> None:
    no = await reported(engineering)
    await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=True)

    (fact,) = await engineering.facts(MissingDocumentDecided.name)
    assert isinstance(fact, MissingDocumentDecided)
    assert (fact.confirmed, fact.package_no, fact.document) == (True, no, "terminal_layout")
    assert (fact.assignee, fact.decided_by) == (ENGINEER, MANAGER)


async def test_a_report_without_ground_is_dismissed(engineering: Department) -> None:
    await reported(engineering)
    case = await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=False, remark="在图册第 4 页")

    assert (case["status"], case["approved_by"]) == ("dismissed", MANAGER)
    (fact,) = await engineering.facts(MissingDocumentDecided.name)
    assert not fact.confirmed  # type: ignore[attr-defined]


async def test_a_listed_document_counts_as_missing_only_with_a_reason(engineering: Department) -> None:
    await reported(engineering, "drawing")

    refused = await engineering.refused(MANAGER, "decide_missing_document", "MDR-1", confirmed=True)
    assert refused == "remark_missing"
    case = await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=True, remark="文件打不开")
    assert (case["status"], case["listed"]) == ("confirmed", True)


async def test_the_engineer_may_not_decide(engineering: Department) -> None:
    await reported(engineering)

    assert await engineering.refused(ENGINEER, "decide_missing_document", "MDR-1", confirmed=False) == "post_not_held"


async def test_where_the_manager_released_the_package_the_general_manager_decides(engineering: Department) -> None:
    await reported(engineering)
    await engineering.employ(engineering_manager=ENGINEER, general_manager=BOSS)

    assert await engineering.refused(ENGINEER, "decide_missing_document", "MDR-1", confirmed=False) == "self_approval"
    assert (await shelf(engineering, "missing-documents"))[0]["status"] == "open"
    case = await engineering.do(BOSS, "decide_missing_document", "MDR-1", confirmed=True)
    assert (case["status"], case["approved_by"]) == ("confirmed", BOSS)


async def test_colleagues_do_not_read_whose_package_misses_a_document(engineering: Department) -> None:
    """Whoever released it, their manager and HR do; and whoever decides."""
    await reported(engineering)
    await engineering.employ(engineer="E-015", general_manager=BOSS, hr="E-070")
    allowed = (ENGINEER, MANAGER, BOSS, "E-070")

    assert await readers(engineering, "missing-documents/MDR-1", *allowed, "E-015", PLANNER) == [*allowed]


async def test_the_database_keeps_the_decision_from_whoever_released(engineering: Department) -> None:
    await reported(engineering)

    with pytest.raises(IntegrityError, match="missing_document_cases_decided_by_another"):
        async with engineering.engine.begin() as connection:
            await connection.execute(text("UPDATE missing_document_cases SET approved_by = released_by"))


async def test_a_document_confirmed_missing_by_mistake_is_not_missing_after_all(engineering: Department) -> None:
    await reported(engineering)
    await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=True)

    assert await engineering.refused(MANAGER, "decide_missing_document", "MDR-1", confirmed=True) == "wrong_status"
    assert await engineering.refused(MANAGER, "decide_missing_document", "MDR-1", confirmed=False) == "remark_missing"
    await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=False, remark="在图册第 4 页")

    assert [fact.confirmed for fact in await engineering.facts(MissingDocumentDecided.name)] == [True, False]  # type: ignore[attr-defined]


async def test_a_report_is_decided_once(engineering: Department) -> None:
    await reported(engineering)
    await engineering.do(MANAGER, "decide_missing_document", "MDR-1", confirmed=False)

    refused = await engineering.refused(MANAGER, "decide_missing_document", "MDR-1", confirmed=True)
    assert refused == "wrong_status"


async def test_a_report_waits_for_its_package(engineering: Department) -> None:
    with pytest.raises(WaitFor) as missing:
        await engineering.hear(report("PKG-9"))

    assert missing.value.thing == ("package", "PKG-9")
