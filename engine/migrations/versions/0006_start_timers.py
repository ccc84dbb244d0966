"""Timer start events of processes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what is active already is armed by the next deploy or activation."""
    op.create_table(
        "start_timers",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("process_id", sa.String(200), nullable=False),
        sa.Column("node_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("interval", sa.Text(), nullable=False),
        sa.Column("repeats_left", sa.Integer()),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_start_timers_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "process_id", "node_id", name=op.f("pk_start_timers")),
    )
    columns = ["tenant_id", "status", "due_at"]
    op.create_index(op.f("ix_start_timers_tenant_id_status_due_at"), "start_timers", columns)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("start_timers")
