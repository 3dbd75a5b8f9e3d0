"""Is this process alive, may it be sent work, and how is it doing? For Kubernetes, Prometheus and the player."""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.process_collector import ProcessCollector
from pydantic import AwareDatetime, BaseModel

from chassis.clock import ClockStays, step_to
from chassis.errors import Refusal
from chassis.language import Label
from chassis.settings import ClockMode

router = APIRouter(tags=["operations"])


class RealClock(Refusal):
    status, code, field = 409, "clock_is_real", "to"
    message = Label("此服务使用真实时钟,不能拨动。", "This service runs on the real clock, which cannot be stepped.")


class ClockWouldGoBack(Refusal):
    status, code, field = 409, "clock_would_go_back", "to"
    message = Label(
        "时钟不能往回拨到 {to}。请给出更晚的时间。", "The clock cannot go back to {to}. Please give a later time."
    )


class Step(BaseModel):
    """The factory time to move forward to."""

    to: AwareDatetime


class Stepped(BaseModel):
    """The factory time after the step."""

    now: datetime


@router.get("/healthz", operation_id="health")
async def health() -> dict[str, str]:
    """The process runs; says nothing about its surroundings."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="readiness")
async def readiness(request: Request, response: Response) -> dict[str, bool]:
    """Database and broker answer this service's own probes."""
    state: dict[str, bool] = await request.app.state.bus.ready()
    response.status_code = 200 if all(state.values()) else 503
    return state


@router.get("/metrics", operation_id="metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus text: relay lag, unpublished, duplicates, parked and the process itself."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for name, value in (await request.app.state.bus.metrics()).items():
        Gauge(f"handover_{name}", name.replace("_", " "), registry=registry).set(value)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.post("/clock", operation_id="step_clock")
async def step_clock(request: Request, step: Step) -> Stepped:
    """Move the stepped factory clock forward and wake the relay; refused where the clock is real."""
    if request.app.state.settings.clock is not ClockMode.STEPPED:
        raise RealClock
    try:
        await step_to(request.app.state.engine, step.to)
    except ClockStays:
        raise ClockWouldGoBack(to=step.to.isoformat()) from None
    request.app.state.bus.wake()
    return Stepped(now=step.to)
