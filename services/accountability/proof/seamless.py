"""Does a zip file say anything beside its parts? Nothing is signed about that, and some programs would read it instead.

Most go by the directory at its end, some read it from front to back, or go by what a part itself says of its name and length.
So every byte has to be where the writer of an export puts it: part after part, the directory, and how that ends.
"""

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

HEADER_LENGTH, ENTRY_LENGTH = 30, 46
"""How long the header of a part is, and its entry in the directory, before its name."""
LENGTHS = struct.Struct("<HH")
"""How long the name is, and what is beside it: the header says it at its end."""
ENTRY_LENGTHS, ENTRY_LENGTHS_AT = struct.Struct("<HHH"), 28
"""How an entry says it, and how long a remark is."""
VERSION = slice(4, 6)
"""Which version of the format unpacks a part: where the directory says its place in 64 bits, it says a later one there."""
WIDE = (1 << 31) - 1
"""Lengths and places beyond it are written in 64 bits."""
WIDE_LENGTHS = 20
DESCRIBED = 0x08
"""A part that was written where nobody can go back, as into a pipe, is followed by its checksum and lengths."""
READABLE = 0o600 << 16
STEP = 1 << 14


def check(archive: zipfile.ZipFile) -> None:
    """Raises ValueError, struct.error or zlib.error where anything else is there."""
    assert archive.fp is not None
    parts, place = sorted(archive.infolist(), key=lambda each: each.header_offset), 0
    if archive.comment or not all(map(is_plain, parts)):
        raise ValueError("it bears a remark as a zip file: nobody vouches for that")
    for part in parts:
        if part.header_offset != place:
            raise ValueError(f"something stands before {part.filename}: some programs would read that instead")
        place += length_of(archive.fp, part)
    archive.fp.seek(place)
    if archive.start_dir != place or not is_directory(archive.fp.read(), archive.infolist(), place):
        raise ValueError("something stands behind its parts: some programs would read that instead")


def is_plain(part: zipfile.ZipInfo) -> bool:
    """Whether the directory says nothing of a part but its name, its lengths and where it is."""
    marks = (part.flag_bits & ~DESCRIBED, part.volume, part.internal_attr, part.external_attr)
    return marks == (0, 0, 0, READABLE) and not part.comment and part.extra == in_64_bits(part)


def is_directory(text: bytes, parts: Sequence[zipfile.ZipInfo], place: int) -> bool:
    """Whether the directory holds one entry after the other, and the file ends behind them."""
    length = 0
    for part in parts:
        if ENTRY_LENGTHS.unpack_from(text, length + ENTRY_LENGTHS_AT) != (len(part.filename), len(part.extra), 0):
            return False
        length += ENTRY_LENGTH + len(part.filename) + len(part.extra)
    return text[length:] == end(len(parts), length, place)


def in_64_bits(part: zipfile.ZipInfo) -> bytes:
    """What the directory says of a part beside its name."""
    lengths, place = (part.file_size, part.compress_size), part.header_offset
    said = [*(lengths if max(lengths) > WIDE else ()), *([place] if place > WIDE else ())]
    return struct.pack(f"<HH{len(said)}Q", 1, 8 * len(said), *said) if said else b""


def length_of(file: IO[bytes], part: zipfile.ZipInfo) -> int:
    """How many bytes a part takes; raises ValueError where it does not say of itself what the directory says of it."""
    file.seek(part.header_offset)
    start = file.read(HEADER_LENGTH)
    header = start + file.read(sum(LENGTHS.unpack(start[-LENGTHS.size :])))
    wide = len(header) == HEADER_LENGTH + len(part.filename) + WIDE_LENGTHS
    described = descriptor(part, wide=wide)
    if without_version(header) != without_version(header_of(part, wide=wide)) or not ends_where_it_says(file, part):
        raise ValueError(f"{part.filename} is not what the directory says: some programs would read something else")
    if file.read(len(described)) != described:
        raise ValueError(f"something stands behind {part.filename}: some programs would read that as well")
    return len(header) + part.compress_size + len(described)


def header_of(part: zipfile.ZipInfo, *, wide: bool) -> bytes:
    """As the library writes it for a part that has a name and a text, and nothing else."""
    known = copy.copy(part)
    known.extra = b""
    return known.FileHeader(zip64=wide)


def without_version(header: bytes) -> bytes:
    return header[: VERSION.start] + header[VERSION.stop :]


def descriptor(part: zipfile.ZipInfo, *, wide: bool) -> bytes:
    if not part.flag_bits & DESCRIBED:
        return b""
    return struct.pack("<4sLQQ" if wide else "<4sLLL", b"PK\x07\x08", part.CRC, part.compress_size, part.file_size)


def ends_where_it_says(file: IO[bytes], part: zipfile.ZipInfo) -> bool:
    """Whether the packed text and the unpacked one are as long as the directory says: what is behind would be hidden."""
    if part.compress_type == zipfile.ZIP_STORED:
        file.seek(part.compress_size, io.SEEK_CUR)
        return part.compress_size == part.file_size
    left, length, text = part.compress_size, 0, zlib.decompressobj(-zlib.MAX_WBITS)
    while left and length <= part.file_size and not text.eof:
        packed = file.read(min(left, STEP))
        if not packed:
            return False
        left, length = left - len(packed), length + len(text.decompress(packed))
    return text.eof and not left and not text.unused_data and length == part.file_size


def end(count: int, length: int, place: int) -> bytes:
    """How a file ends whose directory is of this length, at this place."""
    wide = b""
    if place > WIDE:
        wide = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, place)
        wide += struct.pack("<4sLQL", b"PK\x06\x07", 0, place + length, 1)
    return wide + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, length, min(place, (1 << 32) - 1), 0)
