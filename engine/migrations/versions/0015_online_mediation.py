"""Online mediation: consents, identity checks, messages, offers, meetings, records; agents of parties."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "record_confirmations", "online_records", "online_meetings", "offer_answers", "offers", "online_messages",
    "identity_checks", "online_consents",
)  # fmt: skip
PARTY = ("party_id", "parties")


def upgrade() -> None:
    """Add the tables, and to a party its agent with the scope of authority."""
    op.add_column("parties", sa.Column("agent", sa.Text(), nullable=False, server_default=""))
    op.add_column("parties", sa.Column("agent_scope", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("parties", _day("agent_until", null=True))
    _consents()
    _table("identity_checks", _id("party_id"), *_checked(), of=(PARTY,))
    _table("online_messages", _code("channel"), _id("party_id"), _code("author"), _sealed(), of=(PARTY,))
    _offers()
    answered = (("offer_id", "offers"), PARTY)
    _table("offer_answers", _id("offer_id"), _id("party_id"), _code("answer"), of=answered)
    _meetings()
    _records()


def downgrade() -> None:
    """Take them away again; what was said and offered online is lost, and who acted for whom."""
    for name in TABLES:
        op.drop_table(name)
    for column in ("agent_until", "agent_scope", "agent"):
        op.drop_column("parties", column)


def _id(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(36), nullable=null)


def _code(name: str, length: int = 16, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=null)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _day(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=null)


def _yes(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _sealed(*, null: bool = False) -> sa.Column[bytes]:
    return sa.Column("sealed", sa.LargeBinary(), nullable=null)


def _of(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id_{column}")
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", *columns, name=op.f(f"pk_{table}"))


def _table(name: str, *columns: sa.schema.SchemaItem, of: tuple[tuple[str, str], ...] = ()) -> None:
    """What was written down, each row once."""
    op.create_table(
        name,
        *(_id(column) for column in ("tenant_id", "id", "case_id")),
        _at("made_at"),
        _id("recorded_by"),
        *columns,
        _of(name, "case_id", "cases"),
        *(_of(name, column, target) for column, target in of),
        _key(name, "id"),
    )
    op.create_index(op.f(f"ix_{name}_tenant_id_case_id"), name, ["tenant_id", "case_id"])


def _consents() -> None:
    name = "online_consents"
    op.create_table(
        name,
        *(_id(column) for column in ("tenant_id", "case_id", "party_id")),
        _yes("agrees"),
        _yes("asynchronous"),
        _code("equipment"),
        _yes("e_service"),
        _sealed(null=True),
        _yes("recording"),
        _text("taken_back"),
        _at("decided_at"),
        _id("recorded_by"),
        _of(name, "case_id", "cases"),
        _of(name, *PARTY),
        _key(name, "case_id", "party_id"),
    )


def _checked() -> tuple[sa.schema.SchemaItem, ...]:
    return (_code("appears"), _code("level"), _text("checked"), _day("checked_on"), _yes("matches"))


def _offers() -> None:
    ids = (_id("party_id", null=True), _id("counters_id", null=True))
    rest = (_text("to_parties"), _at("disclosed_at", null=True), _sealed())
    _table("offers", _number("number"), *ids, *rest, of=(PARTY, ("counters_id", "offers")))


def _meetings() -> None:
    when = (_day("meets_on"), _code("meets_at", 8))
    texts = [_text(name) for name in ("link", "attendees", "guests", "course", "interruption")]
    _table("online_meetings", _number("number"), _number("part"), _code("state"), _code("how"), *when, *texts)


def _records() -> None:
    texts = [_text(name) for name in ("text", "undisputed_facts", "failure_reason", "switch_reason")]
    _table("online_records", *texts, _code("outcome"), _code("next_path", null=True))
    said = (_yes("confirms"), _code("manner"), _day("confirmed_on"), _text("objection"))
    of = (("record_id", "online_records"), PARTY)
    _table("record_confirmations", _id("record_id"), _id("party_id"), *said, of=of)
