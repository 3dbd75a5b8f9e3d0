"""Does every record go its way: told, heard, issued, appealed against, in effect, lapsed?"""

from __future__ import annotations

from typing import Any

import pytest

from chassis.calendar import WorkCalendar
from contracts.accountability import Sanction
from services.accountability.people.calendar import shipped_calendar
from services.accountability.process.due_process import Action, NextStep, RecordFacts, next_step
from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml
from tests.support.facts import local

CALENDAR = WorkCalendar.from_fact(shipped_calendar())
RULES = read_yaml(SHIPPED.read_text(encoding="utf-8")).text
FRIDAY = local("2026-03-06 15:00")


KNOWN: dict[str, Any] = {"consulted_at": local("2026-01-05 08:00"), "acknowledged_at": local("2026-01-05 08:00")}


def then(frontier: str, *, sanction: Sanction | None = Sanction.WARNING, **facts: Any) -> NextStep:
    return next_step(RecordFacts(FRIDAY, sanction, **(KNOWN | facts)), local(frontier), CALENDAR, RULES)


def test_a_proposed_record_is_notified_at_once():
    assert then("2026-03-06 15:00") == NextStep(Action.NOTIFY, FRIDAY, due=True)


def test_a_warning_is_issued_by_itself_when_two_working_days_brought_no_statement():
    step = then("2026-03-10 15:01", notified_at=FRIDAY)

    assert (step.action, step.at) == (Action.ISSUE, local("2026-03-10 15:01"))
    assert not step.due  # a statement of 15:01 sharp may still come in
    assert then("2026-03-10 15:01:01", notified_at=FRIDAY).due


@pytest.mark.parametrize("sanction", [Sanction.MAJOR_DEMERIT, Sanction.DISMISSAL, None])
def test_heavy_sanctions_and_compensations_are_decided_by_a_person(sanction):
    assert then("2026-04-10 15:00", sanction=sanction, notified_at=FRIDAY).action is Action.AWAIT_HR


def test_a_statement_makes_it_a_persons_decision():
    assert then("2026-04-10 15:00", notified_at=FRIDAY, stated_at=FRIDAY).action is Action.AWAIT_HR


def test_what_stems_from_a_complaint_waits_until_the_customer_is_satisfied():
    waiting = then("2026-04-10 15:00", notified_at=FRIDAY, held_for="C-1")
    closed = local("2026-04-02 10:00")
    free = then("2026-04-10 15:00", notified_at=FRIDAY, complaint_closed_at=closed)

    assert waiting.action is Action.AWAIT_COMPLAINT
    assert (free.action, free.at, free.due) == (Action.ISSUE, closed, True)


def test_an_issued_record_takes_effect_after_five_working_days_without_an_appeal():
    issued = local("2026-03-10 16:00")

    step = then("2026-03-17 16:00", notified_at=FRIDAY, issued_at=issued)

    assert (step.action, step.at, step.due) == (Action.TAKE_EFFECT, local("2026-03-17 16:01"), False)
    assert then("2026-03-17 16:02", notified_at=FRIDAY, issued_at=issued).due


def test_an_appeal_stops_it_until_it_is_decided():
    issued, appealed = local("2026-03-10 16:00"), local("2026-03-12 09:00")
    facts: dict[str, Any] = {"notified_at": FRIDAY, "issued_at": issued, "appealed_at": appealed}

    assert then("2026-04-10 15:00", **facts).action is Action.AWAIT_APPEAL
    decided = then("2026-04-10 15:00", **facts, appeal_decided_at=local("2026-03-16 09:00"))
    assert (decided.action, decided.at) == (Action.TAKE_EFFECT, local("2026-03-16 09:00"))


def test_a_record_in_effect_lapses_after_twelve_months():
    step = then("2027-03-20 09:00", in_effect_at=local("2026-03-17 17:00"))

    assert (step.action, step.at, step.due) == (Action.LAPSE, local("2027-03-17 17:00"), True)


@pytest.mark.parametrize(
    ("missing", "wait"),
    [("consulted_at", Action.AWAIT_CONSULTATION), ("acknowledged_at", Action.AWAIT_ACKNOWLEDGEMENT)],
)
def test_nothing_is_issued_under_rules_that_lack_the_consultation_or_that_the_person_does_not_know(missing, wait):
    waiting = then("2026-04-10 15:00", notified_at=FRIDAY, **{missing: None})
    later = local("2026-04-01 10:00")
    known: dict[str, Any] = {"notified_at": FRIDAY, missing: later}
    exactly = then("2026-04-01 10:00", **known)
    after = then("2026-04-01 10:00:01", **known)

    assert waiting == NextStep(wait, local("2026-03-10 15:01"))
    assert (exactly.action, exactly.at, exactly.due) == (Action.ISSUE, later, False)
    assert after.due


@pytest.mark.parametrize("missing", ["consulted_at", "acknowledged_at"])
def test_what_is_known_before_the_period_ends_shortens_nothing(missing):
    known: dict[str, Any] = {"notified_at": FRIDAY, missing: local("2026-03-09 09:00")}
    step = then("2026-03-10 15:01", **known)

    assert (step.action, step.at, step.due) == (Action.ISSUE, local("2026-03-10 15:01"), False)


def test_the_customer_comes_first_then_the_consultation_then_the_acknowledgement():
    nothing: dict[str, Any] = {"notified_at": FRIDAY, "consulted_at": None, "acknowledged_at": None}

    assert then("2026-04-10 15:00", **nothing, held_for="C-1").action is Action.AWAIT_COMPLAINT
    assert then("2026-04-10 15:00", **nothing).action is Action.AWAIT_CONSULTATION
    assert then("2026-04-10 15:00", **nothing | {"consulted_at": FRIDAY}).action is Action.AWAIT_ACKNOWLEDGEMENT


def test_neither_do_heavy_sanctions_reach_hr_without_them():
    step = then("2026-04-10 15:00", sanction=Sanction.DISMISSAL, notified_at=FRIDAY, acknowledged_at=None)

    assert step.action is Action.AWAIT_ACKNOWLEDGEMENT


def test_what_takes_the_place_of_a_heard_record_is_a_persons_decision():
    assert then("2026-04-10 15:00", notified_at=FRIDAY, heard_before=True).action is Action.AWAIT_HR


def test_the_ends_of_both_periods_are_those_that_the_person_was_told():
    told = local("2026-03-20 12:00")
    heard = then("2026-03-20 12:00", notified_at=FRIDAY, statement_until=told)
    issued = then("2026-03-20 12:00", notified_at=FRIDAY, issued_at=FRIDAY, appeal_until=told)
    lasting = then("2026-03-20 12:00", in_effect_at=FRIDAY, lapses_at=told)

    assert [(step.action, step.at, step.due) for step in (heard, issued, lasting)] == [
        (Action.ISSUE, told, False),
        (Action.TAKE_EFFECT, told, False),
        (Action.LAPSE, told, False),
    ]


@pytest.mark.parametrize("end", ["withdrawn_at", "lapsed_at"])
def test_after_its_end_nothing_follows(end):
    ended: dict[str, Any] = {end: FRIDAY}
    assert then("2027-03-20 09:00", **ended) == NextStep(Action.NOTHING)
