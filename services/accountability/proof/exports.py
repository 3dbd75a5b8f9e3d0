"""How is evidence taken out of the house? Read from the ledger alone, and written down before anything is read: who, what, when."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, and_, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.named import sees_all
from chassis.people import find_person
from contracts.accountability import SourceRegistered
from contracts.control import SignedWatermark
from services.accountability import queries
from services.accountability.models import LedgerEntry, PenaltyRecord
from services.accountability.privacy import seeing
from services.accountability.privacy.taken_out import as_evidence
from services.accountability.privacy.unnamed import named_in
from services.accountability.proof import packing, rejudging, signatures
from services.accountability.proof.against import held_against
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Asked, Body, Case, Key, Manifest
from services.accountability.proof.reading import Own, Told, in_full, read_past
from services.accountability.proof.saying import said_about
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.tables import EvidenceExport, LedgerCheckpoint

PATIENCE_S = 15.0
LOOK_S = 0.1
SIGNED = select(LedgerCheckpoint.statement, LedgerCheckpoint.key, LedgerCheckpoint.signature).order_by(
    LedgerCheckpoint.no
)
HEARD = select(LedgerCheckpoint.watermarks).order_by(LedgerCheckpoint.no.desc()).limit(1)

EARLIER = text("""
SELECT DISTINCT ON (source, epoch) source, said.epoch, word
FROM ledger_checkpoints, jsonb_each(watermarks) AS each(source, word),
    LATERAL (SELECT ((word->>'statement')::jsonb->>'epoch')::bigint AS epoch) AS said
WHERE NOT EXISTS (SELECT FROM ledger_sources AS now JOIN sources ON sources.no = now.source AND sources.status <> 'retired'
    WHERE now.source = each.source AND now.epoch = said.epoch)
ORDER BY source, epoch, ledger_checkpoints.no DESC
""")
"""The last words of each source in an epoch that is over for it, and of those that were retired."""
UNSIGNED = (
    "The export was not signed, so it proves nothing and is not kept. Accountability signs it while it runs: "
    "start it, and export once more."
)

OF_COLLEAGUES = (
    "The case of {by} is not complete, so not verifiable, without {count} papers that hold something against colleagues (findings, "
    "attributions, investigations), which {by} may not see. Ask HR or the general manager to take it out "
    "(--person {by} --by themselves): they see what is in it, and decide to whom it is handed."
)
BEHIND = (
    "The evidence is signed up to {signed:%Y-%m-%d %H:%M}, and the judge has only come to {judged:%Y-%m-%d %H:%M}, as after an "
    "upgrade: its records would not yet be what the facts call for. Wait until it is there, and export once more."
)


class NothingToExport(Exception):
    """There is no such case, or nothing is signed yet; the message says what to do."""


class NotTheirs(Exception):
    """Somebody asks for the evidence of others; the message says who may."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants: one order, what concerns one person, or the orders that moved between two days, both included."""

    order: str | None = None
    person: str | None = None
    since: date | None = None
    until: date | None = None

    def described(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items() if value is not None}


class Asking(NamedTuple):
    """When an export was asked for, as it was written down."""

    no: int
    at: datetime


@dataclass
class Found:
    """What is read before the ledger: the checkpoint up to which, the cases, and what the system says about them."""

    checkpoints: Sequence[SignedCheckpoint]
    watermarks: dict[str, SignedWatermark]
    asked: Asked
    said: dict[str, list[dict[str, Any]]]
    judged_to: datetime | None
    made_at: datetime

    @property
    def position(self) -> int:
        return self.checkpoints[-1].read().position


async def export(
    engine: AsyncEngine, wish: Wish, by: str, file: Path | IO[bytes], told: Told = lambda done, of: None
) -> Case:
    """Write the evidence of a case into a file, up to a checkpoint that is signed for it; raises NotTheirs, NothingToExport."""
    await permit(engine, wish, by)
    asking = await write_down(engine, wish, by)
    await signed_since(engine, asking.at)
    found = await find(engine, wish)
    with packing.writing(file) as archive:
        with packing.outline_in(archive) as member:
            positions = await read_past(engine, found.position, own(found), member, told)
        lines, bodies = await in_full(engine, positions)
        found.said = as_judged(found, lines, bodies)
        await look_at(engine, found, bodies, by, asking.no)
        case = case_of(found, by, bodies)
        files = packing.texts(case)
        packing.write_files(archive, files)
        contents = await signatures.signed(engine, asking.no, packing.digests(files))
        if contents is None:
            raise NothingToExport(UNSIGNED)
        packing.write_contents(archive, contents)
    return case


def as_judged(found: Found, lines: Mapping[int, Line], bodies: Sequence[Body]) -> dict[str, list[dict[str, Any]]]:
    """What the system had said by the frontier; while the case was read the judge may have gone on."""
    frontier = found.checkpoints[-1].read().frontier
    if found.judged_to is None or found.judged_to <= frontier:
        return found.said
    came = rejudging.came_in(lines, found.asked.days if found.asked.since is not None else None)
    judged = rejudging.judged(rejudging.fold(lines, bodies, frontier), found.asked, came)
    return rejudging.as_judged(found.said, judged, frontier)


def own(found: Found) -> Own:
    """What is read in full whatever it touches: the orders' facts, those on which what is of no order rests, records' fates."""
    said = (*found.said["records"], *found.said["suspicions"])
    cited = {place for row in said if not row["order_no"] for place in row["evidence"]}
    return Own(found.asked, frozenset(cited), frozenset(row["no"] for row in found.said["records"]))


