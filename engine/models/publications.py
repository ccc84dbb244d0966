"""What is published of consultations, without names."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow


class Publication(IdRow):
    """A text of a case for everybody; `state` is prepared, published, returned or withdrawn.

    `reviewed_by` is never `made_by`. `note` says why it was returned or withdrawn.
    """

    __tablename__ = "publications"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "state", "reviewed_at"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(16))
    title: Mapped[str]
    text: Mapped[str]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(36))
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(36))
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(36))
    note: Mapped[str] = mapped_column(default="")
