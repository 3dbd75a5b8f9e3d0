"""Which tables serve people rather than the bus: numbers, acts, roster copy, sessions and worklist?"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Numeric, String, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, DATE, JSONB, TIMESTAMP, UUID

from chassis.rights import ADDED_TO, DELETED_FROM
from chassis.schema import metadata

moment = TIMESTAMP(timezone=True)

document_numbers = Table(
    "document_numbers",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("day", DATE, primary_key=True),
    Column("last", Integer, nullable=False),
)

# Every act of a person: who did what to which document, with what, and what came of it. It is the documents' history,
# the idempotency memory (one `done` row per actor and key) and the audit of refused attempts.
acts = Table(
    "acts",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("at", moment, nullable=False),
    Column("employee", String(16), nullable=False),
    Column("post", String(40)),
    Column("acting", Boolean, nullable=False),
    Column("command", String(64), nullable=False),
    Column("key", String(80), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("kind", String(40)),
    Column("no", String(64)),
    Column("outcome", String(40), nullable=False),
    Column("request", JSONB, nullable=False),
    Column("response", JSONB),
    Index("acts_once", "employee", "key", unique=True, postgresql_where=text("outcome = 'done'")),
    Index("acts_of_document", "no", "at"),
    info=ADDED_TO,
)

employees = Table(
    "employees",
    metadata,
    Column("employee", String(16), primary_key=True),
    Column("nickname", Text, nullable=False),
    Column("department", String(40), nullable=False),
)

holdings = Table(
    "holdings",
    metadata,
    Column("assignment_no", String(64), primary_key=True),
    Column("employee", String(16), nullable=False, index=True),
    Column("post", String(40), nullable=False, index=True),
    Column("acting", Boolean, nullable=False),
    Column("effective_from", moment, nullable=False),
    Column("effective_until", moment),
    Column("counts_from", moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("employee", String(16), nullable=False),
    Column("expires_at", moment, nullable=False, index=True),
    info=DELETED_FROM,
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("employee", String(64), primary_key=True),
    Column("window_start", moment, nullable=False),
    Column("count", Integer, nullable=False),
    info=DELETED_FROM,
)

# What this department owes: one row per handover that arrived here, with the latest report of what hinders it and the
# working hours that were granted for that. `because` says in both languages why it was struck off (closed) or stays without
# a due time (open). While `waits_for` names something its clock stands, since `paused_at`; `stood` is how much working time it
# has stood before, in microseconds, which `due_at` has in it. `runs_from` is when a clock starts that does not start with the
# arrival, `arrived_at` decides which rules hold. `terms` are what its document said about its due time when it arrived, `redated`
# the later dates, each with when it was set; of what arrived before revision 8, terms with a date are not known.
duties = Table(
    "duties",
    metadata,
    Column("link", String(40), primary_key=True),
    Column("key", String(96), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("order_no", String(64), index=True),
    Column("line_no", Integer),
    Column("post", String(40), nullable=False),
    Column("assignee", String(16)),
    Column("document_no", String(64), index=True),
    Column("from_department", String(40)),
    Column("arrived_at", moment, nullable=False),
    Column("opened_at", moment, nullable=False),
    Column("due_at", moment),
    Column("signed_by", String(16)),
    Column("signed_at", moment),
    Column("closed_at", moment),
    Column("traceparent", String(64)),
    Column("warned", Integer, nullable=False, server_default=text("0")),
    Column("hindrance_no", String(64)),
    Column("hindrance_status", String(16)),
    Column("extension_hours", Numeric(12, 4), nullable=False, server_default=text("0")),
    Column("because", JSONB),
    Column("runs_from", moment),
    Column("terms", JSONB),
    Column("redated", JSONB, nullable=False, server_default=text("'[]'")),
    Column("paused_at", moment),
    Column("waits_for", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("stood", BigInteger, nullable=False, server_default=text("0")),
    Index("duties_open", "post", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("duties_struck", "closed_at", postgresql_where=text("because IS NOT NULL AND closed_at IS NOT NULL")),
)

# What makes clocks of an order or one of its lines stand still, whoever ordered it; what has ended is kept, so that a late
# word of its beginning changes nothing.
halts = Table(
    "halts",
    metadata,
    Column("source", String(40), primary_key=True),
    Column("no", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("order_no", String(64), nullable=False),
    Column("line_no", Integer),
    Column("since", moment, nullable=False),
    Column("ended", Boolean, nullable=False),
    Index("halts_in_force", "order_no", postgresql_where=text("NOT ended")),
)

# When the latest word on a matter was said (the inspection of these goods), and whether it settles it. Where `waits_for` names
# something, on that handover's waiting for it, which an end settles: one that was heard of first is no beginning afterwards.
latest_words = Table(
    "latest_words",
    metadata,
    Column("link", String(40), primary_key=True),
    Column("key", String(96), primary_key=True),
    Column("waits_for", Text, primary_key=True),
    Column("told_at", moment, nullable=False),
    Column("settled", Boolean, nullable=False),
)

# Of which handovers messengers are still to hear, each with the share of its time that is to be told. What is said of them is
# made when it is sent, of the handover as it is then. Where a letter reached some of a channel's addresses, `recipients` are
# the others. `next_try_at` is real time; until it has come nothing else is sent to the channel, but for `recipients`.
warnings = Table(
    "warnings",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("link", String(40), nullable=False),
    Column("key", String(96), nullable=False),
    Column("share", Integer, nullable=False),
    Column("recipients", ARRAY(Text)),
    Column("made_at", moment, nullable=False),
    Column("next_try_at", moment, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text, nullable=False, server_default=text("''")),
    Index("warnings_next", "channel", "next_try_at"),
    info=DELETED_FROM,
)

# What this department's people have to know of records in their own name.
notifications = Table(
    "notifications",
    metadata,
    Column("record_no", String(64), primary_key=True),
    Column("person", String(16), nullable=False),
    Column("stage", Text, nullable=False),
    Column("told_at", moment, nullable=False),
    Column("show_until", moment, nullable=False),
    Index("notifications_of_person", "person", "show_until"),
    info=DELETED_FROM,
)

# Every factory calendar and every version of the rulebook's standards as accountability published them: `no` says which, and it
# counts from when it was told, or later. What came before revision 8 is one row of each kind, the version's without a number.
settings_copy = Table(
    "settings_copy",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("no", String(64), primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("told_at", moment, nullable=False),
    Column("counts_from", moment, nullable=False),
)
