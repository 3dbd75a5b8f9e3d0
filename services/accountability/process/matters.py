"""Which earlier records of a person are of the same matter as a new one? What was said and decided on them is not passed by."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from contracts.accountability import SaidInDefence
from contracts.event import SYSTEM_ACTOR
from services.accountability.models import PenaltyRecord, RecordStatus
from services.accountability.process.grounds import complaints_of

NUMBER = re.compile(r":[^/#]*")
"""Of the name of a breach that somebody found."""


async def before(session: AsyncSession, record: PenaltyRecord) -> list[PenaltyRecord]:
    """The earlier records of its matter against its person, the earliest first."""
    row = PenaltyRecord
    in_order = row.order_no.is_not_distinct_from(record.order_no)
    query = (
        select(row)
        .where(row.person == record.person, row.no < record.no)
        .where(or_(row.key == record.key, in_order, row.breaches.overlap(sorted(corrected(record)))))
        .order_by(row.no)
    )
    return [earlier for earlier in await session.scalars(query) if of_one_matter(record, earlier)]


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """What the person of a record said in defence on an earlier one, `no`, of the same matter."""

    no: str
    said: SaidInDefence


async def heard_before(session: AsyncSession, record: PenaltyRecord) -> list[PenaltyRecord]:
    """Of these, those on which its person spoke or somebody decided: they are why a person decides on this one, too.

    Without what is sealed.
    """
    return heard(await before(session, record)) if record.heard_before else []


def heard(earlier: Iterable[PenaltyRecord]) -> list[PenaltyRecord]:
    """Likewise, of the earlier ones of its matter."""
    return [one for one in earlier if was_heard(one) and one.sealed_at is None]


def said_on(earlier: Iterable[PenaltyRecord]) -> list[SaidBefore]:
    """What was said on these, the earliest first."""
    return [SaidBefore(one.no, said) for one in earlier for said in one.statements]


def of_one_matter(record: PenaltyRecord, earlier: PenaltyRecord) -> bool:
    """Whether a record comes back after an earlier one, takes it in or was taken in by it, or rests on what corrects its ground.

    One that fell is of the same matter also where the same failure, or a complaint of both, is behind them.
    """
    if earlier.key == record.key or not corrected(record).isdisjoint(earlier.breaches):
        return True
    if earlier.order_no != record.order_no:
        return False
    if earlier.clause in taken_in(record) or record.clause in taken_in(earlier):
        return True
    return earlier.status == RecordStatus.WITHDRAWN and not failures(record).isdisjoint(failures(earlier))


def corrected(record: PenaltyRecord) -> set[str]:
    """The breaches that were found before what this record rests on corrected them."""
    return {name for said in record.facts["breaches"] for name in corrected_by(said)}


def corrected_by(breach: Mapping[str, Any]) -> list[str]:
    """What the breach was called when it was found first, the operation or the item of it included."""
    number = breach["facts"].get("corrects")
    return [NUMBER.sub(f":{number}", breach["about"], count=1)] if number else []


def taken_in(record: PenaltyRecord) -> list[str]:
    """The lighter clauses that it absorbed."""
    return record.facts.get("absorbed") or []


def failures(record: PenaltyRecord) -> set[str]:
    """What went wrong, by name, and the complaints that came of it."""
    return {*record.breaches, *(f"complaint:{no}" for no in complaints_of(record.facts))}


def was_heard(record: PenaltyRecord) -> bool:
    """Whether its person spoke or somebody decided on it: then what comes after it is not issued by itself either."""
    decided = record.approved_by is not None or record.withdrawn_by not in (None, SYSTEM_ACTOR)
    return bool(record.statements) or record.appealed_at is not None or decided or record.heard_before
