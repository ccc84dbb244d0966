"""Groups of households: their election, each one's annex to the agreement, and whether it joins."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; no case was a group's until now."""
    op.add_column("cases", sa.Column("is_group", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("parties", sa.Column("represents", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("agreements", sa.Column("join_until", sa.Date()))
    _elections()
    _annexes()


def downgrade() -> None:
    """Take them away again; elections and annexes are lost."""
    op.drop_table("annexes")
    op.drop_table("elections")
    for table, column in (("agreements", "join_until"), ("parties", "represents"), ("cases", "is_group")):
        op.drop_column(table, column)


def _elections() -> None:
    op.create_table(
        "elections",
        *_ids("case_id"),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("votes", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_by", sa.String(36), nullable=False),
        _of("elections", "case_id", "cases"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_elections")),
    )
    columns = ["tenant_id", "case_id", "held_on"]
    op.create_index(op.f("ix_elections_tenant_id_case_id_held_on"), "elections", columns)


def _annexes() -> None:
    op.create_table(
        "annexes",
        *_ids("agreement_id", "party_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(16)),
        sa.Column("answered_at", sa.DateTime()),
        sa.Column("document_id", sa.String(36)),
        _of("annexes", "agreement_id", "agreements"),
        _of("annexes", "party_id", "parties"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_annexes")),
        sa.UniqueConstraint(
            "tenant_id", "agreement_id", "party_id", name=op.f("uq_annexes_tenant_id_agreement_id_party_id")
        ),
    )
    columns = ["tenant_id", "agreement_id", "position"]
    op.create_index(op.f("ix_annexes_tenant_id_agreement_id_position"), "annexes", columns)


def _ids(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(36), nullable=False) for name in ("tenant_id", "id", *names)]


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name)
