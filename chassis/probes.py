"""Is this process alive, may it be sent work, and how is it doing? For Kubernetes and Prometheus."""

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

router = APIRouter(tags=["operations"])


@router.get("/healthz", operation_id="health")
async def health() -> dict[str, str]:
    """The process runs; says nothing about its surroundings."""
    return {"status": "ok"}


@router.get("/readyz", operation_id="readiness")
async def readiness(request: Request, response: Response) -> dict[str, bool]:
    """Database and broker by this service's own probes. Without its database it can do nothing (503). Without the broker
    its people work on and their facts are sent later: that, and whether the sending is far behind, only shows.
    """
    state: dict[str, bool] = await request.app.state.bus.ready()
    response.status_code = 200 if state["database"] else 503
    return state


@router.get("/metrics", operation_id="metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Prometheus text: relay lag, unpublished, duplicates, parked and the process itself."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    companion = request.app.state.companion
    own = await companion.metrics() if companion else {}
    registry.register(Figures({**await request.app.state.bus.metrics(), **own}))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """A service's numbers under its name for Prometheus; what only grows is a counter."""

    def __init__(self, figures: Mapping[str, float]) -> None:
        self.figures = figures

    def collect(self) -> Iterator[Metric]:
        for name, value in self.figures.items():
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield family(f"handover_{name}", name.replace("_", " "), value=value)
