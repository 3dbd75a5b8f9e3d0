"""Who has read of somebody's injury"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pmc_0013"
down_revision = "pmc_0012"
branch_labels = None
depends_on = None

# The service may forget what is old, and nothing that somebody may still ask about.
KEEP = """
CREATE FUNCTION keep_looks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < factory_now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'who read of an injury is only ever added to';
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
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=16), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=True),
        sa.Column("acting", sa.Boolean(), nullable=False),
        sa.Column("whose", sa.String(length=16), nullable=False),
        sa.Column("no", sa.Text(), nullable=False),
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


def downgrade() -> None:
    op.drop_table("record_looks")
    op.execute("DROP FUNCTION keep_looks")
