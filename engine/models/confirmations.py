"""Judicial confirmation: each joint application to a court, and what the court decided."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText


class Confirmation(IdRow):
    """One application by the parties together, and the ruling once there is one.

    `party_ids` are those who applied, at `court`. `result` is confirmed, dismissed, not_accepted or
    withdrawn, None while the court has not decided; `reference` is the number of its ruling.
    """

    __tablename__ = "confirmations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id", "applied_at"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    court: Mapped[str]
    party_ids: Mapped[list[str]] = mapped_column(JsonText)
    applied_on: Mapped[dt.date]
    applied_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
    result: Mapped[str | None] = mapped_column(String(16))
    ruled_on: Mapped[dt.date | None]
    reference: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    ruled_by: Mapped[str | None] = mapped_column(String(36))
