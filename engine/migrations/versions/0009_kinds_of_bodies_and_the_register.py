"""Kinds of bodies, the register of mediators with their training, and the duty roster."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Bodies had a place in the tree but no kind: below a street come its villages, below these courtyards.
UNDER = """
UPDATE bodies SET kind = '{kind}' WHERE EXISTS (
    SELECT 1 FROM bodies AS above
    WHERE above.tenant_id = bodies.tenant_id AND above.id = bodies.parent_id AND above.kind = '{parent}'
)
"""


def upgrade() -> None:
    """Add them; every body gets the kind of its depth."""
    op.add_column("bodies", sa.Column("kind", sa.String(16), nullable=False, server_default="town"))
    op.add_column("bodies", sa.Column("is_mixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("bodies", sa.Column("closed_at", sa.DateTime()))
    op.execute("UPDATE bodies SET kind = '' WHERE parent_id IS NOT NULL AND tenant_id = tenant_id")
    op.execute(UNDER.format(kind="village", parent="town"))
    op.execute(UNDER.format(kind="courtyard", parent="village"))
    op.execute("UPDATE bodies SET kind = 'department' WHERE kind = '' AND tenant_id = tenant_id")
    _add_mediators()
    _add_trainings()
    _add_duties()


def downgrade() -> None:
    """Take them away again."""
    for table in ("duties", "trainings", "mediators"):
        op.drop_table(table)
    for column in ("closed_at", "is_mixed", "kind"):
        op.drop_column("bodies", column)


def _of(table: str, kind: str) -> sa.ForeignKeyConstraint:
    """The key of a row that belongs to a body or an account."""
    columns, name = ["tenant_id", f"{kind}_id"], f"fk_{table}_tenant_id_{kind}_id"
    plural = {"body": "bodies", "account": "accounts"}[kind]
    return sa.ForeignKeyConstraint(columns, [f"{plural}.tenant_id", f"{plural}.id"], name=op.f(name))


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), nullable=False)


def _add_mediators() -> None:
    op.create_table(
        "mediators",
        *(_id(name) for name in ("tenant_id", "id", "body_id", "account_id")),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("chosen_by", sa.String(16), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.Column("term_end", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("education", sa.Text(), nullable=False),
        sa.Column("is_woman", sa.Boolean(), nullable=False),
        sa.Column("is_minority", sa.Boolean(), nullable=False),
        _of("mediators", "body"),
        _of("mediators", "account"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_mediators")),
    )
    for columns in (["tenant_id", "account_id", "term_end"], ["tenant_id", "body_id"]):
        op.create_index(op.f(f"ix_mediators_{'_'.join(columns)}"), "mediators", columns)


def _add_trainings() -> None:
    op.create_table(
        "trainings",
        *(_id(name) for name in ("tenant_id", "id", "account_id")),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        _of("trainings", "account"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_trainings")),
    )
    columns = ["tenant_id", "account_id", "held_on"]
    op.create_index(op.f("ix_trainings_tenant_id_account_id_held_on"), "trainings", columns)


def _add_duties() -> None:
    op.create_table(
        "duties",
        *(_id(name) for name in ("tenant_id", "body_id")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(16), nullable=False),
        _id("account_id"),
        _of("duties", "body"),
        _of("duties", "account"),
        sa.PrimaryKeyConstraint("tenant_id", "body_id", "day", "half", "account_id", name=op.f("pk_duties")),
    )
