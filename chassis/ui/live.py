"""How does an open worklist learn at once that something changed? By a server-sent event after each commit.

The stream only says that something changed; the page then fetches its own part, so nobody is shown another's view.
"""

import asyncio
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from chassis.signals import Signal, signal_of
from chassis.ui.visits import visit

router = APIRouter(include_in_schema=False)

HEARTBEAT_S = 15.0
BREATH_S = 0.3  # changes that come in one burst are told once
LIFETIME_S = 600.0  # then the browser connects again, and its session is looked at again
HELLO = b"event: connected\ndata: worklist\n\n"
CHANGED = b"event: changed\ndata: worklist\n\n"
ALIVE = b": still here\n\n"


@router.get("/worklist/live")
async def live(request: Request, since: str = "") -> StreamingResponse:
    """One event whenever this department's worklist changed, and at once if it did `since` the moment that the page shows."""
    async with visit(request):
        signal = signal_of(request.app)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(changes(signal, since), media_type="text/event-stream", headers=headers)


async def changes(signal: Signal, since: str) -> AsyncGenerator[bytes]:
    now = asyncio.get_running_loop().time
    end = now() + LIFETIME_S
    with signal.watch() as watch:
        yield HELLO if since == signal.moment else CHANGED
        while not signal.ended and now() < end:
            if not await watch.wait(HEARTBEAT_S):
                yield ALIVE
            elif not signal.ended:
                yield CHANGED
                await asyncio.sleep(BREATH_S)
