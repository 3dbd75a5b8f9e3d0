"""How is evidence taken out of the house? Read from the ledger alone, and written down before anything is read: who, what, when."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ARRAY, ColumnElement, all_, any_, false, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.clock import factory_now
from chassis.database import transaction
from chassis.instants import midnight
from chassis.people import find_person
from chassis.sight import How, Look
from contracts.accountability import SourceRegistered
from contracts.control import SignedWatermark
from services.accountability import queries, seeing
from services.accountability.models import LedgerEntry, MissedDate, PenaltyRecord, Suspicion
from services.accountability.proof import outline
from services.accountability.proof.checkpoints import LINES, PAGE
from services.accountability.proof.outline import Line, line_of
from services.accountability.proof.packing import Asked, Body, Export, Key, Manifest
from services.accountability.proof.rejudging import money
from services.accountability.proof.selection import Selection
from services.accountability.proof.statements import SignedCheckpoint
from services.accountability.proof.tables import EvidenceExport, LedgerCheckpoint

PATIENCE_S = 15.0
LOOK_S = 0.1


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


@dataclass
class Read:
    """What was read of the ledger."""

    lines: list[Line] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)


async def export(engine: AsyncEngine, wish: Wish, by: str) -> Export:
    """The evidence of a case up to a checkpoint that is signed for it; raises NotTheirs, NothingToExport."""
    await permit(engine, wish, by)
    asked_at = await write_down(engine, wish, by)
    await signed_since(engine, asked_at)
    found = await find(engine, wish, by)
    read = await read_ledger(engine, found)
    manifest = Manifest(
        asked=found.asked,
        asked_by=by,
        made_at=found.made_at,
        judged_to=found.judged_to,
        keys=tuple(keys_in(read.bodies)),
    )
    raw = list(outline.written(read.lines))
    return Export(manifest, raw, read.bodies, found.checkpoints, found.watermarks, found.said)


async def write_down(engine: AsyncEngine, wish: Wish, by: str) -> datetime:
    """Who, what, when: there before the first byte is read, and nobody can take it back."""
    row = insert(EvidenceExport).values(asked_by=by, asked=wish.described()).returning(EvidenceExport.asked_at)
    async with transaction(engine) as session:
        return (await session.execute(row)).scalar_one()


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
        rows = (await session.scalars(select(LedgerCheckpoint).order_by(LedgerCheckpoint.no))).all()
        if not rows:
            raise NothingToExport(
                "Nothing is signed yet. Start the system and wait until its evidence is complete once."
            )
        asked = await orders_of(session, wish, rows[-1].position)
        said = await said_about(session, asked)
        records = [(row["no"], row["person"]) for row in said["records"]]
        await seeing.note(session, await find_person(session, by), records, Look(How.EVIDENCE))
        judged_to = await queries.judged_to(session)
        made_at = await factory_now(session)
    signed = [SignedCheckpoint(statement=row.statement, key=row.key, signature=row.signature) for row in rows]
    words = {source: SignedWatermark.model_validate(word) for source, word in rows[-1].watermarks.items()}
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
        since, until = days(wish)
        asked = Asked(orders=(), since=str(wish.since), until=str(wish.until))
        query = select(LedgerEntry.subject).distinct()
        query = query.where(LedgerEntry.recorded_at >= since, LedgerEntry.recorded_at < until, signed)
    found = (await session.scalars(query)).all()
    if not found:
        raise NothingToExport(f"There is no signed evidence about {' '.join(wish.described().values())}.")
    return asked.model_copy(update={"orders": tuple(sorted(filter(None, found)))})


def days(wish: Wish) -> tuple[datetime, datetime]:
    assert wish.since is not None
    assert wish.until is not None
    return midnight(wish.since), midnight(wish.until + timedelta(days=1))


async def said_about(session: AsyncSession, asked: Asked) -> dict[str, list[dict[str, Any]]]:
    """Records, suspicions and missed dates as the system states them; of a person's case nobody else's."""
    theirs = select(PenaltyRecord).where(among(PenaltyRecord.order_no, asked.orders))
    doubts = select(Suspicion).where(among(Suspicion.order_no, asked.orders))
    if asked.person is not None:
        cases = or_(among(PenaltyRecord.order_no, asked.orders), PenaltyRecord.order_no.is_(None))
        theirs = select(PenaltyRecord).where(cases, PenaltyRecord.person == asked.person)
        doubts = doubts.where(false())
    records = (await session.scalars(theirs.order_by(PenaltyRecord.no))).all()
    missed = select(MissedDate).where(among(MissedDate.order_no, asked.orders))
    return {
        "records": [record_row(record) for record in records],
        "suspicions": [suspicion_row(each) for each in await session.scalars(doubts.order_by(Suspicion.key))],
        "missed_dates": [
            {"order_no": each.order_no, "line_no": each.line_no, "of": each.of, "body": each.body}
            for each in await session.scalars(missed.order_by(MissedDate.order_no, MissedDate.line_no, MissedDate.of))
        ],
    }


RECORD = (
    *("no", "order_no", "key", "revision", "clause", "rulebook_version", "person", "post", "acting", "sanction"),
    *("breaches", "facts", "evidence", "status", "replaces", "withdrawn_because"),
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


async def read_ledger(engine: AsyncEngine, found: Found) -> Read:
    """Every position's line, and in full what the cases need."""
    read = Read()
    async for rows in pages(engine, found.position):
        read.lines += map(line_of, rows)
    positions = await select_bodies(engine, found, read.lines)
    for some in in_pages(sorted(positions)):
        query = select(LedgerEntry.position, LedgerEntry.body).where(among(LedgerEntry.position, some))
        async with transaction(engine) as session:
            rows = (await session.execute(query.order_by(LedgerEntry.position))).all()
        read.bodies += [Body(row.position, bytes(row.body)) for row in rows]
    return read


