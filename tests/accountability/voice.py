"""What does a source say to the ledger? Facts in sequence, and watermarks over them."""

from datetime import date, datetime

from chassis.database import uuid7
from contracts.control import Former, LastNumber, Watermark
from contracts.event import GENESIS, Event, chain, compose, decode
from services.accountability.ledger.ledger import Arrived


class Voice:
    """A source as the ledger hears it: facts in sequence, and watermarks over them."""

    def __init__(self, source: str, epoch: int = 1, former: Former | None = None) -> None:
        self.source, self.epoch, self.former = source, epoch, former
        self.facts = list[Arrived]()
        self.hashes = [GENESIS]

    def says(self, recorded_at: datetime, event: Event | None = None) -> Arrived:
        """State an event, or something of which nobody takes notice."""
        number = len(self.facts) + 1
        body = compose(
            id=uuid7(),
            source=self.source,
            type=event.name if event else f"{self.source}.something_said.v1",
            subject=event.order_no if event else "SOD-1",
            recorded_at=recorded_at,
            occurred_at=recorded_at,
            actor="E-001",
            actor_post=None,
            actor_acting=False,
            epoch=self.epoch,
            sequence=number,
            number=number,
            traceparent=None,
            baggage=None,
            data=event.model_dump_json().encode() if event else b"{}",
        )
        self.facts.append(Arrived(decode(body), body))
        self.hashes.append(chain(self.hashes[-1], body))
        return self.facts[-1]

    def promises(self, promised: datetime, *, sequence: int | None = None, signed: bytes | None = None) -> Watermark:
        last = len(self.facts) if sequence is None else sequence
        return Watermark(
            source=self.source,
            epoch=self.epoch,
            promised=promised,
            sequence=last,
            hash=(signed or self.hashes[last]).hex(),
            numbers={},
            documents=LastNumber(day=date(2026, 9, 1), last=last),
            former=self.former,
        )

    def restored(self, *, remembers: int) -> "Voice":
        """The same source after its database was restored from a backup that knows its first facts alone."""
        former = Former(epoch=self.epoch, sequence=remembers, hash=self.hashes[remembers].hex())
        return Voice(self.source, self.epoch + 1, former)
