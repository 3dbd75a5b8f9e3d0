"""What comes next for a record, and from when on? Proposed, notified, issued, in effect, lapsed: none goes unheard.

A step may be taken once the frontier is beyond its moment: until then a statement or an appeal made in time may still
come in. Nothing is issued under a rulebook version that the person has not acknowledged, or on which the employees were not
consulted.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from chassis.calendar import WorkCalendar
from chassis.due_terms import Span
from chassis.instants import SECOND, instant, moment
from contracts.accountability import Sanction
from services.accountability.rules.rulebook_periods import objection_period

if TYPE_CHECKING:
    from services.accountability.rules.rulebook import RulebookText

BY_ITSELF = frozenset({Sanction.EDUCATION, Sanction.WARNING, Sanction.MINOR_DEMERIT})
"""Sanctions that are issued without a decision when nobody speaks up; the heavier ones and compensations HR decides."""


class Action(StrEnum):
    """What happens next. AWAIT_*: somebody has to act first; NOTHING: it is over."""

    NOTIFY = "notify"
    ISSUE = "issue_by_itself"
    AWAIT_HR = "await_hr"
    AWAIT_COMPLAINT = "await_complaint"
    AWAIT_CONSULTATION = "await_consultation"
    AWAIT_ACKNOWLEDGEMENT = "await_acknowledgement"
    AWAIT_APPEAL = "await_appeal"
    TAKE_EFFECT = "take_effect"
    LAPSE = "lapse"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What has happened to a record so far; it waits while a complaint is open (`held_for`), the last was `complaint_closed_at`.

    `statement_until`, `appeal_until` and `lapses_at` are what the person was told; without them the calendar says.
    `consulted_at` and `acknowledged_at` are about the rulebook version that the record cites. `heard_before`: on
    an earlier record of the same matter the person had spoken or somebody had decided. `warned_before`: earlier warnings with
    which HR may make something heavier of it.
    """

    proposed_at: datetime
    sanction: Sanction | None
    consulted_at: datetime | None = None
    acknowledged_at: datetime | None = None
    notified_at: datetime | None = None
    statement_until: datetime | None = None
    stated_at: datetime | None = None
    heard_before: bool = False
    warned_before: Sequence[str] = ()
    issued_at: datetime | None = None
    appeal_until: datetime | None = None
    appealed_at: datetime | None = None
    appeal_decided_at: datetime | None = None
    in_effect_at: datetime | None = None
    lapses_at: datetime | None = None
    lapsed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    held_for: str | None = None
    complaint_closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next step, the moment from which it may be taken, and whether the evidence reaches beyond that."""

    action: Action
    at: datetime | None = None
    due: bool = False


def next_step(record: RecordFacts, frontier: datetime, calendar: WorkCalendar, rules: RulebookText) -> NextStep:
    """What comes next for a record under the rulebook version that it cites."""
    if record.withdrawn_at or record.lapsed_at:
        return NextStep(Action.NOTHING)
    if record.in_effect_at:
        return _from(record.lapses_at or lapse_of(record.in_effect_at, rules), Action.LAPSE, frontier)
    if record.issued_at:
        return _after_issue(record, record.issued_at, frontier, calendar, rules)
    if record.notified_at:
        return _after_notice(record, record.notified_at, frontier, calendar, rules)
    return NextStep(Action.NOTIFY, record.proposed_at, due=True)


def _after_notice(
    record: RecordFacts, notified_at: datetime, frontier: datetime, calendar: WorkCalendar, rules: RulebookText
) -> NextStep:
    """First the customer, then the person's statement and their knowledge of the rules, then the record."""
    heard = record.statement_until or statement_deadline(notified_at, calendar, rules)
    if record.held_for:
        return NextStep(Action.AWAIT_COMPLAINT, heard)
    if record.consulted_at is None:
        return NextStep(Action.AWAIT_CONSULTATION, heard)
    if record.acknowledged_at is None:
        return NextStep(Action.AWAIT_ACKNOWLEDGEMENT, heard)
    at = max(heard, record.complaint_closed_at or heard, record.consulted_at, record.acknowledged_at)
    if record.stated_at or record.heard_before or record.warned_before or record.sanction not in BY_ITSELF:
        return NextStep(Action.AWAIT_HR, at)
    return _from(at, Action.ISSUE, frontier)


def _after_issue(
    record: RecordFacts, issued_at: datetime, frontier: datetime, calendar: WorkCalendar, rules: RulebookText
) -> NextStep:
    """The appeal window runs from the issue, for what stems from a complaint not before its end."""
    if record.appealed_at and record.appeal_decided_at is None:
        return NextStep(Action.AWAIT_APPEAL, record.appealed_at)
    if record.appeal_decided_at:
        return _from(record.appeal_decided_at, Action.TAKE_EFFECT, frontier)
    until = record.appeal_until or appeal_deadline(
        max(issued_at, record.complaint_closed_at or issued_at), calendar, rules
    )
    return _from(until, Action.TAKE_EFFECT, frontier)


def statement_deadline(notified_at: datetime, calendar: WorkCalendar, rules: RulebookText) -> datetime:
    """Until when the notified person may state their case."""
    return _later(notified_at, rules.statement_period, calendar, rules)


def appeal_deadline(opened_at: datetime, calendar: WorkCalendar, rules: RulebookText) -> datetime:
    """Until when the person may appeal: from the issue on, for what stems from a complaint not before its end."""
    return _later(opened_at, rules.appeal_period, calendar, rules)


def objection_deadline(notified_at: datetime, calendar: WorkCalendar, rules: RulebookText) -> datetime:
    """Until when the person may object to a compensation of which they were notified in writing."""
    return _later(notified_at, objection_period(rules), calendar, rules)


def lapse_of(in_effect_at: datetime, rules: RulebookText) -> datetime:
    """When a record in effect counts no longer."""
    return months_later(in_effect_at, rules.lapse_months)


def _later(start: datetime, span: Span, calendar: WorkCalendar, rules: RulebookText) -> datetime:
    """The end of a period of working time, with the tolerance in the person's favour."""
    end = calendar.add(instant(start), span.under(calendar))
    return moment(calendar.add(end, rules.tolerance_seconds * SECOND))


def months_later(start: datetime, months: int) -> datetime:
    """The same day and time so many months later, earlier where they are below zero; at the latest the month's last day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


def _from(at: datetime, action: Action, frontier: datetime) -> NextStep:
    return NextStep(action, at, due=at < frontier)
