"""What the parties brought to prove something: the list of a case's evidence."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow


class EvidenceItem(IdRow):
    """One item; `party_id` is who brought it, None for the committee itself.

    `kind` is paper, photo, file or object; `disclosure` is private (to who brought it) or may_show. `sealed`
    holds its name and description, encrypted with the case's key. `returned_on` is when it was handed back.
    """

    __tablename__ = "evidence_items"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "file_sha256"], ["files.tenant_id", "files.sha256"]),
        Index(None, "tenant_id", "case_id", "position"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    position: Mapped[int]
    party_id: Mapped[str | None] = mapped_column(String(36))
    brought_on: Mapped[dt.date]
    kind: Mapped[str] = mapped_column(String(16))
    original: Mapped[bool]
    disclosure: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(36))
    returned_on: Mapped[dt.date | None]
    returned_note: Mapped[str] = mapped_column(default="")
    returned_by: Mapped[str | None] = mapped_column(String(36))
