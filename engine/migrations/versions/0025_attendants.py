"""Interpreters and witnesses of a case."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
NAME = "attendants"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        NAME,
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("tenant_id", "id", "case_id")),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("party_ids", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("added_by", sa.String(36), nullable=False),
        sa.Column("removed_at", sa.DateTime()),
        sa.Column("removed_by", sa.String(36)),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f(f"fk_{NAME}_tenant_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(op.f(f"ix_{NAME}_tenant_id_case_id"), NAME, ["tenant_id", "case_id"])


def downgrade() -> None:
    """Take it away again; who interpreted and who witnessed is lost."""
    op.drop_table(NAME)
