"""What the monthly figures count"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0009"
down_revision = "accountability_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "handover_outcomes",
        sa.Column("duty", sa.String(length=160), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=True),
        sa.Column("department", sa.String(length=40), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("assignee", sa.String(length=16), nullable=True),
        sa.Column("person", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("month", sa.DATE(), nullable=True),
        sa.Column("overrun", sa.Interval(), nullable=False),
        sa.Column("excused", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("duty", "attempt"),
    )
    op.create_index("handover_outcomes_month", "handover_outcomes", ["month", "department", "outcome"])
    op.create_index(
        "handover_outcomes_open",
        "handover_outcomes",
        ["assignee", "post"],
        postgresql_where="ended_at IS NULL",
    )
    op.create_index(
        "handover_outcomes_person",
        "handover_outcomes",
        ["person", "due_at"],
        postgresql_where="person IS NOT NULL",
    )
    op.create_table(
        "lost_dates",
        sa.Column("order_no", sa.String(length=64), nullable=False),
        sa.Column("of", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("done_at", moment, nullable=True),
        sa.Column("month", sa.DATE(), nullable=False),
        sa.Column("infeasible", sa.Boolean(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("link", sa.String(length=40), nullable=True),
        sa.Column("department", sa.String(length=40), nullable=True),
        sa.Column("clause", sa.String(length=16), nullable=True),
        sa.Column("overrun", sa.Interval(), nullable=True),
        sa.PrimaryKeyConstraint("order_no", "of", "number"),
    )
    op.create_index("lost_dates_month", "lost_dates", ["month"])
    op.create_index("penalty_records_made", "penalty_records", ["made_at"])
    # Its memory does not say what was excused; the judge remembers anew from the ledger and fills both tables.
    op.execute("DELETE FROM judge_snapshot")


def downgrade() -> None:
    op.drop_index("penalty_records_made", table_name="penalty_records")
    op.drop_index("lost_dates_month", table_name="lost_dates")
    op.drop_table("lost_dates")
    op.drop_index("handover_outcomes_person", table_name="handover_outcomes", postgresql_where="person IS NOT NULL")
    op.drop_index("handover_outcomes_open", table_name="handover_outcomes", postgresql_where="ended_at IS NULL")
    op.drop_index("handover_outcomes_month", table_name="handover_outcomes")
    op.drop_table("handover_outcomes")
