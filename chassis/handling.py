"""How does a delivered fact take effect exactly once, whatever its handler does?"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from chassis.consumers import Consumers, Unreadable
from chassis.database import is_away, transaction
from chassis.gate import gate_of
from chassis.inbox import key
from chassis.parking import park
from chassis.safeguards import SOUND, Safeguards
from chassis.spans import belonging_to
from chassis.waiting import WaitFor, keep
from contracts.event import Envelope

log = structlog.get_logger()

DOUBTFUL = "its source was restored from a backup and may have told this before; replay it only if it has had no effect"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A fact as it came: what it says, its exact bytes, and whether it came before without being acknowledged."""

    envelope: Envelope
    body: bytes
    redelivered: bool = False


@dataclass
class Tally:
    """What was received so far by this process."""

    handled: int = 0
    duplicates: int = 0


class Handling:
    """Receipt, effect and the facts that follow from it are one transaction; facts that come together share one."""

    def __init__(self, engine: AsyncEngine, consumers: Consumers, *, safeguards: Safeguards = SOUND) -> None:
        self.engine = engine
        self.consumers = consumers
        self.safeguards = safeguards
        self.tally = Tally()

    async def take(self, facts: Sequence[Incoming]) -> None:
        """When this returns, every fact has had its effect or is kept in our database: it may be acknowledged."""
        await gate_of(self.engine).passed()
        if again := [fact for fact in facts if fact.redelivered]:
            await self._keep(again, "it was delivered before and not acknowledged")
        if first := [fact for fact in facts if not fact.redelivered]:
            await self._together(first)

    async def _together(self, facts: Sequence[Incoming]) -> None:
        """One transaction for all; if one of them fails, one for each."""
        try:
            await self._handle(facts)
        except Exception as error:
            if is_away(error):
                raise
            if len(facts) == 1:
                with belonging_to(facts[0].envelope):
                    await self._set_aside(facts[0], error)
                return
            for fact in facts:
                await self._together([fact])

    async def _handle(self, facts: Sequence[Incoming]) -> None:
        async with transaction(self.engine) as session:
            new = await self._receive(session, facts)
            for fact in new:
                await self.consumers.handle(fact.envelope, session)
        self.tally.handled += len(new)

    async def _receive(self, session: AsyncSession, facts: Sequence[Incoming]) -> list[Incoming]:
        """Count them as received; the new ones in the order of their arrival. Doubtful ones are parked at once."""
        received = await self.safeguards.receive(session, [fact.envelope for fact in facts])
        unseen, new = set(received.new), []
        for fact in facts:
            if key(fact.envelope) not in unseen:
                self.tally.duplicates += 1
                continue
            unseen.discard(key(fact.envelope))
            if key(fact.envelope) in received.doubtful:
                await park(session, fact.envelope, fact.body, attempts=0, reason=DOUBTFUL)
            else:
                new.append(fact)
        return new

    async def _set_aside(self, fact: Incoming, error: Exception) -> None:
        """No effect yet: wait for the prerequisite, try again later, or park what no attempt can read."""
        if isinstance(error, WaitFor):
            await self._keep([fact], str(error), error)
        elif isinstance(error, Unreadable):
            await self._park(fact, str(error))
        else:
            log.warning("a fact failed and is tried again", fact=fact.envelope.type, error=repr(error), exc_info=error)
            await self._keep([fact], repr(error))

    async def _keep(self, facts: Sequence[Incoming], reason: str, wanted: WaitFor | None = None) -> None:
        async with transaction(self.engine) as session:
            for fact in await self._receive(session, facts):
                await keep(session, fact.envelope, fact.body, reason=reason, wanted=wanted)

    async def _park(self, fact: Incoming, reason: str) -> None:
        log.error("a fact is parked", fact=fact.envelope.type, reason=reason)
        async with transaction(self.engine) as session:
            for new in await self._receive(session, [fact]):
                await park(session, new.envelope, new.body, attempts=1, reason=reason)
