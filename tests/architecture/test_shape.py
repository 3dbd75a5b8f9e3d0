"""Seven services that look alike: whoever has read one can find their way in all of them."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Table, inspect

from chassis.desk import Desk
from chassis.documents import Document
from chassis.hindrances import HindranceDocument
from contracts.catalogue import ALL_EVENTS
from contracts.event import SERVICES
from contracts.words import POSTS, WORDS

PROJECT = Path(__file__).parents[2]
EDGES = {"__init__.py", "README.md", "main.py", "api.py", "pages.py", "consumers.py", "models.py", "queries.py"}
NOT_NOUNS = re.compile(r"main\.py|api\.py|([a-z]+_)?pages\.py")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((PROJECT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def documents_of(service: str) -> list[type[Document]]:
    base = import_module(f"services.{service}.models").Base
    return [mapper.class_ for mapper in base.registry.mappers if issubclass(mapper.class_, Document)]


def desk_of(service: str) -> Desk:
    desk = import_module(f"services.{service}.api").desk
    assert isinstance(desk, Desk)
    return desk


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_edge_files(service: str) -> None:
    folder = PROJECT / "services" / service
    present = {path.name for path in folder.iterdir()}

    assert present >= EDGES
    assert list((folder / "migrations" / "versions").glob(f"{service}_0001_*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_an_event_is_handled_by_a_short_function_named_for_it(service: str) -> None:
    path = PROJECT / "services" / service / "consumers.py"
    handlers = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.AsyncFunctionDef)]

    for handler in handlers:
        event = ast.unparse(handler.args.args[0].annotation or handler)
        plain = event.rpartition(".")[2]
        assert handler.name.startswith("on_")
        assert handler.name == "on_" + re.sub(r"(?<!^)(?=[A-Z])", "_", plain).lower() or "." in event
        assert len(handler.body) <= 5


@pytest.mark.parametrize("service", SERVICES)
def test_every_status_has_its_row_in_the_table_of_moves(service: str) -> None:
    for document in documents_of(service):
        statuses = {type(status) for status in document.moves}
        assert len(statuses) == 1, document
        (status_type,) = statuses
        assert issubclass(status_type, StrEnum)
        assert set(document.moves) == set(status_type), document
        assert all(targets <= set(status_type) for targets in document.moves.values())


@pytest.mark.parametrize("service", SERVICES)
def test_every_command_names_the_posts_that_may(service: str) -> None:
    for command in desk_of(service).commands.values():
        assert command.posts or command.own, command.name
        assert command.posts <= POSTS.keys(), command.name
        assert command.creates or command.when, command.name


@pytest.mark.parametrize("service", SERVICES)
def test_every_column_that_is_shown_has_a_word(service: str) -> None:
    shown = {column for shelf in desk_of(service).shelves.values() for column in shelf.columns}

    assert shown - WORDS.keys() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_only_known_events_are_handled(service: str) -> None:
    consumers = import_module(f"services.{service}.consumers").consumers

    assert consumers is None or set(consumers.names()) <= ALL_EVENTS.keys()


def test_only_the_chassis_commits() -> None:
    culprits = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in sources("services", "contracts")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.(commit|rollback)\(", line)
    ]

    assert culprits == []


def test_nouns_know_nothing_of_http() -> None:
    culprits = [
        str(path.relative_to(PROJECT))
        for path in sources("services")
        if not NOT_NOUNS.fullmatch(path.name)
        and any(name.split(".")[0] in {"fastapi", "starlette"} for name in imports(path))
    ]

    assert culprits == []


def test_nothing_is_published_around_the_outbox() -> None:
    culprits = [
        str(path.relative_to(PROJECT))
        for path in sources("services")
        if imports(path) & {"faststream", "asyncpg", "faststream.rabbit"}
        or ("aio_pika" in imports(path) and path.name != "intake.py")
    ]

    assert culprits == []


def test_files_stay_small() -> None:
    long = [
        str(path.relative_to(PROJECT))
        for path in sources("services", "chassis")
        if "versions" not in path.parts and len(path.read_text().splitlines()) > 340
    ]

    assert long == []


@pytest.mark.parametrize("service", SERVICES)
def test_an_approval_is_guarded_by_the_database_too(service: str) -> None:
    """A document whose approver must differ from its maker says so in a CHECK constraint."""
    for document in documents_of(service):
        table = inspect(document).local_table
        assert isinstance(table, Table)
        checks = [str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint)]
        needs = getattr(document, "second_person", False)
        assert not needs or any("approved_by" in check for check in checks), document


REPORTING = tuple(service for service in SERVICES if f"{service}.hindrance_reported.v1" in ALL_EVENTS)


def test_every_department_but_pmc_reports_what_hinders_it_in_the_same_way() -> None:
    """PMC's own people raise the exception itself, and nothing is owed to a clause in Accountability."""
    assert set(SERVICES) - set(REPORTING) == {"pmc", "accountability"}
    documents = [next(kind for kind in documents_of(each) if issubclass(kind, HindranceDocument)) for each in REPORTING]
    assert len({document.code for document in documents}) == len(REPORTING), "PMC and the judge know it by its number"
    heard_by_pmc = import_module("services.pmc.consumers").consumers.names()
    for service, document in zip(REPORTING, documents, strict=True):
        desk = desk_of(service)
        command = desk.commands["report_hindrance"]
        assert (command.kind, desk.path_of(command)) == (document, "hindrances")
        assert f"{service}.hindrance_reported.v1" in heard_by_pmc
        assert "pmc.exception_decided.v1" in import_module(f"services.{service}.consumers").consumers.names()


POST = re.compile(r'Handover\(\s*[^,]+(?:\([^)]*\))?,\s*"([a-z_]+)"')


@pytest.mark.parametrize("service", REPORTING)
def test_whoever_owes_a_handover_may_report_what_hinders_it(service: str) -> None:
    text = "\n".join(path.read_text() for path in sources(f"services/{service}"))
    owing = set(POST.findall(text)) | set(re.findall(r'post="([a-z_]+)"', text))

    assert owing
    assert owing <= desk_of(service).commands["report_hindrance"].posts
