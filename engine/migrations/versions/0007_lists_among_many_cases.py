"""Indices by which lists and searches find an actor's cases, and the text by which a case is found."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD = "ix_process_instances_tenant_id_body_id_started_at"
ROOTS = "ix_process_instances_tenant_id_body_id_status_id"
CASES = "ix_cases_tenant_id_body_id_id"
MEMBERS = "ix_instance_members_tenant_id_account_id_instance_id"
IS_ROOT = sa.text("parent_id IS NULL")
# What the case's registration writes: its number and the names of all parties, a line each.
FILL = """
UPDATE cases SET search_text = number || {line} || COALESCE((
    SELECT {joined}(name, {line}) FROM parties
    WHERE parties.tenant_id = cases.tenant_id AND parties.case_id = cases.id
), '') WHERE number IS NOT NULL
"""


def upgrade() -> None:
    """Add them; cases that are there are found as before."""
    op.drop_index(OLD, "process_instances")
    op.create_index(
        ROOTS,
        "process_instances",
        ["tenant_id", "body_id", "status", "id"],
        postgresql_where=IS_ROOT,
        sqlite_where=IS_ROOT,
    )
    op.create_index(MEMBERS, "instance_members", ["tenant_id", "account_id", "instance_id"])
    op.create_index(CASES, "cases", ["tenant_id", "body_id", "id"])
    op.add_column("cases", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    joined, line = ("group_concat", "char(10)") if is_sqlite else ("string_agg", "chr(10)")
    op.execute(FILL.format(joined=joined, line=line))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("cases", "search_text")
    op.drop_index(CASES, "cases")
    op.drop_index(MEMBERS, "instance_members")
    op.drop_index(ROOTS, "process_instances")
    op.create_index(OLD, "process_instances", ["tenant_id", "body_id", "started_at"])
