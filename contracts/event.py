"""What does every fact carry, and how does it look on the wire?"""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, ClassVar
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, TypeAdapter

EXCHANGE = "handover"
SERVICES = ("sales", "engineering", "pmc", "purchasing", "quality", "warehouse", "accountability")
SYSTEM_ACTOR = "system"
MAX_BODY_BYTES = 1 << 20

EmployeeId = Annotated[str, StringConstraints(pattern=r"^(E-\d{3,6}|system)$")]
Position = Annotated[int, Field(ge=1, lt=1 << 63)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))]
DocumentNo = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(max_length=4000)]
Amount = Annotated[
    Decimal, Field(max_digits=18, decimal_places=4), PlainSerializer(str, return_type=str, when_used="json")
]
Quantity = Annotated[
    Decimal, Field(max_digits=18, decimal_places=6), PlainSerializer(str, return_type=str, when_used="json")
]


class Fact(BaseModel):
    """A frozen value inside an event; readers ignore fields that a newer publisher added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DutyRef(Fact):
    """One handover: the link's code in the rulebook and the document that makes it this one and no other."""

    link: Code
    key: DocumentNo

    def __str__(self) -> str:
        return f"{self.link}:{self.key}"


class Event(Fact):
    """A fact that a department states. Subclasses are named for what happened and carry a literal `name`.

    `order_no` becomes the CloudEvents subject. `assignee` is the person on the document who owes what this fact
    is about; `closes`, `pauses` and `resumes` name the handovers whose clocks it touches.
    """

    name: ClassVar[str] = ""

    order_no: DocumentNo | None = None
    assignee: EmployeeId | None = None
    closes: tuple[DutyRef, ...] = ()
    pauses: tuple[DutyRef, ...] = ()
    resumes: tuple[DutyRef, ...] = ()

    @classmethod
    def publisher(cls) -> str:
        return cls.name.partition(".")[0]


class Actor(Fact):
    """Who did it, in which post, and whether that post is held acting (代)."""

    employee: EmployeeId
    post: Code | None = None
    acting: bool = False


class Envelope(BaseModel):
    """A received fact: CloudEvents 1.0 attributes, our extensions, and the body still undecoded by type.

    `sequence` is gap-free per (source, epoch); `number` is gap-free per (source, epoch, type). `time` is recorded_at.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: UUID
    source: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    type: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}\.[a-z0-9_]{1,80}\.v[0-9]{1,4}$")]
    subject: str | None = None
    time: Moment
    occurredat: Moment
    actor: EmployeeId
    actorpost: str | None = None
    actoracting: bool = False
    epoch: Position
    sequence: Position
    number: Position
    traceparent: str | None = None
    baggage: str | None = None
    data: dict[str, Any]


_envelope = TypeAdapter(Envelope)


def decode(body: bytes) -> Envelope:
    """Read wire bytes; raises ValueError (pydantic.ValidationError, orjson.JSONDecodeError) when they are no envelope."""
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"the message has {len(body)} bytes, more than {MAX_BODY_BYTES}")
    return _envelope.validate_python(orjson.loads(body))


def compose(
    *,
    id: UUID,  # noqa: A002 -- CloudEvents' own names
    source: str,
    type: str,  # noqa: A002
    subject: str | None,
    recorded_at: datetime,
    occurred_at: datetime,
    actor: str,
    actor_post: str | None,
    actor_acting: bool,
    epoch: int,
    sequence: int,
    number: int,
    traceparent: str | None,
    baggage: str | None,
    data: bytes,
) -> bytes:
    """The final wire bytes of a numbered fact; stored once and never serialised again. `data` is the event's JSON."""
    attributes = {
        "specversion": "1.0",
        "id": str(id),
        "source": source,
        "type": type,
        "subject": subject,
        "time": recorded_at.isoformat(),
        "occurredat": occurred_at.isoformat(),
        "actor": actor,
        "actorpost": actor_post,
        "actoracting": actor_acting,
        "epoch": epoch,
        "sequence": sequence,
        "number": number,
        "traceparent": traceparent,
        "baggage": baggage,
        "datacontenttype": "application/json",
        "data": orjson.Fragment(data),
    }
    return orjson.dumps({key: value for key, value in attributes.items() if value is not None})


GENESIS = bytes(32)


def chain(previous: bytes, wire: bytes) -> bytes:
    """The hash of a fact in its source's chain; before the first fact of an epoch stands GENESIS."""
    return sha256(previous + wire).digest()
