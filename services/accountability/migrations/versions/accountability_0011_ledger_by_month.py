"""The ledger by month: one partition for each month of the judge's order; and the judge's memory by case"""

from alembic import op
from sqlalchemy import text

revision = "accountability_0011"
down_revision = "accountability_0010"
branch_labels = None
depends_on = None

COLUMNS = """
    position bigint NOT NULL,
    source varchar(40) NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    type varchar(120) NOT NULL,
    subject varchar(64),
    recorded_at timestamptz NOT NULL,
    admitted timestamptz NOT NULL,
    arrived_at timestamptz NOT NULL,
    body bytea NOT NULL,
    hash bytea NOT NULL,
    source_hash bytea NOT NULL
"""
ORDER = "CREATE UNIQUE INDEX ledger_order ON ledger (admitted, source, epoch, sequence)"
SUBJECT = "CREATE INDEX ledger_subject ON ledger (subject, position) WHERE subject IS NOT NULL"
GUARD = """
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
EXECUTE FUNCTION refuse_to_change_the_ledger()
"""
# The service may make no table. This one it may have made, by the owner: a month of the ledger, empty and guarded like the
# rest. It is made beside the ledger and then attached, which stops no reader. A position and a (source, epoch, sequence)
# are there once within a month by its own indexes; across months the one locked head counts both on.
OPEN_MONTH = """
CREATE FUNCTION open_ledger_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    first timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    part text := 'ledger_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('public.' || part) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.ledger INCLUDING ALL)', part);
    EXECUTE format('CREATE UNIQUE INDEX ON public.%I (position)', part);
    EXECUTE format('CREATE UNIQUE INDEX ON public.%I (source, epoch, sequence)', part);
    EXECUTE format('CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
        'EXECUTE FUNCTION public.refuse_to_change_the_ledger()', part);
    EXECUTE format('ALTER TABLE public.ledger ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', part,
        first AT TIME ZONE 'UTC', (first + interval '1 month') AT TIME ZONE 'UTC');
END $$
"""
MEMORY = """
CREATE TABLE judge_cases (
    order_no varchar(64) NOT NULL,
    settled boolean NOT NULL,
    ends bigint NOT NULL,
    troubled boolean NOT NULL,
    needs text[] NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT judge_cases_pkey PRIMARY KEY (order_no)
)
"""
MEMORY_INDEXES = (
    "CREATE TABLE judge_case_names (name text, order_no varchar(64), PRIMARY KEY (name, order_no))",
    "CREATE INDEX judge_cases_ends ON judge_cases (ends) WHERE settled",
    "CREATE INDEX judge_cases_open ON judge_cases (order_no) WHERE NOT settled",
)
PAGE = 50_000
FORMER_INDEXES = (
    "CREATE UNIQUE INDEX ledger_source ON ledger (source, epoch, sequence)",
    "CREATE INDEX ledger_order ON ledger (admitted, source, epoch, sequence)",
    SUBJECT,
)


def upgrade() -> None:
    """Every fact moves into its month as it is: same position, same bytes, same hashes."""
    set_the_old_one_aside("ledger_source", "ledger_order", "ledger_subject")
    op.execute(f"CREATE TABLE ledger ({COLUMNS}) PARTITION BY RANGE (admitted)")
    for statement in (ORDER, SUBJECT, GUARD, OPEN_MONTH):
        op.execute(statement)
    op.execute("REVOKE EXECUTE ON FUNCTION open_ledger_month(timestamptz) FROM PUBLIC")
    op.execute(
        "SELECT open_ledger_month(month) FROM "
        "(SELECT DISTINCT date_trunc('month', admitted, 'UTC') AS month FROM ledger_before) AS months"
    )
    move_over()
    for statement in (MEMORY, *MEMORY_INDEXES):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE judge_cases, judge_case_names")
    op.execute("DELETE FROM judge_snapshot")  # it lacks the cases: the judge folds the ledger again
    op.execute("DROP FUNCTION open_ledger_month(timestamptz)")
    set_the_old_one_aside("ledger_order", "ledger_subject")
    op.execute(f"CREATE TABLE ledger ({COLUMNS}, CONSTRAINT ledger_pkey PRIMARY KEY (position))")
    move_over()
    for statement in (*FORMER_INDEXES, GUARD):
        op.execute(statement)


def set_the_old_one_aside(*indexes: str) -> None:
    op.execute("ALTER TABLE ledger RENAME TO ledger_before")
    op.execute("ALTER INDEX IF EXISTS ledger_pkey RENAME TO ledger_before_pkey")
    for name in indexes:
        op.execute(f"ALTER INDEX {name} RENAME TO {name}_before")


def move_over() -> None:
    """Page by page, because every statement is bounded in time; all or nothing, because it is one transaction."""
    connection = op.get_bind()
    last = connection.scalar(text("SELECT coalesce(max(position), 0) FROM ledger_before"))
    move = text("INSERT INTO ledger SELECT * FROM ledger_before WHERE position > :after AND position <= :after + :page")
    moved = sum(connection.execute(move, {"after": after, "page": PAGE}).rowcount for after in range(0, last, PAGE))
    if moved != connection.scalar(text("SELECT count(*) FROM ledger_before")):
        raise RuntimeError("not every fact of the ledger could be moved; nothing was changed")
    op.execute("DROP TABLE ledger_before")
