"""Timers, pauses, announced days, and messages with those who wait for them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("timers", "pauses", "calendar_days", "subscriptions", "kept_messages")


def upgrade() -> None:
    """Add the tables; tasks that are there are due as they were."""
    _timers()
    _pauses()
    _calendar_days()
    _subscriptions()
    _kept_messages()
    op.add_column("user_tasks", sa.Column("due_unit", sa.String(16), nullable=False, server_default="time"))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("user_tasks", "due_unit")
    for name in TABLES:
        op.drop_table(name)


def _tenant() -> sa.Column[str]:
    return sa.Column("tenant_id", sa.String(36), nullable=False)


def _text(name: str, length: int | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(), nullable=False)


def _of_instance(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        ["process_instances.tenant_id", "process_instances.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}"),
    )


def _of_tenant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f(f"fk_{table}_tenant_id"))


def _key(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("tenant_id", column, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str, unique: bool = False) -> None:
    name = op.f(f"ix_{table}_tenant_id_{'_'.join(columns)}")
    op.create_index(name, table, ["tenant_id", *columns], unique=unique)


def _timers() -> None:
    op.create_table(
        "timers",
        _tenant(),
        _text("id", 36),
        _text("instance_id", 36),
        _text("root_id", 36),
        _text("wait_id"),
        _text("node_id"),
        _text("law_ref"),
        _at("armed_at"),
        _at("base_at"),
        _at("due_at"),
        _text("unit", 16),
        _text("interval"),
        sa.Column("repeats_left", sa.Integer()),
        sa.Column("fired", sa.Integer(), nullable=False),
        _text("status", 16),
        _text("error"),
        _of_instance("timers", "instance_id"),
        _key("timers"),
    )
    _index("timers", "instance_id", "wait_id", unique=True)
    _index("timers", "status", "due_at", "id")
    _index("timers", "root_id")


def _pauses() -> None:
    op.create_table(
        "pauses",
        _tenant(),
        _text("id", 36),
        _text("root_id", 36),
        _text("reason"),
        _text("law_ref"),
        _at("paused_at"),
        _text("paused_by"),
        sa.Column("resumed_at", sa.DateTime()),
        sa.Column("resumed_by", sa.Text()),
        _of_instance("pauses", "root_id"),
        _key("pauses"),
    )
    _index("pauses", "root_id", "resumed_at")


def _calendar_days() -> None:
    op.create_table(
        "calendar_days",
        _tenant(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        _of_tenant("calendar_days"),
        _key("calendar_days", "day"),
    )


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        _tenant(),
        _text("id", 36),
        _text("instance_id", 36),
        _text("root_id", 36),
        _text("wait_id"),
        _text("message"),
        _text("key"),
        _at("since"),
        _of_instance("subscriptions", "instance_id"),
        _key("subscriptions"),
    )
    _index("subscriptions", "instance_id", "wait_id", unique=True)
    _index("subscriptions", "message", "key")


def _kept_messages() -> None:
    op.create_table(
        "kept_messages",
        _tenant(),
        _text("id", 36),
        _text("message"),
        _text("key"),
        _text("variables"),
        _text("message_id"),
        _at("published_at"),
        _at("expires_at"),
        _text("status", 16),
        _text("error"),
        _of_tenant("kept_messages"),
        _key("kept_messages"),
    )
    _index("kept_messages", "message", "key")
    _index("kept_messages", "expires_at")
