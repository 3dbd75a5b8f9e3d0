"""What is missing here although its source says that it is out, and how do we get it?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from chassis.inbox import Stream
from chassis.numbering import Chain, Numbered
from chassis.publisher import Publisher
from chassis.relay import Relay
from contracts.control import ALL, ResendRequest, Watermark

log = structlog.get_logger()

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
# With this much of our queue still unread, what seems to be missing is probably in it; but not for ever.
BACKLOG = 100
BACKLOG_PATIENCE = 10

COLUMNS = "SELECT epoch, sequence, event, event_id, wire FROM outbox "
BY_SEQUENCE = COLUMNS + "WHERE epoch = $1 AND sequence = ANY($2) ORDER BY sequence"
BY_NUMBER = COLUMNS + "WHERE epoch = $1 AND number = ANY($2) AND event = $3 ORDER BY sequence"


class Completeness(Protocol):
    """What a receiver must know about its own completeness: a service by type, the ledger by whole source."""

    def streams(self, watermark: Watermark) -> Mapping[str, int]:
        """The streams wanted in full, each with the last number that the watermark speaks for."""

    async def through(self) -> Mapping[Stream, int]:
        """The number of each stream up to which nothing is missing."""

    async def missing(self, stream: Stream, last: int, through: int) -> Sequence[int]:
        """The first page of missing numbers between `through` and `last`."""


@dataclass
class Gap:
    """A stream that is behind its watermark, since when, and how often it was asked for."""

    last: int
    through: int
    since: float = field(default_factory=time.monotonic)
    asked_at: float = 0.0
    pause: float = FIRST_PAUSE_S


class AntiEntropy:
    """Compares what arrived with what the sources promised, and asks for the difference until there is none."""

    def __init__(self, service: str, completeness: Completeness, relay: Relay, *, resend_after_s: float) -> None:
        self.service = service
        self.completeness = completeness
        self.relay = relay
        self.resend_after_s = resend_after_s
        self.gaps: dict[Stream, Gap] = {}

    @property
    def lasting(self) -> int:
        """How many gaps have outlasted their patience: facts that are late, or lost on the way."""
        return sum(time.monotonic() - gap.since > self.resend_after_s for gap in self.gaps.values())

    async def compare(self, watermarks: Sequence[Watermark], *, backlog: int) -> None:
        """Look for gaps, and ask for those that have outlasted their patience. Called about once a second."""
        through = await self.completeness.through()
        wanted = {
            Stream(watermark.source, watermark.epoch, name): last
            for watermark in watermarks
            for name, last in self.completeness.streams(watermark).items()
        }
        for stream, last in wanted.items():
            self._note(stream, last, through.get(stream, 0))
        self.gaps = {stream: gap for stream, gap in self.gaps.items() if stream in wanted}
        patience = self.resend_after_s * (BACKLOG_PATIENCE if backlog > BACKLOG else 1)
        for stream, gap in self.gaps.items():
            if time.monotonic() - gap.since > patience and time.monotonic() - gap.asked_at > gap.pause:
                await self._ask(stream, gap)

    def _note(self, stream: Stream, last: int, through: int) -> None:
        gap = self.gaps.get(stream)
        if gap is not None and through >= gap.last:
            del self.gaps[stream]
            gap = None
        if gap is None and through < last:
            self.gaps[stream] = Gap(last, through)
        elif gap is not None and through > gap.through:
            gap.through, gap.pause = through, FIRST_PAUSE_S

    async def _ask(self, stream: Stream, gap: Gap) -> None:
        numbers = await self.completeness.missing(stream, gap.last, gap.through)
        gap.asked_at, gap.pause = time.monotonic(), min(gap.pause * 2, LONGEST_PAUSE_S)
        if not numbers:
            return
        log.info("facts are missing and asked for again", **stream._asdict(), first=numbers[0], count=len(numbers))
        request = ResendRequest(asker=self.service, epoch=stream.epoch, stream=stream.stream, numbers=tuple(numbers))
        body, key = request.model_dump_json().encode(), f"{self.service}.resend_requested.{stream.source}"

        async def say(publisher: Publisher, chain: Chain) -> None:
            await publisher.say(key, body)

        self.relay.ask(say)


def answer(relay: Relay, request: ResendRequest) -> None:
    """Let the relay send what another service misses, from the outbox and byte for byte, between its own facts."""

    async def resend(publisher: Publisher, chain: Chain) -> None:
        facts = await _kept(chain, request)
        if len(facts) < len(request.numbers):
            log.error(
                "a service misses facts that are not kept here",
                asker=request.asker,
                stream=request.stream,
                count=len(request.numbers) - len(facts),
            )
        if facts:
            receipt = await publisher.resend(request.asker, chain.source, facts)
            if receipt.problem:
                log.warning("a resend was not taken; the asker will ask again", problem=receipt.problem)

    relay.ask(resend)


async def _kept(chain: Chain, request: ResendRequest) -> list[Numbered]:
    if request.stream == ALL:
        rows = await chain.connection.fetch(BY_SEQUENCE, request.epoch, request.numbers)
    else:
        rows = await chain.connection.fetch(BY_NUMBER, request.epoch, request.numbers, request.stream)
    return [Numbered(*row) for row in rows if (row["epoch"], row["sequence"]) <= chain.published]
