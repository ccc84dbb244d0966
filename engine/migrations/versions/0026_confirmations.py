"""Joint applications for judicial confirmation, and what the courts decided."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
NAME = "confirmations"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        NAME,
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("party_ids", sa.Text(), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("applied_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(36), nullable=False),
        sa.Column("result", sa.String(16)),
        sa.Column("ruled_on", sa.Date()),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ruled_by", sa.String(36)),
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("tenant_id", "id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f(f"fk_{NAME}_tenant_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{NAME}")),
    )
    op.create_index(
        op.f(f"ix_{NAME}_tenant_id_case_id_applied_at"), NAME, ["tenant_id", "case_id", "applied_at"]
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table(NAME)
