"""On what does the ledger's bench stand? A database server, a broker, and a ledger that is filled by COPY with real chains.

No service runs: each step is one part of Accountability in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.app import create_app
from chassis.clock import step_to
from chassis.database import transaction
from chassis.migrate import migrate
from chassis.people import on_employee_registered, on_post_assigned
from chassis.settings import ClockMode, Settings
from chassis.signing import Signer
from contracts.accountability import EmployeeRegistered, PostAssigned
from contracts.control import SignedWatermark, Watermark
from contracts.event import GENESIS, SERVICES, chain
from deploy.local import postgres
from deploy.local.databases import Passwords, database_name, database_url, owner_url, provision
from deploy.local.ports import choose_ports
from services.accountability.judge.admission import admission
from services.accountability.ledger import months, sources
from services.accountability.ledger.heads import hold
from services.accountability.ledger.ledger import COLUMNS
from services.accountability.main import service
from services.accountability.models import Acknowledgement, Consultation, RecordedStatus, Rulebook, RulebookStatus
from services.accountability.rules.rulebook_loading import shipped_rules
from tests.bench.history import History, Told
from tests.support.departments import SECRET, Department
from tests.support.facts import STAFF
from tests.support.infra import place_for_tests, private_broker

JUDGE = "accountability"
PAGE = 20_000
VERSION = "2026-01"
FIRST_INSTANT = datetime(2026, 1, 4, 22, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    """Where everything is, so that another process can go there."""

    database_url: str
    owner_url: str
    broker_url: str
    keys: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            service=JUDGE,
            database_url=self.database_url,
            broker_url=self.broker_url,
            clock=ClockMode.STEPPED,
            token_secret=SECRET,
            signing_key_file=self.key_of(JUDGE),
        )

    def key_of(self, source: str) -> Path:
        return self.keys / f"{source}.pem"

    def signer(self, source: str) -> Signer:
        return Signer.load(self.key_of(source))


@dataclass(frozen=True)
class Promises:
    """Up to when the evidence is complete, and how far each source had come by then."""

    until: datetime
    ends: dict[str, tuple[int, bytes]]

    def signed(self, ground: Ground) -> Iterator[SignedWatermark]:
        for source, (sequence, reached) in self.ends.items():
            last = {"sequence": sequence, "hash": reached.hex(), "numbers": {}}
            yield ground.signer(source).sign(Watermark(source=source, epoch=1, promised=self.until, **last))


@dataclass
class Writer:
    """Fills the ledger as its one writer would, and knows where every chain ends."""

    history: History
    position: int = 0
    hash: bytes = GENESIS
    ends: dict[str, tuple[int, bytes]] = field(default_factory=lambda: dict.fromkeys(SERVICES, (0, GENESIS)))
    promises: list[Promises] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._days = self.history.days()
        self._left: list[Told] = []
        self._month: tuple[int, int] | None = None

    def next(self, most: int) -> list[Told]:
        """The facts that follow, at most so many."""
        if not self._left:
            self._left = next(self._days)
        taken, self._left = self._left[:most], self._left[most:]
        return taken

    def enter(self, told: Told) -> tuple[object, ...]:
        """The ledger's row of a fact; at the beginning of a month every source promises what lies before."""
        month = told.recorded_at.year, told.recorded_at.month
        if self._month not in (None, month):
            self.promise(told.recorded_at)
        self._month = month
        sequence, before = self.ends[told.source]
        assert told.sequence == sequence + 1
        source_hash = chain(before, told.body)
        self.position, self.hash = self.position + 1, chain(self.hash, told.body)
        self.ends[told.source] = told.sequence, source_hash
        admitted = self.admitted(told)
        return (
            *(self.position, told.source, 1, told.sequence, told.type, told.subject, told.recorded_at, admitted),
            *(told.body, self.hash, source_hash, told.recorded_at),
        )

    def admitted(self, told: Told) -> datetime:
        """Nothing came late, so only an outage is admitted before it was recorded."""
        if not told.type.endswith("service_unavailable.v1"):
            return told.recorded_at
        return admission(orjson.loads(told.body), None)

    def promise(self, until: datetime) -> None:
        self.promises.append(Promises(until, dict(self.ends)))


