"""An act about a person's record keeps its number, no longer what the record said"""

from alembic import op

revision = "accountability_0030"
down_revision = "accountability_0029"
branch_labels = None
depends_on = None

OF_PEOPLE = "('Acknowledgement', 'BreachFinding', 'PenaltyRecord', 'SuspicionClearing', 'WhatIf')"


def upgrade() -> None:
    op.execute(
        "UPDATE acts SET response = jsonb_build_object('no', no) "  # noqa: S608 - the names are ours
        f"WHERE outcome = 'done' AND kind IN {OF_PEOPLE}"
    )


def downgrade() -> None:
    """What was answered is not to be had again; whoever repeats a command is answered from the record."""
