"""May this service take commands yet, or might its database have forgotten what others know?

The gate is shut from the moment that the relay loses its database, or has not reached it yet, until the database was
compared with what other services remember of it. It never stays shut for long: comparing has a time limit, and while the
broker is away there is nobody to ask.
"""

import asyncio
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.errors import Refusal
from chassis.language import Label
from chassis.lives import happens

PATIENCE_S = 3.0


class NotComparedYet(Refusal):
    status, code = 503, "not_compared_yet"
    message = Label(
        "系统刚刚启动,正在与其他部门核对有没有丢失的记录,暂不能办理。请几秒后再试。",
        "The service has just started and is comparing its records with the others'. Please try again in a few seconds.",
    )


class Gate:
    """Open unless somebody shuts it: a program without a relay compares nothing."""

    def __init__(self) -> None:
        self.patience_s = PATIENCE_S
        self._opened = asyncio.Event()
        self._opened.set()

    def shut(self) -> None:
        self._opened.clear()

    def open(self) -> None:
        self._opened.set()

    async def passed(self) -> None:
        """Wait until it is open, as facts of others do."""
        await self._opened.wait()

    async def admit(self) -> None:
        """Let a command through, after a little patience; raises NotComparedYet."""
        if not await happens(self._opened, self.patience_s):
            raise NotComparedYet


_gates: WeakKeyDictionary[Engine, Gate] = WeakKeyDictionary()


def gate_of(engine: AsyncEngine) -> Gate:
    """The one gate of all that this process does on a database."""
    return _gates.setdefault(engine.sync_engine, Gate())
