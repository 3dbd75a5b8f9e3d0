"""With which earlier warnings did one become a minor demerit"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0020"
down_revision = "accountability_0019"
branch_labels = None
depends_on = None

NO_TEXT, NO_LIST = sa.text("''"), sa.text("'{}'")
WEIGHS = "coalesce(nullif(reduced_to, ''), nullif(escalated_to, ''), sanction)"
FILLED = ("warned_before", "escalated_to", "counted_with", "fell_back_because")


def upgrade() -> None:
    numbers, when = postgresql.ARRAY(sa.Text()), postgresql.TIMESTAMP(timezone=True)
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("warned_before", numbers, nullable=False, server_default=NO_LIST),
        sa.Column("escalated_to", sa.String(length=32), nullable=False, server_default=NO_TEXT),
        sa.Column("counted_with", numbers, nullable=False, server_default=NO_LIST),
        sa.Column("fell_back_at", when, nullable=True),
        sa.Column("fell_back_with", sa.String(length=64), nullable=True),
        sa.Column("fell_back_by", sa.String(length=16), nullable=True),
        sa.Column("fell_back_because", sa.Text(), nullable=False, server_default=NO_TEXT),
    )
    weighs = sa.Column("weighs", sa.String(length=32), sa.Computed(WEIGHS, persisted=True), nullable=False)
    for column in (*columns, weighs):
        op.add_column("penalty_records", column)
    for name in FILLED:
        op.alter_column("penalty_records", name, server_default=None)


def downgrade() -> None:
    for name in ("weighs", *FILLED, "fell_back_at", "fell_back_with", "fell_back_by"):
        op.drop_column("penalty_records", name)
