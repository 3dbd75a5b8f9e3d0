"""How is something told as a trace that nobody could trace while it happened? Afterwards, under ids that follow from names.

Whoever knows the names knows the trace's address, and what is told twice is the same span twice. Without a configured
tracer nothing is told.
"""

import hashlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, StatusCode, TraceFlags
from opentelemetry.util.types import AttributeValue

from chassis.instants import instant

tracer = trace.get_tracer("handover.hindsight")


@dataclass(frozen=True, slots=True)
class PastSpan:
    """What is told of one thing that has happened. `trace` and `name` are its names; `parent` and `links` are names of
    others in the same trace.
    """

    trace: str
    name: str
    title: str
    started_at: datetime
    ended_at: datetime
    attributes: Mapping[str, AttributeValue]
    events: tuple[tuple[str, datetime], ...] = ()
    parent: str | None = None
    links: tuple[str, ...] = ()
    failed: bool = False


_named: ContextVar[PastSpan | None] = ContextVar("named", default=None)


class NamedIds(RandomIdGenerator):
    """Random ids, but for a span that is told in hindsight."""

    def generate_trace_id(self) -> int:
        told = _named.get()
        return trace_id(told.trace) if told else super().generate_trace_id()

    def generate_span_id(self) -> int:
        told = _named.get()
        return span_id(told.trace, told.name) if told else super().generate_span_id()


def trace_id(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"trace {name}".encode()).digest()[:16])


def span_id(of_trace: str, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"span {of_trace} {name}".encode()).digest()[:8])


def tell(past: PastSpan) -> None:
    """Send one span. A sampler keeps or leaves out a trace as a whole, because it decides by the trace's id."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return
    if (
        provider.sampler.should_sample(None, trace_id(past.trace), past.title).decision
        is not Decision.RECORD_AND_SAMPLE
    ):
        return
    naming = _named.set(past)
    try:
        span = tracer.start_span(
            past.title,
            context=Context()
            if past.parent is None
            else trace.set_span_in_context(_other(past, past.parent), Context()),
            attributes=past.attributes,
            links=[Link(_other(past, name).get_span_context()) for name in past.links],
            start_time=_nanoseconds(past.started_at),
        )
    finally:
        _named.reset(naming)
    for happened, at in past.events:
        span.add_event(happened, timestamp=_nanoseconds(at))
    if past.failed:
        span.set_status(StatusCode.ERROR)
    span.end(_nanoseconds(past.ended_at))


def _other(past: PastSpan, name: str) -> NonRecordingSpan:
    """Another span of the same trace, known by its name alone."""
    sampled = TraceFlags(TraceFlags.SAMPLED)
    return NonRecordingSpan(
        SpanContext(trace_id(past.trace), span_id(past.trace, name), is_remote=False, trace_flags=sampled)
    )


def _nanoseconds(at: datetime) -> int:
    return instant(at) * 1_000
