"""How do process miners read a case? As an object-centric event log (OCEL 2.0, JSON): facts as events, documents as objects.

People are their employee ids and nothing more. The published schema wants every attribute's value as text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from contracts.event import SYSTEM_ACTOR
from services.accountability.proof.packing import Body, beside

EVENT_ATTRIBUTES = ("source", "occurredat", "actorpost")
PEOPLE = ("assignee", "actor", "person", "employee")
HANDOVERS = {
    "closes": "closes",
    "pauses": "pauses",
    "resumes": "resumes",
    "inputs": "waited for",
    "affected_duties": "affects",
}

Fact = Mapping[str, Any]
Related = tuple[str, str, str]
"""The type of an object, its id, and the qualifier that says what the event has to do with it."""


def log(bodies: Iterable[Body], orders: Iterable[str]) -> dict[str, Any]:
    """The facts about some orders as an object-centric event log, with those of no order that affect them or their handovers."""
    facts = about([orjson.loads(body.bytes) for body in bodies], set(orders))
    events, objects = [], dict[str, str]()
    owners: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for fact, found in facts:
        objects.update({name: kind for kind, name, _ in found})
        for kind, name, _ in found:
            if fact.get("subject") and kind not in ("order", "employee"):
                owners[name].add((identity("order", fact["subject"]), "belongs to"))
        events.append(event(fact, found))
    return {
        "objectTypes": [{"name": name, "attributes": []} for name in sorted(set(objects.values()))],
        "eventTypes": [
            {"name": name, "attributes": [{"name": each, "type": "string"} for each in EVENT_ATTRIBUTES]}
            for name in sorted({fact["type"] for fact, _ in facts})
        ],
        "objects": [thing(name, kind, owners[name]) for name, kind in sorted(objects.items())],
        "events": events,
    }


def about(facts: Iterable[Fact], orders: set[str]) -> list[tuple[Fact, list[Related]]]:
    """What these orders' facts are about, and of what belongs to no order that which is about one of them or its handovers."""
    told = [(fact, sorted(set(related(fact)))) for fact in facts if fact.get("subject") in {*orders, None, ""}]
    known = {name for fact, found in told if fact.get("subject") for kind, name, _ in found if kind == "handover"}
    known |= {identity("order", order) for order in orders}
    return [
        (fact, kept) for fact, found in told if (kept := found if fact.get("subject") else concerning(found, known))
    ]


def concerning(found: Iterable[Related], known: set[str]) -> list[Related]:
    """What a fact of no order is about, without the orders and handovers of others; nothing where it is about others alone."""
    kept = [one for one in found if one[0] not in ("order", "handover") or one[1] in known]
    return kept if any(name in known for _, name, _ in kept) else []


def write(content: Mapping[str, Any], file: Path) -> None:
    with beside(file) as written:
        written.write(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def event(fact: Mapping[str, Any], found: Iterable[Related]) -> dict[str, Any]:
    return {
        "id": fact["id"],
        "type": fact["type"],
        "time": fact["time"],
        "attributes": [{"name": name, "value": str(fact[name])} for name in EVENT_ATTRIBUTES if fact.get(name)],
        "relationships": [{"objectId": name, "qualifier": qualifier} for _, name, qualifier in found],
    }


def thing(name: str, kind: str, owners: Iterable[tuple[str, str]]) -> dict[str, Any]:
    relations = [{"objectId": owner, "qualifier": qualifier} for owner, qualifier in sorted(owners)]
    return {"id": name, "type": kind, "attributes": [], "relationships": relations}


def related(fact: Fact) -> Iterator[Related]:
    """The objects that a fact is about."""
    data = fact["data"]
    if order := fact.get("subject"):
        yield from of_order(order, data)
    else:
        for affected in data.get("affected_orders") or ():
            yield "order", identity("order", affected), "affects"
    for name, value in data.items():
        if name.endswith("_no") and name != "order_no" and isinstance(value, str):
            kind = name.removesuffix("_no")
            yield kind, identity(kind, value), "names"
    yield from handovers(data)
    yield from people(fact)


def of_order(order: str, data: Mapping[str, Any]) -> Iterator[Related]:
    yield "order", identity("order", order), "is about"
    if data.get("line_no") is not None:
        yield "line", identity("line", f"{order}/{data['line_no']}"), "is about"
    for line in data.get("lines") or ():
        if isinstance(line, Mapping) and line.get("line_no") is not None:
            yield "line", identity("line", f"{order}/{line['line_no']}"), "lists"


def handovers(data: Mapping[str, Any]) -> Iterator[Related]:
    refs = [(ref, qualifier) for name, qualifier in HANDOVERS.items() for ref in data.get(name) or ()]
    refs += [(data["duty"], "is about")] if data.get("duty") else []
    for ref, qualifier in refs:
        yield "handover", identity("handover", f"{ref['link']}:{ref['key']}"), qualifier


def people(fact: Mapping[str, Any]) -> Iterator[Related]:
    data = fact["data"]
    named = {"actor": fact["actor"], **{name: data.get(name) for name in PEOPLE if name != "actor"}}
    named |= {name: value for name, value in data.items() if name.endswith("_by") and isinstance(value, str)}
    for role, employee in named.items():
        if employee and employee != SYSTEM_ACTOR:
            yield "employee", identity("employee", employee), role


def identity(kind: str, name: str) -> str:
    """Objects of different types may be called alike."""
    return f"{kind}:{name}"
