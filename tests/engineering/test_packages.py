"""A package leaves Engineering complete, and what was released never changes."""

from decimal import Decimal

import pytest

from chassis.waiting import WaitFor
from contracts import links
from contracts.engineering import HandoverDelivered, PackageCalledOff, PackageReleased
from contracts.parts import OrderLine
from contracts.sales import OrderAmended
from tests.engineering.conftest import (
    BOM,
    COLLEAGUE,
    DRAWN,
    ENGINEER,
    ROUTE,
    cancellation,
    contract,
    line,
    owed,
    owes,
    product,
    release,
    released,
    shelf,
)
from tests.support.departments import Department
from tests.support.worklists import know_the_standards, rows, struck


def amendment(revision: int, *lines: OrderLine) -> OrderAmended:
    return OrderAmended(order_no="SOD-1", revision=revision, lines=lines, reason="客户更改", amended_by="E-001")


async def releases(engineering: Department) -> list[PackageReleased]:
    return [fact for fact in await engineering.facts(PackageReleased.name) if isinstance(fact, PackageReleased)]


async def attempts(engineering: Department) -> list[int]:
    """How often the package of line 1 was handed over."""
    facts = [fact for fact in await engineering.facts(HandoverDelivered.name) if isinstance(fact, HandoverDelivered)]
    return [fact.attempt for fact in facts if fact.duty == links.package("SOD-1", 1)]


async def test_a_released_order_owes_one_package_for_each_line(engineering: Department) -> None:
    await owed(engineering, line(1), line(2))

    assert await owes(engineering) == ["opinion:SOD-1/engineering", "package:SOD-1/1", "package:SOD-1/2"]
    *_, delivered = await engineering.facts(HandoverDelivered.name)
    assert isinstance(delivered, HandoverDelivered)
    assert (delivered.line_no, delivered.inputs) == (2, (links.release("SOD-1"),))
    assert delivered.assignee == ENGINEER


async def test_a_release_waits_for_its_contract(engineering: Department) -> None:
    with pytest.raises(WaitFor):
        await engineering.hear(release())


async def test_the_same_release_again_owes_nothing_more(engineering: Department) -> None:
    await owed(engineering)
    await engineering.hear(release())

    assert len(await shelf(engineering, "packages")) == 1


async def test_with_two_engineers_the_package_is_nobodys_in_particular(engineering: Department) -> None:
    await engineering.employ(engineer=COLLEAGUE)
    no = await owed(engineering)

    (package,) = await shelf(engineering, "packages")
    assert package["assignee"] is None
    assert (await engineering.do(COLLEAGUE, "draft_package", no))["drafted_by"] == COLLEAGUE


async def test_an_engineer_who_is_not_the_assignee_may_act(engineering: Department) -> None:
    no = await owed(engineering)
    await engineering.employ(engineer=COLLEAGUE)
    await engineering.do(COLLEAGUE, "draft_package", no, documents=DRAWN)
    await engineering.do(COLLEAGUE, "release_package", no)

    (fact,) = await releases(engineering)
    assert (fact.assignee, fact.released_by) == (ENGINEER, COLLEAGUE)


async def test_a_draft_starts_from_the_library(engineering: Department) -> None:
    package = await engineering.do(ENGINEER, "draft_package", await owed(engineering))

    assert [part["item_code"] for part in package["bom"]] == ["GGD-CAB", "ST-2.0"]
    assert [step["op_no"] for step in package["route"]] == [10, 20]
    assert (package["inspection_standard"], Decimal(package["unit_weight_kg"])) == ("QS-GGD-03", Decimal(420))
    assert [held["document"] for held in package["documents"]] == ["bom", "process_route", "inspection_standard"]


async def test_a_draft_may_differ_from_the_library(engineering: Department) -> None:
    no = await owed(engineering)
    package = await engineering.do(
        ENGINEER, "draft_package", no, route=ROUTE[:1], inspection_standard="QS-X", unit_weight_kg="431.5"
    )

    assert ([step["op_no"] for step in package["route"]], package["inspection_standard"]) == ([10], "QS-X")
    assert Decimal(package["unit_weight_kg"]) == Decimal("431.5")
    assert len(package["bom"]) == len(BOM)


