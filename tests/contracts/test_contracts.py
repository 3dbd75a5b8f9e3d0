"""The contracts are what everybody can rely on: named alike, frozen once published, and documented from themselves."""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import signature
from typing import Any, get_args

import orjson
import pytest
from pydantic import BaseModel

from contracts import event_words, words
from contracts.catalogue import ALL_EVENTS
from contracts.event import SERVICES, Event
from contracts.generate import SCHEMAS, files, path_of, schema_of
from contracts.links import LINKS

NAME = re.compile(rf"^({'|'.join(SERVICES)})\.[a-z]+(_[a-z]+)*\.v[1-9]\d*$")


@pytest.mark.parametrize("event", ALL_EVENTS.values(), ids=lambda event: event.name)
def test_an_event_is_named_for_its_publisher_and_says_what_it_means(event: type[Event]) -> None:
    assert NAME.match(event.name)
    assert event.publisher() == event.__module__.split(".")[1]
    assert getattr(import_module(f"contracts.{event.publisher()}"), event.__name__) is event
    assert event.__doc__


def test_generated_files_are_up_to_date() -> None:
    stale = [path.name for path, content in files() if not path.exists() or path.read_bytes() != content]

    assert stale == [], "run `python -m contracts.generate`"


def test_every_published_schema_still_has_its_event() -> None:
    assert {path.name for path in SCHEMAS.glob("*.json")} == {
        path_of(event).split("/")[1] for event in ALL_EVENTS.values()
    }


@pytest.mark.parametrize("event", ALL_EVENTS.values(), ids=lambda event: event.name)
def test_a_published_field_stays_and_a_new_one_is_optional(event: type[Event]) -> None:
    published = orjson.loads((SCHEMAS / f"{event.name}.json").read_bytes())
    now = schema_of(event)

    assert published["properties"].keys() <= now["properties"].keys()
    assert set(event.model_json_schema().get("required", ())) <= set(published["properties"])


def test_every_handover_has_a_name_in_both_languages_and_a_key_of_its_own() -> None:
    assert [link.__name__ for link in LINKS] == list(words.LINKS)
    for link in LINKS:
        arguments = [
            7 if parameter.annotation in (int, "int") else "X" for parameter in signature(link).parameters.values()
        ]
        assert link(*arguments).link == link.__name__


@pytest.mark.parametrize("event", ALL_EVENTS.values(), ids=lambda event: event.name)
def test_whatever_a_fact_says_has_a_word_in_both_languages(event: type[Event]) -> None:
    """Whoever opens the evidence of a record reads it."""
    assert fields_within(event) - words.WORDS.keys() == set()


def fields_within(model: type[BaseModel]) -> set[str]:
    """The fields of a model, and of the models within it."""
    inside = (each for info in model.model_fields.values() for each in models_in(info.annotation))
    return set(model.model_fields).union(*map(fields_within, inside))


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def test_every_kind_of_fact_has_a_name_in_both_languages() -> None:
    assert {event.name.split(".")[1] for event in ALL_EVENTS.values()} == event_words.EVENTS.keys()


def test_every_department_states_what_reaches_its_worklist_and_who_signed() -> None:
    for service in SERVICES:
        assert {f"{service}.handover_delivered.v1", f"{service}.handover_signed.v1"} <= ALL_EVENTS.keys()
