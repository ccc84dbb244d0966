"""Why clocks were stopped, let go on or set, and from when to when."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; of earlier changes only the sealed digest of the reason is known."""
    op.create_table(
        "clock_changes",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_before", sa.DateTime()),
        sa.Column("due_after", sa.DateTime()),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "root_id"],
            ["process_instances.tenant_id", "process_instances.id"],
            name=op.f("fk_clock_changes_tenant_id_root_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "root_id", "seq", name=op.f("pk_clock_changes")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("clock_changes")
