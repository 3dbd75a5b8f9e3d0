"""Who waits for the worklist to change, and how do they learn of it at once? By a signal after each commit."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakSet

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import after_commit
from chassis.lives import happens

_signals: "WeakSet[Signal]" = WeakSet()


@dataclass(eq=False)
class Watch:
    """Somebody who waits: for any change, or for one that concerns an order."""

    order_no: str | None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> bool:
        """Whether something changed within so many seconds; what changes from then on is told next time."""
        happened = await happens(self.changed, seconds)
        if happened:
            self.changed.clear()
        return happened


class Signal:
    """Wakes everybody whom a change concerns; `end` lets them all go. `moment` names what there was to know so far."""

    def __init__(self) -> None:
        self.ended = False
        self._process, self._changes = secrets.token_hex(4), 0
        self._watches: set[Watch] = set()
        _signals.add(self)

    @property
    def moment(self) -> str:
        """Another text after each change, and in each process: as long as it is the same, nothing was missed."""
        return f"{self._process}-{self._changes}"

    def notice(self, session: AsyncSession) -> None:
        """Called after each commit: only one that changed the worklist is passed on."""
        touched = session.info["touched"]
        if not touched:
            return
        self._changes += 1
        for watch in self._watches:
            if watch.order_no is None or watch.order_no in touched:
                watch.changed.set()

    @contextmanager
    def watch(self, order_no: str | None = None) -> Iterator[Watch]:
        """From here on no change goes unnoticed."""
        watch = Watch(order_no)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def end(self) -> None:
        self.ended = True
        for watch in self._watches:
            watch.changed.set()


def signal_of(app: FastAPI) -> Signal:
    """The application's signal, tied to its engine when somebody first asks."""
    signal: Signal | None = getattr(app.state, "signal", None)
    if signal is None:
        signal = app.state.signal = Signal()
        after_commit(app.state.engine, signal.notice)
    return signal


def end_waiting() -> None:
    """Let everybody in this process go who waits for a change; the server waits for them when it is told to stop."""
    for signal in list(_signals):
        signal.end()
