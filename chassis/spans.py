"""How does one order's way through the company stay one trace?

The outbox stores the context in which a fact was stated, the relay's sending continues it, and whoever handles the fact
continues that: the message's headers tell this hop, its stored bytes where the fact began. Without a configured tracer
every span here is the API's no-op. No span holds an error's words, because those may quote what somebody wrote.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import baggage, context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode

from chassis.numbering import Numbered
from chassis.telemetry import ORDER, is_tracing
from chassis.waiting import WaitFor
from contracts.event import EXCHANGE, Envelope

tracer = trace.get_tracer("handover.bus")


@contextmanager
def sending(fact: Numbered) -> Iterator[dict[str, str]]:
    """A producer span for one attempt to hand a fact to the broker; yields what its message tells of the trace."""
    headers: dict[str, str] = {}
    if fact.traceparent is None:
        yield headers
        return
    attributes = _attributes("send", fact.event, str(fact.event_id))
    with _span(f"send {EXCHANGE}", SpanKind.PRODUCER, _context(fact.traceparent, fact.baggage), attributes):
        propagate.inject(headers)
        yield headers


def continued(envelope: Envelope, headers: Mapping[str, Any]) -> Envelope:
    """The fact as this hop brought it: its trace goes on from the sending. A resent one goes on from where it began."""
    traceparent = headers.get("traceparent")
    return envelope.model_copy(update={"traceparent": traceparent}) if isinstance(traceparent, str) else envelope


@contextmanager
def processing(envelope: Envelope, queue: str) -> Iterator[None]:
    """A consumer span in the trace that the fact belongs to; facts published inside carry it on."""
    if envelope.traceparent is None and not is_tracing():
        yield
        return
    parent = _context(envelope.traceparent, envelope.baggage)
    if envelope.subject is not None:
        parent = baggage.set_baggage(ORDER, envelope.subject, parent)
    attributes = {
        **_attributes("process", envelope.type, str(envelope.id)),
        "messaging.destination.subscription.name": queue,
    }
    with _span(f"process {queue}", SpanKind.CONSUMER, parent, attributes) as span:
        try:
            yield
        except WaitFor as missing:
            kind, key = missing.thing
            span.add_event("waits", {"handover.waits.for": kind, "handover.waits.key": key})
            raise


@contextmanager
def belonging_to(envelope: Envelope) -> Iterator[None]:
    """No span, but lines of the log that are written inside carry the fact's trace."""
    token = context.attach(_context(envelope.traceparent, envelope.baggage))
    try:
        yield
    finally:
        context.detach(token)


@contextmanager
def _span(name: str, kind: SpanKind, parent: Context, attributes: Mapping[str, str]) -> Iterator[Span]:
    """A current span under `parent`, whose baggage is current with it; an error is told by its type alone."""
    token = context.attach(parent)
    try:
        with tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except WaitFor:
                raise
            except Exception as error:
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(StatusCode.ERROR)
                raise
    finally:
        context.detach(token)


def _context(traceparent: str | None, carried: str | None) -> Context:
    carrier = {"traceparent": traceparent, "baggage": carried}
    return propagate.extract({name: value for name, value in carrier.items() if value}, Context())


def _attributes(operation: str, event: str, message_id: str) -> dict[str, str]:
    """By the semantic conventions for RabbitMQ: the exchange is the destination, a queue is a subscription to it."""
    return {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": EXCHANGE,
        "messaging.rabbitmq.destination.routing_key": event,
        "messaging.message.id": message_id,
    }
