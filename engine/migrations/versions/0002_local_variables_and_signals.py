"""Local variables of repeating activities, and who waits for which signal."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Local variables and signal subscriptions."""
    with op.batch_alter_table("process_instances", schema=None) as batch_op:
        batch_op.add_column(sa.Column("local_variables", sa.Text(), nullable=True))
    op.create_table(
        "signal_subscriptions",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("instance_id", sa.String(length=36), nullable=False),
        sa.Column("wait_id", sa.String(length=20), nullable=False),
        sa.Column("root_id", sa.String(length=36), nullable=False),
        sa.Column("signal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instance_id"],
            ["process_instances.tenant_id", "process_instances.id"],
            name=op.f("fk_signal_subscriptions_tenant_id_instance_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "instance_id", "wait_id", name=op.f("pk_signal_subscriptions")),
    )
    with op.batch_alter_table("signal_subscriptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signal_subscriptions_tenant_id_signal"), ["tenant_id", "signal"], unique=False
        )


def downgrade() -> None:
    """Without them."""
    op.drop_table("signal_subscriptions")
    with op.batch_alter_table("process_instances", schema=None) as batch_op:
        batch_op.drop_column("local_variables")
