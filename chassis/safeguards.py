"""Which mechanisms keep the bus's promise? The product runs SOUND; a proof switches one off and must see harm."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.inbox import Received, receive_new
from chassis.numbering import Chain, finished_rows
from chassis.watermark import Promise, SoundPromise
from contracts.event import Envelope

Claim = Callable[["asyncpg.Connection[asyncpg.Record]", int], Awaitable[list[asyncpg.Record]]]
Receive = Callable[[AsyncSession, Sequence[Envelope]], Awaitable[Received]]


class Promising(Protocol):
    """How an instant becomes one that may be promised."""

    async def begin(self, connection: "asyncpg.Connection[asyncpg.Record]", chain: Chain) -> Promise: ...

    async def ripe(self, connection: "asyncpg.Connection[asyncpg.Record]", promise: Promise) -> bool: ...


@dataclass(frozen=True)
class Safeguards:
    """`claim` finds facts to number, `promise` an instant for the watermark, `receive` tells new facts from old ones."""

    claim: Claim = finished_rows
    promise: Promising = field(default_factory=SoundPromise)
    receive: Receive = receive_new
    acknowledge_after_commit: bool = True


SOUND = Safeguards()