async def pages(engine: AsyncEngine, end: int) -> AsyncIterator[Sequence[Any]]:
    """The outline's lines from the beginning, page by page, each in a transaction of its own: the ledger only grows."""
    after = 0
    while after < end:
        async with transaction(engine) as session:
            rows = (await session.execute(LINES, {"after": after, "page": min(PAGE, end - after)})).all()
        yield rows
        after = rows[-1].position


async def select_bodies(engine: AsyncEngine, found: Found, lines: Sequence[Line]) -> Collection[int]:
    """The cases' own facts first, then page by page all others, of which those are kept that touch the cases."""
    selection, orders = Selection(found.asked.person), found.asked.orders
    frame = {line.position for line in lines if line.is_frame}
    cited = {place for row in found.said["records"] if not row["order_no"] for place in row["evidence"]}
    own = or_(among(LedgerEntry.subject, orders), among(LedgerEntry.position, cited))
    async for position, _, fact in facts(engine, found.position, own):
        selection.own(position, fact)
    rest = func.coalesce(LedgerEntry.subject != all_(array_of(LedgerEntry.subject, orders)), True)
    async for position, subject, fact in facts(engine, found.position, rest):
        if subject is None:
            selection.company(position, fact, frame=position in frame)
        else:
            selection.others(position, fact)
    return selection.settle()


async def facts(engine: AsyncEngine, end: int, which: Any) -> AsyncIterator[tuple[int, str | None, dict[str, Any]]]:
    after = 0
    query = select(LedgerEntry.position, LedgerEntry.subject, LedgerEntry.body).where(which)
    while True:
        part = query.where(LedgerEntry.position > after, LedgerEntry.position <= end)
        async with transaction(engine) as session:
            rows = (await session.execute(part.order_by(LedgerEntry.position).limit(PAGE))).all()
        for row in rows:
            yield row.position, row.subject, orjson.loads(row.body)
        if len(rows) < PAGE:
            return
        after = rows[-1].position


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether the column is one of these, however many they are: they are sent as one array."""
    return column == any_(array_of(column, values))  # type: ignore[no-any-return]


def array_of(column: Any, values: Collection[Any]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(column.type))


def in_pages(positions: Sequence[int]) -> list[Sequence[int]]:
    return [positions[start : start + PAGE] for start in range(0, len(positions), PAGE)]


def keys_in(bodies: Sequence[Body]) -> list[Key]:
    """Every key that a source was ever registered with."""
    registered = [
        fact["data"] for body in bodies if (fact := orjson.loads(body.bytes))["type"] == SourceRegistered.name
    ]
    return [
        Key(service=each["service"], fingerprint=each["key_fingerprint"], public_key=each["public_key"])
        for each in registered
    ]
