"""The person objects to a compensation until a last moment, and hears when its instalments are planned"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "accountability_0019"
down_revision = "accountability_0018"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")
# The default is for what is there already; whatever comes says so itself.
COLUMNS = (
    ("objection_until", MOMENT, None),
    ("objected_at", MOMENT, None),
    ("objection", sa.Text(), NOTHING),
    ("objection_references", postgresql.ARRAY(sa.Text()), sa.text("'{}'")),
    ("objection_outcome", sa.String(length=16), NOTHING),
    ("objection_reduced_to", sa.Numeric(precision=18, scale=4), None),
    ("objection_reason", sa.Text(), NOTHING),
    ("objection_decided_by", sa.String(length=16), None),
    ("objection_decided_as", sa.String(length=40), NOTHING),
    ("objection_decided_at", MOMENT, None),
    ("planned_at", MOMENT, None),
)


def upgrade() -> None:
    for name, kind, default in COLUMNS:
        column = sa.Column(name, kind, nullable=default is None, server_default=default)
        op.add_column("compensations", column)
        if default is not None:
            op.alter_column("compensations", name, server_default=None)
    op.create_check_constraint(
        "compensations_objection_decided_by_another",
        "compensations",
        "objection_decided_by NOT IN (person, made_by, notified_by)",
    )
    op.create_index(
        "compensations_to_plan",
        "compensations",
        ["no"],
        postgresql_where=sa.text("status = 'notified' AND planned_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("compensations_to_plan", "compensations")
    op.drop_constraint("compensations_objection_decided_by_another", "compensations")
    for name, _, _ in COLUMNS:
        op.drop_column("compensations", name)
