"""The list of experts, invitations with reminders, and what is published of consultations."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INVITEES = "consultation_invitees"
OF_EXPERT = f"fk_{INVITEES}_tenant_id_expert_id"


def upgrade() -> None:
    """Add them; nobody who was invited before has been reminded."""
    _experts()
    _publications()
    with op.batch_alter_table(INVITEES) as table:
        table.add_column(_text("expert_id", 36, null=True))
        table.add_column(sa.Column("answer_by", sa.Date()))
        table.add_column(sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("reminded_at", sa.DateTime()))
        table.create_foreign_key(op.f(OF_EXPERT), "experts", ["tenant_id", "expert_id"], ["tenant_id", "id"])


def downgrade() -> None:
    """Take them away again; the list of experts and what was published are lost."""
    with op.batch_alter_table(INVITEES) as table:
        table.drop_constraint(op.f(OF_EXPERT), type_="foreignkey")
        for column in ("reminded_at", "reminders", "answer_by", "expert_id"):
            table.drop_column(column)
    op.drop_table("publications")
    op.drop_table("experts")


def _experts() -> None:
    op.create_table(
        "experts",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("body_id", 36),
        _text("kind", 16),
        *(_text(name) for name in ("name", "field", "institution", "end_reason")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("available_until", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        *_keys("experts", "body_id", "bodies"),
    )
    _index("experts", "body_id")


def _publications() -> None:
    op.create_table(
        "publications",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("state", 16),
        *(_text(name) for name in ("title", "text", "note")),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("made_by", 36),
        sa.Column("reviewed_at", sa.DateTime()),
        _text("reviewed_by", 36, null=True),
        sa.Column("withdrawn_at", sa.DateTime()),
        _text("withdrawn_by", 36, null=True),
        *_keys("publications", "case_id", "cases"),
    )
    _index("publications", "case_id")
    _index("publications", "state", "reviewed_at")


def _keys(name: str, column: str, target: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{name}_tenant_id_{column}"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    ]


def _index(name: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{name}_tenant_id_{'_'.join(columns)}"), name, ["tenant_id", *columns])


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=null)
