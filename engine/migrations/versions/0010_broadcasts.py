"""Cases on television: stages, consents to each item, guests, uses of footage, takedowns."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    "takedowns", "panel_guests", "broadcast_uses", "broadcast_consents", "broadcast_stages", "broadcasts",
)  # fmt: skip
BROADCAST = ["broadcasts.tenant_id", "broadcasts.case_id"]
CASE = ["cases.tenant_id", "cases.id"]


def upgrade() -> None:
    """Add the tables; no case was on television before."""
    _broadcasts()
    _stages()
    _consents()
    _uses()
    _takedowns()
    _guests()


def downgrade() -> None:
    """Take them away again."""
    for name in TABLES:
        op.drop_table(name)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=False)


def _of(table: str, columns: list[str], targets: list[str]) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{'_'.join(columns)}")
    return sa.ForeignKeyConstraint(columns, targets, name=name)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{table}"))


def _counted(table: str) -> list[sa.schema.SchemaItem]:
    """What rows that are only ever added begin with."""
    return [
        _text("tenant_id", 36),
        _text("case_id", 36),
        sa.Column("seq", sa.Integer(), nullable=False),
        _at("made_at"),
        _text("made_by", 36),
        _of(table, ["tenant_id", "case_id"], BROADCAST),
        _key(table, "case_id", "seq"),
    ]


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        _text("tenant_id", 36),
        _text("case_id", 36),
        _text("programme"),
        _text("channel"),
        _text("answers"),
        _text("reasons"),
        _at("assessed_at"),
        _text("assessed_by", 36),
        _of("broadcasts", ["tenant_id", "case_id"], CASE),
        _key("broadcasts", "case_id"),
    )


def _stages() -> None:
    op.create_table(
        "broadcast_stages",
        *_counted("broadcast_stages"),
        _text("stage", 16),
        sa.Column("happened_on", sa.Date(), nullable=False),
        _text("note"),
        _text("shows"),
    )


def _consents() -> None:
    texts = [_text(name) for name in ("channel", "alias", "giver", "scope", "reason")]
    codes = ("item", "decision", "face", "voice", "name_shown", "given_by", "stage", "consequence")
    op.create_table(
        "broadcast_consents",
        *_counted("broadcast_consents"),
        _text("party_id", 36),
        *(_text(name, 16) for name in codes),
        *texts,
        sa.Column("until", sa.Date()),
        sa.Column("sublicence", sa.Boolean(), nullable=False),
        _text("text_sha256", 64),
        _of("broadcast_consents", ["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
    )
    name = op.f("ix_broadcast_consents_tenant_id_party_id_item")
    op.create_index(name, "broadcast_consents", ["tenant_id", "party_id", "item"])


def _uses() -> None:
    op.create_table(
        "broadcast_uses",
        *_counted("broadcast_uses"),
        _text("kind", 16),
        _text("channel"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("shows"),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        _text("reasons"),
    )


def _takedowns() -> None:
    consent = [f"broadcast_consents.{name}" for name in ("tenant_id", "case_id", "seq")]
    op.create_table(
        "takedowns",
        _text("tenant_id", 36),
        _text("case_id", 36),
        sa.Column("consent_seq", sa.Integer(), nullable=False),
        sa.Column("handled_on", sa.Date(), nullable=False),
        _at("handled_at"),
        _text("handled_by", 36),
        _text("note"),
        _of("takedowns", ["tenant_id", "case_id", "consent_seq"], consent),
        _key("takedowns", "case_id", "consent_seq"),
    )


def _guests() -> None:
    op.create_table(
        "panel_guests",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("name"),
        _text("role", 16),
        _text("employer"),
        sa.Column("has_tie", sa.Boolean(), nullable=False),
        _text("disclosure"),
        _text("agreed"),
        sa.Column("may_not_try", sa.Boolean(), nullable=False),
        _at("made_at"),
        _text("made_by", 36),
        _of("panel_guests", ["tenant_id", "case_id"], CASE),
        _key("panel_guests", "id"),
    )
    op.create_index(op.f("ix_panel_guests_tenant_id_case_id"), "panel_guests", ["tenant_id", "case_id"])
