"""Every term on every department's pages has its word, every form its inputs, every file its origin."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import String

from chassis.desk import Desk
from chassis.language import language
from chassis.schema_people import acts
from chassis.ui.answers import refusals
from chassis.ui.shapes import Member, Shape, members_of, members_of_document
from contracts.catalogue import ALL_EVENTS
from contracts.event import SERVICES
from contracts.words import DEPARTMENTS, POSTS, WORDS
from services.accountability.rules.rulebook_loading import SHIPPED, read_yaml

CHASSIS = Path(__file__).resolve().parents[2] / "chassis"
VENDOR = CHASSIS / "static" / "vendor"
FACT_OF_SHAPE = {"attribution": "pmc.complaint_attributed.v1", "finding": "accountability.breach_found.v1"}
DESKS = [service for service in SERVICES if find_spec(f"services.{service}") and find_spec(f"services.{service}.api")]


@cache
def desk_of(service: str) -> Desk:
    desk: Desk = import_module(f"services.{service}.api").desk
    return desk


def every(members: Iterable[Member]) -> Iterator[Member]:
    """The members and the columns of their tables."""
    for member in members:
        yield member
        yield from every(member.columns)


def terms_of(desk: Desk) -> Iterator[str]:
    """Everything a page of this desk shows by its word."""
    for shelf in desk.shelves.values():
        yield from (str(status) for status in shelf.kind.moves)
        yield from (member.name for member in every(members_of_document(shelf.kind)))
        assert set(shelf.columns) <= {member.name for member in members_of_document(shelf.kind)}
    for command in desk.commands.values():
        for member in every(members_of(command.form)):
            yield member.name
            yield from (choice for choice in member.choices if member.name != "department")


@pytest.mark.parametrize("service", DESKS)
def test_every_field_status_and_choice_has_a_word(service: str) -> None:
    assert sorted({term for term in terms_of(desk_of(service)) if term not in WORDS}) == []


@pytest.mark.parametrize("service", DESKS)
def test_what_a_command_settles_is_a_link_with_a_word(service: str) -> None:
    settled = {link for command in desk_of(service).commands.values() for link in command.settles}

    assert settled - WORDS.keys() == set()


def test_a_refusal_says_the_same_in_both_languages() -> None:
    for service in DESKS:
        import_module(f"services.{service}.main")
    said = {kind: (kind.message.zh, kind.message.en) for kind in refusals()}
    assert len(said) > 100
    room = acts.c.outcome.type
    assert isinstance(room, String)
    assert room.length

    for kind, (zh, en) in said.items():
        assert set(re.findall(r"{(\w+)}", zh)) == set(re.findall(r"{(\w+)}", en)), kind
        assert re.search("[\u4e00-\u9fff]", zh), kind
        assert not re.search("[\u4e00-\u9fff]", en), kind
        assert len(kind.code) <= room.length, kind


def test_every_department_and_post_has_both_languages() -> None:
    assert DEPARTMENTS.keys() == set(SERVICES)
    assert all(zh and en and zh != en for zh, en in (*DEPARTMENTS.values(), *POSTS.values()))


@pytest.mark.parametrize("file", ["htmx.js", "htmx-sse.js", "tabler.css", "icons.svg"])
def test_a_vendored_file_is_the_one_that_was_recorded(file: str) -> None:
    recorded = json.loads((VENDOR / "vendored.json").read_text())[file]

    assert hashlib.sha256((VENDOR / file).read_bytes()).hexdigest() == recorded["sha256"]
    assert recorded["package"]
    assert recorded["version"]
    assert recorded["licence"]


def test_every_icon_that_a_page_asks_for_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text()))
    templates = "".join(file.read_text() for file in (CHASSIS / "templates").rglob("*.html"))
    code = (CHASSIS / "ui" / "urgency.py").read_text()
    asked = set(re.findall(r'icon\("([a-z0-9-]+)"', templates)) | set(re.findall(r'Urgency\.\w+: "([a-z-]+)"', code))

    assert asked - sprite == set()
    assert len(asked) > 15


def test_every_class_of_the_templates_is_styled_or_looked_for() -> None:
    static = CHASSIS / "static"
    styles = "".join(file.read_text() for file in (*static.rglob("*.css"), static / "pages.js"))
    named = set()
    for file in (CHASSIS / "templates").rglob("*.html"):
        for classes in re.findall(r'class="([^"{}]+)"', file.read_text()):
            named |= set(classes.split())

    assert {name for name in named if f".{name}" not in styles} == set()


@pytest.mark.parametrize(("tongue", "shown"), [("zh", ["at", "reasons_zh"]), ("en", ["at", "reasons_en"])])
def test_what_is_said_in_both_languages_is_shown_in_the_readers(tongue: str, shown: list[str]):
    columns = [Member(name, Shape.TEXT) for name in ("at", "reasons_zh", "reasons_en")]
    chosen = language.set(tongue)
    try:
        assert [column.name for column in columns if not column.foreign] == shown
    finally:
        language.reset(chosen)


BOOKKEEPING = {"closes", "pauses", "resumes"}


def test_every_fact_that_a_record_shows_has_its_words():
    """What a record cites is shown field by field, on its page and in print."""
    grounds = [
        ground
        for clause in read_yaml(SHIPPED.read_text(encoding="utf-8")).clauses.values()
        for ground in clause.grounds
    ]
    cited = {FACT_OF_SHAPE.get(ground.shape) or getattr(ground, "fact", None) for ground in grounds} - {None}

    shown = {field for name in cited for field in ALL_EVENTS[str(name)].model_fields} - BOOKKEEPING
    assert len(cited) > 8
    assert sorted(shown - WORDS.keys()) == []
