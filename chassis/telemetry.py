"""How is one order followed through seven services? By traces sent over OTLP, every span with the order's number."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from threading import Thread
from typing import TYPE_CHECKING, Any

from opentelemetry import baggage, propagate, trace
from opentelemetry.context import Context
from opentelemetry.processor.baggage import BaggageSpanProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from chassis.hindsight import NamedIds

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig

ORDER = "order.no"
QUIET = ("/healthz", "/readyz", "/metrics", "/static", "/clock", "/rest", "/relay", "/worklist/live")
QUERY = "url.query"
LAST_SPANS_S = 3.0


def configure_traces(service: str, endpoint: str | None) -> TracerProvider | None:
    """Send this process's spans to `endpoint` (an OTLP/HTTP base address); without one nothing is traced."""
    if endpoint is None:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # 5 MiB, for whoever traces

    resource = Resource.create({"service.name": service, "service.namespace": "handover"})
    provider = TracerProvider(resource=resource, id_generator=NamedIds())
    provider.add_span_processor(BaggageSpanProcessor(lambda key: key == ORDER))
    provider.add_span_processor(NoQueries())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    return provider


async def end_traces() -> None:
    """Send the last spans before the process ends; a collector that does not answer holds nobody up."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        await asyncio.to_thread(ending.join, LAST_SPANS_S)


def is_tracing() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


class NoQueries(SpanProcessor):
    """What people type into a search field may be a name, and no name belongs into a trace."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if span.attributes and QUERY in span.attributes:
            span.set_attribute(QUERY, "REDACTED")


def http_telemetry(provider: TracerProvider | None) -> TelemetryConfig:
    """FastAPI's own request spans, without its operation spans, without probes and without streams that never end."""
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
    """Put the order's number on the current span: a command learns it late, a fact's handling knows it from the start."""
    if order_no is not None and baggage.get_baggage(ORDER) is None:
        trace.get_current_span().set_attribute(ORDER, order_no)


def journey(order_no: str) -> str:
    """The name of the trace in which an order's handovers are told; its id follows from it."""
    return f"order journey {order_no}"


def carried(order_no: str | None) -> dict[str, str]:
    """What a fact stated here takes along: the trace it is stated in, and of the baggage the order's number alone."""
    span = trace.get_current_span()
    if not span.get_span_context().is_valid:
        return {}
    named = order_no or baggage.get_baggage(ORDER)
    context = trace.set_span_in_context(span, Context())
    carrier: dict[str, str] = {}
    propagate.inject(carrier, context if named is None else baggage.set_baggage(ORDER, named, context))
    return carrier


def link_to(traceparent: str | None) -> None:
    """A person acts on what a machine delivered: their new trace points back to the one that brought it."""
    if traceparent is not None:
        context = trace.get_current_span(propagate.extract({"traceparent": traceparent})).get_span_context()
        if context.is_valid:
            trace.get_current_span().add_link(context, {"handover.reference": "delivered by"})


def current_traceparent() -> str | None:
    return carried(None).get("traceparent")
