"""How does evidence travel? As a zip file of plain text that any program can read."""

import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict

from chassis.instants import midnight
from contracts.control import Signed, SignedWatermark
from services.accountability.proof import seamless
from services.accountability.proof.statements import SignedCheckpoint, SignedContents

FORMAT = "handover evidence"
VERSION = 2
READABLE = (1, 2)
"""Of the first version what it holds is not signed, and facts of no order are part of a person's case alone."""
OUTLINE = "outline.txt"
CONTENTS = "contents.json"
MANIFEST = "manifest.json"
FILES = frozenset(
    {OUTLINE, CONTENTS, MANIFEST, "README.txt", "facts.jsonl", "checkpoints.jsonl", "watermarks.json", "records.json"}
)
"""An export holds these; what is read of each is held against something."""
MOST_BYTES = 4 << 30
"""A zip file that unpacks to more is not read; the outline does not count, it is read line by line."""
COMPRESSION = 1
"""Most of an export are hashes, which no effort makes shorter."""
LONGEST_LINE = 1 << 12
CHUNK = 1 << 18
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(OSError, KeyError, ValueError, TypeError, AttributeError, RecursionError),
)

S = TypeVar("S", bound=Signed)

READ_ME = """\
Evidence of the Handover system. 交接系统取证导出

contents.json      what the judge signed that this export holds, file by file
manifest.json      what was asked, when, by whom; which facts are here; the public keys
outline.txt        every fact of the ledger in one chained line, without contents or persons
facts.jsonl        the facts that were asked for and those by which they are judged, byte for byte
checkpoints.jsonl  what the judge signed about the outline
watermarks.json    what each department signed about its own facts
records.json       what the system says followed from the facts

It names people by their employee ids: who did what and when in these orders, and what was found of them or
attributed to them. So does one person's case: colleagues worked on the same orders, and answer with them for the
same loss. Give it to those alone who may see that.
内含员工编号:谁何时在这些订单中做了什么,以及对其的认定与责任归属。一个人的案卷同样涉及同事(同一订单的经手人、同一损失的责任人)。
只能交给有权查看这些内容的人。

Verify 核验: ./handover verify FILE.zip --fingerprint SERVICE=HEX …
Take the fingerprints and a kept checkpoint from somewhere else than this file. 指纹与留存的检查点须另有来源。
"""


class NotAnExport(Exception):
    """The file is no export of evidence, or none that this version reads."""


class Key(BaseModel):
    """A public key as the export states it; whether it is the right one only its fingerprint from elsewhere can tell."""

    service: str
    fingerprint: str
    public_key: str


class Asked(BaseModel):
    """What the export is about: orders, and the one person or the days that led to them."""

    model_config = ConfigDict(extra="forbid")

    orders: tuple[str, ...]
    person: str | None = None
    since: str | None = None
    until: str | None = None

    @property
    def days(self) -> tuple[datetime, datetime]:
        """From when, and before when; raises ValueError where no days were asked for."""
        since, until = (date.fromisoformat(day or "") for day in (self.since, self.until))
        return midnight(since), midnight(until + timedelta(days=1))


class Manifest(BaseModel):
    """`judged_to`: how far the judge had come when the records were read. `facts`: the positions of those in full, as `1-14 20`."""

    format: str = FORMAT
    version: int = VERSION
    asked: Asked
    asked_by: str
    made_at: AwareDatetime
    judged_to: AwareDatetime | None
    keys: tuple[Key, ...]
    facts: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether exports of this version are signed as a whole."""
        return self.version > 1


class Body(NamedTuple):
    """A fact in full: its place in the ledger and its exact bytes."""

    position: int
    bytes: bytes


@dataclass
class Case:
    """What an export holds of a case; `said` are the records, suspicions and missed dates."""

    manifest: Manifest
    bodies: Sequence[Body]
    checkpoints: Sequence[SignedCheckpoint]
    watermarks: dict[str, SignedWatermark]
    said: dict[str, list[dict[str, Any]]]


@dataclass
class Export(Case):
    """Everything in an export; `outline` are the raw lines, which can be gone through more than once, `files` digests by name."""

    outline: Iterable[bytes]
    contents: SignedContents | None = None
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outline:
    """The outline in a file, read anew each time: it is as long as the ledger, so that nobody holds it as a whole."""

    file: Path | IO[bytes]

    def __iter__(self) -> Iterator[bytes]:
        """Raises NotAnExport."""
        try:
            with zipfile.ZipFile(self.file) as archive, io.BufferedReader(archive.open(OUTLINE), CHUNK) as lines:  # type: ignore[type-var]
                while text := lines.readline(LONGEST_LINE):
                    yield text.removesuffix(b"\n")
        except UNREADABLE as error:
            raise not_an_export(self.file, error) from None


@contextmanager
def writing(file: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open a file for an export; what it holds is written into it as it is read. What was not finished is not left behind."""
    with (
        beside(file) if isinstance(file, Path) else nullcontext(file) as whole,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive,
    ):
        yield archive


