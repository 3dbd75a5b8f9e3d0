"""overtaken forms"""

import sqlalchemy as sa
from alembic import op

revision = "quality_0005"
down_revision = "quality_0003"
branch_labels = None
depends_on = None

# Forms on which nobody had decided when their goods were looked at again. Where a concession is asked for, the answer is owed
# and others wait for it: it can only be declined from now on, which says so to them.
OVERTAKEN = """
UPDATE dispositions SET overtaken_by = later.no,
    status = CASE WHEN dispositions.status = 'open' THEN 'overtaken' ELSE dispositions.status END
FROM {looks} AS failed CROSS JOIN LATERAL (
    SELECT max(no) AS no FROM {looks} AS look WHERE look.{goods} = failed.{goods} AND look.made_at > failed.made_at
) AS later
WHERE dispositions.inspection_no = failed.no AND dispositions.status IN ('open', 'submitted') AND later.no IS NOT NULL
"""
GOODS = {"incoming_inspections": "lot", "final_inspections": "production_order_no", "outgoing_inspections": "notice_no"}


def upgrade() -> None:
    op.add_column("dispositions", sa.Column("overtaken_by", sa.String(length=64), nullable=True))
    for looks, goods in GOODS.items():
        op.execute(OVERTAKEN.format(looks=looks, goods=goods))


def downgrade() -> None:
    # To be decided on is what such a form was before.
    op.execute("UPDATE dispositions SET status = 'open' WHERE status = 'overtaken'")
    op.drop_column("dispositions", "overtaken_by")
