"""How does one order's way through the company stay one trace?

The outbox stores the context in which a fact was published; whoever handles the fact continues it. Without a configured
tracer every span here is the API's no-op.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context, propagate, trace
from opentelemetry.trace import SpanKind

from contracts.event import EXCHANGE, Envelope

tracer = trace.get_tracer("handover.bus")


@contextmanager
def processing(envelope: Envelope, queue: str) -> Iterator[None]:
    """A consumer span in the trace that the fact belongs to; facts published inside carry it on."""
    carrier = {"traceparent": envelope.traceparent, "baggage": envelope.baggage}
    parent = propagate.extract({name: value for name, value in carrier.items() if value})
    token = context.attach(parent)
    try:
        with tracer.start_as_current_span(
            f"process {queue}", kind=SpanKind.CONSUMER, attributes=_attributes(envelope, queue)
        ):
            yield
    finally:
        context.detach(token)


def _attributes(envelope: Envelope, queue: str) -> dict[str, str]:
    attributes = {
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": EXCHANGE,
        "messaging.destination.subscription.name": queue,
        "messaging.rabbitmq.destination.routing_key": envelope.type,
        "messaging.message.id": str(envelope.id),
    }
    return attributes if envelope.subject is None else {**attributes, "order.no": envelope.subject}