async def test_an_incomplete_package_is_refused_with_what_is_missing(engineering: Department) -> None:
    no = await owed(engineering)
    await engineering.do(ENGINEER, "draft_package", no, documents=["drawing"])

    answer = await engineering.attempt(ENGINEER, "release_package", no)

    assert answer.json()["code"] == "document_missing"
    assert "Work instruction" in answer.json()["detail"]
    assert await releases(engineering) == []


async def test_an_added_document_completes_the_package(engineering: Department) -> None:
    no = await owed(engineering)
    await engineering.do(ENGINEER, "draft_package", no, documents=["drawing"])
    await engineering.do(ENGINEER, "add_document", no, document="work_instruction", reference="WI-031 B")
    await engineering.do(ENGINEER, "add_document", no, document="work_instruction", reference="WI-031 C")

    package = await engineering.do(ENGINEER, "release_package", no)

    assert package["documents"][-1] == {"document": "work_instruction", "reference": "WI-031 C"}
    assert len(package["documents"]) == 5


async def test_releasing_states_the_whole_package_and_closes_the_handover(engineering: Department) -> None:
    no = await released(engineering)

    (fact,) = await releases(engineering)
    assert fact.closes == (links.package("SOD-1", 1),)
    assert (fact.package_no, fact.revision, fact.line_no, fact.product_code) == (no, 1, 1, "P-GGD")
    assert fact.documents == ("bom", "process_route", "inspection_standard", "drawing", "work_instruction")
    assert [part.quantity for part in fact.bom] == [1, 96]
    assert await owes(engineering) == ["opinion:SOD-1/engineering"]


@pytest.mark.parametrize(
    ("command", "form"),
    [("draft_package", {}), ("release_package", {}), ("add_document", {"document": "photo"})],
)
async def test_a_released_package_is_never_changed(
    engineering: Department, command: str, form: dict[str, object]
) -> None:
    no = await released(engineering)
    (before,) = await shelf(engineering, "packages")

    assert await engineering.refused(ENGINEER, command, no, **form) in ("wrong_status", "package_not_drafted")
    assert await shelf(engineering, "packages") == [before]


async def test_an_unknown_product_is_registered_before_it_is_drafted(engineering: Department) -> None:
    no = await owed(engineering, line(1, "P-NEW"))

    assert await engineering.refused(ENGINEER, "draft_package", no) == "unknown_product"
    await engineering.do(ENGINEER, "register_product", **product(no="P-NEW"))
    assert (await engineering.do(ENGINEER, "draft_package", no))["status"] == "draft"


async def test_a_cancelled_order_owes_no_package(engineering: Department) -> None:
    no = await owed(engineering)
    await engineering.hear(cancellation())

    assert await owes(engineering) == []
    assert await engineering.refused(ENGINEER, "draft_package", no) == "wrong_status"


async def test_a_release_that_arrives_after_the_cancellation_owes_nothing(engineering: Department) -> None:
    await engineering.hear(contract())
    await engineering.hear(cancellation())
    await engineering.hear(release())

    assert await shelf(engineering, "packages") == []


async def test_an_amendment_adds_and_drops_packages_with_its_lines(engineering: Department) -> None:
    await owed(engineering, line(1), line(2))
    await engineering.hear(amendment(2, line(2), line(3)))

    assert {p["line_no"]: p["status"] for p in await shelf(engineering, "packages")} == {
        1: "cancelled",
        2: "open",
        3: "open",
    }
    assert await owes(engineering) == ["opinion:SOD-1/engineering", "package:SOD-1/2", "package:SOD-1/3"]
    assert await struck(engineering, ENGINEER) == {"package:SOD-1/1": "line 1 removed by amendment, revision 2"}


async def test_a_line_that_comes_back_wants_its_package_again(engineering: Department) -> None:
    await owed(engineering, line(1), line(2))
    await engineering.hear(amendment(2, line(2)))

    await engineering.hear(amendment(3, line(1), line(2)))

    assert await attempts(engineering) == [1, 2]
    assert await struck(engineering, ENGINEER) == {}


async def test_a_package_stands_still_while_its_work_is_stopped(engineering: Department) -> None:
    await know_the_standards(engineering)
    await owed(engineering, line(1), line(2))
    stop = await engineering.do(ENGINEER, "stop_work", order_no="SOD-1", line_no=2, reason="图纸有误")

    assert [(await rows(engineering, ENGINEER))[f"package:SOD-1/{no}"]["waits_for"] for no in (1, 2)] == [
        [],
        [f"stop_work:{stop['no']}"],
    ]
    await engineering.do(ENGINEER, "resume_work", stop["no"], reason="已更正")

    assert (await rows(engineering, ENGINEER))["package:SOD-1/2"]["paused_at"] is None


