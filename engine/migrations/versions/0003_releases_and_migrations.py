"""Which release is active, and which instances were moved to another one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RELEASES = ("releases.tenant_id", "releases.id")
INSTANCES = ("process_instances.tenant_id", "process_instances.id")


def upgrade() -> None:
    """Until now the newest release was always the active one."""
    op.create_table(
        "release_activations",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("release_id", sa.String(length=36), nullable=False),
        sa.Column("activated_at", sa.DateTime(), nullable=False),
        sa.Column("activated_by", sa.Text(), nullable=False),
        _key("release_activations", "release_id", RELEASES),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_release_activations")),
    )
    op.execute(
        "INSERT INTO release_activations (tenant_id, number, release_id, activated_at, activated_by)"
        " SELECT tenant_id, number, id, made_at, made_by FROM releases"
    )
    op.create_table(
        "instance_migrations",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        *[
            sa.Column(name, sa.String(length=36), nullable=False)
            for name in ("root_id", "from_release_id", "to_release_id")
        ],
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("mapping", "before", "after")],
        sa.Column("migrated_at", sa.DateTime(), nullable=False),
        sa.Column("migrated_by", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        _key("instance_migrations", "root_id", INSTANCES),
        _key("instance_migrations", "from_release_id", RELEASES),
        _key("instance_migrations", "to_release_id", RELEASES),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_instance_migrations")),
    )
    op.create_index(
        op.f("ix_instance_migrations_tenant_id_root_id"), "instance_migrations", ["tenant_id", "root_id"]
    )


def _key(table: str, column: str, target: tuple[str, str]) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], list(target), name=op.f(f"fk_{table}_tenant_id_{column}")
    )


def downgrade() -> None:
    """Only the newest release can then be active."""
    op.drop_table("instance_migrations")
    op.drop_table("release_activations")
