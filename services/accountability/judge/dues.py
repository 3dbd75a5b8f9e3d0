"""By when is a duty owed? The rulebook's terms, moved by amended dates, time that does not count, and taking over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.calendar import WorkCalendar
from chassis.due_terms import DueTerm, Given, latest
from chassis.due_times import Dated, under_calendars, under_dates
from chassis.instants import SECOND, Instant, Micros, duration, moment
from services.accountability.judge import excuses, roster
from services.accountability.judge.in_force import calendar_now, calendars_since, rule_of
from services.accountability.judge.state import Attempt, Case, DateChange, Duty, Line, State
from services.accountability.judge.verdicts import Excuse
from services.accountability.rules.rulebook import LinkRule

RELAXED = 3
"""More changes of the post's holder than this before one due time are not followed."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a duty is due, when its timer fires, and what moved it; no due time while its clock stands still."""

    due: Instant | None
    fires: Instant | None
    moved: tuple[Excuse, ...] = ()
    paused: bool = False


UNKNOWN = Schedule(None, None)


def schedule(state: State, case: Case, duty: Duty, attempt: Attempt) -> Schedule:
    """The due time of one attempt under everything known now."""
    rules = rule_of(state, duty, attempt)
    calendar = calendar_now(state)
    if rules is None or calendar is None:
        return UNKNOWN
    rulebook, link = rules
    tolerance = rulebook.text.tolerance_seconds * SECOND
    moved: list[Excuse] = []
    stopped = [gap for gap in excuses.gaps(state, case, duty, attempt, link) if _before_done(attempt, gap.start)]
    due = _under_calendars(state, case, duty, attempt, link, tolerance, stopped, moved)
    if due is None:
        return UNKNOWN
    due = _extended(state, duty, attempt, due, tolerance, stopped, moved)
    if due is None:
        return Schedule(None, None, tuple(moved), paused=True)
    due = _taken_over(state, duty, attempt, link, due, calendar, tolerance, stopped, moved)
    if due is None:
        return Schedule(None, None, tuple(moved), paused=True)
    fires = excuses.walk(calendar, due, tolerance, stopped)  # the tolerance too is time in which one can act
    return Schedule(due, fires, tuple(moved)) if fires else Schedule(None, None, tuple(moved), paused=True)


def overrun(state: State, case: Case, duty: Duty, attempt: Attempt, until: Instant) -> Micros:
    """The working time by which an attempt passed its due time, without what does not count."""
    rules, calendar = rule_of(state, duty, attempt), calendar_now(state)
    if attempt.due is None or rules is None or calendar is None or until <= attempt.due:
        return 0
    stopped = excuses.gaps(state, case, duty, attempt, rules[1])
    return excuses.worked(calendar, attempt.due, until, stopped)


def overrun_reaches(state: State, case: Case, duty: Duty, attempt: Attempt, length: Micros) -> Instant | None:
    """The instant by which an attempt that is not closed will have passed its due time by so much; None while it is paused."""
    rules, calendar = rule_of(state, duty, attempt), calendar_now(state)
    if attempt.due is None or rules is None or calendar is None:
        return None
    return excuses.walk(calendar, attempt.due, length, excuses.gaps(state, case, duty, attempt, rules[1]))


