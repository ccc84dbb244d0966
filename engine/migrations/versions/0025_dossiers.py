"""The dossier that a case owes before it ends."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a case under way was begun with diagrams that compile none."""
    none: sa.Column[bool] = sa.Column("dossier_owed", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("cases", none)


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("cases", "dossier_owed")
