"""Which version of the rulebook counts, since when and until when, and which is to come?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.models import Rulebook, RulebookStatus
from services.accountability.rules.succession import succession


@dataclass(frozen=True, slots=True)
class Term:
    """How long an approved version counts: without `until` for as long as nothing replaces it."""

    no: str
    since: datetime
    until: datetime | None
    replaced_by: str | None


class Standing(StrEnum):
    """What a version is at a moment; one that was replaced when it was to begin never counted."""

    DRAFT = "draft"
    DROPPED = "dropped"
    COMING = "coming"
    IN_FORCE = "in_force"
    OVER = "over"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Versions:
    """All approved versions in their order, seen from a moment."""

    terms: Sequence[Term]
    now: datetime

    @property
    def in_force(self) -> Term | None:
        return next((term for term in reversed(self.terms) if term.since <= self.now), None)

    def of(self, no: str) -> Term | None:
        return next((term for term in self.terms if term.no == no), None)

    @property
    def shown(self) -> str:
        """Of which one everybody thinks who asks for the rules: that in force, before the first the one to come."""
        first = self.in_force or next(iter(self.terms), None)
        return first.no if first else ""

    def standing(self, rulebook: Rulebook) -> Standing:
        term = self.of(rulebook.no)
        if term is None:
            return Standing.DROPPED if rulebook.status == RulebookStatus.DROPPED else Standing.DRAFT
        if term.since == term.until:
            return Standing.NEVER
        if term.since > self.now:
            return Standing.COMING
        return Standing.OVER if term.until and term.until <= self.now else Standing.IN_FORCE


async def versions(session: AsyncSession, now: datetime) -> Versions:
    """In the order in which the judge takes them."""
    issued = await succession(session)
    found = [Term(one.no, one.since, other.since, other.no) for one, other in pairwise(issued)]
    return Versions([*found, *(Term(last.no, last.since, None, None) for last in issued[-1:])], now)
