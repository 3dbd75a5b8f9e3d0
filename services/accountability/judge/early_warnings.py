"""Who told of a hindrance before it made anything late? That stands to their credit, unless it was declined.

Source: rulebook, "Early warning pays".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from chassis.instants import Instant, moment
from services.accountability.judge.evidence import HINDRANCE, Evidence
from services.accountability.judge.excuses import is_composed
from services.accountability.judge.state import State
from services.accountability.judge.verdicts import EarlyWarning, WarningAnswered


class Warned(NamedTuple):
    """What a fact warns of: its number, who told it, and the handovers that it may make late."""

    number: str
    person: str
    duties: list[dict[str, str]]


def warned_in(kind: str, data: Mapping[str, Any], actor: str) -> Warned | None:
    """The warning that a fact of this type is; None for facts that warn of nothing."""
    if kind.endswith(HINDRANCE):
        return Warned(data["hindrance_no"], data.get("reported_by") or actor, list(data["affected_duties"]))
    match kind:
        case "pmc.exception_raised.v1" if not is_composed(data):  # who reported it was credited with that
            return Warned(data["exception_no"], data.get("raised_by") or actor, list(data["affected_duties"]))
        case "purchasing.delay_reported.v1":
            key = f"{data['requirement_no']}/{data['requirement_line_no']}"
            return Warned(data["delay_no"], data.get("reported_by") or actor, [{"link": "arrival", "key": key}])
        case "pmc.operation_delay_reported.v1":
            key = f"{data['production_order_no']}/{data['op_no']}"  # told again of the same operation, it is the same warning
            return Warned(key, data.get("reported_by") or actor, [{"link": "operation", "key": key}])
    return None


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
