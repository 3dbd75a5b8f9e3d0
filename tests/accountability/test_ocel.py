"""A case is readable for process miners: valid OCEL 2.0, with orders, documents, handovers, and people as ids alone."""

from datetime import datetime
from typing import Any

import orjson
import pytest
from jsonschema import Draft7Validator, FormatChecker

from contracts import links, warehouse
from services.accountability.proof import ocel
from services.accountability.proof.packing import Body
from tests.accountability.ocel_schema import OCEL_2_0
from tests.support.facts import STAFF, a_story
from tests.support.orders import an_order


@pytest.fixture(scope="module")
def log() -> dict[str, Any]:
    story = a_story()
    an_order(story, "SO-1", takes={"notice": 30})
    an_order(story, "SO-2")
    hindered: dict[str, Any] = {"affected_duties": [links.ship("SHN-SO-1")], "affected_orders": ["SO-1"]}
    story.states(warehouse.HindranceReported, order_no="SO-1", hindrance_no="HDW-1", **hindered)
    both: dict[str, Any] = {"affected_duties": [links.ship("SHN-SO-1"), links.ship("SHN-SO-2")]}
    story.states(warehouse.HindranceReported, hindrance_no="HDW-2", affected_orders=["SO-1", "SO-2"], **both)
    elsewhere: dict[str, Any] = {"affected_duties": [links.ship("SHN-SO-2")], "affected_orders": ["SO-2"]}
    story.states(warehouse.HindranceReported, hindrance_no="HDW-3", **elsewhere)
    bodies = [Body(place, orjson.dumps(told.fact)) for place, told in enumerate(story.told, 1)]
    said: dict[str, Any] = orjson.loads(orjson.dumps(ocel.log(bodies, ["SO-1"])))
    return said


def test_the_log_is_valid_against_the_published_schema(log: dict[str, Any]) -> None:
    Draft7Validator.check_schema(OCEL_2_0)
    checked = Draft7Validator(OCEL_2_0, format_checker=FormatChecker())

    assert list(checked.iter_errors(log)) == []
    broken = {**log, "events": [{**log["events"][0], "time": 1}]}
    assert list(checked.iter_errors(broken))


def test_every_event_and_object_has_a_declared_type_and_every_relation_an_object(log: dict[str, Any]) -> None:
    """What the standard demands beyond the schema."""
    objects = {thing["id"]: thing["type"] for thing in log["objects"]}
    events = {event["id"] for event in log["events"]}
    attributes = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in log["eventTypes"]}

    assert len(objects) == len(log["objects"])
    assert len(events) == len(log["events"])
    assert set(objects.values()) == {kind["name"] for kind in log["objectTypes"]}
    assert {event["type"] for event in log["events"]} == attributes.keys()
    for event in log["events"]:
        assert datetime.fromisoformat(event["time"]).tzinfo
        assert {each["name"] for each in event["attributes"]} <= attributes[event["type"]]
    related = [each["objectId"] for thing in (*log["events"], *log["objects"]) for each in thing["relationships"]]
    assert set(related) <= objects.keys()


def test_what_hinders_a_handover_is_a_document_that_affects_it(log: dict[str, Any]) -> None:
    told = [event for event in log["events"] if event["type"] == "warehouse.hindrance_reported.v1"]
    related = {(each["objectId"], each["qualifier"]) for each in told[0]["relationships"]}

    assert {("hindrance:HDW-1", "names"), ("handover:ship:SHN-SO-1", "affects")} <= related


def test_a_fact_of_no_order_is_told_with_the_orders_and_handovers_that_it_affects(log: dict[str, Any]) -> None:
    told = [event for event in log["events"] if event["type"] == "warehouse.hindrance_reported.v1"]
    related = [{(each["objectId"], each["qualifier"]) for each in event["relationships"]} for event in told]
    of_both = {("hindrance:HDW-2", "names"), ("order:SO-1", "affects"), ("handover:ship:SHN-SO-1", "affects")}

    assert any(of_both <= one for one in related)
    named = {name for one in related for name, _ in one}
    assert not {"hindrance:HDW-3", "order:SO-2", "handover:ship:SHN-SO-2"} & named


def test_the_log_is_about_the_asked_for_order_and_its_people_are_ids(log: dict[str, Any]) -> None:
    objects = {thing["id"] for thing in log["objects"]}

    assert "order:SO-1" in objects
    assert "order:SO-2" not in objects
    assert {"line:SO-1/1", "handover:notice:SO-1/1", f"employee:{STAFF['planner']}"} <= objects
    assert {thing["type"] for thing in log["objects"]} >= {"order", "line", "handover", "employee", "production_order"}


def test_a_relation_says_what_the_event_has_to_do_with_the_object(log: dict[str, Any]) -> None:
    (notice,) = [event for event in log["events"] if event["type"] == "sales.shipping_notice_issued.v1"]
    related = {(each["objectId"], each["qualifier"]) for each in notice["relationships"]}

    assert ("handover:notice:SO-1/1", "closes") in related
    assert (f"employee:{STAFF['salesperson']}", "actor") in related
    assert ("order:SO-1", "is about") in related