@contextmanager
def beside(file: Path) -> Iterator[IO[bytes]]:
    """Write beside a file what takes its place once it is whole; until then, and where that fails, what lies there stays."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def outline_in(archive: zipfile.ZipFile) -> IO[bytes]:
    """Where the outline's lines go, of whatever length it is."""
    return archive.open(OUTLINE, "w", force_zip64=True)


def write(export: Export, file: Path | IO[bytes]) -> None:
    with writing(file) as archive:
        with outline_in(archive) as member:
            member.writelines(text + b"\n" for text in export.outline)
        write_files(archive, texts(export))
        if export.contents is not None:
            write_contents(archive, export.contents)


def texts(case: Case) -> dict[str, bytes]:
    """Every file of an export but the outline and what is signed about the others."""
    words = {source: signed.model_dump() for source, signed in case.watermarks.items()}
    return {
        "README.txt": READ_ME.encode(),
        MANIFEST: case.manifest.model_dump_json(indent=1).encode(),
        "facts.jsonl": lines(orjson.dumps([each.position, each.bytes.decode()]) for each in case.bodies),
        "checkpoints.jsonl": lines(each.model_dump_json().encode() for each in case.checkpoints),
        "watermarks.json": orjson.dumps(words, option=orjson.OPT_INDENT_2),
        "records.json": orjson.dumps(case.said, option=orjson.OPT_INDENT_2),
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256(text).hexdigest() for name, text in files.items()}


def write_files(archive: zipfile.ZipFile, files: Mapping[str, bytes]) -> None:
    for name, text in files.items():
        archive.writestr(name, text)


def write_contents(archive: zipfile.ZipFile, contents: SignedContents) -> None:
    archive.writestr(CONTENTS, contents.model_dump_json())


def runs(positions: Iterable[int]) -> str:
    """Positions in their order, those without a gap as one: `1-14 20`."""
    found: list[list[int]] = []
    for position in positions:
        if found and position == found[-1][1] + 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return " ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in found)


def places(text: str, end: int) -> Iterator[int]:
    """The positions that `runs` wrote, up to the end of the ledger; raises ValueError."""
    for run in text.split():
        first, _, last = run.partition("-")
        yield from range(int(first), min(int(last or first), end) + 1)


def lines(texts: Iterable[bytes]) -> bytes:
    return b"".join(text + b"\n" for text in texts)


def read(file: Path | IO[bytes]) -> Export:
    """All of it but the outline, which stays in the file; raises NotAnExport."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist() if each.filename != OUTLINE) > MOST_BYTES:
                raise NotAnExport(f"{file} unpacks to more than {MOST_BYTES >> 30} GiB")
            archive.getinfo(OUTLINE)
            seamless.check(archive)
            return _read(archive, Outline(file))
    except UNREADABLE as error:
        raise not_an_export(file, error) from None


def not_an_export(file: object, error: BaseException) -> NotAnExport:
    return NotAnExport(f"{file} is not an export of evidence: {(str(error).splitlines() or [type(error).__name__])[0]}")


def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises NotAnExport where something is said twice: one program reads the first, another one the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place]))
        raise NotAnExport(f"it says twice what {twice} is: nobody could say which of them counts")
    return found


def exactly(kind: type[S], text: bytes | str) -> S:
    """What was signed, with its signature; raises NotAnExport where anything is said twice, or besides: nothing signs that."""
    return nothing_besides(kind, json.loads(text, object_pairs_hook=each_once))


def nothing_besides(kind: type[S], said: Mapping[str, Any]) -> S:
    """Raises NotAnExport."""
    if more := sorted(said.keys() - kind.model_fields.keys()):
        raise NotAnExport(f"it says {more[0]} beside what is signed: nobody vouches for that")
    return kind.model_validate(said)


def _read(archive: zipfile.ZipFile, outline: Outline) -> Export:
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise NotAnExport("it has two files of one name: nobody could say which of them counts")
    files = {name: archive.read(name) for name in names if name not in (OUTLINE, CONTENTS)}
    for name in (MANIFEST, "records.json", "watermarks.json"):
        json.loads(files[name], object_pairs_hook=each_once)
    manifest = Manifest.model_validate_json(files[MANIFEST])
    if manifest.format != FORMAT or manifest.version not in READABLE:
        raise NotAnExport(
            f"this reads {FORMAT} {VERSION}, and the file is {manifest.format} {manifest.version}: "
            "verify it with the version of this program that wrote it"
        )
    return Export(
        manifest,
        [Body(int(place), text.encode()) for place, text in map(orjson.loads, files["facts.jsonl"].splitlines())],
        [exactly(SignedCheckpoint, each) for each in files["checkpoints.jsonl"].splitlines()],
        {
            source: nothing_besides(SignedWatermark, signed)
            for source, signed in orjson.loads(files["watermarks.json"]).items()
        },
        orjson.loads(files["records.json"]),
        outline,
        exactly(SignedContents, archive.read(CONTENTS)) if CONTENTS in names else None,
        digests(files),
    )