@contextlib.contextmanager
def ground(durable: bool) -> Iterator[Ground]:
    """A server with Accountability's database, migrated, on a clock that is stepped; and a broker."""
    with TemporaryDirectory(prefix="handover-ledger-") as home:
        folder = Path(home)
        folder.chmod(0o755)
        place = place_for_tests(folder)
        server = postgres.local_server(place, choose_ports(place, ["postgres"])["postgres"], durable=durable)
        server.start()
        try:
            provision(server.admin_url, {database_name(JUDGE): Passwords("own", "owned")})
            (folder / "broker").mkdir()
            (folder / "broker").chmod(0o755)
            with private_broker(folder / "broker") as broker_url:
                urls = (
                    database_url(server.admin_url, database_name(JUDGE), "own"),
                    owner_url(server.admin_url, database_name(JUDGE), "owned"),
                )
                yield Ground(*urls, broker_url, make_keys(folder))
        finally:
            server.stop()


def make_keys(folder: Path) -> Path:
    keys = folder / "source-keys"
    keys.mkdir()
    for source in SERVICES:
        key = Ed25519PrivateKey.generate()
        (keys / f"{source}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return keys


def pem(signer: Signer) -> str:
    return signer.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def found(place: Ground, engine: AsyncEngine) -> None:
    """The sources are registered, and everybody knows the rulebook on which they were consulted."""
    await migrate(JUDGE, place.owner_url, ClockMode.STEPPED)
    await step_to(engine, FIRST_INSTANT)
    reader = {"employee": STAFF["hr"], "post": "hr", "effective_from": FIRST_INSTANT, "assigned_by": "system"}
    async with transaction(engine) as session:
        await on_employee_registered(
            EmployeeRegistered(employee=STAFF["hr"], nickname="小人", department=JUDGE), session
        )
        await on_post_assigned(PostAssigned(assignment_no="ASN-HR", **reader), session)
        for source in SERVICES:
            form = sources.Registration(no=source, public_key=pem(place.signer(source)))
            await sources.register(session, form, maker=STAFF["hr"], now=FIRST_INSTANT)
        made = {
            "status": RecordedStatus.RECORDED,
            "made_by": STAFF["hr"],
            "made_at": FIRST_INSTANT,
            "rulebook_no": VERSION,
        }
        asked = {"held_on": FIRST_INSTANT.date(), "participants": "all", "minutes_reference": "M-1", "text_digest": ""}
        issued = {"status": RulebookStatus.ISSUED, "made_by": STAFF["hr"], "made_at": FIRST_INSTANT, "text_digest": ""}
        session.add(
            Rulebook(no=VERSION, body=shipped_rules(), effective_from=FIRST_INSTANT, reason="", changes=(), **issued)
        )
        session.add(Consultation(no="CON-1", **asked, **made))
        for employee in STAFF.values():
            session.add(Acknowledgement(no=f"ACK-{employee}", employee=employee, paper_reference="", **made))


def beginning(place: Ground, writer: Writer) -> list[Told]:
    signers = {source: place.signer(source) for source in SERVICES}
    return writer.history.beginning({source: (pem(each), each.fingerprint) for source, each in signers.items()})


async def fill(place: Ground, engine: AsyncEngine, writer: Writer, goal: int) -> None:
    """Whole pages by COPY, until the ledger holds so many facts; then the heads, as the one writer leaves them."""
    connection = await asyncpg.connect(place.database_url)
    page = [writer.enter(told) for told in beginning(place, writer)] if writer.position == 0 else []
    try:
        while page or writer.position < goal:
            while len(page) < PAGE and writer.position < goal:
                page += [writer.enter(told) for told in writer.next(goal - writer.position)]
            await copy(engine, connection, page)
            page = []
    finally:
        await connection.close()
    async with transaction(engine) as session:
        heads = await hold(session, SERVICES)
        heads.position, heads.hash = writer.position, writer.hash
        for source, (sequence, reached) in writer.ends.items():
            head = heads.sources[source]
            head.epoch, head.sequence, head.hash = 1, sequence, reached
        await heads.save(session)


async def copy(engine: AsyncEngine, connection: asyncpg.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    async with transaction(engine) as session:
        await months.have(session, {row[7] for row in rows})  # type: ignore[misc]
    await connection.copy_records_to_table("ledger", records=rows, columns=[*COLUMNS, "arrived_at"], timeout=600)


def department(place: Ground, engine: AsyncEngine) -> Department:
    """The service's own API, without its bus."""
    app = create_app(service, place.settings)
    app.state.engine = engine
    return Department(service, app, engine)
