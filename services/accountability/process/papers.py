"""What does a penalty record rest on, line by line? The clause, what happened with times and numbers, and the evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import shown
from chassis.language import Label, word
from contracts.words import WORDS
from services.accountability.models import (
    Acknowledgement,
    Consultation,
    Employee,
    LedgerEntry,
    PenaltyRecord,
    RosterStatus,
    Rulebook,
)
from services.accountability.process.standing import Name
from services.accountability.rules import consultations, rulebooks, validity
from services.accountability.rules.rulebook_findings import up_to
from services.accountability.rules.validity import Standing, Term, Versions

HIDDEN = frozenset({"attempt"})
FIRST, LAST = ("opened_at", "due_at", "closed_at"), frozenset({"contributions"})
NONE_OVER = "0.00"
UNITS = {"d": Label("个工作日", "working days"), "h": Label("工时", "working hours"), "min": Label("分钟", "minutes")}
NOT_DONE = Label("当时尚未完成", "not done by then")
YES, NO = Label("是", "yes"), Label("否", "no")


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach: what it is about, when, and the figures it rests on."""

    about: str
    at: datetime
    lines: tuple[tuple[Label, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """One position of the ledger, its hash, and what was recorded there and when."""

    position: int
    hash: str
    event: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Paper:
    """What the record's page and the printed form show beside the record's own columns."""

    clause: Mapping[str, Any]
    appeal_period: str
    breaches: tuple[Breach, ...]
    proofs: tuple[Proof, ...]
    acknowledged_at: datetime | None
    consulted_on: Any


async def paper_of(session: AsyncSession, record: PenaltyRecord, name: Name) -> Paper:
    """Everything a record explains itself with."""
    rules = await rulebooks.body_of(session, record.rulebook_version) or {}
    known = select(Acknowledgement.made_at).where(
        Acknowledgement.rulebook_no == record.rulebook_version, Acknowledgement.employee == record.person
    )
    consulted = (
        select(func.min(Consultation.held_on))
        .join(Rulebook, consultations.ON_THIS_TEXT)
        .where(Rulebook.no == record.rulebook_version)
    )
    return Paper(
        clause=next((clause for clause in rules.get("clauses", ()) if clause["code"] == record.clause), {}),
        appeal_period=period(rules["appeal_period"]) if rules else "",
        breaches=tuple(breach_of(said, name) for said in record.facts["breaches"]),
        proofs=await proofs_of(session, record),
        acknowledged_at=await session.scalar(known),
        consulted_on=await session.scalar(consulted),
    )


async def proofs_of(session: AsyncSession, record: PenaltyRecord) -> tuple[Proof, ...]:
    """The ledger positions that the judge named, with what stands there."""
    columns = (LedgerEntry.position, LedgerEntry.type, LedgerEntry.recorded_at)
    rows = await session.execute(select(*columns).where(LedgerEntry.position.in_(record.evidence)))
    there = {row.position: (row.type, row.recorded_at) for row in rows}
    proofs = ((said["position"], said["hash"]) for said in record.facts["evidence"])
    return tuple(Proof(position, digest, *there.get(position, ("", None))) for position, digest in proofs)


def breach_of(said: Mapping[str, Any], name: Name) -> Breach:
    """A breach as the judge wrote it down, in words."""
    link, _, key = said["about"].partition(":")
    facts = {field: told(field, value, name) for field, value in said["facts"].items() if field not in HIDDEN}
    if facts.get("due_at") and not facts.get("closed_at"):
        facts["closed_at"] = str(NOT_DONE)
    ordered = [field for field in FIRST if field in facts] + sorted(facts.keys() - set(FIRST) - LAST) + sorted(LAST)
    return Breach(
        about=f"{word(link)} {key}" if link in WORDS else key,
        at=datetime.fromisoformat(said["at"]),
        lines=tuple((word(field), facts[field]) for field in ordered if facts.get(field)),
    )


def told(field: str, value: Any, name: Name) -> str:
    """One figure of a fact, as a person reads it."""
    match value:
        case None | "" | []:
            return ""
        case bool():
            return str(YES if value else NO)
        case Mapping():
            counted = ((key, inner) for key, inner in value.items() if inner != NONE_OVER)
            return "; ".join(f"{said_of(key)} {told(key, inner, name)}" for key, inner in counted)
        case list():
            return "、".join(told(field, inner, name) for inner in value)
        case str() if instant_of(value):
            return shown(instant_of(value))
    return name(str(value))


def said_of(key: str) -> str:
    """The name of a part: a field's word, or a handover's with its number and attempt."""
    link, colon, number = key.partition(":")
    number, _, attempt = number.partition("#")
    again = f" ×{attempt}" if attempt not in ("", "1") else ""
    return f"{word(link)} {number}{again}" if colon else f"{word(key)}"


def instant_of(value: str) -> datetime | None:
    """A time with its offset, or None: numbers of documents look like anything else."""
    if "T" not in value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


async def replaced_by(session: AsyncSession, record: PenaltyRecord) -> str | None:
    """The record that took its place."""
    return await session.scalar(select(PenaltyRecord.no).where(PenaltyRecord.replaces == record.no).limit(1))


@dataclass(frozen=True, slots=True)
class Rules:
    """A rulebook version as employees read it, what it is among the `versions`, who knows it, and how it was consulted on."""

    rulebook: Rulebook
    standing: Standing
    versions: Versions
    consultations: Sequence[Consultation]
    acknowledged_at: datetime | None
    unaware: Sequence[str]

    @property
    def term(self) -> Term | None:
        """Since when and until when it counts; None for what nobody approved."""
        return self.versions.of(self.rulebook.no)


async def rules_of(session: AsyncSession, version: str, employee: str, now: datetime) -> Rules | None:
    """The version, or the one in force for none; None where there is no such version."""
    versions = await validity.versions(session, now)
    wanted = version or versions.shown
    rulebook = await session.scalar(select(Rulebook).where(Rulebook.no == wanted))
    if rulebook is None:
        return None
    held = select(Consultation).join(Rulebook, consultations.ON_THIS_TEXT).where(Rulebook.no == wanted)
    known = select(Acknowledgement.employee, Acknowledgement.made_at).where(Acknowledgement.rulebook_no == wanted)
    aware = {row.employee: row.made_at for row in await session.execute(known)}
    staff = await session.scalars(
        select(Employee.no).where(Employee.status == RosterStatus.ACTIVE).order_by(Employee.no)
    )
    return Rules(
        rulebook=rulebook,
        standing=versions.standing(rulebook),
        versions=versions,
        consultations=(await session.scalars(held.order_by(Consultation.no))).all(),
        acknowledged_at=aware.get(employee),
        unaware=[no for no in staff if no not in aware],
    )


def period(written: str) -> str:
    """A rulebook's period as people say it: `2 d` is two working days."""
    number, unit = written.split()
    return f"{number} {UNITS[unit]}"


def finding_in(clause: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the rulebook says of a finding of this clause; empty where the records alone establish it."""
    found = (ground["finding"] for ground in clause.get("grounds", ()) if ground.get("finding"))
    return next(found, {})


def consequences(clause: Mapping[str, Any], settings: Sequence[Mapping[str, Any]] = ()) -> Iterator[Label]:
    """What a breach of a clause brings: one sanction, or a range from which the finder chooses."""
    finding = finding_in(clause)
    heaviest = next((each["value"] for each in settings if each["key"] == finding.get("up_to")), None)
    if chosen := up_to(heaviest, finding.get("sanctions", ())):
        lightest, heaviest = word(chosen[0]), word(chosen[-1])
        yield Label(f"{lightest.zh}至{heaviest.zh}", f"{lightest.en} to {heaviest.en}")
    elif clause.get("sanction"):
        yield word(clause["sanction"])
    if clause.get("compensation"):
        yield word("compensation")
