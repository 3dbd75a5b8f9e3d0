"""What would stand under what is supposed? The judge's memory reckoned anew, without the history being heard once more.

What facts say, the memory keeps; only due times, lateness, and which rules and people they meet, follow from what is supposed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.instants import instant
from contracts.accountability import PostAssigned
from services.accountability.judge import conclusions, deliveries, duties, first_cause, in_force, roster
from services.accountability.judge.conclusions import Conclusion
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.snapshot import beside, load, load_case
from services.accountability.judge.state import Case, State
from services.accountability.rules.rulebook import Rulebook
from services.accountability.rules.rulebook_loading import read_rules
from services.accountability.rules.rulebook_periods import backfill_period
from services.accountability.what_if.replaying import Due, Found, Side, dues_in, found_in
from services.accountability.what_if.supposing import Supposition


def can_be_reckoned(state: State, supposition: Supposition, *, countersigned: bool) -> bool:
    """Whether the memory says enough.

    By the rulebook a closing ends other handovers too, and by it and the calendar paper counts from when it was written: both
    were noted when they were heard.
    """
    if supposition.calendar is not None and countersigned:
        return False
    rules = supposition.rules
    return rules is None or all(
        _hears_alike(rulebook, read_rules({**rules, "version": version}), countersigned=countersigned)
        for version, rulebook in state.index.rulebooks.items()
    )


def _hears_alike(one: Rulebook, other: Rulebook, *, countersigned: bool) -> bool:
    periods_differ = backfill_period(one.text) != backfill_period(other.text)
    return one.ends == other.ends and not (countersigned and periods_differ)


class Reckoning:
    """The judge's memory as it would be at a moment: all but its cases, and those that are at hand."""

    def __init__(self, memory: bytes, at_hand: Iterable[bytes], supposition: Supposition, until: datetime) -> None:
        self.state = supposed_company(memory, supposition)
        self.state.now = max(self.state.now, instant(until))
        for body in at_hand:
            load_case(self.state, body)
        reckon(self.state, self.state.cases)

    def at_hand(self) -> dict[str, Found]:
        """What stands in the cases that are at hand, and in what no order has."""
        return standing(self.state, self.state.cases)

    def settled(self, asked: Collection[str], papers: Sequence[bytes]) -> dict[str, Found]:
        """What stands in these cases; their papers are among those of all that they need."""
        return standing(self._with(papers), asked)

    def dues(self, names: Iterable[str], papers: Sequence[bytes]) -> Mapping[str, Due]:
        """When the attempts at these handovers would have been due."""
        return dues_in(self._with(papers), names)

    def side(self, orders: Collection[str], names: Iterable[str], papers: Sequence[bytes]) -> Side:
        """Both of some orders, whether they are at hand or among the papers."""
        whole = self._with(papers)
        return Side(standing(whole, orders), dues_in(whole, names))

    def _with(self, papers: Sequence[bytes]) -> State:
        whole = beside(self.state, papers)
        reckon(whole, whole.cases.keys() - self.state.cases.keys())
        return whole


def supposed_company(memory: bytes, supposition: Supposition) -> State:
    """The judge's memory without its cases, as it would be."""
    state = load(memory)
    calendar, rules, posts = supposition.calendar, supposition.rules, supposition.posts
    if calendar is not None:
        state.calendars = [replace(fact, fields=calendar.made_to(fact.fields)) for fact in state.calendars]
        in_force.index_calendars(state)
    if rules is not None:
        state.activations = [replace(fact, rules={**rules, "version": fact.version}) for fact in state.activations]
        in_force.index_rulebooks(state)
    state.tenures = {number: tenure for number, tenure in state.tenures.items() if tenure.post not in posts}
    for post in posts:
        state.index.entries.pop(post, None)
        state.index.last_start.pop(post, None)
    for told in map(Evidence.of, supposition.roster()):
        (roster.assign if told.type == PostAssigned.name else roster.end)(state, told)
    return state


def reckon(state: State, orders: Iterable[str]) -> None:
    """Every date and every due time anew, whatever is known of it by now."""
    for order_no in sorted(orders):
        case = state.cases[order_no]
        deliveries.reckon_lines(state, case)
        deliveries.trouble(case)
        for name in case.duties:
            duty = state.duties[name]
            for attempt in duty.attempts:
                attempt.version = in_force.version_at(state, attempt.opened.at)
                duties.reckon(state, duty, attempt)


def standing(state: State, orders: Iterable[str]) -> dict[str, Found]:
    """The records and suspicions of those of these orders in which something was wrong."""
    troubled = (case for order_no in sorted(orders) if (case := state.cases[order_no]).troubled)
    return {each.key: found_in(case, each) for case in troubled for each in called_for(state, case)}


def called_for(state: State, case: Case) -> list[Conclusion]:
    """What the facts of an order call for, as they stand."""
    return conclusions.conclusions(state, case, list(first_cause.missed_dates(state, case)))
