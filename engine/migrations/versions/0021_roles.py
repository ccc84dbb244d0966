"""Who from outside was admitted to a little of a case, and the rooms of online meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
NAME = "admissions"
TARGETS = {
    "case_id": ("cases", "id"),
    "account_id": ("accounts", "id"),
    "invitee_id": ("consultation_invitees", "id"),
}


def upgrade() -> None:
    """Add the table, and the column; every meeting so far had a pasted link."""
    op.add_column("online_meetings", sa.Column("room", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        NAME,
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("tenant_id", "case_id", "account_id")),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invitee_id", sa.String(36)),
        sa.Column("admitted_at", sa.DateTime(), nullable=False),
        sa.Column("admitted_by", sa.String(36), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{table}.tenant_id", f"{table}.{key}"],
                name=op.f(f"fk_{NAME}_tenant_id_{column}"),
            )
            for column, (table, key) in TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", "account_id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_tenant_id_account_id"), NAME, ["tenant_id", "account_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table(NAME)
    op.drop_column("online_meetings", "room")
