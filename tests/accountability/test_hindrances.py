"""What a department reported excuses it once accepted, and counts from its own word, whenever PMC made an exception of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import orjson
import pytest

from contracts import engineering, links, pmc, purchasing, quality, sales, warehouse
from contracts.parts import HindranceReported
from services.accountability.judge.evidence import Tick
from services.accountability.judge.judge import judge
from services.accountability.judge.snapshot import dump, load
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import EarlyWarning, Verdict, WarningAnswered
from services.accountability.proof.exports import Wish
from services.accountability.proof.verifying import verify
from tests.accountability.house import house
from tests.accountability.proving import END, taken
from tests.accountability.stories import TUESDAY, due, reasons
from tests.accountability.test_countersignatures import outage, paper_of
from tests.accountability.test_settled import with_and_without
from tests.support.facts import STAFF, Outcome, Story, a_line, a_story, local, outcome
from tests.support.orders import Step, an_order

KEEPER, PLANNER = STAFF["storekeeper"], STAFF["planner"]
SHIP = links.ship("SHN-1")
SAID: dict[str, Any] = {
    "order_no": "SO-1",
    "hindrance_no": "HDW-1",
    "affected_orders": ["SO-1"],
    "affected_duties": [SHIP],
}


def to_ship() -> Story:
    """Delivered on Tuesday at nine, after its date: due at two."""
    story = a_story().at("2026-02-27 09:00")
    lines = [a_line(delivery_date="2026-03-02", quantity="1")]
    story.states(sales.OrderConfirmed, order_no="SO-1", lines=lines)
    return story.at(TUESDAY).delivers(SHIP, "storekeeper", service="warehouse")


def reported(
    story: Story, when: str = "2026-03-03 10:00", event: type[HindranceReported] = warehouse.HindranceReported
) -> Story:
    return story.at(when).states(event, by=KEEPER, kind="breakdown", **SAID)


def composed(story: Story, when: str = "2026-03-03 10:05") -> Story:
    return story.at(when).states(pmc.ExceptionRaised, kind="breakdown", exception_no="EXC-1", raised_by=KEEPER, **SAID)


def decided(story: Story, when: str = "2026-03-03 16:00", *, accepted: bool = True, by: str = PLANNER) -> Story:
    said: dict[str, Any] = {"exception_no": "EXC-1", "accepted": accepted, "extension_hours": "8" if accepted else "0"}
    return story.at(when).states(pmc.ExceptionDecided, decided_by=by, **said, **SAID)


def shipped(story: Story, when: str = "2026-03-04 11:00") -> Story:
    said: dict[str, Any] = {"order_no": "SO-1", "notice_no": "SHN-1", "quantity": "1", "line_no": 1}
    return story.at(when).states(warehouse.GoodsShipped, by=KEEPER, closes=[SHIP], **said)


def credited(told: Outcome) -> list[tuple[str, str]]:
    return [(one.number, one.person) for one in told.verdicts if isinstance(one, EarlyWarning)]


def answers(told: Outcome) -> list[tuple[str, bool]]:
    return [(one.number, one.accepted) for one in told.verdicts if isinstance(one, WarningAnswered)]


def test_a_storekeeper_whose_forklift_broke_is_excused_once_the_planner_accepts_it() -> None:
    told = shipped(decided(composed(reported(to_ship())))).judged()

    assert told.records == {}
    assert (due(told, SHIP), reasons(told, SHIP)) == ("03-04 14:00", ["exception"])
    assert [excuse.document for excuse in told.duty(SHIP).excuses] == ["HDW-1"]
    assert (credited(told), answers(told)) == ([("HDW-1", KEEPER)], [("HDW-1", True)])


def test_what_the_planner_declines_excuses_nothing() -> None:
    told = shipped(decided(composed(reported(to_ship())), accepted=False)).judged()

    assert (told.records, due(told, SHIP)) == ({"SHP-03": KEEPER}, "03-03 14:00")
    assert answers(told) == [("HDW-1", False)]


def test_what_nobody_decides_excuses_nothing() -> None:
    assert shipped(composed(reported(to_ship()))).judged().records == {"SHP-03": KEEPER}


@pytest.mark.parametrize(("when", "excused"), [("2026-03-03 14:01", True), ("2026-03-03 14:02", False)])
def test_it_is_reported_before_the_handover_is_late_or_in_vain(when: str, excused: bool) -> None:
    """Due at two, with a minute's tolerance."""
    told = shipped(decided(composed(reported(to_ship(), when), "2026-03-03 15:00"))).judged()

    assert told.records == ({} if excused else {"SHP-03": KEEPER})
    assert credited(told) == ([("HDW-1", KEEPER)] if excused else [])


