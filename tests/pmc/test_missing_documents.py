"""What is missed from a released package is said to Engineering, once and in writing."""

import pytest

from chassis.waiting import WaitFor
from contracts.engineering import MissingDocumentDecided
from contracts.pmc import MissingDocumentReported
from tests.pmc.conftest import LEADER, SELLER, cancellation, one, planned
from tests.support.departments import Department

pytestmark = pytest.mark.asyncio
MISSED = {"package_no": "PKG-SOD-1-1", "document": "wiring_diagram", "remark": "接线无依据"}


def decision(report_no: str, *, confirmed: bool = True) -> MissingDocumentDecided:
    return MissingDocumentDecided(
        order_no="SOD-1",
        report_no=report_no,
        package_no="PKG-SOD-1-1",
        line_no=1,
        document="wiring_diagram",
        confirmed=confirmed,
        decided_by="E-011",
    )


async def test_a_missing_document_is_reported_for_its_order_line(pmc: Department) -> None:
    await planned(pmc)

    document = await pmc.do(LEADER, "report_missing_document", **MISSED)

    (fact,) = await pmc.facts(MissingDocumentReported.name)
    assert (fact.order_no, fact.line_no, fact.document) == ("SOD-1", 1, "wiring_diagram")  # type: ignore[attr-defined]
    assert fact.report_no == document["no"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("confirmed", "status"), [(True, "confirmed"), (False, "dismissed")])
async def test_engineerings_answer_is_on_the_report(pmc: Department, confirmed: bool, status: str) -> None:
    await planned(pmc)
    document = await pmc.do(LEADER, "report_missing_document", **MISSED)

    await pmc.hear(decision(document["no"], confirmed=confirmed))

    assert (await one(pmc, "missing-documents", document["no"]))["status"] == status


@pytest.mark.parametrize("answers", [(True, False), (False, True)])
async def test_what_engineering_takes_back_is_dismissed_in_whatever_order_its_words_come(
    pmc: Department, answers: tuple[bool, ...]
) -> None:
    await planned(pmc)
    document = await pmc.do(LEADER, "report_missing_document", **MISSED)

    for confirmed in answers:
        await pmc.hear(decision(document["no"], confirmed=confirmed))

    assert (await one(pmc, "missing-documents", document["no"]))["status"] == "dismissed"


async def test_the_same_document_is_not_reported_twice_before_the_answer(pmc: Department) -> None:
    await planned(pmc)
    document = await pmc.do(LEADER, "report_missing_document", **MISSED)

    assert await pmc.refused(LEADER, "report_missing_document", **MISSED) == "already_reported"
    await pmc.hear(decision(document["no"]))
    assert (await pmc.do(LEADER, "report_missing_document", **MISSED))["status"] == "reported"


async def test_a_package_nobody_released_lacks_nothing(pmc: Department) -> None:
    assert await pmc.refused(LEADER, "report_missing_document", **MISSED) == "not_found"


async def test_only_our_own_people_report(pmc: Department) -> None:
    await pmc.employ(salesperson=SELLER)

    assert await pmc.refused(SELLER, "report_missing_document", **MISSED) == "post_not_held"


async def test_a_cancelled_order_misses_nothing(pmc: Department) -> None:
    await planned(pmc)
    await pmc.hear(cancellation())

    assert await pmc.refused(LEADER, "report_missing_document", **MISSED) == "order_cancelled"


async def test_an_answer_to_an_unknown_report_waits(pmc: Department) -> None:
    with pytest.raises(WaitFor):
        await pmc.hear(decision("MDR-X"))
