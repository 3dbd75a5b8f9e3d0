"""How is evidence taken out of the house? Read from the ledger alone, and written down before anything is read: who, what, when."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson
from sqlalchemy import ARRAY, ColumnElement, and_, any_, false, insert, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.people import find_person
from chassis.sight import How, Look
from contracts.accountability import SourceRegistered
from contracts.control import SignedWatermark
from services.accountability import queries
from services.accountability.models import LedgerEntry, MissedDate, PenaltyRecord, Suspicion
from services.accountability.privacy import seeing
from services.accountability.privacy.unnamed import named_in
from services.accountability.proof import packing, signatures, weighing
from services.accountability.proof.packing import Asked, Body, Case, Key, Manifest
from services.accountability.proof.reading import Own, Told, in_full, read_past
from services.accountability.proof.rejudging import money
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
    found = await find(engine, wish, by)
    with packing.writing(file) as archive:
        with packing.outline_in(archive) as member:
            positions = await read_past(engine, found.position, own(found), member, told)
        case = case_of(found, by, await in_full(engine, positions))
        files = packing.texts(case)
        packing.write_files(archive, files)
        contents = await signatures.signed(engine, asking.no, packing.digests(files))
        if contents is None:
            raise NothingToExport(UNSIGNED)
        packing.write_contents(archive, contents)
    return case


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
    if not seeing.sees_all(person) and wish.person != by:
        raise NotTheirs(
            f"{by} may not take out this case: HR and the general manager may, and a person their own (--person {by})."
        )


async def find(engine: AsyncEngine, wish: Wish, by: str) -> Found:
    """Whoever's records are among it can see later that they were taken out."""
    async with transaction(engine) as session:
        signed = [SignedCheckpoint.model_validate(row._mapping) for row in await session.execute(SIGNED)]
        if not signed:
            raise NothingToExport(
                "Nothing is signed yet. Start the system and wait until its evidence is complete once."
            )
        asked = await orders_of(session, wish, signed[-1].read().position)
        said = await said_about(session, asked)
        named = [(row["no"], row["person"]) for row in said["records"]]
        named += [(row["key"], name) for row in said["suspicions"] for name in sorted(named_in(row["reason"]))]
        await seeing.note(session, await find_person(session, by), named, Look(How.EVIDENCE))
        judged_to = await queries.judged_to(session)
        heard = (await session.scalars(HEARD.where(LedgerCheckpoint.signature == signed[-1].signature))).one()
        made_at = await factory_now(session)
        earlier = {f"{row.source}/{row.epoch}": row.word for row in await session.execute(EARLIER)}
    words = {source: SignedWatermark.model_validate(word) for source, word in (earlier | heard).items()}
    return Found(signed, words, asked, said, judged_to, made_at)


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


async def said_about(session: AsyncSession, asked: Asked) -> dict[str, list[dict[str, Any]]]:
    """Records, suspicions and missed dates as the system states them; of a person's case nobody else's."""
    theirs = select(PenaltyRecord).where(about(PenaltyRecord.order_no, asked))
    doubts = select(Suspicion).where(about(Suspicion.order_no, asked))
    if asked.person is not None:
        theirs, doubts = theirs.where(PenaltyRecord.person == asked.person), doubts.where(false())
    missed = select(MissedDate).where(among(MissedDate.order_no, asked.orders))
    records = [record_row(each) for each in await session.scalars(theirs.order_by(PenaltyRecord.no))]
    suspicions = [suspicion_row(each) for each in await session.scalars(doubts.order_by(Suspicion.key))]
    return {
        "records": await of_these_days(session, asked, records),
        "suspicions": await of_these_days(session, asked, suspicions),
        "missed_dates": [
            {"order_no": each.order_no, "line_no": each.line_no, "of": each.of, "body": each.body}
            for each in await session.scalars(missed.order_by(MissedDate.order_no, MissedDate.line_no, MissedDate.of))
        ],
    }


def about(order_no: Any, asked: Asked) -> ColumnElement[bool]:
    """What is said of these orders, and of none where a person or days were asked for."""
    of_none = order_no.is_(None) if asked.person is not None or asked.since is not None else false()
    return or_(among(order_no, asked.orders), of_none)


async def of_these_days(session: AsyncSession, asked: Asked, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is of no order belongs to the days in which something of its evidence was admitted."""
    if asked.since is None:
        return rows
    since, until = asked.days
    cited = {place for row in rows if not row["order_no"] for place in row["evidence"]}
    places = select(LedgerEntry.position).where(
        among(LedgerEntry.position, cited), LedgerEntry.admitted >= since, LedgerEntry.admitted < until
    )
    found = set(await session.scalars(places))
    return [row for row in rows if row["order_no"] or not found.isdisjoint(row["evidence"])]


RECORD = (
    *("no", "order_no", "key", "revision", "clause", "rulebook_version", "person", "post", "acting", "sanction"),
    *("breaches", "facts", "evidence", "status", "replaces", "withdrawn_because", *weighing.DECIDED),
)


def record_row(record: PenaltyRecord) -> dict[str, Any]:
    said = {name: getattr(record, name) for name in RECORD}
    return {**said, "compensation": money(record.compensation), "made_at": record.made_at.isoformat()}


def suspicion_row(suspicion: Suspicion) -> dict[str, Any]:
    names = ("key", "revision", "clause", "order_no", "reason", "cleared_because")
    body = suspicion.body
    return {
        **{name: getattr(suspicion, name) for name in names},
        "breaches": [breach["about"] for breach in body["breaches"]],
        "evidence": [proof["position"] for proof in body["evidence"]],
    }


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of these, however many they are: they are sent as one array."""
    return column == any_(array_of(column, values))  # type: ignore[no-any-return]


def array_of(column: Any, values: Collection[Any]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(column.type))


def keys_in(bodies: Sequence[Body]) -> list[Key]:
    """Every key that a source was ever registered with."""
    registered = [
        fact["data"] for body in bodies if (fact := orjson.loads(body.bytes))["type"] == SourceRegistered.name
    ]
    return [
        Key(service=each["service"], fingerprint=each["key_fingerprint"], public_key=each["public_key"])
        for each in registered
    ]