def test_it_counts_from_the_departments_own_word_however_late_pmc_hears_of_it() -> None:
    told = shipped(decided(composed(reported(to_ship()), "2026-03-04 08:30"), "2026-03-04 09:00")).judged()

    assert told.records == {}


def test_it_excuses_the_handovers_that_it_names_and_no_other() -> None:
    story, other = to_ship(), links.receipt("LOT-1")
    story.delivers(other, "storekeeper", service="warehouse")

    told = decided(composed(reported(story))).judged()

    assert (due(told, SHIP), due(told, other)) == ("03-04 14:00", "03-04 09:00")


def test_it_excuses_the_attempt_in_which_it_was_reported_and_no_later_one() -> None:
    story = composed(reported(to_ship()))
    shipped(story, "2026-03-03 11:00").at("2026-03-03 13:00").delivers(
        SHIP, "storekeeper", service="warehouse", attempt=2
    )

    told = decided(story).judged()

    assert (due(told, SHIP), due(told, SHIP, 2)) == ("03-04 14:00", "03-03 17:00")


def test_nobody_accepts_what_hinders_themselves() -> None:
    assert shipped(decided(composed(reported(to_ship())), by=KEEPER)).judged().records == {"SHP-03": KEEPER}


def test_without_the_departments_own_word_pmcs_counts() -> None:
    told = shipped(decided(composed(to_ship()))).judged()

    assert (told.records, credited(told)) == ({}, [])
    assert shipped(decided(composed(to_ship(), "2026-03-03 15:00"))).judged().records == {"SHP-03": KEEPER}


@pytest.mark.parametrize("department", [sales, engineering, purchasing, quality, warehouse])
def test_every_department_is_heard(department: Any) -> None:
    told = shipped(decided(composed(reported(to_ship(), event=department.HindranceReported)))).judged()

    assert (told.records, credited(told)) == ({}, [("HDW-1", KEEPER)])


def a_late_evening() -> Story:
    """PMC hears of it after the due time, so that its own word alone would come too late."""
    return shipped(decided(composed(reported(to_ship()), "2026-03-03 15:00")))


THREE = ("warehouse.hindrance_reported.v1", "pmc.exception_raised.v1", "pmc.exception_decided.v1")


@pytest.mark.parametrize("order", list(permutations(THREE)))
def test_in_whatever_order_they_come_to_the_ledger_the_same_stands_in_the_end(order: Sequence[str]) -> None:
    """Each a day after the one before, when the record is long proposed."""
    story = a_late_evening()
    late = {name: local("2026-03-10 09:00") + timedelta(days=days) for days, name in enumerate(order)}
    story.told = [
        type(told)(told.fact, told.recorded_at, late.get(told.fact["type"], told.comes_at)) for told in story.told
    ]

    told = story.judged()

    week = local("2026-03-09 09:00")
    known = [entry for entry in story.entries() if entry.admitted < week]
    assert outcome(State(), known, week).records == {"SHP-03": KEEPER}
    assert (told.records, due(told, SHIP)) == ({}, "03-04 14:00")
    assert [excuse.document for excuse in told.duty(SHIP).excuses] == ["HDW-1"]
    assert credited(told) == [("HDW-1", KEEPER)]
    assert answers(told)[-1] == ("HDW-1", True)
    _, said, all_said = with_and_without(story.entries())
    assert said == all_said


