"""Which spans did the services really send? A collector that takes OTLP over HTTP, as Jaeger does."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from chassis.instants import moment
from deploy.local.programs import wait_until

KINDS = {
    trace_pb2.Span.SPAN_KIND_SERVER: "server",
    trace_pb2.Span.SPAN_KIND_PRODUCER: "producer",
    trace_pb2.Span.SPAN_KIND_CONSUMER: "consumer",
}


@dataclass(frozen=True)
class Span:
    """One span as it came over the wire."""

    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]
    events: dict[str, datetime]
    failed: bool
    started: datetime
    ended: datetime

    @property
    def routing_key(self) -> str:
        return str(self.attributes.get("messaging.rabbitmq.destination.routing_key", ""))


@dataclass
class Collector:
    """Keeps every span and every byte that it was sent."""

    url: str
    spans: list[Span] = field(default_factory=list, repr=False)
    bodies: list[bytes] = field(default_factory=list, repr=False)

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            service = values(resource.resource.attributes)["service.name"]
            for scope in resource.scope_spans:
                self.spans.extend(read(service, span) for span in scope.spans)

    def wait(self, wanted: Callable[[Span], bool], within_s: float = 60.0) -> Span:
        """The first span that is wanted, as soon as it has come."""
        wait_until(lambda: any(map(wanted, tuple(self.spans))), within_s)
        found = next(filter(wanted, tuple(self.spans)), None)
        assert found, "\n".join(f"{span.service} {span.name} {span.attributes}" for span in self.spans[-20:])
        return found

    def lineage(self, last: Span) -> list[Span]:
        """A span and all that it descends from, eldest first. Each process sends when it likes: a child before its parent."""
        older = self.lineage(self.wait(lambda span: span.id == last.parent)) if last.parent else []
        return [*older, last]


def read(service: str, span: trace_pb2.Span) -> Span:
    return Span(
        service=service,
        name=span.name,
        kind=KINDS.get(span.kind, "other"),
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=values(span.attributes),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        events={event.name: moment(event.time_unix_nano // 1_000) for event in span.events},
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        started=moment(span.start_time_unix_nano // 1_000),
        ended=moment(span.end_time_unix_nano // 1_000),
    )


def values(attributes: "Iterator[KeyValue] | Any") -> dict[str, Any]:
    return {each.key: value(each.value) for each in attributes}


def value(any_value: AnyValue) -> Any:
    if any_value.WhichOneof("value") == "array_value":
        return [value(each) for each in any_value.array_value.values]
    return getattr(any_value, any_value.WhichOneof("value") or "string_value")


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Requests are kept, not printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
