"""Which fact counts from when it was written on paper, because its service was down then?

One that was recorded within the rulebook's period after the outage, and whose paper another department's manager has seen. The
office takes a countersignature only when the fact and the outage are in the ledger, so both were judged before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from chassis.calendar import WorkCalendar
from chassis.instants import Instant, parse
from services.accountability.judge import deliveries, duties, early_warnings, excuses, removed, shared, topics
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.in_force import calendar_now, rulebook_at
from services.accountability.judge.state import (
    COMPANY,
    Agreed,
    Case,
    DateChange,
    Duty,
    Mark,
    Quantity,
    Redate,
    Shipment,
    State,
)
from services.accountability.judge.steps import Step
from services.accountability.rules.rulebook import Rulebook
from services.accountability.rules.rulebook_periods import WORKING_DAY, backfill_period

K = TypeVar("K", Agreed, Shipment, DateChange, Quantity, Redate)
Moved = Callable[[Mark], Mark]
"""The place of a fact in the evidence, which is another one where it is the fact of the paper."""


def count_from_paper(state: State, told: Evidence, step: Step) -> None:
    """Place the fact where its paper was written, as far as a measured outage of its source bears that out."""
    source, position, written = told.data["source"], told.data["position"], parse(told.data["written_at"])

    def moved(mark: Mark) -> Mark:
        counts = mark.position == position and is_backfilled(state, source, written, mark.at)
        return replace(mark, at=written) if counts else mark

    named = [duties.find(state, ref, told.order_no) for ref in told.data["duties"]]
    hindered = [state.duties[name] for name in _move_topics(state, told, moved) if name in state.duties]
    for order_no in dict.fromkeys([told.order_no, *(duty.order_no for duty in (*named, *hindered))]):
        step.orders[order_no] = None
        _move_case(state, state.case(order_no), moved, step)
        for name in state.case(order_no).duties:
            _move_duty(state.duties[name], moved)
            step.say(duties.reckon_all(state, state.duties[name]))
    if trained := told.data.get("trained"):
        step.orders.update(dict.fromkeys(shared.reporting_on(state, trained)))
    _warn(state, told, written, step)


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


def _move_case(state: State, case: Case, moved: Moved, step: Step) -> None:
    """What the order's facts say happened when the paper says so: goods left, work was finished or stopped, and what proves it."""
    for noun, kept in case.exhibits.items():
        found = (replace(exhibit, mark=moved(exhibit.mark)) for exhibit in kept)
        case.exhibits[noun] = sorted(found, key=lambda known: known.mark.order)
    for line in case.lines.values():
        line.shipments, line.dates = _moved(line.shipments, moved), _moved(line.dates, moved)
        line.quantities = _moved(line.quantities, moved)
    case.agreed = _moved(case.agreed, moved)
    removed.note(case)
    case.cancelled = case.cancelled and moved(case.cancelled)
    for production in case.productions.values():
        production.planned = production.planned and moved(production.planned)
        production.booked = production.booked and moved(production.booked)
        reports = ((moved(mark), operation) for mark, operation in production.reports)
        production.reports = tuple(sorted(reports, key=lambda known: known[0].order))
    for stop in case.stops.values():
        stop.start, stop.end = stop.start and moved(stop.start), stop.end and moved(stop.end)
    if shared.concerns_the_company(state, case.order_no):
        shared.forget_answers(state)
        step.orders[COMPANY] = None
    deliveries.reckon_lines(state, case)


def _moved(known: Iterable[K], moved: Moved) -> tuple[K, ...]:
    found = (replace(each, mark=moved(each.mark)) for each in known)
    return tuple(sorted(found, key=lambda each: each.mark.order))


def _move_duty(duty: Duty, moved: Moved) -> None:
    """An attempt is closed when its paper was written, but never before it was delivered."""
    opened = {attempt.closed.position: attempt.opened.at for attempt in duty.attempts if attempt.closed}
    placed = [(mark, moved(mark)) for mark in duty.closings]
    clamped = [new if new is old else replace(new, at=max(new.at, opened.get(old.position, 0))) for old, new in placed]
    if any(new is not old for old, new in placed):
        duty.closings = tuple(sorted(clamped, key=lambda known: known.order))
        duties.match(duty)
    duty.pauses = excuses.in_order(replace(pause, mark=moved(pause.mark)) for pause in duty.pauses)
    duty.redates = _moved(duty.redates, moved)
    duty.ordered = tuple((moved(mark), buyer) for mark, buyer in duty.ordered)


def _move_topics(state: State, told: Evidence, moved: Moved) -> list[str]:
    """An exception or a delay report was told when the paper says so; returns the handovers that the exception hinders."""
    data = told.data
    if (number := data.get("delay_no")) in state.delays:
        state.delays[number] = moved(state.delays[number])
    hindrance = state.hindrances.get(topics.number_in(data, topics.EXCEPTION) or "")
    if hindrance is None:
        return []
    hindrance.raised = hindrance.raised and moved(hindrance.raised)
    hindrance.decided = hindrance.decided and moved(hindrance.decided)
    return excuses.affected(hindrance)


def _warn(state: State, told: Evidence, written: Instant, step: Step) -> None:
    """What warned in time on paper stands to the person's credit from then."""
    data = told.data
    number, recorded = data.get("warning_no"), data.get("recorded_at")
    if number is None or recorded is None or not is_backfilled(state, data["source"], written, parse(recorded)):
        return
    then = replace(told, mark=replace(told.mark, at=written))
    names = sorted(duties.id_of(ref) for ref in data["warned_of"])
    step.verdicts += early_warnings.told_early(state, then, number, data["warned_by"], names)
    if number in state.hindrances:
        step.verdicts += early_warnings.answered(state, number)
