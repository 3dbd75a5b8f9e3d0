"""Which handovers led to this one, by the inputs that were delivered last, and what working time did each cost?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chassis.instants import Instant, Micros
from services.accountability.judge import amended, dues, duties, excuses
from services.accountability.judge.in_force import calendar_now, rule_of
from services.accountability.judge.state import Attempt, Case, Duty, Exhibit, Line, Mark, State

Start = tuple[Duty, Attempt]


@dataclass(frozen=True, slots=True)
class Step:
    """One handover on a path, and the working time it cost."""

    duty: Duty
    attempt: Attempt
    overrun: Micros


def walk(state: State, case: Case, start: Start, now: Instant) -> tuple[Step, ...]:
    """The path to an attempt, from its beginning."""
    path: list[Step] = []
    seen: set[tuple[str, int]] = set()
    step: Start | None = start
    while step is not None and (step[0].id, step[1].number) not in seen:
        duty, attempt = step
        seen.add((duty.id, attempt.number))
        path.append(Step(duty, attempt, cost(state, case, duty, attempt, now)))
        step = _last_input(state, case, duty, attempt)
    return tuple(reversed(path))


def cost(state: State, case: Case, duty: Duty, attempt: Attempt, now: Instant) -> Micros:
    """The working time an attempt took beyond its due time; for a package also what its missing documents took."""
    ended = duties.ended_at(case, attempt)
    until = now if ended is None else min(now, ended)
    late = dues.overrun(state, case, duty, attempt, until) if dues.is_late(attempt) else 0
    if duty.link == "package":
        late += _incompleteness(state, case, duty, attempt, now)
    return late


def closed_by(state: State, name: str, mark: Mark) -> Start | None:
    """The attempt at a duty that a fact closed, else the last one."""
    duty = state.duties.get(name)
    if duty is None or not duty.attempts:
        return None
    closed = [attempt for attempt in duty.attempts if attempt.closed and attempt.closed.position == mark.position]
    return duty, (closed or duty.attempts)[-1]


def furthest(state: State, case: Case, line: Line, now: Instant) -> Start | None:
    """Where a line that has not left stands: its most overdue open handover, else the last that was closed."""
    reachable = [step for step in on_the_way(state, case, line) if step[1].opened.at <= now]
    waiting = [step for step in reachable if step[1].closed is None and dues.is_late(step[1])]
    if waiting:
        return min(waiting, key=lambda step: (step[1].due or 0, step[0].id))
    closed = [step for step in reachable if step[1].closed]
    return max(closed, key=_when_closed, default=None)


def on_the_way(state: State, case: Case, line: Line) -> Iterator[Start]:
    """Every attempt at a handover that the shipment of this line waits for; for what was given up in time nobody does."""
    for name in case.duties:
        duty = state.duties[name]
        for attempt in duty.attempts if duty.line_no in (None, line.line_no) else ():
            rules = rule_of(state, duty, attempt)
            given_up = attempt.owed_until is not None and duties.is_cancelled(case, attempt)
            if rules and duty.link in rules[0].path_to_shipment and not given_up:
                yield duty, attempt


def _last_input(state: State, case: Case, duty: Duty, attempt: Attempt) -> Start | None:
    """The input that was delivered last; without named inputs, the link's usual ones; else the attempt before.

    Where an amendment came after all of them, the path begins with the customer's word.
    """
    named = [found for name in attempt.inputs if (found := state.duties.get(name)) is not None]
    candidates = named or list(_usual_inputs(state, case, duty, attempt))
    steps = [
        (source, known)
        for source in candidates
        if source is not duty and (known := closed_before(source, attempt.opened.at)) is not None
    ]
    if not steps:
        steps = [(duty, known) for known in duty.attempts if known.number < attempt.number]
    last = max(steps, key=_when_closed, default=None)
    return None if last is None or _amended_after(case, duty, attempt, last) else last


def _amended_after(case: Case, duty: Duty, attempt: Attempt, last: Start) -> bool:
    """Whether an amendment brought this attempt; the attempt that it replaced was over with it, whenever that was heard."""
    source, known = last
    waited_for = known.opened.at if source is duty else _when_closed(last)[0]
    return amended.came_last(case, duty, attempt, waited_for)


def _usual_inputs(state: State, case: Case, duty: Duty, attempt: Attempt) -> Iterator[Duty]:
    rules = rule_of(state, duty, attempt)
    usual = rules[1].inputs if rules else ()
    for name in case.duties if usual else ():
        source = state.duties[name]
        if source.link in usual and source.line_no in (None, duty.line_no):
            yield source


def closed_before(duty: Duty, at: Instant) -> Attempt | None:
    """The attempt that was closed last before an instant; clocks differ, so else the first that was closed at all."""
    closed = [attempt for attempt in duty.attempts if attempt.closed]
    before = [attempt for attempt in closed if attempt.closed and attempt.closed.at <= at]
    return before[-1] if before else next(iter(closed), None)


def _when_closed(step: Start) -> tuple[Instant, str, int]:
    duty, attempt = step
    return attempt.closed.at if attempt.closed else 0, duty.id, attempt.number


def _incompleteness(state: State, case: Case, duty: Duty, attempt: Attempt, now: Instant) -> Micros:
    """The working time in which any document was confirmed to be missing, from its report to the revision that brought it."""
    rules, calendar = rule_of(state, duty, attempt), calendar_now(state)
    lacking = _lacking(case, duty, attempt, now)
    if calendar is None or rules is None or not lacking:
        return 0
    stopped = excuses.gaps(state, case, duty, attempt, rules[1])
    total, covered = 0, attempt.opened.at
    for start, end in lacking:
        total += excuses.worked(calendar, max(start, covered), max(end, covered), stopped)
        covered = max(end, covered)
    return total


def _lacking(case: Case, duty: Duty, attempt: Attempt, now: Instant) -> list[tuple[Instant, Instant]]:
    """From when to when documents of the package that an attempt brought were missing, in order; two may be at one time."""
    return sorted(
        (report.mark.at, min([now, *(mark.at for mark in _completions(case, report))]))
        for report in case.exhibits.get("missing_reports", ())
        if report.data["line_no"] == duty.line_no
        and closed_before(duty, report.mark.at) is attempt
        and _was_missing(case, report)
    )


def _was_missing(case: Case, report: Exhibit) -> bool:
    """Whether the report was confirmed, not by whoever released the package, and the revision in force lacks the document.

    The same is asked before ENG-01 is recorded: a word that the package itself contradicts costs nobody anything.
    """
    released = [
        package
        for package in case.exhibits.get("packages", ())
        if package.data["package_no"] == report.data["package_no"] and package.mark.at <= report.mark.at
    ]
    if not released:
        return False
    newest = max(released, key=lambda package: (package.data["revision"], package.mark.order))
    return report.data["document"] not in newest.data["documents"] and any(
        decision.data["confirmed"] and decision.actor != newest.data["released_by"]
        for decision in case.exhibits.get("missing_documents", ())
        if decision.data["report_no"] == report.data["report_no"]
    )


def _completions(case: Case, report: Exhibit) -> Iterator[Mark]:
    """The releases that brought a document after it was reported missing."""
    for package in case.exhibits.get("packages", ()):
        same = package.data["package_no"] == report.data["package_no"]
        if same and package.mark.at >= report.mark.at and report.data["document"] in package.data["documents"]:
            yield package.mark
