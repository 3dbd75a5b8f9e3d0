"""Is an order's way through the company one trace, told as the handovers end, and told once?"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from signal import SIGKILL

import pytest
from opentelemetry.trace import format_span_id, format_trace_id

from chassis.hindsight import span_id, trace_id
from chassis.instants import FACTORY
from chassis.telemetry import journey
from contracts import links
from deploy.local.programs import send, wait_until
from deploy.local.system import System
from tests.support.company import company_of
from tests.support.system import shared_system
from tests.telemetry.collector import Collector, Span, collecting
from tests.telemetry.conftest import ADDRESS, CUSTOMER, LINE

SELLER, FOLLOWER, ENGINEER, BOSS = "E-001", "E-003", "E-010", "E-071"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as it:
        yield it


@pytest.fixture(scope="module")
def system(postgres: str, broker: str, collector: Collector) -> Iterator[System]:
    """The judge and two departments, of whose facts its frontier waits."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HANDOVER_OTLP_ENDPOINT", collector.url)
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with shared_system(("sales", "engineering", "accountability")) as it:
            yield it


def at(day: int, hour: int) -> datetime:
    """In September, on the factory's clock."""
    return datetime(2026, 9, day, hour, tzinfo=FACTORY)


async def given_up(system: System, day: int, customer: str) -> str:
    """An opinion in time; a release and an answer that are owed by 15:00 and come the next day at 10:00; an unwanted package."""
    async with company_of(system) as company:
        await company.step_to(at(day, 9))
        await company.until("engineering", ENGINEER, "/api/worklist", lambda _: True)
        await company.until("sales", BOSS, "/api/worklist", lambda _: True)
        await company.do("sales", SELLER, "register_customer", no=customer, name=CUSTOMER, address=ADDRESS)
        form = {"customer_code": customer, "lines": [LINE], "merchandiser": FOLLOWER}
        no = str((await company.do("sales", SELLER, "submit_contract", **form))["no"])
        asked = await company.duty("engineering", ENGINEER, links.opinion(no, "engineering"), no)
        await company.do("engineering", ENGINEER, "give_opinion", asked, opinion="agree", lead_time_days=9)
        await company.step_to(at(day, 10))
        await company.do("sales", BOSS, "confirm_order", no)
        inquiry = await company.do("sales", SELLER, "ask_progress", order_no=no, question="何时喷涂?")
        await company.step_to(at(day + 1, 10))
        await company.do("sales", FOLLOWER, "answer_progress", inquiry["no"], answer="明天")
        await company.do("sales", FOLLOWER, "release_order", no)
        await company.duty("engineering", ENGINEER, links.package(no, 1), no)
        await company.step_to(at(day + 1, 11))
        await company.do("sales", SELLER, "cancel_order", no, reason="the customer closed the site")
        await company.step_to(at(day + 1, 12))
    return no


@pytest.fixture(scope="module")
def order_no(system: System) -> str:
    return asyncio.run(given_up(system, 1, "C-01"))


@pytest.fixture(scope="module")
def told(collector: Collector, order_no: str) -> dict[str, Span]:
    return journey_of(collector, order_no)


def journey_of(collector: Collector, order_no: str) -> dict[str, Span]:
    """The spans of an order's journey by their names, once all five are there."""
    trace = format_trace_id(trace_id(journey(order_no)))
    names = ("order journey", "Review opinion", "Progress answer", "Order release", "Engineering package")
    return {name: collector.wait(partial(is_named, trace, name)) for name in names}


def is_named(trace: str, name: str, span: Span) -> bool:
    return (span.trace, span.name) == (trace, name)


def test_the_order_is_the_root_of_its_handovers(told: dict[str, Span], order_no: str):
    root = told["order journey"]

    assert root.id == format_span_id(span_id(journey(order_no), order_no))
    assert [span.parent for span in told.values()] == ["", *(4 * [root.id])]
    assert {span.attributes["order.no"] for span in told.values()} == {order_no}
    assert {span.service for span in told.values()} == {"accountability"}


def test_a_journey_keeps_the_factory_s_time(told: dict[str, Span]):
    days = {name: (span.started.astimezone(FACTORY), span.ended.astimezone(FACTORY)) for name, span in told.items()}

    assert days == {
        "order journey": (at(1, 9), at(2, 11)),
        "Review opinion": (at(1, 9), at(1, 9)),
        "Progress answer": (at(1, 10), at(2, 10)),
        "Order release": (at(1, 10), at(2, 10)),
        "Engineering package": (at(2, 10), at(2, 11)),
    }


def test_a_late_handover_says_how_late_whose_post_and_under_which_clause_it_was_recorded(told: dict[str, Span]):
    late = told["Progress answer"]

    assert late.failed
    assert late.attributes["handover.outcome"] == "overran"
    assert late.attributes["handover.overrun_hours"] == 4.0
    assert late.attributes["handover.due_at"] == "2026-09-01T07:00:00+00:00"
    assert late.events["due"] == at(1, 15)
    assert late.attributes["handover.post"] == "merchandiser"
    assert late.attributes["handover.clauses"] == ["MER-04"]


def test_an_order_that_was_given_up_ends_what_is_still_open(told: dict[str, Span]):
    assert told["Review opinion"].attributes["handover.outcome"] == "in_time"
    assert told["Engineering package"].attributes["handover.outcome"] == "cancelled"
    assert told["order journey"].attributes["order.outcome"] == "cancelled"
    assert not any(told[name].failed for name in ("order journey", "Review opinion", "Engineering package"))


def test_a_handover_points_to_what_it_had_waited_for(told: dict[str, Span]):
    release, package = told["Order release"], told["Engineering package"]

    assert package.links == ((release.trace, release.id),)


def test_a_journey_names_no_person(told: dict[str, Span]):
    everything = repr(told)

    for personal in (SELLER, FOLLOWER, ENGINEER, BOSS, CUSTOMER, "小", "老", "阿"):
        assert personal not in everything


def test_a_judge_that_was_killed_tells_nothing_twice(system: System, collector: Collector, told: dict[str, Span]):
    judge = system.services["accountability"]
    (process,) = judge.identities()
    send(process, SIGKILL)
    assert wait_until(judge.process_ended, 20.0)
    judge.start()
    judge.wait_ready()

    second = journey_of(collector, asyncio.run(given_up(system, 3, "C-02")))

    assert second.keys() == told.keys()
    traces = {told["order journey"].trace, second["order journey"].trace}
    sent = [span.id for span in collector.spans if span.trace in traces]
    assert sorted(sent) == sorted({span.id for span in (*told.values(), *second.values())})
