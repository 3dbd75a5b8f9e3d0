"""How does evidence travel? As a zip file of plain text that any program can read."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.control import SignedWatermark
from services.accountability.proof.statements import SignedCheckpoint

FORMAT = "handover evidence"
VERSION = 1
OUTLINE = "outline.txt"
MOST_BYTES = 4 << 30
"""A zip file that unpacks to more is not read; the outline does not count, it is read line by line."""
COMPRESSION = 1
"""Most of an export are hashes, which no effort makes shorter."""
LONGEST_LINE = 1 << 12
CHUNK = 1 << 18
UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, KeyError, ValueError, TypeError, AttributeError)

READ_ME = """\
Evidence of the Handover system. 交接系统取证导出

manifest.json      what was asked, when, by whom; the public keys
outline.txt        every fact of the ledger in one chained line, without contents or persons
facts.jsonl        the facts that were asked for and those by which they are judged, byte for byte
checkpoints.jsonl  what the judge signed about the outline
watermarks.json    what each department signed about its own facts
records.json       what the system says followed from the facts

Verify 核验: ./handover verify FILE.zip --fingerprint HEX …
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


class Manifest(BaseModel):
    """`judged_to`: how far the judge had come when the records were read."""

    format: str = FORMAT
    version: int = VERSION
    asked: Asked
    asked_by: str
    made_at: AwareDatetime
    judged_to: AwareDatetime | None
    keys: tuple[Key, ...]


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
    """Everything in an export; `outline` are the raw lines, which can be gone through more than once."""

    outline: Iterable[bytes]


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
    """Open a file for an export; what it holds is written into it as it is read."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        archive.writestr("README.txt", READ_ME)
        yield archive


def outline_in(archive: zipfile.ZipFile) -> IO[bytes]:
    """Where the outline's lines go, of whatever length it is."""
    return archive.open(OUTLINE, "w", force_zip64=True)


def write(export: Export, file: Path | IO[bytes]) -> None:
    with writing(file) as archive:
        with outline_in(archive) as member:
            member.writelines(text + b"\n" for text in export.outline)
        write_case(archive, export)


def write_case(archive: zipfile.ZipFile, export: Case) -> None:
    """Everything but the outline."""
    archive.writestr("manifest.json", export.manifest.model_dump_json(indent=1))
    archive.writestr("facts.jsonl", lines(orjson.dumps([each.position, each.bytes.decode()]) for each in export.bodies))
    archive.writestr("checkpoints.jsonl", lines(each.model_dump_json().encode() for each in export.checkpoints))
    words = {source: signed.model_dump() for source, signed in export.watermarks.items()}
    archive.writestr("watermarks.json", orjson.dumps(words, option=orjson.OPT_INDENT_2))
    archive.writestr("records.json", orjson.dumps(export.said, option=orjson.OPT_INDENT_2))


def lines(texts: Iterable[bytes]) -> bytes:
    return b"".join(text + b"\n" for text in texts)


def read(file: Path | IO[bytes]) -> Export:
    """All of it but the outline, which stays in the file; raises NotAnExport."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist() if each.filename != OUTLINE) > MOST_BYTES:
                raise NotAnExport(f"{file} unpacks to more than {MOST_BYTES >> 30} GiB")
            archive.getinfo(OUTLINE)
            return _read(archive, Outline(file))
    except UNREADABLE as error:
        raise not_an_export(file, error) from None


def not_an_export(file: object, error: BaseException) -> NotAnExport:
    return NotAnExport(f"{file} is not an export of evidence: {(str(error).splitlines() or [type(error).__name__])[0]}")


def _read(archive: zipfile.ZipFile, outline: Outline) -> Export:
    manifest = Manifest.model_validate_json(archive.read("manifest.json"))
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        raise NotAnExport(
            f"this reads {FORMAT} {VERSION}, and the file is {manifest.format} {manifest.version}: "
            "verify it with the version of this program that wrote it"
        )
    return Export(
        manifest,
        [
            Body(int(place), text.encode())
            for place, text in map(orjson.loads, archive.read("facts.jsonl").splitlines())
        ],
        [SignedCheckpoint.model_validate_json(each) for each in archive.read("checkpoints.jsonl").splitlines()],
        {
            source: SignedWatermark.model_validate(signed)
            for source, signed in orjson.loads(archive.read("watermarks.json")).items()
        },
        orjson.loads(archive.read("records.json")),
        outline,
    )