def excused(plan: Schedule) -> Micros:
    """The working time that did not count, or by which the due time moved."""
    return sum(max(excuse.working // timedelta(microseconds=1), 0) for excuse in plan.moved)


def is_late(attempt: Attempt) -> bool:
    """Whether it was closed after its due time and the tolerance, or is open although its timer has run."""
    if attempt.fires is None:
        return False
    return attempt.closed.at > attempt.fires if attempt.closed else attempt.expired


def ship_dates(line: Line | None, calendar: WorkCalendar) -> Iterator[Dated]:
    """Every ship-by date that a line had, by fact: delivery date less transit days, end of the last shift."""
    transit = 0
    for change in line.dates if line else ():
        transit = change.transit_days if change.transit_days is not None else transit
        leaves = date.fromisoformat(change.day) - timedelta(days=transit)
        yield _dated(change, calendar.last_shift_up_to(leaves))


def _dated(change: DateChange, day: Instant) -> Dated:
    return Dated(day, change.mark.at, change.mark.at, change.why, change.day, change.mark.position)


def _under_calendars(
    state: State,
    case: Case,
    duty: Duty,
    attempt: Attempt,
    link: LinkRule,
    tolerance: Micros,
    stopped: list[excuses.Gap],
    moved: list[Excuse],
) -> Instant | None:
    """The due time as every calendar since the delivery has it."""

    def under(calendar: WorkCalendar, day: Micros) -> Instant | None:
        moved.clear()
        return _under_dates(state, case, duty, attempt, link, calendar, day, tolerance, stopped, moved)

    return under_calendars(calendars_since(state, attempt.opened.at), under)


def _under_dates(
    state: State,
    case: Case,
    duty: Duty,
    attempt: Attempt,
    link: LinkRule,
    calendar: WorkCalendar,
    day: Micros,
    tolerance: Micros,
    stopped: list[excuses.Gap],
    moved: list[Excuse],
) -> Instant | None:
    """The latest of the link's terms, for the first date and for each later one that came while the clock ran or stood still."""
    bases = {term.base for term in link.terms}
    if "ship_by" in bases:
        dates: Iterable[Dated] = ship_dates(case.lines.get(duty.line_no or 0), calendar)
    elif "required_date" in bases:
        dates = _required_dates(state, duty, attempt, calendar)
    else:
        return _latest(link.terms, attempt, calendar, day, None)
    return under_dates(
        dates,
        attempt.opened.at,
        link.standard.under(calendar, day),
        calendar,
        lambda due, known: _in_time(calendar, attempt, due, tolerance, stopped, known),
        lambda on: _latest(link.terms, attempt, calendar, day, on),
        lambda old, new, dated: moved.append(_move(calendar, old, new, dated)),
    )


def _in_time(
    calendar: WorkCalendar, attempt: Attempt, due: Instant, tolerance: Micros, stopped: list[excuses.Gap], at: Instant
) -> bool:
    """Whether something was known before the due time passed, wherever the gaps in the clock had moved that to."""
    if at <= calendar.add(due, tolerance):
        return True
    length = calendar.between(attempt.since, due) if stopped else 0
    running = excuses.walk(calendar, attempt.since, length, stopped) if stopped else due
    return running is None or at <= calendar.add(running, tolerance)


def _required_dates(state: State, duty: Duty, attempt: Attempt, calendar: WorkCalendar) -> Iterator[Dated]:
    """The date on the material list, then every date that planning set on a delay reported by purchasing."""
    first = attempt.terms.required_on
    opened = attempt.opened
    if first is None:
        yield Dated(attempt.since, opened.at, opened.at, "", "", opened.position)
    else:
        yield Dated(calendar.last_shift_from(date.fromisoformat(first)), opened.at, opened.at, "", "", opened.position)
    for redate in duty.redates:
        reported = state.delays.get(redate.delay_no)
        if reported is not None:
            day = calendar.last_shift_from(date.fromisoformat(redate.required_on))
            yield Dated(day, redate.mark.at, reported.at, "redated", redate.delay_no, redate.mark.position)


def _latest(
    terms: tuple[DueTerm, ...], attempt: Attempt, calendar: WorkCalendar, day: Micros, on: Instant | None
) -> Instant | None:
    said = attempt.terms
    given = Given(attempt.since, on, said.due_at, said.lead_time_days, said.standard, day)
    return latest(terms, given, calendar)


def _extended(
    state: State,
    duty: Duty,
    attempt: Attempt,
    due: Instant,
    tolerance: Micros,
    stopped: list[excuses.Gap],
    moved: list[Excuse],
) -> Instant | None:
    """The due time moved on by the gaps in the clock and by exceptions that were raised in time and accepted."""
    calendar = calendar_now(state)
    if calendar is None or not (stopped or duty.exceptions):
        return due
    length = plain = calendar.between(attempt.since, due)
    for raised, decided, added, decided_by, number in excuses.extensions(state, duty):
        running = excuses.walk(calendar, attempt.since, length, stopped)
        in_time = running is None or raised.at <= calendar.add(running, tolerance)
        own = _answers(state, duty, attempt, raised.at) == decided_by
        if _touched(duty, raised.at) is attempt and in_time and not own:
            length += added
            moved.append(Excuse("exception", number, moment(raised.at), None, duration(added), decided.position))
    covered = attempt.since
    for gap in stopped:
        moved.append(_gap(calendar, gap, attempt, covered))
        covered = max(covered, gap.end or gap.start)
    moved_on = excuses.walk(calendar, attempt.since, length, stopped)
    return due if moved_on == calendar.add(attempt.since, plain) else moved_on


def _touched(duty: Duty, at: Instant) -> Attempt | None:
    """The attempt that was open when something was reported about it, else the next one to open."""
    return next((known for known in duty.attempts if known.closed is None or at <= known.closed.at), None)


def _answers(state: State, duty: Duty, attempt: Attempt, at: Instant) -> str | None:
    """Who owes the duty at an instant: nobody accepts their own exception."""
    person = roster.responsible(state, attempt.post, roster.assignee_of(duty, attempt, at), at).person
    return person.employee if person else None


def _taken_over(
    state: State,
    duty: Duty,
    attempt: Attempt,
    link: LinkRule,
    due: Instant,
    calendar: WorkCalendar,
    tolerance: Micros,
    stopped: list[excuses.Gap],
    moved: list[Excuse],
) -> Instant | None:
    """Whoever took the post over while the duty ran or stood still has at least the standard time from then, an operation's own.

    It runs outside the gaps in the clock; None while one that has no end stops it.
    """
    if state.index.last_start.get(attempt.post, 0) <= attempt.opened.at:
        return due
    standard = attempt.terms.standard or link.standard.under(calendar)
    for _ in range(RELAXED):
        fires = calendar.add(due, tolerance)
        assignee = roster.assignee_of(duty, attempt, fires)
        person = roster.responsible(state, attempt.post, assignee, fires).person
        tenure = roster.took_over(state, attempt.post, person.employee, fires) if person else None
        if tenure is None or tenure.since is None or tenure.since <= attempt.opened.at:
            break
        if not _before_done(attempt, tenure.since):
            break
        later = excuses.walk(calendar, tenure.since, standard, stopped)
        if later is None:
            return None
        if later <= due:
            break
        lasts = duration(calendar.between(due, later))
        position = tenure.mark.position if tenure.mark else None
        moved.append(Excuse("took_over", tenure.assignment_no, moment(due), moment(later), lasts, position))
        due = later
    return due


def _before_done(attempt: Attempt, at: Instant) -> bool:
    """Nothing that happened after an act was done moves the time by which it was owed."""
    return attempt.closed is None or at < attempt.closed.at


def _gap(calendar: WorkCalendar, gap: excuses.Gap, attempt: Attempt, covered: Instant) -> Excuse:
    """What a gap excused: no more than until the act was done, and nothing that another had excused by then."""
    start = max(gap.start, attempt.since)
    ends = [at for at in (gap.end, attempt.closed.at if attempt.closed else None) if at is not None]
    working = duration(calendar.between(max(start, covered), min(ends))) if ends else timedelta()
    until = None if gap.end is None else moment(gap.end)
    return Excuse(gap.reason, gap.document, moment(start), until, working, gap.mark.position)


def _move(calendar: WorkCalendar, old: Instant, new: Instant, dated: Dated) -> Excuse:
    working = duration(calendar.between(old, new))
    return Excuse(dated.reason, dated.document, moment(old), moment(new), working, dated.position)
