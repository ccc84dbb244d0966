"""The channel of a case, what was filed from outside, referrals, the receipt's code, and related cases."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; how earlier cases came is not known, and their receipts bear no code."""
    op.add_column("cases", sa.Column("intake_channel", sa.String(16)))
    op.add_column("cases", sa.Column("receipt_code", sa.String(16)))
    op.create_index(
        op.f("ix_cases_tenant_id_receipt_code"), "cases", ["tenant_id", "receipt_code"], unique=True
    )
    _filings()
    _referrals()
    _traces()
    _relations()


def downgrade() -> None:
    """Take them away again."""
    for name in ("relations", "party_traces", "referrals", "filings"):
        op.drop_table(name)
    op.drop_index(op.f("ix_cases_tenant_id_receipt_code"), "cases")
    op.drop_column("cases", "receipt_code")
    op.drop_column("cases", "intake_channel")


def _filings() -> None:
    op.create_table(
        "filings",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("body_id", 36),
        _text("number", 16),
        _text("filed_by", 16),
        _text("phone_digest", 64),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        _text("status", 16),
        _text("case_id", 36, null=True),
        sa.Column("decided_at", sa.DateTime()),
        _text("decided_by", 36, null=True),
        _text("decline_reason"),
        _key("filings", "id"),
        _foreign("filings", "body_id", "bodies"),
        _foreign("filings", "case_id", "cases"),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_filings_tenant_id_number")),
    )
    _index("filings", "body_id", "status", "id")
    _index("filings", "case_id")


def _referrals() -> None:
    op.create_table(
        "referrals",
        _text("tenant_id", 36),
        _text("case_id", 36),
        *(_text(name) for name in ("body_name", "reference", "answer_to")),
        sa.Column("due_on", sa.Date()),
        sa.Column("sent_on", sa.Date()),
        _text("sent_manner"),
        _text("recorded_by", 36, null=True),
        _key("referrals", "case_id"),
        _foreign("referrals", "case_id", "cases"),
    )


def _traces() -> None:
    op.create_table(
        "party_traces",
        _text("tenant_id", 36),
        _text("party_id", 36),
        _text("kind", 16),
        _text("digest", 64),
        _key("party_traces", "party_id", "kind"),
        _foreign("party_traces", "party_id", "parties"),
    )
    _index("party_traces", "digest")


def _relations() -> None:
    op.create_table(
        "relations",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("other_id", 36),
        _text("kind", 16),
        _text("reason"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("made_by", 36),
        _key("relations", "id"),
        _foreign("relations", "case_id", "cases"),
        _foreign("relations", "other_id", "cases"),
    )
    _index("relations", "case_id")
    _index("relations", "other_id")


def _key(name: str, *columns: str) -> sa.Constraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{name}"))


def _foreign(name: str, column: str, target: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{target}.tenant_id", f"{target}.id"],
        name=op.f(f"fk_{name}_tenant_id_{column}"),
    )


def _index(name: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{name}_tenant_id_{'_'.join(columns)}"), name, ["tenant_id", *columns])


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=null)
