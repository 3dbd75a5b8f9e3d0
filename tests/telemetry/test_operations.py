"""Do operators see how a service is doing: in numbers that Prometheus reads, and in lines that a machine reads?"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aio_pika
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.uuid7 import uuid7
from contracts.event import EXCHANGE, compose
from contracts.pmc import MissingDocumentReported
from deploy.local.place import PROJECT
from deploy.local.programs import wait_until
from tests.support.system import shared_system
from tests.telemetry.collector import collecting
from tests.telemetry.conftest import NICKNAME, Traced

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
def parked(traced: Traced) -> Traced:
    """Engineering got a fact that it cannot read, and got it twice."""
    body = compose(
        id=uuid7(),
        source="pmc",
        type=MissingDocumentReported.name,
        subject="SOD-9",
        recorded_at=datetime.now(UTC),
        occurred_at=datetime.now(UTC),
        actor="system",
        actor_post=None,
        actor_acting=False,
        epoch=1,
        sequence=1,
        number=1,
        traceparent=f"00-{TRACE}-b7ad6b7169203331-01",
        baggage=None,
        data=b'{"order_no": ""}',
    )
    asyncio.run(say_twice(traced, body))
    numbers_once(traced, "engineering", lambda read: read["handover_duplicates_total"] >= 1)
    return traced


async def say_twice(traced: Traced, body: bytes) -> None:
    async with await aio_pika.connect(traced.system.broker_url("")) as connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(traced.system.bus_prefix + EXCHANGE)
        for _ in range(2):
            await exchange.publish(aio_pika.Message(body), MissingDocumentReported.name)


def numbers(traced: Traced, service: str) -> dict[str, float]:
    """What Prometheus would read."""
    answer = httpx.get(f"{traced.system.urls[service]}/metrics")
    families = list(text_string_to_metric_families(answer.text))
    return {sample.name: sample.value for family in families for sample in family.samples}


def numbers_once(traced: Traced, service: str, wanted: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """One reading that is as wanted, as soon as there is one."""
    reading = numbers(traced, service)

    def read() -> bool:
        reading.update(numbers(traced, service))
        return wanted(reading)

    assert wait_until(read, 60.0), reading
    return reading


def lines(traced: Traced, service: str) -> list[dict[str, Any]]:
    log = (traced.system.place.logs / f"{service}.log").read_text()
    return [json.loads(line) for line in log.splitlines()]


def test_prometheus_reads_how_far_the_relay_is(traced: Traced, order_no: str):
    def quiet(sales: dict[str, float]) -> bool:
        return sales["handover_published_total"] >= 1 and sales["handover_unpublished"] == 0

    sales = numbers_once(traced, "sales", lambda read: quiet(read) and read["handover_watermark_age_seconds"] >= 0)

    assert sales["handover_relay_leading"] == 1
    assert sales["handover_oldest_unpublished_seconds"] == 0
    assert sales["handover_watermark_age_seconds"] < 60
    assert sales["process_resident_memory_bytes"] > 1_000_000


def test_prometheus_reads_what_was_parked_and_what_came_twice(parked: Traced):
    engineering = numbers(parked, "engineering")

    assert engineering["handover_parked"] == 1
    assert engineering["handover_duplicates_total"] >= 1


def test_a_log_is_one_json_object_a_line_that_names_its_service(traced: Traced):
    for service in ("sales", "engineering"):
        written = lines(traced, service)
        assert {line["service"] for line in written} == {service}
        assert all({"event", "level", "timestamp"} <= line.keys() for line in written)
        assert "started" in {line["event"] for line in written}


def test_a_line_about_a_fact_carries_the_fact_s_trace(parked: Traced):
    (told,) = [line for line in lines(parked, "engineering") if line["event"] == "a fact is parked"]

    assert told["trace_id"] == TRACE
    assert told["fact"] == MissingDocumentReported.name


FAILING = f"""
import asyncio
import structlog
from chassis.logs import configure_logs
from chassis.spans import processing
from chassis.telemetry import configure_traces, end_traces
from contracts.event import decode

configure_logs("sales")
configure_traces("sales", {{url!r}})
try:
    with processing(decode({{body!r}}), "sales"):
        structlog.get_logger().info("handling")
        raise LookupError("{NICKNAME} is unknown")
except LookupError:
    asyncio.run(end_traces())
"""


def test_an_error_is_told_by_its_type_and_not_in_its_words():
    fact = {"id": str(uuid7()), "source": "pmc", "type": "pmc.review_decided.v1", "actor": "system", "data": {}}
    times = {"time": "2026-09-01T01:00:00Z", "occurredat": "2026-09-01T01:00:00Z"}
    body = json.dumps({**fact, **times, "epoch": 1, "sequence": 1, "number": 1, "subject": "SOD-9"}).encode()
    with collecting() as collector:
        program = FAILING.format(url=collector.url, body=body)
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-c", program]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        span = collector.wait(lambda span: span.name == "process sales")

    assert span.failed
    assert (span.attributes["error.type"], span.attributes["order.no"]) == ("LookupError", "SOD-9")
    assert all(NICKNAME.encode() not in body for body in collector.bodies)
    logged = json.loads(ended.stdout)
    assert (logged["trace_id"], logged["span_id"]) == (span.trace, span.id)


def test_a_service_that_is_stopped_sends_its_last_spans(broker: str, postgres: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
    with collecting() as collector:
        monkeypatch.setenv("HANDOVER_OTLP_ENDPOINT", collector.url)
        with shared_system(("sales",)) as system:
            assert httpx.get(f"{system.urls['sales']}/api/orders").status_code == 401
            assert collector.spans == []

    assert "/api/orders" in {span.attributes["url.path"] for span in collector.spans}
