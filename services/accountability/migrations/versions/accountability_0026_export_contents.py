"""What an export holds is written down and signed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0026"
down_revision = "accountability_0025"
branch_labels = None
depends_on = None

GUARD = """
CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
EXECUTE FUNCTION refuse_to_change_the_ledger()
"""


def upgrade() -> None:
    op.create_table(
        "export_contents",
        sa.Column("export_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["export_no"], ["evidence_exports.no"]),
        sa.PrimaryKeyConstraint("export_no"),
    )
    op.create_table(
        "export_signatures",
        sa.Column("export_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["export_no"], ["export_contents.export_no"]),
        sa.PrimaryKeyConstraint("export_no"),
    )
    op.execute(GUARD.format(table="export_contents"))
    op.execute(GUARD.format(table="export_signatures"))


def downgrade() -> None:
    op.drop_table("export_signatures")
    op.drop_table("export_contents")
