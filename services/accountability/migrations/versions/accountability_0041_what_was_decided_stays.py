"""What an objection left stands on its record as well, beside what the appeal left, and who issued an earlier one of its matter"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0041"
down_revision = "accountability_0040"
branch_labels = None
depends_on = None

LEFT_ON_OBJECTION = """
UPDATE penalty_records p SET compensation_reduced_to = LEAST(p.compensation_reduced_to, c.most) FROM
(SELECT record_no, min(CASE objection_outcome WHEN 'revoke' THEN 0 ELSE objection_reduced_to END) AS most
 FROM compensations WHERE objection_outcome IN ('revoke', 'reduce') GROUP BY record_no) c
WHERE c.record_no = p.no
"""
FOUND_FAULT = """
UPDATE penalty_records p SET fault_found_by = h.found FROM
(SELECT p.no, array_agg(DISTINCT f.who ORDER BY f.who) AS found
 FROM penalty_records p JOIN penalty_records e ON e.key = p.key AND e.person = p.person AND e.no <= p.no
 CROSS JOIN unnest(e.fault_found_by) AS f(who) GROUP BY p.no) h
WHERE h.no = p.no
"""
ISSUED_BEFORE = """
UPDATE penalty_records p SET issued_before_by = h.issued FROM
(SELECT p.no, array_agg(DISTINCT e.approved_by ORDER BY e.approved_by) AS issued
 FROM penalty_records p JOIN penalty_records e ON e.key = p.key AND e.person = p.person AND e.no < p.no
 WHERE e.approved_by IS NOT NULL GROUP BY p.no) h
WHERE h.no = p.no
"""
LEFT_ON_APPEAL = """
UPDATE penalty_records SET appeal_reduced_to = CASE WHEN fell_back_at IS NULL THEN reduced_to ELSE '' END,
  appeal_compensation_reduced_to = compensation_reduced_to
WHERE appeal_outcome = 'reduce'
"""


def upgrade() -> None:
    names = postgresql.ARRAY(sa.Text())
    op.add_column("penalty_records", sa.Column("issued_before_by", names, nullable=False, server_default="{}"))
    op.add_column("penalty_records", sa.Column("appeal_reduced_to", sa.String(32), nullable=False, server_default=""))
    op.add_column("penalty_records", sa.Column("appeal_compensation_reduced_to", sa.Numeric(18, 4), nullable=True))
    op.execute(LEFT_ON_APPEAL)
    op.execute(LEFT_ON_OBJECTION)
    op.execute(FOUND_FAULT)
    op.execute(ISSUED_BEFORE)
    for name in ("issued_before_by", "appeal_reduced_to"):
        op.alter_column("penalty_records", name, server_default=None)


def downgrade() -> None:
    """What is payable stays as it was decided."""
    for name in ("appeal_compensation_reduced_to", "appeal_reduced_to", "issued_before_by"):
        op.drop_column("penalty_records", name)
