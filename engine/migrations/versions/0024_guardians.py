"""Guardians of parties under age, and who of 16 or 17 lives on own earnings."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
NAME = "guardians"
TARGETS = {"case_id": "cases", "party_id": "parties"}


def upgrade() -> None:
    """Add the table, and the column; nobody so far was said to live on own earnings."""
    op.add_column("parties", sa.Column("own_living", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        NAME,
        *(sa.Column(name, sa.String(36), nullable=False) for name in ("tenant_id", "id", *TARGETS)),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(36), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ended_by", sa.String(36)),
        sa.Column("end_reason", sa.Text(), nullable=False),
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
    op.create_index(op.f(f"ix_{NAME}_tenant_id_case_id"), NAME, ["tenant_id", "case_id"])


def downgrade() -> None:
    """Take them away again; who acted for whom is lost."""
    op.drop_table(NAME)
    op.drop_column("parties", "own_living")
