"""Everybody who found intent or gross negligence behind a record, also in what was withdrawn: none of them decides its appeal"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0037"
down_revision = "accountability_0036"
branch_labels = None
depends_on = None

ALL = """
UPDATE penalty_records p SET fault_found_by = found.by FROM
(SELECT record_no, array_agg(DISTINCT made_by ORDER BY made_by) AS by FROM compensations GROUP BY record_no) found
WHERE found.record_no = p.no
"""
ONE_THAT_STANDS = """
UPDATE penalty_records p SET fault_found_by = c.made_by FROM compensations c
WHERE c.record_no = p.no AND c.status <> 'withdrawn'
"""


def upgrade() -> None:
    op.drop_column("penalty_records", "fault_found_by")
    names = postgresql.ARRAY(sa.Text())
    op.add_column("penalty_records", sa.Column("fault_found_by", names, nullable=False, server_default="{}"))
    op.execute(ALL)
    op.alter_column("penalty_records", "fault_found_by", server_default=None)


def downgrade() -> None:
    op.drop_column("penalty_records", "fault_found_by")
    op.add_column("penalty_records", sa.Column("fault_found_by", sa.String(length=16), nullable=True))
    op.execute(ONE_THAT_STANDS)
