"""From what may a new entry of a rulebook begin, where does it stand, and who would miss one that is left out?

Pure, as the fields are. A clause begins as a copy of another one, or with the least that its kind of ground needs. What was left
out comes back from the version that the draft is compared with, or from the shipped one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from chassis.language import Label
from services.accountability.rules.drafting.fields import NAMES, Body, Section
from services.accountability.rules.mistakes import SHAPES

BACK, LIKE, NEW = "back", "like", "new"
LEAST: dict[str, Body] = {
    "finding": {
        "post": "whoever", "sanction": "education", "mode": "finding",
        "grounds": [{"shape": "finding", "finding": {"finders": ["general_manager"]}}],
    },
    "deadline": {"sanction": "warning", "grounds": [{"shape": "deadline"}]},
    "first_cause": {"sanction": "warning", "only_as_first_cause": True, "grounds": [{"shape": "first_cause"}]},
    "prohibition": {"sanction": "warning", "grounds": [{"shape": "prohibition"}]},
    "attribution": {"sanction": "warning", "grounds": [{"shape": "attribution"}]},
}  # fmt: skip
"""What a clause of each kind begins with; what cannot be guessed is asked for."""

TAKES_IN = Label("条款 {code} 并入它", "clause {code} takes it in")
RESTS_ON = Label("条款 {code} 的依据 {number}", "ground {number} of clause {code}")
WAITS_FOR = Label("环节 {code} 等待它", "link {code} waits for it")
ENDED_BY = Label("环节 {code} 因它失去意义", "link {code} is made pointless by it")
READS = Label("条款 {code} 读取这个答案", "clause {code} reads this answer")


@dataclass(frozen=True, slots=True)
class Start:
    """Something to begin from: `back` what is missing, `like` a clause there is, `new` with the least of a kind."""

    kind: str
    name: str

    @classmethod
    def read(cls, text: str) -> "Start":
        kind, _, name = text.partition(":")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class User:
    """An entry that uses another one, and how."""

    section: Section
    name: str
    how: Label


def missing(body: Mapping[str, Any], section: Section, others: Sequence[Mapping[str, Any]]) -> dict[str, Body]:
    """What other rulebooks have and this one does not, by name; of what several have, the first one's."""
    known, found = names(body, section), dict[str, Body]()
    for other in others:
        for entry in other.get(section, ()):
            name = entry[NAMES[section]]
            if name not in known:
                found.setdefault(name, entry)
    return found


def begun(
    body: Mapping[str, Any], section: Section, start: Start, others: Sequence[Mapping[str, Any]]
) -> tuple[int, Body] | None:
    """With what a new entry begins and at which place; None where there is no such start."""
    entries = list(body.get(section, ()))
    if start.kind == BACK and (entry := missing(body, section, others).get(start.name)) is not None:
        return place_of(body, section, start.name, others), deepcopy(entry)
    if section is not Section.CLAUSES:
        return None
    if start.kind == LIKE and start.name in names(body, section):
        place = names(body, section).index(start.name)
        return place + 1, {**deepcopy(entries[place]), "code": ""}
    if start.kind == NEW and start.name in LEAST:
        return len(entries), {"code": "", "duty": {}, **deepcopy(LEAST[start.name])}
    return None


def place_of(body: Mapping[str, Any], section: Section, name: str, others: Sequence[Mapping[str, Any]]) -> int:
    """Behind whatever precedes it where it comes from, as far as that is here."""
    there = next((all_ for other in others if name in (all_ := names(other, section))), [])
    here = names(body, section)
    before = [one for one in there[: there.index(name)] if one in here] if there else []
    return here.index(before[-1]) + 1 if before else 0


def names(body: Mapping[str, Any], section: Section) -> list[str]:
    return [entry[NAMES[section]] for entry in body.get(section, ())]


def added(body: Mapping[str, Any], section: Section, place: int, entry: Body) -> Body:
    """The rulebook with one entry more."""
    new: Body = deepcopy(dict(body))
    new[section.value] = [*new.get(section, ())[:place], entry, *new.get(section, ())[place:]]
    return new


def without(body: Mapping[str, Any], section: Section, name: str) -> Body:
    """The rulebook without one of its entries."""
    new: Body = deepcopy(dict(body))
    new[section.value] = [entry for entry in new[section] if entry[NAMES[section]] != name]
    return new


def users(body: Mapping[str, Any], section: Section, name: str) -> list[User]:
    """Which other entries use one, so that it cannot be left out before they do without."""
    return list({Section.CLAUSES: of_clause, Section.LINKS: of_link, Section.SETTINGS: of_setting}[section](body, name))


def of_clause(body: Mapping[str, Any], name: str) -> Iterator[User]:
    for clause in body["clauses"]:
        if name in clause.get("absorbs", ()) and clause["code"] != name:
            yield User(Section.CLAUSES, clause["code"], TAKES_IN.filled(code=clause["code"]))


def of_link(body: Mapping[str, Any], name: str) -> Iterator[User]:
    for clause in body["clauses"]:
        for number, ground in enumerate(clause.get("grounds", ()), 1):
            if name in (ground.get("links") or ()):
                yield User(Section.CLAUSES, clause["code"], RESTS_ON.filled(code=clause["code"], number=number))
    for link in body["links"]:
        for key, how in (("inputs", WAITS_FOR), ("ended_by", ENDED_BY)):
            if name in link.get(key, ()) and link["code"] != name:
                yield User(Section.LINKS, link["code"], how.filled(code=link["code"]))


def of_setting(body: Mapping[str, Any], name: str) -> Iterator[User]:
    asked = re.compile(rf"\bsettings\.{re.escape(name)}\b")
    for clause in body["clauses"]:
        ranges = [(ground.get("finding") or {}).get("up_to") for ground in clause.get("grounds", ())]
        if name in ranges or any(asked.search(text) for text in texts(clause)):
            yield User(Section.CLAUSES, clause["code"], READS.filled(code=clause["code"]))


def texts(value: Any) -> Iterator[str]:
    """Every text in an entry."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from texts(each)


KINDS = {shape: label for shape, label in SHAPES.items() if shape in LEAST}
"""The kinds of grounds with which a clause may begin."""
