"""What may a scenario do to a service: step its clock, hold its messages back, and see whether it has come to rest?"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from pydantic import AwareDatetime, BaseModel

from chassis.books import books_of
from chassis.bus import Bus
from chassis.clock import ClockStays, step_to
from chassis.database import after_commit
from chassis.errors import Refusal
from chassis.language import Label
from chassis.lives import happens
from chassis.settings import ClockMode

LONGEST_WAIT_S = 30.0
LOOK_AGAIN_S = 0.1  # another replica's commits are told to nobody here

router = APIRouter(tags=["rehearsal"])


class RealClock(Refusal):
    status, code, field = 409, "clock_is_real", "to"
    message = Label("此服务使用真实时钟,不能拨动。", "This service runs on the real clock, which cannot be stepped.")


class ClockWouldGoBack(Refusal):
    status, code, field = 409, "clock_would_go_back", "to"
    message = Label(
        "时钟不能往回拨到 {to}。请给出更晚的时间。", "The clock cannot go back to {to}. Please give a later time."
    )


class RelayInEarnest(Refusal):
    status, code, field = 409, "relay_in_earnest", "held"
    message = Label(
        "此服务使用真实时钟,不能扣住它的消息。",
        "This service runs on the real clock; its messages go out.",
    )


class Step(BaseModel):
    """The factory time to move forward to, and whether to say at once, by a watermark, how complete the evidence is."""

    to: AwareDatetime
    announced: bool = True


class Stepped(BaseModel):
    """The factory time after the step."""

    now: datetime


class Hold(BaseModel):
    """Whether recorded facts are held back instead of sent; until told otherwise, or until the process ends."""

    held: bool


class Rest(BaseModel):
    """The books of a service, and whether its messages are held back."""

    said: dict[str, int]
    heard: dict[str, int]
    unsaid: int
    unsettled: int
    held: bool


@router.post("/clock", operation_id="step_clock")
async def step_clock(request: Request, step: Step) -> Stepped:
    """Move the stepped factory clock forward; refused where the clock is real."""
    if request.app.state.settings.clock is not ClockMode.STEPPED:
        raise RealClock
    try:
        await step_to(request.app.state.engine, step.to)
    except ClockStays:
        raise ClockWouldGoBack(to=step.to.isoformat()) from None
    if step.announced:
        request.app.state.bus.wake()
    return Stepped(now=step.to)


@router.post("/relay", operation_id="hold_relay")
async def hold_relay(request: Request, hold: Hold) -> Hold:
    """Hold recorded facts back as a dead relay would, or let them go; refused where the clock is real."""
    if request.app.state.settings.clock is not ClockMode.STEPPED:
        raise RelayInEarnest
    request.app.state.bus.relay.hold(hold.held)
    return hold


@router.get("/rest", operation_id="rest")
async def rest(
    request: Request,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S)] = 0,
    heard: Annotated[Sequence[str], Query()] = (),
) -> Rest:
    """What this service has said and heard, from which its colleagues' answers tell whether anything is under way.

    With `wait` it answers once nothing is under way here and what colleagues said (`heard`, each as `stream=count`)
    has come, at the latest after so many seconds.
    """
    wanted = {stream: int(count) for stream, _, count in (each.rpartition("=") for each in heard)}
    ends = time.monotonic() + wait
    with every_change(request.app.state.bus) as changed:
        while True:
            found = await looked_at(request.app)
            if at_rest(found, wanted) or time.monotonic() >= ends:
                return found
            await happens(changed, LOOK_AGAIN_S)
            changed.clear()


async def looked_at(app: FastAPI) -> Rest:
    bus, companion = app.state.bus, app.state.companion
    handled = bus.consumers.names() if bus.consumers else ()
    books = await books_of(bus.service, bus.engine, handled, companion.completeness if companion else None)
    return Rest(**asdict(books), held=bus.relay.held)


def at_rest(found: Rest, wanted: Mapping[str, int]) -> bool:
    under_way = found.unsettled or (found.unsaid and not found.held)
    return not under_way and all(found.heard.get(stream, 0) >= count for stream, count in wanted.items())


@contextmanager
def every_change(bus: Bus) -> Iterator[asyncio.Event]:
    """An event that is set when this process commits, and when it gives facts their numbers."""
    event = asyncio.Event()
    forget = after_commit(bus.engine, lambda _: event.set())
    bus.relay.onlookers.add(event)
    try:
        yield event
    finally:
        bus.relay.onlookers.discard(event)
        forget()
