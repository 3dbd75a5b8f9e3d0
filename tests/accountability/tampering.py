"""What may somebody do to exported evidence? Change, drop, insert, reorder, truncate: its facts, its outline, or both."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import orjson

from chassis.signing import Signer
from contracts.event import chain
from services.accountability.proof import outline, packing
from services.accountability.proof.differences import How
from services.accountability.proof.outline import Line
from services.accountability.proof.packing import Body, Export
from services.accountability.proof.statements import SignedCheckpoint, SignedContents


@dataclass(frozen=True)
class Tampered:
    """An export that is not what was signed: the first position that differs, and what was done there.

    Where a file was edited that holds no facts there is no position, nor where a `remark` was written on the whole.
    """

    export: Export
    position: int | None
    how: How
    what: str
    edited: Mapping[str, bytes | None] = field(default_factory=dict)
    remark: bytes = b""


Tamper = Callable[["Forger", Random], Tampered]


class Forger:
    """Somebody with an export, who knows its format, and has more of the ledger from another export."""

    def __init__(self, export: Export, required: Iterable[int], others: Iterable[Body] = ()) -> None:
        self.export = export
        self.files = packing.texts(export)
        if export.contents is not None:
            self.files[packing.CONTENTS] = export.contents.model_dump_json().encode()
        self.required = sorted(required)
        self.lines = list(export.outline)
        self.end = len(self.lines)
        self.bodies = {body.position: body.bytes for body in export.bodies}
        self.withheld = {body.position: body.bytes for body in others if body.position not in self.bodies}

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


def a_dropped_fact_that_the_outline_does_not_demand(forger: Forger, random: Random) -> Tampered:
    """A finding, an appeal, what excuses: the outline does not say to which case it belongs."""
    last, demanded = max(forger.bodies), set(forger.required)
    position = random.choice([place for place in forger.bodies if place not in demanded and place < last])
    bodies = forger.without_bodies(lambda place: place == position)
    return Tampered(forger.with_bodies(bodies), position, How.DROPPED, "a fact that nothing demands")


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


def a_fact_that_was_withheld(forger: Forger, random: Random) -> Tampered:
    """A genuine one, from another export: it fits into both chains, and was not part of this one."""
    position, body = random.choice(sorted(forger.withheld.items()))
    bodies = sorted([*forger.export.bodies, Body(position, body)])
    return Tampered(forger.with_bodies(bodies), position, How.INSERTED, "a fact of another case")


def an_edited_file(forger: Forger, random: Random) -> Tampered:
    """One digit of one file is another one."""
    name = random.choice([name for name in forger.files if name != "facts.jsonl"])
    text = forger.files[name]
    edited = another(text, random) if any(chr(byte).isdigit() for byte in text) else text + b"!"
    return Tampered(forger.export, None, How.CHANGED, name, {name: edited})


def a_file_that_was_taken_out(forger: Forger, random: Random) -> Tampered:
    name = random.choice(list(forger.files))
    return Tampered(forger.export, None, How.DROPPED, name, {name: None})


def a_line_of_a_file_taken_out(forger: Forger, random: Random) -> Tampered:
    """A checkpoint, a record, a watermark, or a line of the manifest."""
    name = random.choice([name for name in forger.files if name not in ("facts.jsonl", "contents.json")])
    lines = forger.files[name].splitlines(keepends=True)
    del lines[random.randrange(len(lines))]
    return Tampered(forger.export, None, How.DROPPED, f"a line of {name}", {name: b"".join(lines)})


def one_more_file(forger: Forger, random: Random) -> Tampered:
    return Tampered(forger.export, None, How.INSERTED, "a file", {f"{random.randint(1, 9)}.txt": b"All is well."})


def a_statement_before_the_signed_one(forger: Forger, random: Random) -> Tampered:
    """Said twice: a program that takes the first reads a forged one above a genuine signature."""
    name, lines, place = a_signed_line(forger, random)
    genuine = lines[place]
    forged = orjson.dumps(another(orjson.loads(genuine)["statement"].encode(), random).decode())
    lines[place] = b'{"statement":' + forged + b"," + genuine[1:]
    return Tampered(forger.export, None, How.INSERTED, f"a second statement in {name}", {name: b"".join(lines)})


def a_remark_beside_what_is_signed(forger: Forger, random: Random) -> Tampered:
    name, lines, place = a_signed_line(forger, random)
    lines[place] = b'{"remark":"The court has certified it",' + lines[place][1:]
    return Tampered(forger.export, None, How.INSERTED, f"a remark in {name}", {name: b"".join(lines)})


def a_signed_line(forger: Forger, random: Random) -> tuple[str, list[bytes], int]:
    """Of what the judge signed: the contents of the export, or a checkpoint."""
    name = random.choice(["contents.json", "checkpoints.jsonl"])
    lines = forger.files[name].splitlines(keepends=True)
    return name, lines, random.randrange(len(lines))


def a_remark_on_the_whole(forger: Forger, random: Random) -> Tampered:
    return Tampered(forger.export, None, How.INSERTED, "a comment of the zip file", remark=b"All is well.")


def two_lines_of_a_file_swapped(forger: Forger, random: Random) -> Tampered:
    name = random.choice(["README.txt", "checkpoints.jsonl", "records.json", "watermarks.json", "manifest.json"])
    lines = forger.files[name].splitlines(keepends=True)
    first, second = random.sample(range(len(lines)), 2)
    while lines[first] == lines[second]:
        first, second = random.sample(range(len(lines)), 2)
    lines[first], lines[second] = lines[second], lines[first]
    return Tampered(forger.export, None, How.REORDERED, name, {name: b"".join(lines)})


def a_cut_file(forger: Forger, random: Random) -> Tampered:
    name = random.choice(list(forger.files))
    length = random.randrange(len(forger.files[name]))
    return Tampered(forger.export, None, How.TRUNCATED, name, {name: forger.files[name][:length]})


def write(tampered: Tampered, file: Path) -> None:
    """As it then travels; without a file whose contents are None."""
    packing.write(tampered.export, file)
    if tampered.remark:
        with zipfile.ZipFile(file, "a") as archive:
            archive.comment = tampered.remark
    if not tampered.edited:
        return
    with zipfile.ZipFile(file) as archive:
        files: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, text in (files | dict(tampered.edited)).items():
            if text is not None:
                archive.writestr(name, text)


KINDS: dict[How, tuple[Tamper, ...]] = {
    How.CHANGED: (a_changed_fact, a_changed_line, a_changed_fact_with_its_line, an_edited_file),
    How.DROPPED: (
        a_dropped_fact,
        a_dropped_line,
        a_dropped_line_closed_up,
        a_dropped_fact_that_the_outline_does_not_demand,
        a_file_that_was_taken_out,
        a_line_of_a_file_taken_out,
    ),
    How.INSERTED: (
        a_fact_twice,
        a_foreign_fact,
        a_line_twice,
        a_new_line,
        a_fact_that_was_withheld,
        one_more_file,
        a_statement_before_the_signed_one,
        a_remark_beside_what_is_signed,
        a_remark_on_the_whole,
    ),
    How.REORDERED: (
        two_lines_swapped,
        two_facts_swapped,
        two_lines_of_a_source_swapped_and_renumbered,
        two_lines_of_a_file_swapped,
    ),
    How.TRUNCATED: (a_cut_outline, cut_facts, a_cut_file),
}


def chained_anew(export: Export, position: int, **changes: object) -> Export:
    """The work of somebody who changes one line and computes everything after it once more, as if it had always been so."""
    lines = [outline.read(text.rpartition(b" ")[0]) for text in export.outline]
    lines[position - 1] = lines[position - 1]._replace(**changes)  # type: ignore[arg-type]
    return replace(export, outline=[text.removesuffix(b"\n") for text in outline.written(lines)[0]])


def signed_anew(export: Export, judge: Signer) -> Export:
    """The work of somebody who has the judge's key: what the export now holds is what was signed."""
    assert export.contents is not None
    positions = packing.runs(sorted({body.position for body in export.bodies}))
    forged = replace(export, manifest=export.manifest.model_copy(update={"facts": positions}))
    said = export.contents.read().model_copy(update={"files": packing.digests(packing.texts(forged))})
    return replace(forged, contents=judge.seal(said.canonical(), SignedContents))


def older(export: Export, judge: Signer) -> Export:
    """The same case as it was exported before anybody signed what an export holds."""
    checkpoints = [each.read().model_copy(update={"exports_signed": False}) for each in export.checkpoints]
    return replace(
        export,
        manifest=export.manifest.model_copy(update={"version": 1, "facts": ""}),
        checkpoints=[judge.seal(each.canonical(), SignedCheckpoint) for each in checkpoints],
        contents=None,
    )


def in_a_file(export: Export) -> Export:
    """What a reader finds once it has travelled."""
    file = BytesIO()
    packing.write(export, file)
    taken = packing.read(file)
    return replace(taken, outline=list(taken.outline))
