"""Which version of the rulebook counts, since when and until when, and which is to come?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.accountability.models import Rulebook, RulebookStatus


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
    """Of two that come into force at one moment the later one is that which changes the other, as the judge reads it too."""
    later = aliased(Rulebook)
    changed = exists().where(later.status == RulebookStatus.ISSUED, later.based_on == Rulebook.no)
    issued = select(Rulebook.no, Rulebook.effective_from).where(Rulebook.status == RulebookStatus.ISSUED)
    rows = (await session.execute(issued.order_by(Rulebook.effective_from, changed.desc()))).all()
    found = [Term(one.no, one.effective_from, other.effective_from, other.no) for one, other in pairwise(rows)]
    return Versions([*found, *(Term(last.no, last.effective_from, None, None) for last in rows[-1:])], now)
