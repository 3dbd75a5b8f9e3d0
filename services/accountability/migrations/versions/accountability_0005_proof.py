"""proof"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0005"
down_revision = "accountability_0004"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
GUARD = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
EXECUTE FUNCTION refuse_to_change_the_ledger()
"""


def upgrade() -> None:
    op.create_table(
        "evidence_exports",
        sa.Column("no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_by", sa.String(length=16), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", MOMENT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("no"),
    )
    op.create_table(
        "ledger_checkpoints",
        sa.Column("no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", MOMENT, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("watermarks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("written_at", MOMENT, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("no"),
    )
    op.execute(GUARD.format(table="evidence_exports"))
    op.execute(GUARD.format(table="ledger_checkpoints"))


def downgrade() -> None:
    op.drop_table("ledger_checkpoints")
    op.drop_table("evidence_exports")
