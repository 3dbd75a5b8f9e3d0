"""Compensations, wages and what was stated to payroll"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0008"
down_revision = "accountability_0007"
branch_labels = None
depends_on = None

moment = postgresql.TIMESTAMP(timezone=True)
money = sa.Numeric(precision=18, scale=4)


def document(*columns: sa.Column[Any]) -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("no", sa.String(length=64), primary_key=True),
        sa.Column("order_no", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        *columns,
        sa.Column("made_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_at", moment, nullable=True),
    )


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    op.create_table(
        "compensations",
        *document(
            sa.Column("record_no", sa.String(length=64), nullable=False),
            sa.Column("clause", sa.String(length=16), nullable=False),
            sa.Column("person", sa.String(length=16), nullable=False),
            sa.Column("fault", sa.String(length=24), nullable=False),
            sa.Column("what_happened", sa.Text(), nullable=False),
            sa.Column("evidence_documents", postgresql.ARRAY(sa.String(length=64)), nullable=False),
            sa.Column("share_percent", sa.Numeric(precision=7, scale=4), nullable=False),
            sa.Column("amount", money, nullable=False),
            sa.Column("computation", sa.Text(), nullable=False),
            sa.Column("found_as", sa.String(length=40), nullable=False),
            sa.Column("notified_because", sa.Text(), nullable=False),
            sa.Column("paper_reference", sa.Text(), nullable=False),
            sa.Column("notified_by", sa.String(length=16), nullable=True),
            sa.Column("notified_at", moment, nullable=True),
            sa.Column("withdrawn_because", sa.Text(), nullable=False),
            sa.Column("withdrawn_by", sa.String(length=16), nullable=True),
            sa.Column("withdrawn_at", moment, nullable=True),
        ),
        sa.CheckConstraint("made_by <> person AND notified_by <> person", name="compensations_not_in_ones_own_case"),
        sa.CheckConstraint("notified_by <> made_by", name="compensations_notified_by_another"),
    )
    index("compensations", "order_no", "person", "record_no", "status")
    op.create_index(
        "compensations_one_of_a_record",
        "compensations",
        ["record_no"],
        unique=True,
        postgresql_where=sa.text("status <> 'withdrawn'"),
    )
    op.create_table(
        "wages",
        *document(
            sa.Column("employee", sa.String(length=16), nullable=False),
            sa.Column("effective_month", sa.String(length=7), nullable=False),
            sa.Column("monthly_wage", money, nullable=False),
        ),
        sa.CheckConstraint("made_by <> employee", name="wages_not_ones_own"),
    )
    index("wages", "employee", "order_no", "status")
    op.create_table(
        "payroll_statements",
        *document(
            sa.Column("month", sa.String(length=7), nullable=False),
            sa.Column("lines", postgresql.JSONB(), nullable=False),
        ),
    )
    index("payroll_statements", "order_no", "status")
    op.create_index("payroll_statements_month", "payroll_statements", ["month"], unique=True)
    op.create_table(
        "payroll_downloads",
        sa.Column("statement_no", sa.String(length=64), primary_key=True),
        sa.Column("at", moment, primary_key=True),
        sa.Column("employee", sa.String(length=16), primary_key=True),
    )
    op.add_column("penalty_records", sa.Column("compensation_reduced_to", money, nullable=True))
    op.add_column("penalty_records", sa.Column("fault_found_by", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("penalty_records", "fault_found_by")
    op.drop_column("penalty_records", "compensation_reduced_to")
    for table in ("payroll_downloads", "payroll_statements", "wages", "compensations"):
        op.drop_table(table)
