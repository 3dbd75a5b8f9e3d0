"""How does a story become a ledger in a real database, heard, signed, judged and stated as in a running house?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import text

from chassis.database import transaction, uuid7
from chassis.signing import Signer
from contracts.accountability import SourceRegistered
from contracts.control import Watermark
from contracts.event import GENESIS, SERVICES, chain, compose, decode
from services.accountability.ledger import ledger, sources
from services.accountability.ledger.ledger import Arrived
from services.accountability.office import Office
from tests.support.departments import MORNING, Department, department
from tests.support.facts import STAFF, Story, a_story

JUDGE = "accountability"
OWN = text("SELECT id, event, order_no, recorded_at, data::text AS data FROM outbox WHERE id > :after ORDER BY id")


@dataclass
class Voice:
    """A source's chain as it has been heard."""

    signer: Signer
    epoch: int = 1
    sequence: int = 0
    hash: bytes = GENESIS

    def says(self, body: bytes) -> Arrived:
        self.sequence, self.hash = self.sequence + 1, chain(self.hash, body)
        return Arrived(decode(body), body)

    @property
    def pem(self) -> str:
        return self.signer.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass
class House:
    """Accountability with its office, and all seven sources' voices."""

    department: Department
    office: Office
    voices: dict[str, Voice]
    registered: Collection[str] = SERVICES
    told: int = 0
    stated: int = 0
    facts: list[bytes] = field(default_factory=list)

    @property
    def fingerprints(self) -> set[tuple[str, str]]:
        """As they were handed over when the system was set up, by service."""
        return {(source, voice.signer.fingerprint) for source, voice in self.voices.items()}

    def story(self, staff: Mapping[str, str] = STAFF) -> Story:
        """A factory at work whose sources are registered."""
        story = a_story(staff)
        for source in self.registered:
            voice = self.voices[source]
            said = {"service": source, "public_key": voice.pem, "key_fingerprint": voice.signer.fingerprint}
            story.states(SourceRegistered, **said)
        return story

    async def hears(self, story: Story) -> None:
        """What was told since the last time reaches the ledger."""
        bodies = [(told.fact["source"], orjson.dumps(told.fact)) for told in story.told[self.told :]]
        self.told = len(story.told)
        await self.enters(bodies)

    async def enters(self, bodies: list[tuple[str, bytes]]) -> None:
        for start in range(0, len(bodies), 500):
            async with transaction(self.department.engine) as session:
                facts = [self.voices[source].says(body) for source, body in bodies[start : start + 500]]
                books = await ledger.append(session, facts)
                assert len(books.rows) == len(facts)

    async def is_restored(self, source: str) -> None:
        """The source goes on in a new epoch, and somebody has accepted that."""
        self.voices[source] = Voice(self.voices[source].signer, epoch=2)
        async with transaction(self.department.engine) as session:
            await ledger.open_epoch(session, source, 2)

    async def promises(self, until: datetime) -> None:
        """Every source signs up to when its evidence is complete; the office weighs it, and signs if that is due."""
        for source, voice in self.voices.items():
            last = {"sequence": voice.sequence, "hash": voice.hash.hex(), "numbers": {}}
            watermark = Watermark(source=source, epoch=voice.epoch, promised=until, **last)
            await self.office.hear(voice.signer.sign(watermark))
        self.office.checkpoints._looked_at = float("-inf")
        await self.office.advance()

    async def judges(self) -> None:
        while await self.office.judging.step():
            continue

    async def says_so(self) -> None:
        """What the judge stated comes back to the ledger as its relay would number it."""
        async with self.department.engine.connect() as connection:
            rows = (await connection.execute(OWN, {"after": self.stated})).all()
        said = [row for row in rows if ".record_" in row.event]
        await self.enters([(JUDGE, self.wire(row, ahead)) for ahead, row in enumerate(said, 1)])
        self.stated = rows[-1].id if rows else self.stated

    def wire(self, row: Any, ahead: int) -> bytes:
        number = self.voices[JUDGE].sequence + ahead
        return compose(
            id=uuid7(),
            source=JUDGE,
            type=row.event,
            subject=row.order_no,
            recorded_at=row.recorded_at,
            occurred_at=row.recorded_at,
            actor="system",
            actor_post=None,
            actor_acting=False,
            epoch=1,
            sequence=number,
            number=number,
            traceparent=None,
            baggage=None,
            data=row.data.encode(),
        )


@asynccontextmanager
async def house(registered: Collection[str] = SERVICES, *, forger: Signer | None = None) -> AsyncIterator[House]:
    """An empty one; its sources are registered. A forger's has but one key, that of the judge."""
    async with department(JUDGE) as it:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "key.pem"
            key = forger._private if forger else Ed25519PrivateKey.generate()
            file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            settings = it.app.state.settings.model_copy(update={"signing_key_file": file})
            office = Office(settings, it.engine)
        voices = {source: Voice(forger or Signer.generate()) for source in SERVICES}
        await it.employ(hr=STAFF["hr"], general_manager=STAFF["general_manager"])
        voices[JUDGE] = Voice(office.checkpoints.signer)
        async with transaction(it.engine) as session:
            for source in registered:
                form = sources.Registration(no=source, public_key=voices[source].pem)
                await sources.register(session, form, maker="E-012", now=MORNING)
        await office.judging.restore()
        yield House(it, office, voices, registered)
