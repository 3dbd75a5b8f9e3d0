"""Which orders do the facts of no order concern? Those whose documents name the same arrival, purchase order or lot.

Kept at hand in the index, so that a fact that nobody shares with the company costs no look at every order there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.instants import Instant
from services.accountability.judge.exhibits import BY_EVENT
from services.accountability.judge.reach import ALWAYS
from services.accountability.judge.state import COMPANY, Case, Exhibit, Mark, State

SHARED = ("arrival_no", "purchase_order_no", "lot")
"""Numbers by which a fact of no order finds the documents of the orders it is about."""
EVIDENCE = "evidence_documents"
"""What a finding rests on: papers of any of these kinds, by their numbers alone."""

Number = tuple[str, str]


def numbers(exhibit: Exhibit) -> Iterator[Number]:
    """The shared numbers that a fact names."""
    return numbers_in(exhibit.data)


def numbers_in(data: Mapping[str, Any]) -> Iterator[Number]:
    """The shared numbers that the data of a fact name, in its own fields or as evidence."""
    for name in SHARED:
        if number := data.get(name):
            yield name, str(number)
        yield from ((name, str(number)) for number in data.get(EVIDENCE) or ())


def bearing_out(state: State, exhibit: Exhibit, asked: Iterable[str]) -> Iterator[Mark]:
    """Of what was asked for, the facts of the papers that a fact of no order names, of orders and of none: they bear it out."""
    papers = set(numbers(exhibit))
    for case in (state.case(COMPANY), *orders_of(state, exhibit)):
        known = (one for noun in sorted(asked) for one in case.exhibits.get(noun, ()))
        yield from (one.mark for one in known if any((name, one.data.get(name)) in papers for name in SHARED))


def note(state: State, case: Case, exhibit: Exhibit) -> None:
    """A fact was kept: remember who names its numbers."""
    index = state.index
    for number in numbers(exhibit):
        orders = index.naming.setdefault(number, {})
        orders[case.order_no] = None
        if COMPANY in orders and not index.shared.issuperset(orders):
            index.shared.update(orders)
            forget_answers(state)
    if concerns_the_company(state, case.order_no):
        _asked_for_changed(state, BY_EVENT[exhibit.type].noun)


def remember(state: State, exhibit: Exhibit, answer: tuple[Any, ...], asked: Iterable[str], until: Instant) -> None:
    """What a fact of no order shows, on facts of which nouns that rests, and up to when anything in it lies."""
    state.index.answers[exhibit.mark.position] = until, answer
    for noun in asked:
        state.index.asked.setdefault(noun, set()).add(exhibit.mark.position)


def forget_answers(state: State, since: Instant = ALWAYS) -> None:
    """Who answers, or by which rules, has changed from an instant on."""
    answers = state.index.answers
    for position in [position for position, (until, _) in answers.items() if until >= since]:
        del answers[position]


def _asked_for_changed(state: State, noun: str) -> None:
    for position in state.index.asked.pop(noun, ()):
        state.index.answers.pop(position, None)


def forget(state: State, case: Case) -> None:
    """The case leaves the memory."""
    state.index.in_time.discard(case.order_no)
    for number in {number for kept in case.exhibits.values() for exhibit in kept for number in numbers(exhibit)}:
        orders = state.index.naming.get(number, {})
        orders.pop(case.order_no, None)
        if not orders:
            state.index.naming.pop(number, None)


def reporting_on(state: State, worker: str) -> list[str]:
    """The orders on whose operation reports a worker stands as untrained."""
    return sorted(order_no for order_no, case in state.cases.items() if worker in untrained_in(case))


def untrained_in(case: Case) -> set[str]:
    """Who stands on the operation reports of an order as untrained."""
    reports = case.exhibits.get("finished_operations", ())
    return {str(worker) for report in reports for worker in report.data.get("untrained") or ()}


def concerns_the_company(state: State, order_no: str) -> bool:
    """Whether a fact of no order is about something of this order; the company's own facts always are."""
    return order_no in state.index.shared or order_no == COMPANY


def orders_of(state: State, exhibit: Exhibit) -> Iterator[Case]:
    """The orders whose documents name what a fact of no order names."""
    found = {order_no: None for number in numbers(exhibit) for order_no in state.index.naming.get(number, ())}
    return (state.cases[order_no] for order_no in found if order_no != COMPANY)
