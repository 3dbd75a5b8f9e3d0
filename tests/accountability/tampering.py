"""What may somebody do to exported evidence? Change, drop, insert, reorder, truncate: its facts, its outline, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Any

from contracts.event import chain
from services.accountability.proof import outline
from services.accountability.proof.differences import How
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Body, Export


@dataclass(frozen=True)
class Tampered:
    """An export that is not what was signed: the first position that differs, and what was done there."""

    export: Export
    position: int
    how: How
    what: str


Tamper = Callable[["Forger", Random], Tampered]


class Forger:
    """Somebody with an export, who knows its format."""

    def __init__(self, export: Export, required: Iterable[int]) -> None:
        self.export = export
        self.required = sorted(required)
        self.lines = list(export.outline)
        self.end = len(self.lines)
        self.bodies = {body.position: body.bytes for body in export.bodies}

    def line(self, position: int) -> Line:
        return outline.read(self.lines[position - 1].rpartition(b" ")[0])

    def with_lines(self, lines: list[bytes], bodies: list[Body] | None = None) -> Export:
        forged = copy(self.export)
        forged.outline, forged.bodies = lines, self.export.bodies if bodies is None else bodies
        return forged

    def with_bodies(self, bodies: list[Body]) -> Export:
        return self.with_lines(list(self.lines), bodies)

    def without_bodies(self, lost: Callable[[int], bool]) -> list[Body]:
        return [body for body in self.export.bodies if not lost(body.position)]


def rewritten(text: bytes, **changes: object) -> bytes:
    """A line that says something else; its check stays."""
    statement, _, check = text.rpartition(b" ")
    return outline.write(outline.read(statement)._replace(**changes)) + b" " + check  # type: ignore[arg-type]


def renumbered(lines: list[bytes]) -> list[bytes]:
    return [rewritten(text, position=place) for place, text in enumerate(lines, 1)]


def another(body: bytes, random: Random) -> bytes:
    """A fact that says something else: one digit of it is another one."""
    places = [place for place, byte in enumerate(body) if chr(byte).isdigit()]
    place = random.choice(places)
    digit = (body[place] - ord("0") + random.randint(1, 9)) % 10
    return body[:place] + str(digit).encode() + body[place + 1 :]


def a_changed_fact(forger: Forger, random: Random) -> Tampered:
    position = random.choice(sorted(forger.bodies))
    body = forger.bodies[position]
    place = body.index(b'"data"')  # the envelope stays: otherwise it would be another fact
    forged = body[:place] + another(body[place:] + b"0", random).removesuffix(b"0")
    if forged == body:
        forged = body[:-1] + b" }"
    bodies = [Body(each.position, forged) if each.position == position else each for each in forger.export.bodies]
    return Tampered(forger.with_bodies(bodies), position, How.CHANGED, "a fact's contents")


def a_changed_line(forger: Forger, random: Random) -> Tampered:
    position = random.randint(1, forger.end)
    changes: dict[str, Any] = random.choice(
        [{"subject": "SO-9"}, {"admitted": "2026-01-01T00:00:00+00:00"}, {"digest": bytes(32)}]
    )
    lines = list(forger.lines)
    lines[position - 1] = rewritten(lines[position - 1], **changes)
    return Tampered(forger.with_lines(lines), position, How.CHANGED, f"a line's {next(iter(changes))}")


def a_changed_fact_with_its_line(forger: Forger, random: Random) -> Tampered:
    position = random.choice(sorted(forger.bodies))
    forged, line = forger.bodies[position][:-1] + b" }", forger.line(position)
    before = forger.line(position - 1).hash if position > 1 else bytes(32)
    lines = list(forger.lines)
    digest = sha256(forged).digest()
    said = {"digest": digest, "hash": chain(before, forged), "source_hash": chain(line.source_hash, forged)}
    lines[position - 1] = rewritten(lines[position - 1], **said)
    bodies = [Body(each.position, forged) if each.position == position else each for each in forger.export.bodies]
    return Tampered(forger.with_lines(lines, bodies), position, How.CHANGED, "a fact and its line")


def a_dropped_fact(forger: Forger, random: Random) -> Tampered:
    position = random.choice([place for place in forger.required if place < max(forger.bodies)])
    return Tampered(forger.with_bodies(forger.without_bodies(lambda p: p == position)), position, How.DROPPED, "a fact")


def a_dropped_line(forger: Forger, random: Random) -> Tampered:
    position = random.randint(1, forger.end - 1)
    lines = list(forger.lines)
    del lines[position - 1]
    bodies = forger.without_bodies(lambda place: place == position)
    return Tampered(forger.with_lines(lines, bodies), position, How.DROPPED, "a line with its fact")


def a_dropped_line_closed_up(forger: Forger, random: Random) -> Tampered:
    position = random.randint(1, forger.end - 1)
    lines = list(forger.lines)
    del lines[position - 1]
    bodies = [
        Body(each.position - (each.position > position), each.bytes)
        for each in forger.without_bodies(lambda place: place == position)
    ]
    return Tampered(forger.with_lines(renumbered(lines), bodies), position, How.DROPPED, "a line, the others moved up")


def a_fact_twice(forger: Forger, random: Random) -> Tampered:
    bodies = list(forger.export.bodies)
    place = random.randrange(len(bodies))
    bodies.insert(place, bodies[place])
    return Tampered(forger.with_bodies(bodies), bodies[place].position, How.INSERTED, "a fact twice")


def a_foreign_fact(forger: Forger, random: Random) -> Tampered:
    position = random.choice([place for place in range(1, forger.end + 1) if place not in forger.bodies])
    body = Body(position, forger.bodies[random.choice(forger.required)])
    bodies = sorted([*forger.export.bodies, body])
    return Tampered(forger.with_bodies(bodies), position, How.INSERTED, "a fact where another was withheld")


def a_line_twice(forger: Forger, random: Random) -> Tampered:
    place = random.randrange(forger.end)
    lines = list(forger.lines)
    lines.insert(place, lines[place])
    return Tampered(forger.with_lines(lines), place + 2, How.INSERTED, "a line twice")


def a_new_line(forger: Forger, random: Random) -> Tampered:
    place = random.randrange(forger.end)
    lines = list(forger.lines)
    lines.insert(place, rewritten(lines[place], digest=bytes(32), hash=bytes(32)))
    bodies = [Body(each.position + (each.position > place), each.bytes) for each in forger.export.bodies]
    return Tampered(
        forger.with_lines(renumbered(lines), bodies), place + 1, How.INSERTED, "a line, the others moved down"
    )


def two_lines_swapped(forger: Forger, random: Random) -> Tampered:
    first, second = sorted(random.sample(range(forger.end), 2))
    lines = list(forger.lines)
    lines[first], lines[second] = lines[second], lines[first]
    return Tampered(forger.with_lines(lines), first + 1, How.REORDERED, "two lines")


def two_facts_swapped(forger: Forger, random: Random) -> Tampered:
    bodies = list(forger.export.bodies)
    first, second = sorted(random.sample(range(len(bodies)), 2))
    position = bodies[first].position
    bodies[first], bodies[second] = bodies[second], bodies[first]
    return Tampered(forger.with_bodies(bodies), position, How.REORDERED, "two facts")


def two_lines_of_a_source_swapped_and_renumbered(forger: Forger, random: Random) -> Tampered:
    lines = list(forger.lines)
    theirs = [place for place in range(forger.end) if forger.line(place + 1).source == "pmc"]
    first, second = sorted(random.sample(theirs, 2))
    lines[first], lines[second] = lines[second], lines[first]
    return Tampered(forger.with_lines(renumbered(lines)), first + 1, How.REORDERED, "two lines with new positions")


def a_cut_outline(forger: Forger, random: Random) -> Tampered:
    position = random.randint(1, forger.end)
    bodies = forger.without_bodies(lambda place: place >= position)
    export = forger.with_lines(forger.lines[: position - 1], bodies)
    return Tampered(export, position, How.TRUNCATED, "outline and facts")


def cut_facts(forger: Forger, random: Random) -> Tampered:
    position = random.choice(forger.required)
    bodies = forger.without_bodies(lambda place: place >= position)
    return Tampered(forger.with_bodies(bodies), position, How.TRUNCATED, "the facts alone")


KINDS: dict[How, tuple[Tamper, ...]] = {
    How.CHANGED: (a_changed_fact, a_changed_line, a_changed_fact_with_its_line),
    How.DROPPED: (a_dropped_fact, a_dropped_line, a_dropped_line_closed_up),
    How.INSERTED: (a_fact_twice, a_foreign_fact, a_line_twice, a_new_line),
    How.REORDERED: (two_lines_swapped, two_facts_swapped, two_lines_of_a_source_swapped_and_renumbered),
    How.TRUNCATED: (a_cut_outline, cut_facts),
}


def chained_anew(export: Export, position: int, **changes: object) -> Export:
    """The work of somebody who changes one line and computes everything after it once more, as if it had always been so."""
    lines = [outline.read(text.rpartition(b" ")[0]) for text in export.outline]
    lines[position - 1] = lines[position - 1]._replace(**changes)  # type: ignore[arg-type]
    return replace(export, outline=[text.removesuffix(b"\n") for text in outline.written(lines)[0]])
