"""Incidents, how often a job has failed, and on PostgreSQL the tables of Procrastinate 3.10."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As it was in that version: what a later one changes is a revision of its own.
PROCRASTINATE = Path(__file__).parents[1] / "procrastinate_3_10.sql"
NO_PROCRASTINATE = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers;
DO $$
DECLARE made record;
BEGIN
    FOR made IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || made.name;
    END LOOP;
END $$;
DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def upgrade() -> None:
    """Add them; what was given up before is tried once more, and is an incident if it fails again."""
    op.add_column("jobs", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    _incidents()
    given_up = "WHERE status = 'failed' AND tenant_id IN (SELECT id FROM tenants)"
    op.execute(f"UPDATE jobs SET failures = attempts, status = 'waiting' {given_up}")
    op.execute(f"UPDATE timers SET status = 'waiting' {given_up}")
    _on_postgresql(PROCRASTINATE.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("incidents")
    op.drop_column("jobs", "failures")
    _on_postgresql(NO_PROCRASTINATE)


def _on_postgresql(statements: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Past SQLAlchemy, to which signs of percent and colons in it would mean something.
        driver: Any = op.get_bind().connection.driver_connection
        driver.execute(statements)


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("tenant_id", sa.String(36), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("root_id", sa.String(36), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "node_id", "payload")),
        sa.Column("subject_id", sa.String(36), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("error_type", "error")),
        sa.Column("params", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("retried_at", sa.DateTime()),
        sa.Column("retried_by", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_incidents")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "root_id"],
            ["process_instances.tenant_id", "process_instances.id"],
            name=op.f("fk_incidents_tenant_id_root_id"),
        ),
    )
    op.create_index(
        op.f("ix_incidents_tenant_id_subject_id"), "incidents", ["tenant_id", "subject_id"], unique=True
    )
    op.create_index(op.f("ix_incidents_tenant_id_root_id"), "incidents", ["tenant_id", "root_id"])
