"""Which tables of a service's database belong to the bus: what was said, heard, waits and is parked?"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.rights import DELETED_FROM, KEY, Rights

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

moment = TIMESTAMP(timezone=True)
STATED = ("event_id", "event", "order_no", "data", "actor", "actor_post", "actor_acting", "occurred_at")

# Every fact this service ever stated. `recorded_at` is set by a trigger and by nothing else; the columns from `epoch`
# on are filled once, by the relay, when it numbers the row; nothing else of it ever changes. Rows are kept for
# chassis.retention to forget. Beyond some ten million rows a month, partition by ranges of `id` and let the owner drop
# whole partitions: the two unique indexes then become plain ones, since relay_state is what keeps numbers unique.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID, nullable=False),
    Column("event", Text, nullable=False),
    Column("order_no", Text),
    Column("data", JSON, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_post", Text),
    Column("actor_acting", Boolean, nullable=False),
    Column("occurred_at", moment, nullable=False),
    Column("recorded_at", moment, nullable=False),
    Column("traceparent", Text),
    Column("baggage", Text),
    Column("epoch", BigInteger),
    Column("sequence", BigInteger),
    Column("number", BigInteger),
    Column("wire", LargeBinary),
    Column("hash", LargeBinary),
    Index("outbox_unnumbered", "id", postgresql_where=text("sequence IS NULL")),
    Index("outbox_sequence", "epoch", "sequence", unique=True),
    Index("outbox_number", "event", "epoch", "number", unique=True),
    info={
        KEY: Rights(insert=(*STATED, "traceparent", "baggage"), update=("epoch", "sequence", "number", "wire", "hash"))
    },
)

# How far the relay came. One row: the present epoch with the head of its chain, what the broker has confirmed, the end
# of the epoch before, and the identity of the server that all this was written on.
relay_state = Table(
    "relay_state",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("published_epoch", BigInteger, nullable=False),
    Column("published_sequence", BigInteger, nullable=False),
    Column("former_epoch", BigInteger),
    Column("former_sequence", BigInteger),
    Column("former_hash", LargeBinary),
    Column("system_identifier", BigInteger, nullable=False),
    Column("timeline", Integer, nullable=False),
)

relay_numbers = Table(
    "relay_numbers",
    metadata,
    Column("epoch", BigInteger, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# What was received above the contiguous mark; at and below `through` nothing is missing and rows are pruned.
inbox = Table(
    "inbox",
    metadata,
    Column("source", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("recorded_at", moment, nullable=False),
    info=DELETED_FROM,
)

inbox_marks = Table(
    "inbox_marks",
    metadata,
    Column("source", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("through", BigInteger, nullable=False),
    Column("latest", moment, nullable=False),
)

# The last watermark heard of every source and epoch.
source_heads = Table(
    "source_heads",
    metadata,
    Column("source", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("promised", moment, nullable=False),
    Column("signed", JSONB, nullable=False),
)

# Received facts without their effect yet: their prerequisite (`kind`, `key`) is missing, or handling them failed. They
# are tried at `retry_at`, which the arrival of the prerequisite brings forward.
waiting = Table(
    "waiting",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("order_no", Text),
    Column("kind", Text),
    Column("key", Text),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False),
    Column("since", moment, nullable=False, server_default=text("clock_timestamp()")),
    Column("retry_at", moment, nullable=False, server_default=text("now()")),
    Column("body", LargeBinary, nullable=False),
    Index("waiting_for", "kind", "key"),
    Index("waiting_due", "retry_at"),
    info=DELETED_FROM,
)

# Received facts that could not be handled, with the reason, until a named operator replays or discards them.
parked = Table(
    "parked",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("order_no", Text),
    Column("attempts", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", moment, nullable=False, server_default=text("clock_timestamp()")),
    Column("status", Text, nullable=False, server_default=text("'parked'")),
    Column("decided_by", Text),
    Column("decided_at", moment),
    Column("body", LargeBinary, nullable=False),
    Index("parked_open", "status", postgresql_where=text("status = 'parked'")),
)

# The heartbeat of this service on its own database, in real and in factory time.
availability = Table(
    "availability",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("alive_at", moment, nullable=False),
    Column("factory_at", moment, nullable=False),
)

clock_mode = Table(
    "clock_mode",
    metadata,
    Column("one", Boolean, primary_key=True, server_default=text("true")),
    Column("mode", Text, nullable=False),
)

BUS_TABLES = (
    outbox,
    relay_state,
    relay_numbers,
    inbox,
    inbox_marks,
    source_heads,
    waiting,
    parked,
    availability,
    clock_mode,
)
