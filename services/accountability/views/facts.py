"""What does one fact of the ledger say, to whoever may see a record that rests on it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import NotFound, Refusal
from chassis.language import Label, word
from chassis.named import NotForTheirEyes, sees_all
from chassis.people import Person
from chassis.sight import Look
from services.accountability.models import PenaltyRecord
from services.accountability.privacy import unnamed
from services.accountability.privacy.seeing import RECORDS, Eyes, eyes_of
from services.accountability.process.papers import told
from services.accountability.process.standing import Name
from services.accountability.views.handover_facts import LedgerFact, fact_at

ENTRY = Label("账本位置", "ledger position")
PLACE = Label("账本位置 {position}", "Ledger position {position}")


class NoEvidence(Refusal):
    status, code = 404, "no_evidence"
    message = Label(
        "账本位置 {position} 不是任何处罚单的证据。交接的事实请在该交接的页面上查看。",
        "No record rests on ledger position {position}. Please look at the facts of a handover on its own page.",
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact as somebody may read it, and the records for which they may: of each person the one they came from, or the latest."""

    fact: LedgerFact
    records: Sequence[PenaltyRecord]
    eyes: Eyes


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a fact says: a text, or some rows of further lines."""

    field: str
    text: str
    rows: tuple[tuple[Line, ...], ...] = ()


async def seen(session: AsyncSession, person: Person, position: int, record_no: str, look: Look) -> Seen:
    """What stands there; that somebody else's evidence is looked at is written down before.

    Raises NotFound, and a refusal for who may see no record that rests on it.
    """
    fact = await fact_at(session, position)
    if fact is None:
        raise NotFound(kind=ENTRY, no=position)
    records = await resting_on(session, person, position, record_no)
    if not records:
        raise await refusal(session, person, position)
    await RECORDS.note(session, person, records, look)
    eyes = await eyes_of(session, person, order_no=fact.order_no)
    eyes = replace(eyes, sealed=eyes.sealed | await sealed_in(session, position) - {person.employee})
    return Seen(replace(fact, data=unnamed.fact_for(fact.data, eyes, own=False)), records, eyes)


async def resting_on(
    session: AsyncSession, person: Person, position: int, record_no: str = ""
) -> Sequence[PenaltyRecord]:
    """Of each person whose records on this fact somebody may see, the one asked after, else the latest."""
    may = RECORDS.which(person)
    query = select(PenaltyRecord).where(PenaltyRecord.evidence.contains([position]))
    first = (PenaltyRecord.person, (PenaltyRecord.no != record_no), PenaltyRecord.no.desc())
    query = query.ext(distinct_on(PenaltyRecord.person)).order_by(*first)
    return (await session.scalars(query if may is None else query.where(may))).all()


async def refusal(session: AsyncSession, person: Person, position: int) -> Exception:
    """What somebody is told for whom no record opens this fact; a stranger not even whether there is one."""
    concerned = NotForTheirEyes(no=PLACE.filled(position=position))
    if not sees_all(person):
        return concerned
    query = select(PenaltyRecord).where(PenaltyRecord.evidence.contains([position])).limit(1)
    known = await session.scalar(query)
    return NoEvidence(position=position) if known is None else RECORDS.refusal(person, known)


async def sealed_in(session: AsyncSession, position: int) -> frozenset[str]:
    """Whose records on this fact are all sealed."""
    query = select(PenaltyRecord.person).where(PenaltyRecord.evidence.contains([position]))
    whole = query.group_by(PenaltyRecord.person).having(func.bool_and(PenaltyRecord.sealed_at.is_not(None)))
    return frozenset(await session.scalars(whole))


def in_words(data: Mapping[str, Any], name: Name) -> tuple[Line, ...]:
    """What a fact says, field by field; what lies within a field as rows of the same."""
    return tuple(lines(data, name))


def lines(data: Mapping[str, Any], name: Name) -> Iterator[Line]:
    for field, value in data.items():
        parts = parts_of(value)
        rows = tuple(row for each in parts if (row := in_words(each, name)))
        text = "" if parts else text_of(field, value, name)
        if rows or text:
            yield Line(field, text, rows)


def parts_of(value: Any) -> list[Mapping[str, Any]]:
    """The rows within a value; a handover is none, it has a name."""
    inside = value if isinstance(value, list) else [value]
    return [each for each in inside if isinstance(each, Mapping) and each and not is_handover(each)]


def text_of(field: str, value: Any, name: Name) -> str:
    inside = value if isinstance(value, list) else [value]
    if inside and all(isinstance(each, Mapping) and is_handover(each) for each in inside):
        return "、".join(f"{word(each['link'])} {each['key']}" for each in inside)
    return told(field, value, name)


def is_handover(value: Mapping[str, Any]) -> bool:
    return value.keys() == {"link", "key"}
