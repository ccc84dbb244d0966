"""The path of a case, and consultations: invitees, consents, sheets, opinions, meetings, duties."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = (
    "consultation_duties", "consultation_opinions", "consultation_meetings", "written_opinions",
    "case_sheets", "consultation_consents", "consultation_invitees",
)  # fmt: skip
PATH = "UPDATE cases SET path = 'face_to_face' WHERE accepted_at IS NOT NULL AND tenant_id = tenant_id"


def upgrade() -> None:
    """Add them; every case that was accepted before went face to face."""
    op.add_column("cases", sa.Column("path", sa.String(16)))
    op.execute(sa.text(PATH))
    op.add_column("joint_sessions", sa.Column("next_path", sa.String(16)))
    op.add_column("joint_sessions", sa.Column("switch_reason", sa.Text(), nullable=False, server_default=""))
    _invitees()
    _consents()
    _table("case_sheets", _text("facts"), _text("questions"), _text("named"))
    invitee = ("invitee_id", "consultation_invitees")
    _table("written_opinions", _text("invitee_id", 36), _day("received_on"), _text("text"), of=(invitee,))
    _meetings()
    _opinions()
    _duties()


def downgrade() -> None:
    """Take them away again; the opinions and duties are lost."""
    for name in TABLES:
        op.drop_table(name)
    for table, column in (("joint_sessions", "switch_reason"), ("joint_sessions", "next_path")):
        op.drop_column(table, column)
    op.drop_column("cases", "path")


def _text(name: str, length: int | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=null)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=null)


def _day(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{table}"))


def _index(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_tenant_id_case_id"), table, ["tenant_id", "case_id"])


def _table(name: str, *columns: sa.schema.SchemaItem, of: tuple[tuple[str, str], ...] = ()) -> None:
    """What the mediator wrote down, each row once."""
    op.create_table(
        name,
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _at("made_at"),
        _text("recorded_by", 36),
        *columns,
        _of(name, "case_id", "cases"),
        *(_of(name, column, target) for column, target in of),
        _key(name, "id"),
    )
    _index(name)


def _invitees() -> None:
    name = "consultation_invitees"
    op.create_table(
        name,
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("kind", 16),
        *(_text(column) for column in ("name", "reason", "delegate", "superior", "note")),
        _text("answer", 16, null=True),
        _at("made_at"),
        _at("removed_at", null=True),
        _of(name, "case_id", "cases"),
        _key(name, "id"),
    )
    _index(name)


def _consents() -> None:
    name = "consultation_consents"
    op.create_table(
        name,
        _text("tenant_id", 36),
        _text("case_id", 36),
        _text("party_id", 36),
        _text("decision", 16),
        _text("agreed"),
        sa.Column("shares", sa.Boolean(), nullable=False),
        _text("objection"),
        _at("decided_at"),
        _text("recorded_by", 36),
        _of(name, "case_id", "cases"),
        _of(name, "party_id", "parties"),
        _key(name, "case_id", "party_id"),
    )


def _meetings() -> None:
    texts = [_text(name) for name in ("place", "present", "minutes")]
    quorum = sa.Column("quorum", sa.Integer(), nullable=False)
    _table("consultation_meetings", _day("held_on"), quorum, *texts)


def _opinions() -> None:
    texts = [_text(name) for name in ("facts", "law", "options", "dissent")]
    columns: list[sa.schema.SchemaItem] = [*texts, _text("lead_id", 36), _day("told_on", null=True)]
    _table("consultation_opinions", *columns, of=(("lead_id", "consultation_invitees"),))


def _duties() -> None:
    name = "consultation_duties"
    op.create_table(
        name,
        _text("tenant_id", 36),
        _text("id", 36),
        _text("case_id", 36),
        _text("opinion_id", 36),
        _text("invitee_id", 36),
        _text("action"),
        _day("due_on"),
        _day("done_on", null=True),
        _text("done_note"),
        _text("done_by", 36, null=True),
        _of(name, "opinion_id", "consultation_opinions"),
        _of(name, "invitee_id", "consultation_invitees"),
        _key(name, "id"),
    )
    _index(name)
