"""Is one order easy to follow? A chain of machines is one trace; where a person waits, the next trace points back."""

from urllib.parse import quote

import httpx
import pytest

from contracts.engineering import HandoverDelivered, HandoverSigned, OpinionGiven
from contracts.event import Event
from contracts.links import opinion
from contracts.sales import ContractSubmitted
from tests.telemetry.collector import Span
from tests.telemetry.conftest import (
    ADDRESS,
    CUSTOMER,
    ENGINEER,
    NICKNAME,
    SEARCHED,
    SELLER,
    Traced,
)

PROBES = ("/healthz", "/readyz", "/metrics")


@pytest.fixture(scope="module")
def chain(traced: Traced, order_no: str) -> list[Span]:
    """The trace of the submitted contract, from the command to what Engineering sent because of it, in that order."""
    last = traced.collector.wait(
        lambda span: span.service == "engineering" and span.routing_key == HandoverDelivered.name
    )
    return traced.collector.lineage(last)


def test_a_chain_of_machines_is_one_trace(chain: list[Span]):
    assert [(span.service, span.kind, span.name, span.routing_key) for span in chain] == [
        ("sales", "server", "POST /api/orders", ""),
        ("sales", "producer", "send handover", ContractSubmitted.name),
        ("engineering", "consumer", "process engineering", ContractSubmitted.name),
        ("engineering", "producer", "send handover", HandoverDelivered.name),
    ]


def test_every_span_of_the_chain_says_which_order_it_is_about(chain: list[Span], order_no: str):
    assert [span.attributes["order.no"] for span in chain] == [order_no] * len(chain)


def test_messages_are_named_by_the_semantic_conventions(chain: list[Span]):
    _, sent, processed, _ = chain

    for span, operation in ((sent, "send"), (processed, "process")):
        assert span.attributes["messaging.system"] == "rabbitmq"
        assert span.attributes["messaging.operation.name"] == operation
        assert span.attributes["messaging.operation.type"] == operation
        assert span.attributes["messaging.destination.name"] == "handover"
    assert sent.attributes["messaging.message.id"] == processed.attributes["messaging.message.id"]
    assert processed.attributes["messaging.destination.subscription.name"] == "engineering"


@pytest.fixture(scope="module")
def signature(traced: Traced, order_no: str, chain: list[Span]) -> Span:
    """The engineer signs for the opinion that is asked for."""
    traced.do(ENGINEER, "engineering", "/api/worklist/sign", **opinion(order_no, "engineering").model_dump())
    return traced.collector.wait(lambda span: span.attributes.get("url.path") == "/api/worklist/sign")


@pytest.fixture(scope="module")
def answer(traced: Traced, order_no: str, signature: Span) -> Span:
    """The engineer, for whom the machines have waited, gives the opinion; the span of that command."""
    with traced.as_(ENGINEER, "engineering") as client:
        (asked,) = client.get("/api/opinions", params={"order_no": order_no}).json()["items"]
    path = f"/api/opinions/{asked['no']}/give-opinion"
    traced.do(ENGINEER, "engineering", path, opinion="agree", lead_time_days=9)
    return traced.collector.wait(lambda span: span.attributes.get("url.path") == path)


def test_where_a_person_waited_a_new_trace_points_back_to_what_was_delivered(
    chain: list[Span], signature: Span, answer: Span
):
    delivering = chain[2]

    for act in (signature, answer):
        assert act.parent == ""
        assert act.links == ((delivering.trace, delivering.id),)
    assert len({delivering.trace, signature.trace, answer.trace}) == 3


@pytest.mark.parametrize(("act", "stated"), [("signature", HandoverSigned), ("answer", OpinionGiven)])
def test_the_new_trace_goes_on_with_the_order_s_number(
    traced: Traced, order_no: str, act: str, stated: type[Event], request: pytest.FixtureRequest
):
    commanded: Span = request.getfixturevalue(act)
    sent = traced.collector.wait(lambda span: span.trace == commanded.trace and span.routing_key == stated.name)

    assert sent.parent == commanded.id
    assert commanded.attributes["order.no"] == sent.attributes["order.no"] == order_no


def test_a_fact_about_no_order_says_none(traced: Traced):
    registered = traced.collector.wait(lambda span: span.attributes.get("url.path") == "/api/customers")

    assert "order.no" not in registered.attributes


def test_probes_leave_no_span(traced: Traced):
    for path in PROBES:
        assert httpx.get(traced.system.urls["sales"] + path).status_code == 200
    after = httpx.get(traced.system.urls["sales"] + "/api/orders/after-the-probes")
    assert after.status_code == 401

    traced.collector.wait(lambda span: span.attributes.get("url.path") == "/api/orders/after-the-probes")
    assert {span.attributes.get("url.path") for span in traced.collector.spans}.isdisjoint(PROBES)


def test_spans_hold_nobody_s_name(traced: Traced, answer: Span):
    with traced.as_(SELLER, "sales") as client:
        assert client.get("/api/orders", params={"q": SEARCHED}).status_code == 200

    searched = traced.collector.wait(lambda span: "url.query" in span.attributes and span.service == "sales")
    assert searched.attributes["url.query"] == "REDACTED"
    everything = repr(traced.collector.spans)
    assert answer.id in everything
    for personal in (NICKNAME, SEARCHED, quote(SEARCHED), CUSTOMER, ADDRESS, "Bearer"):
        assert personal not in everything
        assert all(personal.encode() not in body for body in traced.collector.bodies)
