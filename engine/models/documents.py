"""Files by their hash, the documents of a case, and the links by which parties reach them."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, TenantRow


class File(TenantRow):
    """Bytes stored once under their SHA-256."""

    __tablename__ = "files"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(32))
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    size: Mapped[int]
    stored_at: Mapped[dt.datetime]
    stored_by: Mapped[str] = mapped_column(String(36))


class Document(IdRow):
    """A paper of a case; the staff who see the case read it, and the parties in `audience` (party ids)."""

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "file_sha256"], ["files.tenant_id", "files.sha256"]),
        Index(None, "tenant_id", "case_id", "made_at"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    file_sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime]
    audience: Mapped[list[str]] = mapped_column(JsonText)


class PartyLink(IdRow):
    """A party's way in without an account; the code that belongs to the token is not stored."""

    __tablename__ = "party_links"
    __table_args__ = (
        UniqueConstraint("tenant_id", "token"),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "party_id"),
    )
    party_id: Mapped[str] = mapped_column(String(36))
    token: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    revoked: Mapped[bool] = mapped_column(default=False)
