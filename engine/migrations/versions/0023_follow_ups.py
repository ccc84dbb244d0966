"""What became of each part of an agreement."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
NAME = "follow_ups"
TARGETS = {"case_id": "cases", "obligation_id": "obligations", "instalment_id": "instalments"}


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        NAME,
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("case_id", "obligation_id")),
        sa.Column("instalment_id", sa.String(36)),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("amount", sa.Text()),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("claim", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("recorded_by", "tenant_id", "id")),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.id"],
                name=op.f(f"fk_{NAME}_tenant_id_{column}"),
            )
            for column, table in TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_tenant_id_case_id_position"), NAME, ["tenant_id", "case_id", "position"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table(NAME)
