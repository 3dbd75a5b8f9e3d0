"""In which order did the versions of the rulebook follow each other, and which one counted at a moment?

One order for everybody, and the judge's own: by the moment from which a version counts, then by its approval. A correction
of a version that is still to come comes into force at the same moment, so that the moment alone does not tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.accountability.rules.models_rulebook import Rulebook, RulebookStatus


@dataclass(frozen=True, slots=True)
class Version:
    """A version that was issued: `since` when it counts, issued at `stated`."""

    no: str
    since: datetime
    stated: datetime
    based_on: str | None


async def succession(session: AsyncSession) -> Sequence[Version]:
    """Every version that was issued, as they followed each other; without their texts."""
    asked = select(
        Rulebook.no, Rulebook.effective_from, Rulebook.approved_at, Rulebook.made_at, Rulebook.based_on
    ).where(Rulebook.status == RulebookStatus.ISSUED)
    found = []
    for row in await session.execute(asked):
        stated = row.approved_at or row.made_at
        # Nobody is judged by rules that were not there yet.
        found.append(Version(row.no, max(row.effective_from or stated, stated), stated, row.based_on))
    return in_order(found)


def in_order(versions: Sequence[Version]) -> list[Version]:
    """Of two that were issued at one moment for one moment the later is the one that changes the other."""
    bases = {one.no: one.based_on for one in versions}

    def generation(no: str | None) -> int:
        number = 0
        while (no := bases.get(no or "")) is not None:
            number += 1
        return number

    return sorted(versions, key=lambda one: (one.since, one.stated, generation(one.no), one.no))


def counting_at(versions: Sequence[Version], moment: datetime) -> Version | None:
    """The version in force at a moment, the earliest where none was yet; None while there is none."""
    known = [one for one in versions if one.since <= moment] or versions[:1]
    return known[-1] if known else None
