"""Oral agreements, the evidence of a case, site visits, and undisputed facts that are signed apart."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; every agreement so far was a written one."""
    op.add_column("agreements", _flag("oral"))
    op.add_column("cases", _flag("oral_wished"))
    op.add_column("cases", _flag("facts_wanted"))
    _evidence()
    _visits()
    _fact_sheets()


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("fact_sheet_answers")
    op.drop_table("fact_sheets")
    op.drop_table("site_visits")
    op.drop_table("evidence_items")
    op.drop_column("cases", "facts_wanted")
    op.drop_column("cases", "oral_wished")
    op.drop_column("agreements", "oral")


def _evidence() -> None:
    op.create_table(
        "evidence_items",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("party_id", 36, null=True),
        sa.Column("brought_on", sa.Date(), nullable=False),
        _text("kind", 16),
        sa.Column("original", sa.Boolean(), nullable=False),
        _text("disclosure", 16),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _text("file_sha256", 64, null=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        _text("added_by", 36),
        sa.Column("returned_on", sa.Date()),
        _text("returned_note"),
        _text("returned_by", 36, null=True),
        *_keys("evidence_items", case_id="cases.id", party_id="parties.id", file_sha256="files.sha256"),
    )
    _index("evidence_items", "case_id", "position")


def _visits() -> None:
    op.create_table(
        "site_visits",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        sa.Column("visited_on", sa.Date(), nullable=False),
        *(_text(name) for name in ("place", "participants", "investigators")),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("recorded_by", 36),
        *_keys("site_visits", case_id="cases.id"),
    )
    _index("site_visits", "case_id")


def _fact_sheets() -> None:
    op.create_table(
        "fact_sheets",
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("party_ids"),
        _text("facts"),
        sa.Column("paper", sa.Boolean(), nullable=False),
        sa.Column("paper_only", sa.Boolean(), nullable=False),
        _text("rendering_error", null=True),
        _text("file_sha256", 64, null=True),
        _text("document_id", 36, null=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("made_by", 36),
        *_keys("fact_sheets", case_id="cases.id"),
    )
    _index("fact_sheets", "case_id")
    name = "fact_sheet_answers"
    op.create_table(
        name,
        _text("tenant_id", 36),
        _text("id", 36),
        _text("sheet_id", 36),
        _text("party_id", 36),
        _text("decision", 16),
        sa.Column("signed_on", sa.Date()),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        _text("recorded_by", 36),
        *_keys(name, sheet_id="fact_sheets.id", party_id="parties.id"),
        sa.UniqueConstraint(
            "tenant_id", "sheet_id", "party_id", name=op.f(f"uq_{name}_tenant_id_sheet_id_party_id")
        ),
    )


def _keys(name: str, **targets: str) -> list[sa.Constraint]:
    foreign: list[sa.Constraint] = [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target.split('.')[0]}.tenant_id", target],
            name=op.f(f"fk_{name}_tenant_id_{column}"),
        )
        for column, target in targets.items()
    ]
    return [*foreign, sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}"))]


def _index(name: str, *columns: str) -> None:
    named = op.f(f"ix_{name}_tenant_id_{'_'.join(columns)}")
    op.create_index(named, name, ["tenant_id", *columns])


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
