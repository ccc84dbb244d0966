"""What may happen to a case at any time: the suspended case, held clocks, and the happenings."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HAPPENINGS = "happenings"
TO = {"case_id": "cases", "party_id": "parties", "mediator_id": "accounts", "pause_id": "pauses"}


def upgrade() -> None:
    """Add them; no case is suspended yet, and no pause is held."""
    op.add_column("cases", sa.Column("suspended", sa.String(24)))
    op.add_column("pauses", sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("parties", sa.Column("agrees_to_extension", sa.Boolean()))
    op.create_table(
        HAPPENINGS,
        _id("tenant_id"),
        _id("id"),
        _id("case_id"),
        sa.Column("kind", sa.String(24), nullable=False),
        _id("party_id", null=True),
        _id("mediator_id", null=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary()),
        sa.Column("noted_at", sa.DateTime(), nullable=False),
        _id("noted_by"),
        _id("pause_id", null=True),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("outcome", sa.String(24)),
        *(_of(column, target) for column, target in TO.items()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{HAPPENINGS}")),
    )
    op.create_index(op.f(f"ix_{HAPPENINGS}_tenant_id_case_id"), HAPPENINGS, ["tenant_id", "case_id"])


def downgrade() -> None:
    """Take them away again; what was noted is lost."""
    op.drop_table(HAPPENINGS)
    op.drop_column("parties", "agrees_to_extension")
    op.drop_column("pauses", "held")
    op.drop_column("cases", "suspended")


def _id(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), nullable=null)


def _of(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{HAPPENINGS}_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name)
