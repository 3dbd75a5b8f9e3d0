"""What do the services tell each other about the bus itself? Control messages are unsequenced and may be lost."""

from datetime import date
from typing import Annotated

import orjson
from pydantic import AwareDatetime, Field, StringConstraints

from contracts.event import Code, Fact, Position

# The stream of everything a source says; any other stream is one event type.
ALL = "#"
# How many facts one resend request names at most.
PAGE = 500

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


def canonical(statement: Fact) -> bytes:
    """The bytes of a statement that are signed."""
    return orjson.dumps(statement.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


class Former(Fact):
    """The end of a source's epoch before, as far as its restored database remembers it."""

    epoch: int
    sequence: Count
    hash: Hash


class LastNumber(Fact):
    """The highest number that any document got on the newest day on which documents were made."""

    day: date
    last: Count


class Watermark(Fact):
    """A source's word: all my facts recorded before `promised` are out, and the last has this sequence and hash.

    `numbers` gives the last number per event type, `documents` the last of its documents. `former` is there when a
    database was restored since.
    """

    source: Code
    epoch: int
    promised: AwareDatetime
    sequence: Count
    hash: Hash
    numbers: dict[str, Count]
    documents: LastNumber | None = None
    former: Former | None = None

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self)

    def last(self, stream: str) -> int:
        """The last number of a stream that this watermark speaks for."""
        return self.sequence if stream == ALL else self.numbers.get(stream, 0)


class Signed(Fact):
    """A statement exactly as it was signed: the signature covers the bytes of `statement`, whoever reads it."""

    statement: str
    key: str
    signature: str


class SignedWatermark(Signed):
    """A watermark with its source's signature."""


class HeadRequest(Fact):
    """A source that starts asks everybody how far they have heard it."""

    source: Code


class Head(Fact):
    """The last watermark of the asker that the answerer heard, if any."""

    answerer: Code
    watermark: SignedWatermark | None = None


class ResendRequest(Fact):
    """A receiver misses these numbers of one stream and wants them again."""

    asker: Code
    epoch: Position
    stream: Code
    numbers: tuple[Position, ...] = Field(max_length=PAGE)