async def test_an_older_amendment_that_arrives_last_changes_nothing(engineering: Department) -> None:
    await owed(engineering)
    await engineering.hear(amendment(3, line(1), line(2)))
    await engineering.hear(amendment(2, line(1)))

    assert {p["line_no"] for p in await shelf(engineering, "packages", status="open")} == {1, 2}


async def test_an_amendment_that_overtakes_the_release_counts(engineering: Department) -> None:
    await engineering.hear(contract())
    await engineering.hear(amendment(2, line(1), line(2)))
    assert await shelf(engineering, "packages") == []

    await engineering.hear(release("SOD-1", line(1)))

    assert len(await shelf(engineering, "packages", status="open")) == 2


async def test_another_product_wants_its_draft_made_again(engineering: Department) -> None:
    no = await owed(engineering)
    await engineering.do(ENGINEER, "draft_package", no)
    await engineering.hear(amendment(2, line(1, "P-NEW")))

    (package,) = await shelf(engineering, "packages")
    assert (package["status"], package["product_code"]) == ("open", "P-NEW")
    assert await attempts(engineering) == [1, 2]


async def test_the_same_product_in_another_number_leaves_the_package_as_it_is(engineering: Department) -> None:
    await owed(engineering)
    await engineering.hear(amendment(2, line(1).model_copy(update={"quantity": Decimal(9)})))

    assert await attempts(engineering) == [1]


async def test_another_product_after_the_release_owes_the_package_again(engineering: Department) -> None:
    no = await released(engineering)
    await engineering.do(ENGINEER, "register_product", **product(no="P-NEW"))
    await engineering.hear(amendment(2, line(1, "P-NEW")))

    assert "package:SOD-1/1" in await owes(engineering)
    await engineering.do(ENGINEER, "draft_package", f"{no}-R2", documents=DRAWN)
    await engineering.do(ENGINEER, "release_package", f"{no}-R2")

    _, again = await releases(engineering)
    assert (again.package_no, again.revision, again.product_code) == (no, 2, "P-NEW")
    assert again.closes == (links.package("SOD-1", 1),)


@pytest.mark.parametrize("drafted", [False, True])
async def test_a_released_package_that_is_wanted_again_is_not_owed_once_more(
    engineering: Department, drafted: bool
) -> None:
    """PMC goes on by it at once; what was begun for the other product is called off, whether it was drafted or not."""
    no = await released(engineering)
    await engineering.do(ENGINEER, "register_product", **product(no="P-NEW"))
    await engineering.hear(amendment(2, line(1, "P-NEW")))
    if drafted:
        await engineering.do(ENGINEER, "draft_package", f"{no}-R2", documents=DRAWN)

    await engineering.hear(amendment(3, line()))

    assert "package:SOD-1/1" not in await owes(engineering)
    assert [(p["no"], p["status"]) for p in await shelf(engineering, "packages")] == [
        (f"{no}-R2", "cancelled"),
        (no, "released"),
    ]
    (fact,) = await engineering.facts(PackageCalledOff.name)
    assert isinstance(fact, PackageCalledOff)
    assert (fact.package_no, fact.line_no, fact.revision) == (no, 1, 2)
    assert (fact.closes, await attempts(engineering)) == ((links.package("SOD-1", 1),), [1, 2])


async def test_a_third_product_after_the_first_one_was_wanted_again_owes_its_package(engineering: Department) -> None:
    no = await released(engineering)
    for revision, code in ((2, "P-NEW"), (3, "P-GGD"), (4, "P-NEW")):
        await engineering.hear(amendment(revision, line(1, code)))

    assert "package:SOD-1/1" in await owes(engineering)
    assert (await shelf(engineering, "packages", status="open"))[0]["no"] == f"{no}-R3"
    assert await attempts(engineering) == [1, 2, 3]


async def test_a_line_dropped_while_its_revision_is_drafted_can_come_back(engineering: Department) -> None:
    no = await released(engineering)
    await engineering.do(ENGINEER, "revise_package", no, change="换型")
    await engineering.hear(amendment(2, line(2)))
    await engineering.hear(amendment(3, line(1, "P-NEW"), line(2)))

    assert [p["status"] for p in await shelf(engineering, "packages", package_no=no)] == [
        "open",
        "cancelled",
        "released",
    ]
