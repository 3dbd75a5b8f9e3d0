"""How do the bus's tables, its trigger and its clock get into a service's database?"""

from typing import Protocol

TABLES = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    event text NOT NULL,
    order_no text,
    data json NOT NULL,
    actor text NOT NULL,
    actor_post text,
    actor_acting boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    traceparent text,
    baggage text,
    epoch bigint,
    sequence bigint,
    number bigint,
    wire bytea,
    hash bytea
);

CREATE INDEX outbox_unnumbered ON outbox (id) WHERE sequence IS NULL;

CREATE UNIQUE INDEX outbox_sequence ON outbox (epoch, sequence);

CREATE UNIQUE INDEX outbox_number ON outbox (event, epoch, number);

CREATE TABLE relay_state (
    one boolean DEFAULT true PRIMARY KEY CHECK (one),
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    published_epoch bigint NOT NULL,
    published_sequence bigint NOT NULL,
    former_epoch bigint,
    former_sequence bigint,
    former_hash bytea,
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL
);

CREATE TABLE relay_numbers (
    epoch bigint,
    event text,
    number bigint NOT NULL,
    PRIMARY KEY (epoch, event)
);

CREATE TABLE inbox (
    source text,
    epoch bigint,
    stream text,
    number bigint,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (source, epoch, stream, number)
);

CREATE TABLE inbox_marks (
    source text,
    epoch bigint,
    stream text,
    through bigint NOT NULL,
    latest timestamptz NOT NULL,
    PRIMARY KEY (source, epoch, stream)
);

CREATE TABLE source_heads (
    source text,
    epoch bigint,
    sequence bigint NOT NULL,
    promised timestamptz NOT NULL,
    signed jsonb NOT NULL,
    PRIMARY KEY (source, epoch)
);

CREATE TABLE waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    event text NOT NULL,
    order_no text,
    kind text,
    key text,
    attempts smallint DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    since timestamptz DEFAULT clock_timestamp() NOT NULL,
    retry_at timestamptz DEFAULT now() NOT NULL,
    body bytea NOT NULL
);

CREATE INDEX waiting_for ON waiting (kind, key);

CREATE INDEX waiting_due ON waiting (retry_at);

CREATE TABLE parked (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    event text NOT NULL,
    order_no text,
    attempts smallint NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    status text DEFAULT 'parked' NOT NULL CHECK (status IN ('parked', 'replayed', 'discarded')),
    decided_by text,
    decided_at timestamptz,
    body bytea NOT NULL
);

CREATE INDEX parked_open ON parked (status) WHERE status = 'parked';

CREATE TABLE availability (
    one boolean DEFAULT true PRIMARY KEY CHECK (one),
    alive_at timestamptz NOT NULL,
    factory_at timestamptz NOT NULL
);

CREATE TABLE clock_mode (
    one boolean DEFAULT true PRIMARY KEY CHECK (one),
    mode text NOT NULL
);
"""

# Both sequences count microseconds since 1970. A sequence, because setval is seen at once by every transaction, also by
# those whose snapshot is older; a row in a table would not be.
CLOCK = """
CREATE SEQUENCE factory_clock;

CREATE SEQUENCE factory_floor;

CREATE FUNCTION factory_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE FUNCTION microseconds(instant timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
AS 'SELECT (extract(epoch FROM instant) * 1000000)::bigint';

CREATE FUNCTION instant(microseconds bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
AS $$SELECT timestamptz 'epoch' + microseconds * interval '1 microsecond'$$;
"""

# The transaction id is taken before the clock is read. The watermark relies on this order: whoever takes an id later
# than the watermark's own reads a clock that is not earlier than its promise.
TRIGGER = """
CREATE FUNCTION record_fact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_current_xact_id();
    NEW.recorded_at := greatest(factory_now(), instant((SELECT last_value FROM factory_floor)));
    NEW.occurred_at := coalesce(NEW.occurred_at, NEW.recorded_at);
    RETURN NEW;
END $$;

CREATE TRIGGER record_fact BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION record_fact();
"""

DROP = """
DROP TABLE outbox, relay_state, relay_numbers, inbox, inbox_marks, source_heads, waiting, parked,
    availability, clock_mode;

DROP FUNCTION record_fact, factory_now, microseconds, instant;

DROP SEQUENCE factory_clock, factory_floor;
"""


class Runs(Protocol):
    """What alembic's `op` can do, as far as we need it."""

    def execute(self, sqltext: str) -> None: ...


def create_bus_tables(op: Runs) -> None:
    """First revision of every service: the tables of chassis.schema as they were when version 1 was released."""
    run(op, TABLES + CLOCK + TRIGGER)


def drop_bus_tables(op: Runs) -> None:
    run(op, DROP)


def run(op: Runs, script: str) -> None:
    """Statement by statement, as blank lines divide them: asyncpg prepares each, and prepares no two at once."""
    for statement in script.strip().split("\n\n"):
        op.execute(statement)
