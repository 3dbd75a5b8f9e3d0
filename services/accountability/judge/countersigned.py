"""Which fact counts from when it was written on paper, because its service was down then?

One that was recorded within the rulebook's period after the outage, and whose paper another department's manager has seen. The
office takes a countersignature only when the fact and the outage are in the ledger, so both were judged before it.
"""

from __future__ import annotations

from dataclasses import replace

from chassis.calendar import WorkCalendar
from chassis.instants import Instant, parse
from services.accountability.judge import deliveries, duties
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.in_force import calendar_now, rulebook_at
from services.accountability.judge.state import Case, Duty, Mark, State
from services.accountability.judge.steps import Step
from services.accountability.rules.rulebook import Rulebook
from services.accountability.rules.rulebook_periods import WORKING_DAY, backfill_period


def count_from_paper(state: State, told: Evidence, step: Step) -> None:
    """Place the fact where its paper was written, as far as a measured outage of its source bears that out."""
    source, position, written = told.data["source"], told.data["position"], parse(told.data["written_at"])
    named = [duties.find(state, ref, told.order_no) for ref in told.data["duties"]]
    for order_no in dict.fromkeys(duty.order_no for duty in named):
        case = state.case(order_no)
        step.orders[order_no] = None
        _move_deliveries(state, case, source, position, written)
        for duty in (state.duties[name] for name in case.duties):
            if _move_closing(state, duty, source, position, written):
                step.say(duties.reckon_all(state, duty))


def is_backfilled(state: State, source: str, written: Instant, recorded: Instant) -> bool:
    """Whether it was written while the service was down and recorded within the period after that."""
    calendar = calendar_now(state)
    return calendar is not None and any(
        outage.start <= written <= outage.end
        and in_time(calendar, rulebook_at(state, outage.end), outage.end, recorded)
        for outage in state.outages.get(source, ())
    )


def in_time(calendar: WorkCalendar, rulebook: Rulebook | None, end: Instant, recorded: Instant) -> bool:
    """Whether a fact was recorded soon enough after an outage, by the rulebook in force when that ended."""
    period = backfill_period(rulebook.text) if rulebook else WORKING_DAY
    return recorded <= calendar.add(end, period.under(calendar))


def _move_closing(state: State, duty: Duty, source: str, position: int, written: Instant) -> bool:
    """An attempt is closed when its paper was written, but never before it was delivered."""
    mark = next((known for known in duty.closings if known.position == position), None)
    if mark is None or not is_backfilled(state, source, written, mark.at):
        return False
    opened = [attempt.opened.at for attempt in duty.attempts if attempt.closed and attempt.closed.position == position]
    moved = replace(mark, at=max([written, *opened]))
    others = (known for known in duty.closings if known is not mark)
    duty.closings = tuple(sorted((*others, moved), key=lambda known: known.order))
    duties.match(duty)
    return True


def _move_deliveries(state: State, case: Case, source: str, position: int, written: Instant) -> None:
    """Goods left, and an operation was finished, when the paper says so."""

    def moved(mark: Mark) -> Mark:
        counts = mark.position == position and is_backfilled(state, source, written, mark.at)
        return replace(mark, at=written) if counts else mark

    for line in case.lines.values():
        shipments = [replace(known, mark=moved(known.mark)) for known in line.shipments]
        line.shipments = tuple(sorted(shipments, key=lambda known: known.mark.order))
    for production in case.productions.values():
        production.finished = production.finished and moved(production.finished)
    deliveries.reckon_lines(state, case)
