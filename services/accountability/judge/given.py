"""When was a handover given? The facts that brought it say so, those of its own order and those of no order.

Of the company's facts, of which there are ever more, only their moment is asked for, and only by handovers that name them: an
order that leaves the memory takes those moments with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from chassis.instants import HOUR, Instant, Micros
from services.accountability.judge.state import COMPANY, Attempt, Case, Duty, State

A_WHILE: Micros = 7 * 24 * HOUR
"""A handover that names a fact comes seconds after it, unless a department was cut off."""


def given_at(state: State, duty: Duty, attempt: Attempt) -> Instant | None:
    """When the last of the facts that brought it was recorded by its giver; None where they are not known.

    What no fact from elsewhere brought was given by the department's own act, in the moment in which it arrived.
    """
    if not attempt.given_by:
        return attempt.opened.at
    tables = [case.facts for name in (duty.order_no, COMPANY) if (case := state.cases.get(name))]
    known = [at for table in tables for name in attempt.given_by if (at := table.get(name)) is not None]
    return max(known) if known else None


def facts_of(state: State, case: Case) -> dict[str, Instant]:
    """The moments of its facts, and of those of no order that brought its handovers."""
    company = state.cases.get(COMPANY)
    if company is None or company is case:
        return case.facts
    return {name: at for name in _named(state, case) if (at := company.facts.get(name)) is not None} | case.facts


def forget(state: State) -> None:
    """What no handover at hand names of the company's facts leaves the memory after a while."""
    company = state.cases.get(COMPANY)
    old = {name for name, at in company.facts.items() if at + A_WHILE < state.now} if company else set[str]()
    for case in state.cases.values() if old else ():
        old.difference_update(_named(state, case))
    for name in old:
        del state.cases[COMPANY].facts[name]


def _named(state: State, case: Case) -> Iterator[str]:
    return (name for one in case.duties for attempt in state.duties[one].attempts for name in attempt.given_by)