def case_of(found: Found, by: str, bodies: list[Body]) -> Case:
    manifest = Manifest(
        asked=found.asked,
        asked_by=by,
        made_at=found.made_at,
        judged_to=found.judged_to,
        keys=tuple(keys_in(bodies)),
        facts=packing.runs(body.position for body in bodies),
    )
    return Case(manifest, bodies, found.checkpoints, found.watermarks, found.said)


async def write_down(engine: AsyncEngine, wish: Wish, by: str) -> Asking:
    """Who, what, when: there before the first byte is read, and nobody can take it back."""
    row = insert(EvidenceExport).values(asked_by=by, asked=wish.described())
    async with transaction(engine) as session:
        return Asking(*(await session.execute(row.returning(EvidenceExport.no, EvidenceExport.asked_at))).one())


async def signed_since(engine: AsyncEngine, asked_at: datetime) -> None:
    """Give the service a moment to sign where the ledger stands now, and the judge to come as far; else the last one has to do."""
    last = select(LedgerCheckpoint.frontier).where(LedgerCheckpoint.written_at > asked_at)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        async with transaction(engine) as session:
            frontier = await session.scalar(last.order_by(LedgerCheckpoint.no.desc()).limit(1))
            judged_to = await queries.judged_to(session)
        if frontier is not None and judged_to is not None and judged_to >= frontier:
            return
        await asyncio.sleep(LOOK_S)


async def permit(engine: AsyncEngine, wish: Wish, by: str) -> None:
    """HR and the general manager may take out any case, anybody their own; raises NotTheirs."""
    async with transaction(engine) as session:
        person = await find_person(session, by)
    if not sees_all(person) and wish.person != by:
        raise NotTheirs(
            f"{by} may not take out this case: HR and the general manager may, and a person their own (--person {by})."
        )


async def find(engine: AsyncEngine, wish: Wish) -> Found:
    """Raises NothingToExport."""
    async with transaction(engine) as session:
        signed = [SignedCheckpoint.model_validate(row._mapping) for row in await session.execute(SIGNED)]
        if not signed:
            raise NothingToExport(
                "Nothing is signed yet. Start the system and wait until its evidence is complete once."
            )
        asked = await orders_of(session, wish, signed[-1].read().position)
        said = await said_about(session, asked)
        judged_to = await queries.judged_to(session)
        signed_to = signed[-1].read().frontier
        if judged_to is not None and judged_to < signed_to:
            raise NothingToExport(BEHIND.format(signed=signed_to, judged=judged_to))
        heard = (await session.scalars(HEARD.where(LedgerCheckpoint.signature == signed[-1].signature))).one()
        made_at = await factory_now(session)
        earlier = {f"{row.source}/{row.epoch}": row.word for row in await session.execute(EARLIER)}
    words = {source: SignedWatermark.model_validate(word) for source, word in (earlier | heard).items()}
    return Found(signed, words, asked, said, judged_to, made_at)


async def look_at(engine: AsyncEngine, found: Found, bodies: Sequence[Body], by: str, export_no: int) -> None:
    """Whoever is named in records, suspicions or papers can see later that these were taken out.

    Raises NotTheirs for a person whose own case holds something against others: no page shows them that.
    """
    records, suspicions = found.said["records"], found.said["suspicions"]
    named = {(row["no"], row["person"]) for row in records} | held_against(bodies)
    named |= {(row["key"], name) for row in suspicions for name in named_in(row["reason"])}
    others = {no for no, whose in named if whose != by}
    async with transaction(engine) as session:
        person = await find_person(session, by)
        if others and not sees_all(person):
            raise NotTheirs(OF_COLLEAGUES.format(by=by, count=len(others)))
        await seeing.note(session, person, sorted(named), as_evidence(export_no))


async def orders_of(session: AsyncSession, wish: Wish, position: int) -> Asked:
    """The orders that a wish is about; raises NothingToExport."""
    signed = LedgerEntry.position <= position
    if wish.order is not None:
        query = select(LedgerEntry.subject).where(LedgerEntry.subject == wish.order, signed).limit(1)
        asked = Asked(orders=(wish.order,))
    elif wish.person is not None:
        query = select(PenaltyRecord.order_no).where(PenaltyRecord.person == wish.person).distinct()
        asked = Asked(orders=(), person=wish.person)
    else:
        asked = Asked(orders=(), since=str(wish.since), until=str(wish.until))
        query = select(LedgerEntry.subject).distinct().where(moved(asked), signed)
    found = (await session.scalars(query)).all()
    if not found:
        raise NothingToExport(f"There is no signed evidence about {' '.join(wish.described().values())}.")
    return asked.model_copy(update={"orders": tuple(sorted(filter(None, found)))})


def moved(asked: Asked) -> ColumnElement[bool]:
    """The facts recorded in the days that were asked for, or admitted in them: nothing is admitted before it was recorded."""
    since, until = asked.days
    recorded, admitted = LedgerEntry.recorded_at, LedgerEntry.admitted
    return and_(admitted >= since, recorded < until, or_(recorded >= since, admitted < until))


def keys_in(bodies: Sequence[Body]) -> list[Key]:
    """Every key that a source was ever registered with."""
    registered = [
        fact["data"] for body in bodies if (fact := orjson.loads(body.bytes))["type"] == SourceRegistered.name
    ]
    return [
        Key(service=each["service"], fingerprint=each["key_fingerprint"], public_key=each["public_key"])
        for each in registered
    ]
