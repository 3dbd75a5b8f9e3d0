"""What stands beside the parts of an export's zip file is signed by nobody, and other programs than ours read it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

import pytest

from services.accountability.proof import packing, seamless

RECORDS, LAST = "records.json", "contents.json"
FORGED = b'{"records":[],"remark":"forged: nobody was found guilty"}'
ENTRY = struct.Struct("<4s6H3L5H2L")
PACKED, BESIDE, REMARK, PLACE = 8, 11, 12, 16
"""Which of an entry's values they are."""


class Pipe(io.RawIOBase):
    """Where nobody can go back."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, text: object) -> int:
        self.written += (more := bytes(text))  # type: ignore[call-overload]
        return len(more)


def an_export(file: io.IOBase) -> None:
    """As long as one of a small case; what its files say is not looked at here."""
    with packing.writing(file) as archive:  # type: ignore[arg-type]
        with packing.outline_in(archive) as member:
            member.writelines(b'[%d,"sales",1,2]\n' % number for number in range(5000))
        packing.write_files(archive, {"README.txt": packing.READ_ME.encode(), RECORDS: b'{"records":[]}', LAST: b"{}"})


@cache
def written() -> bytes:
    an_export(file := io.BytesIO())
    return file.getvalue()


class Forgery:
    """The file taken apart: each part with its header, its entry in the directory, and what else the directory says of it."""

    def __init__(self) -> None:
        raw = written()
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts, at = archive.infolist(), archive.start_dir
        ends = [*(part.header_offset for part in parts[1:]), at]
        self.before, self.parts = {part.filename: b"" for part in parts}, dict[str, bytes]()
        self.entries, self.said = dict[str, list[int]](), {part.filename: b"" for part in parts}
        for part, end in zip(parts, ends, strict=True):
            self.parts[part.filename] = raw[part.header_offset : end]
            self.entries[part.filename] = list(ENTRY.unpack_from(raw, at))
            at += ENTRY.size + len(part.filename)
        self.behind = b""

    def put_together(self) -> bytes:
        """Every program that goes by the directory finds each part."""
        whole = directory = b""
        for name, entry in self.entries.items():
            entry[BESIDE], entry[PLACE] = len(self.said[name]), len(whole) + len(self.before[name])
            whole += self.before[name] + self.parts[name]
            directory += ENTRY.pack(*entry) + name.encode() + self.said[name]
        whole += self.behind
        return whole + directory + seamless.end(len(self.entries), len(directory), len(whole))

    def repack(self, packed: Callable[[bytes], bytes]) -> None:
        """The records packed otherwise, and as long as their header and the directory say."""
        start = seamless.HEADER_LENGTH + len(RECORDS)
        header, text = bytearray(self.parts[RECORDS][:start]), packed(self.parts[RECORDS][start:])
        struct.pack_into("<L", header, 18, len(text))
        self.entries[RECORDS][PACKED] = len(text)
        self.parts[RECORDS] = bytes(header) + text


def alone() -> bytes:
    """A whole part of a name that is there already."""
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        archive.writestr(RECORDS, FORGED)
        length = archive.start_dir
    return file.getvalue()[:length]


def between_two_parts(forged: Forgery) -> None:
    forged.before[RECORDS] = alone()


def before_the_first(forged: Forgery) -> None:
    forged.before["outline.txt"] = alone()


def behind_the_last(forged: Forgery) -> None:
    forged.behind = alone()


def behind_a_packed_text(forged: Forgery) -> None:
    """Where the text ends, whoever does not go by lengths looks for the next part."""
    forged.repack(lambda packed: packed + alone())


def in_a_longer_text(forged: Forgery) -> None:
    """Whoever does not go by lengths unpacks all of it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    forged.repack(lambda _: packer.compress(b'{"records":[]}' + FORGED) + packer.flush())


def beside_the_name(forged: Forgery) -> None:
    forged.said[LAST] = struct.pack("<HH", 0x7777, len(FORGED)) + FORGED


def beside_the_name_at_its_place(forged: Forgery) -> None:
    said, start = struct.pack("<HH", 0x7777, len(FORGED)) + FORGED, seamless.HEADER_LENGTH + len(RECORDS)
    header = bytearray(forged.parts[RECORDS][:start])
    struct.pack_into("<H", header, seamless.HEADER_LENGTH - 2, len(said))
    forged.parts[RECORDS] = bytes(header) + said + forged.parts[RECORDS][start:]


def a_remark_beyond_the_end(forged: Forgery) -> None:
    """Python's library reads what there is of it."""
    forged.entries[LAST][REMARK] = 400


def test_an_export_has_no_seam() -> None:
    for file in (io.BytesIO(written()), io.BytesIO(Forgery().put_together()), io.BytesIO(through_a_pipe())):
        with zipfile.ZipFile(file) as archive:
            seamless.check(archive)
            assert archive.read(RECORDS) == b'{"records":[]}'


def test_nor_has_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than 2 GiB, or stands behind that, is said in 64 bits; here what is longer than 100 bytes."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(seamless, "WIDE", 100)
    an_export(file := io.BytesIO())
    an_export(pipe := Pipe())
    for raw in (file.getvalue(), pipe.written):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            assert len(archive.getinfo("outline.txt").extra) == 4 + 2 * 8
            seamless.check(archive)


def through_a_pipe() -> bytes:
    """As `--to -` writes it."""
    an_export(pipe := Pipe())
    return pipe.written


@pytest.mark.parametrize(
    "put",
    [
        between_two_parts,
        before_the_first,
        behind_the_last,
        behind_a_packed_text,
        in_a_longer_text,
        beside_the_name,
        beside_the_name_at_its_place,
        a_remark_beyond_the_end,
    ],
)
def test_what_is_in_none_of_its_parts_is_found_wherever_it_stands(put: Callable[[Forgery], None]) -> None:
    put(forged := Forgery())
    file = io.BytesIO(forged.put_together())
    with zipfile.ZipFile(file) as archive:
        assert archive.read(RECORDS) == b'{"records":[]}'

    with pytest.raises(packing.NotAnExport, match=r"stands (before|behind)|is not what the directory says|remark"):
        packing.read(file)


def test_nor_behind_what_was_written_into_a_pipe() -> None:
    """The checksum and lengths that stand there are those that the directory says."""
    raw = through_a_pipe()
    place = raw.rindex(b"PK\x07\x08")
    file = io.BytesIO(raw[: place + 4] + b"FORG" + raw[place + 8 :])

    with pytest.raises(packing.NotAnExport, match=r"something stands behind contents\.json"):
        packing.read(file)
