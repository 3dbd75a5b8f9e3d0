"""Who told of a hindrance before it made anything late? That stands to their credit, unless it was declined.

Source: rulebook, "Early warning pays".
"""

from __future__ import annotations

from collections.abc import Iterable

from chassis.instants import Instant, moment
from services.accountability.judge.evidence import Evidence
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import EarlyWarning, WarningAnswered


def told_early(state: State, told: Evidence, number: str, person: str, duties: Iterable[str]) -> list[EarlyWarning]:
    """The warning that a fact is, about the handovers that were not late yet; none where all were."""
    early = tuple(name for name in duties if _in_time(state, name, told.mark.at))
    return [EarlyWarning(number, told.order_no, person, moment(told.mark.at), early)] if early else []


def answered(state: State, number: str) -> list[WarningAnswered]:
    """What was decided on it: the latest decision counts."""
    hindrance = state.hindrances[number]
    return [WarningAnswered(number, hindrance.accepted)] if hindrance.raised and hindrance.decided else []


def _in_time(state: State, name: str, at: Instant) -> bool:
    """Whether a handover had not come yet, or was owed and not late, as everything known by now has it."""
    duty = state.duties.get(name)
    if duty is None or not duty.attempts:
        return True
    last = duty.attempts[-1]
    return (last.closed is None or last.closed.at > at) and (last.fires is None or at <= last.fires)
