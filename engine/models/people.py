"""Tenants, the bodies inside them, the accounts of staff, and their sessions."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, Row, TenantRow


class Tenant(Row):
    """A district; nothing of one tenant is seen from another."""

    __tablename__ = "tenants"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    audit_count: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(default="")


class Body(IdRow):
    """A mediation committee or another organisation; bodies form a tree inside a tenant.

    `kind` is district, town, village, courtyard or department. `is_mixed` says that people of several
    nationalities live where it works.
    """

    __tablename__ = "bodies"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["bodies.tenant_id", "bodies.id"]),
    )
    parent_id: Mapped[str | None] = mapped_column(String(36))
    name: Mapped[str]
    code: Mapped[str]
    court: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(String(16), default="town")
    is_mixed: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[dt.datetime | None]


class Account(IdRow):
    """Somebody of the staff who signs in; roles are a list of role nouns.

    `password_due` until the owner has chosen a password instead of the one that was made for the account.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "username"),
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
    )
    username: Mapped[str]
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(JsonText)
    body_id: Mapped[str] = mapped_column(String(36))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    password_due: Mapped[bool] = mapped_column(default=False)


class WebSession(TenantRow):
    """One signed-in browser, of an account or of a party who opened a link; the token is kept as its hash."""

    __tablename__ = "web_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(String(36))
    party_id: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]


class Attempt(IdRow):
    """A failed sign-in or a wrong code, counted for the limit on attempts."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "subject", "made_at"),
    )
    subject: Mapped[str]
    made_at: Mapped[dt.datetime]


class InstanceMember(TenantRow):
    """Somebody who may see one case because of a part in it."""

    __tablename__ = "instance_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "instance_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
        Index(None, "tenant_id", "account_id", "instance_id"),
    )
    instance_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
