"""Definitions, releases, process instances, their migrations, and the user tasks that wait in them."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, TenantRow

IS_ROOT = text("parent_id IS NULL")


class Definition(TenantRow):
    """A file that was deployed, stored once under its SHA-256."""

    __tablename__ = "definitions"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Release(IdRow):
    """Processes, decisions, forms and templates that were deployed together."""

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    number: Mapped[int]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str]


class ReleaseItem(TenantRow):
    """One definition of a release: kind is process, decision, form, template or style."""

    __tablename__ = "release_items"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.id"]),
        ForeignKeyConstraint(["tenant_id", "hash"], ["definitions.tenant_id", "definitions.hash"]),
    )
    release_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))


class ReleaseActivation(TenantRow):
    """A release became the one in which new instances start; the highest number holds now."""

    __tablename__ = "release_activations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.id"]),
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    release_id: Mapped[str] = mapped_column(String(36))
    activated_at: Mapped[dt.datetime]
    activated_by: Mapped[str]


class ProcessInstance(IdRow):
    """A process as it runs; a call activity's instance names its parent, and all name their root.

    `local_variables` are those of activities over a collection that have begun, by the ids of their waits.
    The root's row is the lock of the whole tree and keeps the head of the record's chain.
    """

    __tablename__ = "process_instances"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.id"]),
        ForeignKeyConstraint(["tenant_id", "definition_hash"], ["definitions.tenant_id", "definitions.hash"]),
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        Index(None, "tenant_id", "root_id"),
        Index(None, "tenant_id", "body_id", "status", "id", postgresql_where=IS_ROOT, sqlite_where=IS_ROOT),
    )
    root_id: Mapped[str] = mapped_column(String(36))
    parent_id: Mapped[str | None] = mapped_column(String(36))
    parent_wait_id: Mapped[str | None]
    process_id: Mapped[str]
    release_id: Mapped[str] = mapped_column(String(36))
    definition_hash: Mapped[str] = mapped_column(String(64))
    body_id: Mapped[str] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(16))
    state: Mapped[str]
    variables: Mapped[dict[str, Any]] = mapped_column(JsonText)
    local_variables: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    version: Mapped[int] = mapped_column()
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    audit_count: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(default="")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SignalSubscription(TenantRow):
    """A place that waits for a signal."""

    __tablename__ = "signal_subscriptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "instance_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "signal"),
    )
    instance_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    wait_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    root_id: Mapped[str] = mapped_column(String(36))
    signal: Mapped[str]


class UserTask(IdRow):
    """A user task; `answers` are what was submitted, and live here and not in the token's state.

    Private ones are not among them: they have their own tables. Where some were left out, `kept_seal` proves
    that the others are those of the record.
    """

    __tablename__ = "user_tasks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "instance_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "status", "due_at"),
        Index(None, "tenant_id", "root_id", "status"),
    )
    instance_id: Mapped[str] = mapped_column(String(36))
    root_id: Mapped[str] = mapped_column(String(36))
    wait_id: Mapped[str]
    node_id: Mapped[str]
    form_id: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    law_ref: Mapped[str]
    confidential: Mapped[bool] = mapped_column(default=False)
    candidate_groups: Mapped[list[str]] = mapped_column(JsonText)
    assignee_id: Mapped[str | None] = mapped_column(String(36))
    claimed_by: Mapped[str | None] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    due_unit: Mapped[str] = mapped_column(String(16), default="time")
    closed_at: Mapped[dt.datetime | None]
    closed_by: Mapped[str | None]
    answers: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    kept_seal: Mapped[str | None] = mapped_column(String(64))


class InstanceMigration(IdRow):
    """A tree of instances was moved to another release; `before` and `after` are what that changed.

    `before` is enough to put everything back, `after` tells whether the tree has moved since.
    """

    __tablename__ = "instance_migrations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "root_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "from_release_id"], ["releases.tenant_id", "releases.id"]),
        ForeignKeyConstraint(["tenant_id", "to_release_id"], ["releases.tenant_id", "releases.id"]),
        Index(None, "tenant_id", "root_id"),
    )
    root_id: Mapped[str] = mapped_column(String(36))
    from_release_id: Mapped[str] = mapped_column(String(36))
    to_release_id: Mapped[str] = mapped_column(String(36))
    mapping: Mapped[dict[str, Any]] = mapped_column(JsonText)
    before: Mapped[dict[str, Any]] = mapped_column(JsonText)
    after: Mapped[dict[str, Any]] = mapped_column(JsonText)
    migrated_at: Mapped[dt.datetime]
    migrated_by: Mapped[str]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[str | None]


class Draft(TenantRow):
    """What somebody has typed into a task's form so far, valid or not, encrypted in `sealed`.

    `answers` are there where an earlier version wrote them.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "task_id"], ["user_tasks.tenant_id", "user_tasks.id"]),
    )
    task_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    actor_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    sealed: Mapped[bytes | None]
    saved_at: Mapped[dt.datetime]
