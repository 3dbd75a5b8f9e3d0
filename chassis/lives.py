"""How does a part of a service go on after any failure?"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
# A life that lasted this long was a good one: the next begins at once.
GOOD_LIFE_S = 10.0


class Elapsed:
    """Real seconds since something was last done; endless where it never was."""

    def __init__(self) -> None:
        self._since = -math.inf

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._since

    def restart(self) -> None:
        self._since = time.monotonic()


async def live_on(part: str, live: Callable[[], Awaitable[None]]) -> None:
    """One life after the other until cancelled; any error ends a life, and so does a cancellation nobody asked for."""
    pause = FIRST_PAUSE_S
    while True:
        began = time.monotonic()
        try:
            await unless_cancelled(live())
        except Exception as error:
            log.warning("a part of the service starts over", part=part, error=repr(error))
        pause = FIRST_PAUSE_S if time.monotonic() - began > GOOD_LIFE_S else min(pause * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(pause)


async def unless_cancelled(work: Awaitable[None]) -> None:
    """Await `work`; raises ConnectionError where it ends by a cancellation that nobody asked for.

    A broker connection that dies of a missed heartbeat cancels whatever awaits it: unseen by `except Exception`, and a
    TaskGroup takes it for a quiet end.
    """
    try:
        await work
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        raise ConnectionError("cancelled by a connection that died") from None


async def happens(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer than `seconds`; whether it happened.

    Not asyncio.wait_for: until Python 3.12 that loses a cancellation which comes together with the event.
    """
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


async def cancel(tasks: "list[asyncio.Task[None]]") -> None:
    """End tasks of our own and wait until they have."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def start(part: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    return asyncio.create_task(work, name=part)