def test_a_judge_that_starts_again_from_its_snapshot_says_the_same() -> None:
    story = a_late_evening()
    whole = story.judged()
    for restart in range(len(story.told)):
        state, said = State(), list[Verdict]()
        for index, entry in enumerate(story.entries()):
            state = load(dump(state)) if index == restart else state
            said += judge(state, entry)
        assert [*said, *judge(state, Tick(local("2026-06-30 17:00")))] == whole.verdicts


def test_what_was_reported_on_paper_in_an_outage_counts_from_then() -> None:
    """The warehouse is down from one to four; the due time of two becomes five, and it is booked the next day."""
    story = outage(to_ship(), warehouse.ServiceUnavailable)
    shipped(composed(decided(story, "2026-03-04 12:30"), "2026-03-04 12:20"), "2026-03-04 14:30")
    reported(story, "2026-03-04 12:10")
    before = story.judged("2026-03-05 08:00")

    told = paper_of(story).judged()

    assert (before.records, told.records) == ({"SHP-03": KEEPER}, {})
    assert (credited(before), credited(told)) == ([], [("HDW-1", KEEPER)])
    assert [one.at for one in told.verdicts if isinstance(one, EarlyWarning)] == [local("2026-03-03 15:00")]
    assert answers(told)[-1] == ("HDW-1", True)
    _, said, all_said = with_and_without(story.entries())
    assert said == all_said


def test_one_about_several_orders_excuses_in_each() -> None:
    story, second = to_ship(), links.ship("SHN-2")
    story.states(sales.OrderConfirmed, order_no="SO-2", lines=[a_line(delivery_date="2026-03-02")])
    story.delivers(second, "storekeeper", order_no="SO-2", service="warehouse")
    both: dict[str, Any] = {"order_no": None, "affected_orders": ["SO-1", "SO-2"], "affected_duties": [SHIP, second]}
    known = {**SAID, **both}
    story.at("2026-03-03 10:00").states(warehouse.HindranceReported, by=KEEPER, kind="breakdown", **known)
    story.states(pmc.ExceptionRaised, kind="breakdown", exception_no="EXC-1", raised_by=KEEPER, **known)
    story.states(pmc.ExceptionDecided, exception_no="EXC-1", extension_hours="8", decided_by=PLANNER, **known)

    told = story.judged()

    assert (due(told, SHIP), due(told, second)) == ("03-04 14:00", "03-04 14:00")
    _, said, all_said = with_and_without(story.entries())
    assert said == all_said


def test_one_that_cannot_be_read_is_held_and_excuses_nobody() -> None:
    story = to_ship()
    reported(story)
    del story.told[-1].fact["data"]["hindrance_no"]

    told = shipped(story).judged()

    assert list(told.state.held) == [len(story.told) - 1]
    assert orjson.loads(dump(told.state))["hindrances"] == {}


def reported_in_another_order(story: Story, step: Step) -> None:
    """By the warehouse, of a shipment that is SHP-03 otherwise; PMC makes an exception of it and accepts that."""
    if step.duty != links.ship("SHN-SO-1"):
        return
    said: dict[str, Any] = {
        "order_no": "SO-2",
        "hindrance_no": "HDW-1",
        "affected_orders": ["SO-1"],
        "affected_duties": [step.duty],
    }
    story.states(warehouse.HindranceReported, by=KEEPER, kind="breakdown", **said)
    story.states(pmc.ExceptionRaised, kind="breakdown", exception_no="EXC-1", raised_by=KEEPER, **said)
    story.states(pmc.ExceptionDecided, exception_no="EXC-1", extension_hours="16", decided_by=PLANNER, **said)


async def test_exported_evidence_holds_what_excuses_and_is_verified_without_the_system(postgres: str) -> None:
    async with house() as it:
        story = it.story()
        an_order(story, "SO-1", delivery_date="2026-03-06", takes={"ship": 30}, extra=reported_in_another_order)
        await it.hears(story)
        await it.promises(END)
        await it.judges()

        evidence = await taken(it, Wish(order="SO-1"))
        report = verify(evidence, it.fingerprints)

    facts = [orjson.loads(body.bytes) for body in evidence.bodies]
    foreign = {fact["type"] for fact in facts if fact.get("subject") == "SO-2"}
    assert foreign == set(THREE)
    assert report.passed
    assert evidence.said["records"] == []
