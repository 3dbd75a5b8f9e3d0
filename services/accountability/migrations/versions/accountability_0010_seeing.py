"""Who looked at whose record, and which records are sealed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0010"
down_revision = "accountability_0009"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
# Whoever holds the service's rights may forget what is old, and nothing that somebody may still ask about.
KEEP = """
CREATE FUNCTION keep_looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < factory_now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'who looked at a record is only ever added to';
END $$
"""
GUARDS = (
    "CREATE TRIGGER record_looks_stay BEFORE UPDATE OR DELETE ON record_looks FOR EACH ROW EXECUTE FUNCTION keep_looks()",
    "CREATE TRIGGER record_looks_stay_all BEFORE TRUNCATE ON record_looks EXECUTE FUNCTION keep_looks()",
)


def upgrade() -> None:
    op.create_table(
        "record_looks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=16), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("whose", sa.String(length=16), nullable=False),
        sa.Column("no", sa.String(length=64), nullable=False),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("record_looks_of_person", "record_looks", ["whose", "id"])
    op.create_index("record_looks_again", "record_looks", ["no", "who", "at"])
    op.create_index("record_looks_at", "record_looks", ["at"])
    op.execute(KEEP)
    for guard in GUARDS:
        op.execute(guard)
    op.add_column("penalty_records", sa.Column("sealed_at", MOMENT, nullable=True))
    op.add_column("breach_findings", sa.Column("sealed_at", MOMENT, nullable=True))
    op.drop_index(op.f("ix_penalty_records_person"), "penalty_records")
    op.create_index("penalty_records_of_person", "penalty_records", ["person", "no"])
    op.create_index(
        "penalty_records_to_seal",
        "penalty_records",
        ["no"],
        postgresql_where=sa.text("sealed_at IS NULL AND status IN ('lapsed', 'withdrawn')"),
    )


def downgrade() -> None:
    op.drop_index("penalty_records_to_seal", "penalty_records")
    op.drop_index("penalty_records_of_person", "penalty_records")
    op.create_index(op.f("ix_penalty_records_person"), "penalty_records", ["person"])
    op.drop_column("breach_findings", "sealed_at")
    op.drop_column("penalty_records", "sealed_at")
    op.drop_table("record_looks")
    op.execute("DROP FUNCTION keep_looks")
