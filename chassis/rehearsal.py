"""What may a scenario do to a service: step its clock, hold its messages back, and see whether it has come to rest?"""

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel

from chassis.books import books_of
from chassis.clock import ClockStays, step_to
from chassis.errors import Refusal
from chassis.language import Label
from chassis.settings import ClockMode

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
async def rest(request: Request) -> Rest:
    """What this service has said and heard, from which its colleagues' answers tell whether anything is under way."""
    bus, companion = request.app.state.bus, request.app.state.companion
    handled = bus.consumers.names() if bus.consumers else ()
    ledger = companion.completeness if companion else None
    books = await books_of(bus.service, bus.engine, handled, ledger)
    return Rest(**asdict(books), held=bus.relay.held)
