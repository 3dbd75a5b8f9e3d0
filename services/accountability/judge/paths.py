"""Which handovers led to this one, by the inputs that were delivered last, and what working time did each cost?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from chassis.instants import Instant, Micros
from services.accountability.judge import amended, dues, duties, missing_documents
from services.accountability.judge.awaited import Awaited, Start
from services.accountability.judge.in_force import rule_of
from services.accountability.judge.state import Attempt, Case, Duty, Line, Mark, State


@dataclass(frozen=True, slots=True)
class Step:
    """One handover on a path, and the working time it cost."""

    duty: Duty
    attempt: Attempt
    overrun: Micros


def walk(state: State, case: Case, start: Start, now: Instant) -> tuple[Step, ...]:
    """The path to an attempt, from its beginning; before each handover stand the approvals that it waited for."""
    path: dict[tuple[str, int], Step] = {}
    walked: set[tuple[str, int]] = set()
    awaited = Awaited(state, case)
    step: Start | None = start
    while step is not None and (step[0].id, step[1].number) not in walked:
        duty, attempt = step
        walked.add((duty.id, attempt.number))
        path.setdefault((duty.id, attempt.number), Step(duty, attempt, cost(state, case, duty, attempt, now)))
        until = min(now, attempt.closed.at) if attempt.closed else now
        for approval, asked in reversed(awaited.by(duty, attempt)):
            if asked.opened.at <= now:
                lost = cost(state, case, approval, asked, until)
                path.setdefault((approval.id, asked.number), Step(approval, asked, lost))
        step = _last_input(state, case, duty, attempt)
    return tuple(reversed(path.values()))


def cost(state: State, case: Case, duty: Duty, attempt: Attempt, now: Instant) -> Micros:
    """The working time an attempt took beyond its due time; for a package also what its missing documents took."""
    ended = duties.ended_at(case, attempt)
    until = now if ended is None else min(now, ended)
    late = dues.overrun(state, case, duty, attempt, until) if dues.is_late(attempt) else 0
    if duty.link == "package":
        late += missing_documents.time_without(state, case, duty, attempt, now)
    return late


def closed_by(state: State, name: str, mark: Mark) -> Start | None:
    """The attempt at a duty that a fact closed, else the last one."""
    duty = state.duties.get(name)
    if duty is None or not duty.attempts:
        return None
    closed = [attempt for attempt in duty.attempts if attempt.closed and attempt.closed.position == mark.position]
    return duty, (closed or duty.attempts)[-1]


def furthest(state: State, case: Case, line: Line, now: Instant) -> Start | None:
    """Where a line that has not left stood at an instant: its most overdue open handover, else the last that was closed.

    Where that is an approval, it is the handover that waits for it.
    """
    reachable = [known for known in _reachable(state, case, line) if known[0][1].opened.at <= now]
    waiting = [known for known in reachable if _was_late(known[0][1], now)]
    if waiting:
        return min(waiting, key=lambda known: (known[0][1].due or 0, known[0][0].id, known[1][0].id))[1]
    closed = [known for known in reachable if _was_closed(known[0][1], now)]
    latest = max(closed, key=lambda known: (_when_closed(known[0]), known[1][0].id), default=None)
    return latest[1] if latest else None


def _was_closed(attempt: Attempt, now: Instant) -> bool:
    return attempt.closed is not None and attempt.closed.at <= now


def _was_late(attempt: Attempt, now: Instant) -> bool:
    """Whether an attempt was open at an instant although its timer had run."""
    return (
        not _was_closed(attempt, now) and attempt.fires is not None and attempt.fires <= now and dues.is_late(attempt)
    )


def on_the_way(state: State, case: Case, line: Line) -> Iterator[Start]:
    """Every attempt at a handover that the shipment of this line waits for; for what was given up in time nobody does."""
    return (step for step, _ in _reachable(state, case, line))


def _reachable(state: State, case: Case, line: Line) -> Iterator[tuple[Start, Start]]:
    """The same, each with itself; an approval with the handover that waits for it, as long as that does."""
    awaited = Awaited(state, case)
    for name in case.duties:
        duty = state.duties[name]
        for attempt in duty.attempts if duty.line_no in (None, line.line_no) else ():
            rules = rule_of(state, duty, attempt)
            if not rules or duty.link not in rules[0].path_to_shipment or _is_given_up(case, attempt):
                continue
            yield (duty, attempt), (duty, attempt)
            for approval in awaited.by(duty, attempt):
                if _waits_for(attempt, approval[1]) and not _is_given_up(case, approval[1]):
                    yield approval, (duty, attempt)


def _waits_for(attempt: Attempt, approval: Attempt) -> bool:
    """Goods may come before the decision on them does: then nothing waits for it any more."""
    if attempt.closed is None:
        return True
    return approval.closed is not None and approval.closed.at <= attempt.closed.at


def _is_given_up(case: Case, attempt: Attempt) -> bool:
    return (attempt.called_off or attempt.owed_until is not None) and duties.is_cancelled(case, attempt)


def _last_input(state: State, case: Case, duty: Duty, attempt: Attempt) -> Start | None:
    """The input that was delivered last; without named inputs, the link's usual ones; else the attempt before.

    An attempt that took the place of another goes on with that one's work, unless an input came meanwhile. Where an amendment
    came after all of them, the path begins with the customer's word.
    """
    named = [given for name in attempt.inputs if (given := state.duties.get(name)) and not _rests_for(given, attempt)]
    candidates = named or list(_usual_inputs(state, case, duty, attempt))
    steps = [
        (source, known)
        for source in candidates
        if source is not duty and (known := closed_before(source, attempt.opened.at)) is not None
    ]
    for source in candidates:
        steps += [] if source.attempts else _instead_of(state, case, source, (duty, attempt))
    before = [(duty, known) for known in duty.attempts if known.number < attempt.number]
    steps += [step for step in before[-1:] if _is_replaced(step[1], attempt)] if steps else before
    last = max(steps, key=lambda step: _when_closed(step) if step[0] is not duty else _when_begun(step), default=None)
    return None if last is None or _amended_after(case, duty, attempt, last) else last


def _rests_for(duty: Duty, approval: Attempt) -> bool:
    """An approval names those whose clocks stand still for it: it does not wait for them."""
    return sum(pause.step for pause in duty.pauses if pause.mark.order <= approval.opened.order) > 0


def _is_replaced(before: Attempt, attempt: Attempt) -> bool:
    """Whether an attempt took the place of the one before, which nobody had closed; not where that ended with its line."""
    return before.closed == attempt.opened and before.owed_until is None


def _amended_after(case: Case, duty: Duty, attempt: Attempt, last: Start) -> bool:
    """Whether an amendment brought this attempt; the attempt that it replaced was over with it, whenever that was heard."""
    source, known = last
    waited_for = known.opened.at if source is duty else _when_closed(last)[0]
    return amended.came_last(case, duty, attempt, waited_for)


def _instead_of(state: State, case: Case, skipped: Duty, following: Start) -> Iterator[Start]:
    """What was done without having been handed over waited for its link's usual inputs itself: those that were there by then."""
    rules = rule_of(state, *following)
    link = rules[0].links.get(skipped.link) if rules and skipped.closings else None
    for source in _of_links(state, case, link.inputs, following[0].line_no) if link else ():
        known = closed_before(source, done := skipped.closings[-1].at)
        if known is not None and source is not following[0] and _was_closed(known, done):
            yield source, known


