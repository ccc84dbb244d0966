"""Attendants: interpreters and witnesses, who take part in a case without being a side of it."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText


class Attendant(IdRow):
    """An interpreter or witness of a case, for these parties; one who is removed stays on record.

    `role` is interpreter, fact_witness or mark_witness. `sealed` holds name, language and phone number,
    encrypted with the case's key.
    """

    __tablename__ = "attendants"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    role: Mapped[str] = mapped_column(String(16))
    party_ids: Mapped[list[str]] = mapped_column(JsonText)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[dt.datetime]
    added_by: Mapped[str] = mapped_column(String(36))
    removed_at: Mapped[dt.datetime | None]
    removed_by: Mapped[str | None] = mapped_column(String(36))
