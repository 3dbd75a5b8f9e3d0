"""How is one order followed through seven services? Traces by OTLP to any collector, every span with its order number."""

from collections.abc import MutableMapping
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.processor.baggage import BaggageSpanProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

ORDER = "order.no"
QUIET = ("/healthz", "/readyz", "/metrics", "/static", "/clock")


def configure_traces(service: str, endpoint: str | None) -> TracerProvider | None:
    """Send this process's spans to `endpoint` (an OTLP/HTTP base address); without one nothing is traced."""
    if endpoint is None:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.namespace": "handover"}))
    provider.add_span_processor(BaggageSpanProcessor(lambda key: key == ORDER))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    return provider


def http_telemetry(provider: TracerProvider | None) -> dict[str, Any]:
    """FastAPI's own request spans, without its operation spans and without probes."""
    return {
        "tracer_provider": provider,
        "tracing": provider is not None,
        "metrics": False,
        "logs": False,
        "operation_spans": False,
        "exclude": lambda scope: is_quiet(scope),
    }


def is_quiet(scope: MutableMapping[str, Any]) -> bool:
    return str(scope.get("path", "")).startswith(QUIET)


def name_order(order_no: str | None) -> None:
    """Put the order's number on the current span."""
    if order_no is not None:
        trace.get_current_span().set_attribute(ORDER, order_no)


def link_to(traceparent: str | None) -> None:
    """A person acts on what a machine delivered: their new trace points back to the one that brought it."""
    if traceparent is not None:
        context = trace.get_current_span(propagate.extract({"traceparent": traceparent})).get_span_context()
        if context.is_valid:
            trace.get_current_span().add_link(context, {"handover.link": "delivered by"})


def current_traceparent() -> str | None:
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
