"""The record of every command, the answers to keys already seen, and the jobs that wait to be done."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, TenantRow


class AuditRow(TenantRow):
    """One recorded command; `mac` covers the row and the mac of the row before it in the same chain."""

    __tablename__ = "audit_rows"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    chain_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    node_id: Mapped[str]
    law_ref: Mapped[str]
    digest: Mapped[str]
    mac: Mapped[str] = mapped_column(String(64))


class IdempotencyKey(TenantRow):
    """The answer that a command gave to a key; the same key gets the same answer again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    actor_id: Mapped[str]
    request_digest: Mapped[str] = mapped_column(String(64))
    response: Mapped[Any] = mapped_column(JsonText)
    made_at: Mapped[dt.datetime]


class Job(IdRow):
    """Work to be done outside a command; `key` names it, so that it is enqueued once.

    `status` is waiting, doing, done, cancelled or failed. `run_at` is when a worker may take it: of one
    that is being done it is the end of the worker's lease. `attempts` counts how often it was taken,
    `failures` how often that went wrong; the others were cut off, as by a power cut.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "key", unique=True),
        Index(None, "tenant_id", "status", "run_at"),
    )
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    run_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")


class Incident(IdRow):
    """What stands still in a case until somebody has it tried again; open while its subject is failed.

    `kind` is timer or the kind of the job, `subject_id` the timer's or the job's id. `error` is a message;
    one with `params` has named places for them and can be translated. `payload` is what the work was given.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "root_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "subject_id", unique=True),
        Index(None, "tenant_id", "root_id"),
    )
    root_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str]
    subject_id: Mapped[str] = mapped_column(String(36))
    node_id: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    error_type: Mapped[str]
    error: Mapped[str]
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    attempts: Mapped[int]
    raised_at: Mapped[dt.datetime]
    retried_at: Mapped[dt.datetime | None]
    retried_by: Mapped[str | None]
