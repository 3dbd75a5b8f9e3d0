"""What is told before it makes anything late stands to the person's credit, on their own page and beside a record."""

from typing import Any

import pytest

from chassis.database import transaction
from contracts import links, pmc, purchasing
from services.accountability.judge.verdicts import EarlyWarning, WarningAnswered
from services.accountability.process.due_process import lapse_of
from services.accountability.process.merits import counts_since, early_warnings
from services.accountability.rules.rulebook import RulebookText
from tests.accountability.court import HR, PERSON, Court, court, late_receipt, proposed
from tests.accountability.test_record_pages import opened, words
from tests.support.facts import RULES, STAFF, Outcome, Story, a_story, local

TUESDAY, DUTY, ARRIVAL = "2026-03-03 09:00", links.operation("MO-1", 10), links.arrival("MR-1", 1)
LEADER, BUYER = STAFF["team_leader"], STAFF["buyer"]


def an_operation() -> Story:
    """Delivered on Tuesday at nine and due at two."""
    return a_story().at(TUESDAY).delivers(DUTY, "team_leader", standard_hours="4")


def raises(story: Story, when: str, number: str = "EXC-1", by: str = LEADER, duty: Any = DUTY) -> Story:
    said: dict[str, Any] = {"exception_no": number, "affected_orders": ["SO-1"], "affected_duties": [duty]}
    return story.at(when).states(pmc.ExceptionRaised, by=by, order_no="SO-1", **said)


def decides(story: Story, when: str, *, accepted: bool, number: str = "EXC-1") -> Story:
    said: dict[str, Any] = {
        "exception_no": number,
        "affected_orders": ["SO-1"],
        "affected_duties": [DUTY],
        "extension_hours": "4",
    }
    return story.at(when).states(pmc.ExceptionDecided, order_no="SO-1", accepted=accepted, **said)


def credited(told: Outcome) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.number, one.person, one.duties) for one in told.verdicts if isinstance(one, EarlyWarning)]


def answers(told: Outcome) -> list[bool]:
    return [one.accepted for one in told.verdicts if isinstance(one, WarningAnswered)]


@pytest.mark.parametrize(("when", "early"), [("2026-03-03 14:01", True), ("2026-03-03 14:02", False)])
def test_an_exception_counts_when_it_is_raised_before_the_handover_is_late(when: str, early: bool) -> None:
    """Due at two, with a minute's tolerance."""
    told = raises(an_operation(), when).judged()

    assert credited(told) == ([("EXC-1", LEADER, (str(DUTY),))] if early else [])


def test_one_raised_before_the_work_came_counts_too() -> None:
    story = raises(a_story(), "2026-03-03 08:30").at(TUESDAY).delivers(DUTY, "team_leader", standard_hours="4")

    assert [number for number, *_ in credited(story.judged())] == ["EXC-1"]


def test_one_about_work_that_is_done_warns_of_nothing() -> None:
    story = an_operation().at("2026-03-03 10:00").states(pmc.OperationFinished, order_no="SO-1", closes=[DUTY])

    assert credited(raises(story, "2026-03-03 11:00").judged()) == []


def test_a_late_one_does_not_become_early_by_being_accepted() -> None:
    told = decides(raises(an_operation(), "2026-03-03 15:00"), "2026-03-03 15:30", accepted=True).judged()

    assert credited(told) == []


def test_the_latest_decision_is_told_also_where_it_came_first() -> None:
    story = decides(raises(an_operation(), "2026-03-03 10:00"), "2026-03-03 11:00", accepted=False)
    assert answers(story.judged()) == [False]
    assert answers(decides(story, "2026-03-03 12:00", accepted=True).judged()) == [False, True]

    hasty = raises(decides(an_operation(), "2026-03-03 10:00", accepted=True), "2026-03-03 11:00").judged()
    assert answers(hasty) == [True]
    assert [number for number, *_ in credited(hasty)] == ["EXC-1"]


def test_a_delay_reported_in_time_stands_to_the_buyers_credit() -> None:
    story = a_story().at(TUESDAY).delivers(ARRIVAL, "buyer", required_on="2026-03-06", lead_time_days=1)
    said: dict[str, Any] = {"delay_no": "DLY-1", "requirement_no": "MR-1", "requirement_line_no": 1}

    told = story.at("2026-03-04 09:00").states(purchasing.DelayReported, by=BUYER, order_no="SO-1", **said).judged()

    assert credited(told) == [("DLY-1", BUYER, (str(ARRIVAL),))]


@pytest.mark.parametrize(("when", "early"), [("2026-03-03 14:01", True), ("2026-03-03 14:02", False)])
def test_a_teams_delay_report_counts_when_it_comes_before_the_operation_is_late(when: str, early: bool) -> None:
    said: dict[str, Any] = {"production_order_no": "MO-1", "op_no": 10}
    told = an_operation().at(when).states(pmc.OperationDelayReported, by=LEADER, order_no="SO-1", **said).judged()

    assert credited(told) == ([("MO-1/10", LEADER, (str(DUTY),))] if early else [])


def warned_by_the_storekeeper() -> Story:
    """Three times: one was accepted, one declined, and about one nobody has decided."""
    story, later = late_receipt(), links.receipt("LOT-2")
    for number, when in (("EXC-1", "2026-08-28 09:00"), ("EXC-2", "2026-08-28 10:00"), ("EXC-3", "2026-08-28 11:00")):
        raises(story, when, number, PERSON, later)
    decides(story, "2026-08-28 14:00", accepted=True)
    decides(story, "2026-08-28 14:30", accepted=False, number="EXC-2")
    story.told.sort(key=lambda told: told.recorded_at)
    return story


async def mine(it: Court, language: str) -> str:
    page = await (await opened(it, PERSON, language)).get("/mine")
    return page.words


async def test_a_person_and_whoever_decides_on_their_record_see_what_stands_to_their_credit() -> None:
    async with court(proposed()) as it:
        assert "To my credit" not in await mine(it, "en")

        await it.hear(warned_by_the_storekeeper().judged("2026-08-31 09:00").verdicts)
        await it.hear(warned_by_the_storekeeper().judged("2026-08-31 09:00").verdicts)

        shown = await mine(it, "en")
        assert "To my credit" in shown
        assert "EXC-1" in shown
        assert "EXC-2" not in shown
        assert "EXC-3" in shown
        assert "我的预警" in await mine(it, "zh")
        for language, said in (
            ("zh", "此前 12 个月内,当事人 2 次在误期之前报告了障碍"),
            ("en", "2 hindrances reported before anything was late, in the 12 months before"),
        ):
            assert said in await words(it, HR, language)
            assert said in await words(it, HR, language, "/print")


SHORT = RulebookText.model_validate({**RULES, "lapse_months": 2})


def test_a_warning_counts_for_as_long_as_the_rulebook_lets_a_record_count() -> None:
    assert counts_since(local("2027-02-28 09:00"), SHORT) == local("2026-12-28 09:00")
    assert lapse_of(local("2026-12-28 09:00"), SHORT) == local("2027-02-28 09:00")


async def test_it_leaves_the_persons_page_and_new_records_when_its_time_is_over() -> None:
    async with court(proposed()) as it:
        await it.hear(warned_by_the_storekeeper().judged("2026-08-31 09:00").verdicts)
        async with transaction(it.office.engine) as session:
            shown = [
                [warning.number for warning in await early_warnings(session, PERSON, SHORT, local(at))]
                for at in ("2026-10-28 08:59", "2026-10-28 09:01", "2026-10-28 11:01")
            ]

        assert shown == [["EXC-3", "EXC-1"], ["EXC-3"], []]
