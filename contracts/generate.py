"""Which files are written from the contracts? `python -m contracts.generate` renews the schemas, the catalogue and the glossary.

A published schema is frozen: a change adds an optional field, or the event gets a new version (tests/contracts).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import yaml

from contracts import event_words, words
from contracts.catalogue import ALL_EVENTS, events_of
from contracts.event import EXCHANGE, SERVICES, Event
from contracts.links import LINKS

HERE = Path(__file__).parent
SCHEMAS = HERE / "schemas"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON schema of an event's data, as readers may rely on it."""
    return {"$id": event.name, **event.model_json_schema(mode="serialization")}


def as_json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def sentence(thing: Any) -> str:
    """The first sentence of a docstring."""
    return " ".join((thing.__doc__ or "").split()).partition(". ")[0].rstrip(".")


def catalogue() -> str:
    """Every event by publisher with what it says, for people."""
    rows = ["# Catalogue of facts", "", "Generated from this folder by `python -m contracts.generate`.", ""]
    for service in SERVICES:
        zh, en = words.DEPARTMENTS[service]
        rows += [f"## {zh} · {en}", "", "| event | says | fields |", "|---|---|---|"]
        rows += [f"| `{event.name}` | {sentence(event)} | {fields(event)} |" for event in events_of(service)]
        rows.append("")
    rows += ["## Handovers", "", "| link | 中文 | English | what it is |", "|---|---|---|---|"]
    rows += [f"| `{link.__name__}` | {' | '.join(words.LINKS[link.__name__])} | {sentence(link)} |" for link in LINKS]
    return "\n".join(rows) + "\n"


def fields(event: type[Event]) -> str:
    own = [name for name in event.model_fields if name not in Event.model_fields]
    return ", ".join(f"`{name}`" for name in own)


def glossary() -> str:
    """One word, one meaning: 中文 · English · code."""
    groups = {
        "Departments 部门": words.DEPARTMENTS,
        "Posts 岗位": words.POSTS,
        "Handovers 交接": words.LINKS,
        "Statuses 状态": words.STATUSES,
        "Fields 字段": words.FIELDS,
        "Evidence 证据": words.EVIDENCE,
        "Facts 事实": event_words.EVENTS,
    }
    rows = [
        "# Glossary 词汇表",
        "",
        "Generated from `contracts/words.py` and `contracts/event_words.py`, which every page, message and form reads.",
        "",
    ]
    for title, group in groups.items():
        rows += [f"## {title}", "", "| 中文 | English | code |", "|---|---|---|"]
        rows += [f"| {zh} | {en} | `{code}` |" for code, (zh, en) in group.items()]
        rows.append("")
    return "\n".join(rows)


def asyncapi() -> str:
    """The bus as AsyncAPI 3: one channel per event on the topic exchange."""
    channels = {
        event.name: {
            "address": event.name,
            "messages": {"fact": {"$ref": f"#/components/messages/{event.name}"}},
            "bindings": {
                "amqp": {"is": "routingKey", "exchange": {"name": EXCHANGE, "type": "topic", "durable": True}}
            },
        }
        for event in ALL_EVENTS.values()
    }
    messages = {
        event.name: {
            "name": event.name,
            "summary": sentence(event),
            "contentType": "application/cloudevents+json",
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": path_of(event)},
            },
        }
        for event in ALL_EVENTS.values()
    }
    operations = {
        f"send {event.name}": {"action": "send", "channel": {"$ref": f"#/channels/{event.name}"}}
        for event in ALL_EVENTS.values()
    }
    info = {"title": "Handover", "version": "1", "description": "Facts between the departments of a factory."}
    document = {
        "asyncapi": "3.0.0",
        "info": info,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def path_of(event: type[Event]) -> str:
    return f"schemas/{event.name}.json"


def files() -> Iterable[tuple[Path, bytes]]:
    """Every generated file with its content."""
    for event in ALL_EVENTS.values():
        yield HERE / path_of(event), as_json(schema_of(event))
    yield HERE / "CATALOGUE.md", catalogue().encode()
    yield HERE / "asyncapi.yaml", asyncapi().encode()
    yield HERE.parent / "GLOSSARY.md", glossary().encode()


def main() -> None:
    SCHEMAS.mkdir(exist_ok=True)
    for path, content in files():
        path.write_bytes(content)


if __name__ == "__main__":
    main()
