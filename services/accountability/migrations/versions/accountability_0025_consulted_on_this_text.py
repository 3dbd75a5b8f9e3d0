"""A consultation counts for the text on which it was held"""

from hashlib import sha256

import orjson
import sqlalchemy as sa
from alembic import op

revision = "accountability_0025"
down_revision = "accountability_0024"
branch_labels = None
depends_on = None

# A draft's consultation that is older than its last revision was about another text: it keeps no digest, and counts no more.
HELD = """
UPDATE consultations c SET text_digest = r.text_digest FROM rulebooks r
WHERE r.no = c.rulebook_no AND NOT (r.status = 'draft' AND c.made_at < r.made_at)
"""


def upgrade() -> None:
    op.add_column("rulebooks", sa.Column("text_digest", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("rulebooks", sa.Column("rewritten_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("consultations", sa.Column("text_digest", sa.String(length=64), nullable=False, server_default=""))
    connection = op.get_bind()
    for no, body in connection.execute(sa.text("SELECT no, body::text FROM rulebooks")).all():
        digest = sha256(orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)).hexdigest()
        connection.execute(sa.text("UPDATE rulebooks SET text_digest = :d WHERE no = :no"), {"d": digest, "no": no})
    op.execute(HELD)
    op.alter_column("rulebooks", "text_digest", server_default=None)
    op.alter_column("consultations", "text_digest", server_default=None)


def downgrade() -> None:
    op.drop_column("consultations", "text_digest")
    op.drop_column("rulebooks", "rewritten_at")
    op.drop_column("rulebooks", "text_digest")