def _usual_inputs(state: State, case: Case, duty: Duty, attempt: Attempt) -> Iterator[Duty]:
    rules = rule_of(state, duty, attempt)
    return _of_links(state, case, rules[1].inputs if rules else (), duty.line_no)


def _of_links(state: State, case: Case, links: Collection[str], line_no: int | None) -> Iterator[Duty]:
    for name in case.duties if links else ():
        source = state.duties[name]
        if source.link in links and source.line_no in (None, line_no):
            yield source


def closed_before(duty: Duty, at: Instant) -> Attempt | None:
    """The attempt that was closed last before an instant; clocks differ, so else the first that was closed at all.

    What was called off brought nothing: what waited for it goes on by what had been done before, where anything had.
    """
    ended = [attempt for attempt in duty.attempts if attempt.closed]
    closed = [attempt for attempt in ended if not attempt.called_off] or ended
    before = [attempt for attempt in closed if attempt.closed and attempt.closed.at <= at]
    return before[-1] if before else next(iter(closed), None)


def _when_begun(step: Start) -> tuple[Instant, str, int]:
    """From when on an input came after an attempt had begun, whatever the clocks of two services say."""
    duty, attempt = step
    return attempt.opened.at + duties.SKEW, duty.id, attempt.number


def _when_closed(step: Start) -> tuple[Instant, str, int]:
    duty, attempt = step
    return attempt.closed.at if attempt.closed else 0, duty.id, attempt.number
