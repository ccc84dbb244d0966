"""Encrypted drafts and numbers of parties; tasks without private answers, and confidential ones."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SEALED = ("drafts", "parties")


def upgrade() -> None:
    """Add the columns; the keys outside are not at hand here, so `init` and `serve` encrypt."""
    op.add_column("user_tasks", sa.Column("kept_seal", sa.String(64)))
    op.add_column(
        "user_tasks", sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for table in SEALED:
        op.add_column(table, sa.Column("sealed", sa.LargeBinary()))


def downgrade() -> None:
    """Take them away again; what was encrypted is lost with them."""
    for table in SEALED:
        op.drop_column(table, "sealed")
    op.drop_column("user_tasks", "confidential")
    op.drop_column("user_tasks", "kept_seal")
