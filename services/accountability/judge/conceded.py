"""Since when are bought goods here that failed and were let pass (特采)? Since that was granted, whenever they are booked.

Their receipt says whether they made the line whole; how long the storekeeper takes to it is no matter of the buyer's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chassis.instants import Instant
from contracts.quality import Disposition
from contracts.warehouse import GoodsReceived
from services.accountability.judge import duties
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import Case, Duty, Mark, State
from services.accountability.judge.verdicts import DutyVerdict

ARRIVAL = "arrival"


def counts_from(case: Case, told: Evidence, link: str) -> Mark:
    """The place in the evidence of what a fact closes."""
    if told.type != GoodsReceived.name or link != ARRIVAL:
        return told.mark
    return _since(told.mark, _granted(case, told.data["lot"]))


def grant(state: State, told: Evidence) -> Iterator[DutyVerdict]:
    """A decision on a lot whose receipt may have been heard before it."""
    if told.data["disposition"] != Disposition.CONCESSION:
        return
    case = state.case(told.order_no)
    receipts = (kept for kept in case.exhibits.get("receipts", ()) if kept.data["lot"] == told.data["lot"])
    booked = {kept.mark.position for kept in receipts}
    for duty in _arrivals(state, case):
        if any(mark.position in booked for mark in duty.closings):
            moved = (_since(mark, told.mark.at) if mark.position in booked else mark for mark in duty.closings)
            duty.closings = tuple(sorted(moved, key=lambda mark: mark.order))
            duties.match(duty)
            yield from duties.reckon_all(state, duty)


def _granted(case: Case, lot: str) -> Instant | None:
    decided = (kept for kept in case.exhibits.get("dispositions", ()) if kept.data["lot"] == lot)
    return next((kept.mark.at for kept in decided if kept.data["disposition"] == Disposition.CONCESSION), None)


def _since(mark: Mark, granted: Instant | None) -> Mark:
    return mark if granted is None else replace(mark, at=min(mark.at, granted))


def _arrivals(state: State, case: Case) -> Iterator[Duty]:
    for name in (*case.duties, *case.strays):
        duty = state.duties[name]
        if duty.link == ARRIVAL:
            yield duty
