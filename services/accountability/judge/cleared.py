"""What has a manager said about a breach for which nobody could be named? Who held the post, or that nobody answers for it."""

from __future__ import annotations

from dataclasses import replace

from services.accountability.judge import roster
from services.accountability.judge.clauses import Charge
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import Case, Clearing, State
from services.accountability.judge.steps import Step


def note_clearing(state: State, told: Evidence, step: Step) -> None:
    """Of several the latest counts, in whatever order they come."""
    clearings, key = state.case(told.order_no).clearings, told.data["suspicion"]
    if key not in clearings or clearings[key].mark.order < told.mark.order:
        clearings[key] = Clearing(told.mark, told.data["person"], told.data["cleared_by"])


def suspicion_key(case: Case, charge: Charge) -> str:
    return f"{charge.clause.code}/?/{case.order_no}/{charge.about}"


def cleared(state: State, case: Case, charge: Charge) -> Charge | None:
    """The charge as it stands after that; None where nobody answers for it.

    A manager says which of its holders a post's duty was, and never makes a person answer for what the evidence contradicts.
    Whoever says so has had a hand in the record, which says it (`cleared_by`): others issue it and decide an appeal.
    """
    clearing = case.clearings.get(suspicion_key(case, charge)) if charge.answerable.person is None else None
    if clearing is None:
        return charge
    if clearing.person is None:
        return None
    if not charge.answerable.among:
        return charge
    named = roster.named(state, charge.answerable.among, clearing.person, charge.at)
    if named.person is None:
        return charge
    facts = {**charge.facts, "cleared_by": clearing.by}
    return replace(charge, answerable=named, marks=(*charge.marks, *named.marks, clearing.mark), facts=facts)
