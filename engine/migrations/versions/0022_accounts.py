"""Accounts whose owner has still to choose a password."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whoever has an account by now keeps the password."""
    op.add_column(
        "accounts", sa.Column("password_due", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("accounts", "password_due")
