"""What an objection left of a compensation stands on its record as well"""

from alembic import op

revision = "accountability_0044"
down_revision = "accountability_0041"
branch_labels = None
depends_on = None

LEFT_ON_OBJECTION = """
UPDATE penalty_records p SET compensation_reduced_to = LEAST(p.compensation_reduced_to, c.most) FROM
(SELECT record_no, min(CASE objection_outcome WHEN 'revoke' THEN 0 ELSE objection_reduced_to END) AS most
 FROM compensations WHERE objection_outcome IN ('revoke', 'reduce') GROUP BY record_no) c
WHERE c.record_no = p.no
"""


def upgrade() -> None:
    op.execute(LEFT_ON_OBJECTION)


def downgrade() -> None:
    """What is payable stays as it was decided."""
