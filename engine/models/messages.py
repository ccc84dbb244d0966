"""Messages: who waits for which, and those that are kept until somebody does."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import IdRow, JsonText
from engine.models.processes import ProcessInstance


class Subscription(IdRow):
    """A place that waits for a message; `key` is its correlation key as it was when the wait began."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "instance_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "instance_id", "wait_id", unique=True),
        Index(None, "tenant_id", "message", "key"),
    )
    instance_id: Mapped[str] = mapped_column(String(36))
    root_id: Mapped[str] = mapped_column(String(36))
    wait_id: Mapped[str]
    message: Mapped[str]
    key: Mapped[str]
    since: Mapped[dt.datetime]
    # Only tells in which order rows are written: a process that was just called goes before its messages.
    instance: Mapped[ProcessInstance] = relationship(lazy="raise")


class KeptMessage(IdRow):
    """A published message that nobody waited for yet; it goes away when it is delivered or has expired.

    `status` is waiting or failed, then with its `error`.
    """

    __tablename__ = "kept_messages"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "message", "key"),
        Index(None, "tenant_id", "expires_at"),
    )
    message: Mapped[str]
    key: Mapped[str]
    variables: Mapped[dict[str, Any]] = mapped_column(JsonText)
    message_id: Mapped[str]
    published_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    error: Mapped[str] = mapped_column(default="")
