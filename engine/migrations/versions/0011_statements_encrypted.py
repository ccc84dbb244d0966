"""What was said in separate talks is encrypted with a key per case."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the keys and the column; the keys outside are not at hand here, so `init` and `serve` encrypt."""
    op.create_table(
        "case_keys",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_keys_tenant_id_case_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_case_keys")),
    )
    op.add_column("statements", sa.Column("sealed", sa.LargeBinary()))


def downgrade() -> None:
    """Take both away again; what was encrypted is lost with them."""
    op.drop_column("statements", "sealed")
    op.drop_table("case_keys")
