"""What does a source say to the ledger? Facts in sequence, and watermarks over them."""

from datetime import datetime

from chassis.database import uuid7
from contracts.control import Watermark
from contracts.event import GENESIS, chain, compose, decode
from services.accountability.ledger import Arrived


class Voice:
    """A source as the ledger hears it: facts in sequence, and watermarks over them."""

    def __init__(self, source: str, epoch: int = 1) -> None:
        self.source, self.epoch, self.facts = source, epoch, list[Arrived]()
        self.hashes = [GENESIS]

    def says(self, recorded_at: datetime) -> Arrived:
        number = len(self.facts) + 1
        body = compose(
            id=uuid7(),
            source=self.source,
            type=f"{self.source}.something_said.v1",
            subject="SOD-1",
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
            data=b"{}",
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
        )
