"""What does the document of a handover say about its due time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.instants import Instant, Micros, hours, parse

MOST_DAYS = 3_650


@dataclass(slots=True)
class Terms:
    """What the document of a handover says about its due time."""

    due_at: Instant | None = None
    required_on: str | None = None
    promised_on: str | None = None
    lead_time_days: int | None = None
    standard: Micros | None = None
    starts_at: Instant | None = None


NO_TERMS = Terms()


def read_terms(stated: Mapping[str, Any]) -> Terms:
    """The terms of a handover from its fact."""
    if not stated:
        return NO_TERMS
    due_at, standard = stated.get("due_at"), stated.get("standard_hours")
    required_on, promised_on = (stated.get(name) for name in ("required_on", "promised_on"))
    days, starts_at = stated.get("lead_time_days"), stated.get("starts_at")
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise ValueError(f"lead_time_days {days!r} is not between 0 and {MOST_DAYS}")
    return Terms(
        due_at=None if due_at is None else parse(due_at),
        required_on=None if required_on is None else date.fromisoformat(required_on).isoformat(),
        promised_on=None if promised_on is None else date.fromisoformat(promised_on).isoformat(),
        lead_time_days=days,
        standard=None if standard is None else hours(standard),
        starts_at=None if starts_at is None else parse(starts_at),
    )
