"""Why was a date missed? Walk back from the shipment; the largest overrun on that path is the first cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chassis.instants import SECOND, Instant
from services.accountability.judge import amended, deliveries, dues, paths, production_dues, removed
from services.accountability.judge.awaited import Start
from services.accountability.judge.in_force import calendar_now, rule_of
from services.accountability.judge.paths import Step
from services.accountability.judge.state import Case, Duty, Line, Mark, Production, State


@dataclass(frozen=True, slots=True)
class Missed:
    """A missed date of a delivery or a production, the path from its beginning, and the first cause if there is one.

    `number` is the order line or the production order; `done` is None while the goods have not left.
    """

    of: str
    number: str
    line_no: int | None
    due: Instant
    done: Mark | None
    path: tuple[Step, ...]
    cause: Step | None

    @property
    def infeasible(self) -> bool:
        """Nobody on the path overran: the plan could not be kept."""
        return not any(step.overrun for step in self.path)


def missed_dates(state: State, case: Case) -> Iterator[Missed]:
    """Every missed date of an order on which there is something to say."""
    for line in case.lines.values():
        delivery = _missed_delivery(state, case, line)
        if delivery is not None:
            yield delivery
    hindered: production_dues.Hindered | None = None
    for number, production in case.productions.items():
        if production.finished and production.due_at is not None and production.finished.at > production.due_at:
            hindered = production_dues.hindered(state, case) if hindered is None else hindered
            late = _late_production(state, case, number, production, hindered.get(number, ()))
            if late is not None:
                yield late


def next_look(state: State, case: Case, line: Line) -> Instant | None:
    """When to look again at a missed line that has not left: a stall or another largest overrun is near."""
    given_up = case.cancelled or deliveries.given_up_at(line) is not None or amended.replaced_at(line) is not None
    if deliveries.left_at(line, by=line.fires) or given_up or not deliveries.missed(line, None):
        return None
    waiting = [step for step in paths.on_the_way(state, case, line) if step[1].closed is None]
    looks = [_stall(state, case, step, line) for step in waiting]
    start = paths.furthest(state, case, line, state.now) if waiting else None
    path = paths.walk(state, case, start, state.now) if start else ()
    growing = max((step for step in path if step.attempt.closed is None), key=lambda step: step.overrun, default=None)
    if growing is not None:
        others = max((step.overrun for step in path if step.attempt.closed), default=0)
        looks.append(dues.overrun_reaches(state, case, growing.duty, growing.attempt, others + 1))
    return min((at for at in looks if at is not None and at > state.now), default=None)


def _missed_delivery(state: State, case: Case, line: Line) -> Missed | None:
    if line.ship_by is None or not deliveries.missed(line, case.cancelled):
        return None
    left, replaced = deliveries.left_at(line, by=line.fires), amended.replaced_at(line)
    done = left.mark if left else None
    if left is not None and (replaced is None or left.mark.at <= replaced):
        now, start = left.mark.at, paths.closed_by(state, f"ship:{left.notice_no}", left.mark)
    else:
        ends = (case.cancelled.at if case.cancelled else None, deliveries.given_up_at(line), replaced)
        now = min([state.now, *(at for at in ends if at is not None)])
        start = paths.furthest(state, case, line, now)
    path = paths.walk(state, case, start, now) if start else ()
    if not path or (done is None and not _stalled(state, case, line, now)):
        return None
    return Missed("delivery", str(line.line_no), line.line_no, line.ship_by, done, path, _largest(state, path))


def _late_production(
    state: State, case: Case, number: str, production: Production, hindered: Sequence[Duty]
) -> Missed | None:
    calendar, finished = calendar_now(state), production.finished
    if calendar is None or finished is None or production.due_at is None:
        return None
    if removed.is_off(case.lines.get(production.line_no or 0), production.due_at):
        return None
    start = paths.closed_by(state, production.last_operation, finished)
    rules = rule_of(state, *start) if start else None
    if start is None or rules is None:
        return None
    due = production_dues.due_of(state, case, production, start, hindered)
    if due is None or finished.at <= calendar.add(due, rules[0].text.tolerance_seconds * SECOND):
        return None
    path = paths.walk(state, case, start, finished.at)
    return Missed("production", number, production.line_no, due, finished, path, _largest(state, path))


def _stalled(state: State, case: Case, line: Line, now: Instant) -> bool:
    """Whether a handover on the way stood still beyond the minimum after the date was missed: enough to speak now."""
    for duty, attempt in paths.on_the_way(state, case, line):
        at = _stall(state, case, (duty, attempt), line)
        if at is not None and at <= (min(attempt.closed.at, now) if attempt.closed else now):
            return True
    return False


def _stall(state: State, case: Case, step: Start, line: Line) -> Instant | None:
    """From when on an unfinished handover counts as standing still: what does not count against it is no standing still."""
    rules, calendar = rule_of(state, *step), calendar_now(state)
    if rules is None or calendar is None or line.fires is None:
        return None
    at = dues.overrun_reaches(state, case, *step, rules[0].text.first_cause_minimum.under(calendar))
    return None if at is None else max(at, line.fires)


def _largest(state: State, path: tuple[Step, ...]) -> Step | None:
    """The largest contribution that reaches the minimum; of equal ones the earlier."""
    largest, calendar = max(path, key=lambda step: step.overrun), calendar_now(state)
    rules = rule_of(state, largest.duty, largest.attempt)
    if rules is None or calendar is None:
        return None
    return largest if largest.overrun >= rules[0].text.first_cause_minimum.under(calendar) else None
