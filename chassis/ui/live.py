"""How does an open worklist learn at once that something changed? By a signal after each commit, sent as an event.

The stream only says that something changed; the page then fetches its own part, so nobody is shown another's view.
"""

import asyncio
from collections.abc import AsyncGenerator
from weakref import WeakSet

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.database import after_commit
from chassis.ui.visits import visit

router = APIRouter(include_in_schema=False)

HEARTBEAT_S = 15.0
BREATH_S = 0.3  # changes that come in one burst are told once
LIFETIME_S = 600.0  # then the browser connects again, and its session is looked at again
HELLO = b"id: 1\nevent: connected\ndata: worklist\n\n"
CHANGED = b"id: 1\nevent: changed\ndata: worklist\n\n"
ALIVE = b": still here\n\n"

_signals: "WeakSet[Signal]" = WeakSet()


class Signal:
    """Wakes everybody who waits, once for each change; `end` lets them all go."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self.ended = False
        _signals.add(self)

    def notice(self, session: AsyncSession) -> None:
        """Called after each commit: only one that changed the worklist is passed on."""
        if session.info.get("worklist_changed"):
            self.wake()

    def wake(self) -> None:
        waiting, self.changed = self.changed, asyncio.Event()
        waiting.set()

    def end(self) -> None:
        self.ended = True
        self.wake()


def listen(app: FastAPI) -> Signal:
    """The application's signal, tied to its engine when the first page asks."""
    signal: Signal | None = getattr(app.state, "signal", None)
    if signal is None:
        signal = app.state.signal = Signal()
        after_commit(app.state.engine, signal.notice)
    return signal


def end_streams() -> None:
    """Let every open stream of this process end; the server waits for them when it is told to stop."""
    for signal in list(_signals):
        signal.end()


@router.get("/worklist/live")
async def live(request: Request) -> StreamingResponse:
    """One event whenever this department's worklist changed; whoever comes back may have missed some."""
    async with visit(request):
        signal = listen(request.app)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    first = CHANGED if request.headers.get("last-event-id") else HELLO
    return StreamingResponse(changes(signal, first), media_type="text/event-stream", headers=headers)


async def changes(signal: Signal, first: bytes = HELLO) -> AsyncGenerator[bytes]:
    now = asyncio.get_running_loop().time
    end, awaited = now() + LIFETIME_S, signal.changed
    yield first
    while not signal.ended and now() < end:
        try:
            await asyncio.wait_for(awaited.wait(), HEARTBEAT_S)
        except TimeoutError:
            yield ALIVE
            continue
        awaited = signal.changed  # before telling: what changes from here on is told next time
        if not signal.ended:
            yield CHANGED
            await asyncio.sleep(BREATH_S)
