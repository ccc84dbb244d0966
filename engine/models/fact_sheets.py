"""Facts that nobody disputes, signed apart from the agreement."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import IdRow, JsonText


class FactSheet(IdRow):
    """One sheet; a case may have several, of which the last may still change until somebody has answered.

    `party_ids` are those who are asked to sign. `paper` is whether it is signed on paper, `paper_only`
    whether it must be. `file_sha256` is the file with the signatures so far, `document_id` the case's
    document of it.
    """

    __tablename__ = "fact_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    party_ids: Mapped[list[str]] = mapped_column(JsonText)
    facts: Mapped[str]
    paper: Mapped[bool]
    paper_only: Mapped[bool]
    rendering_error: Mapped[str | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    document_id: Mapped[str | None] = mapped_column(String(36))
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(36))
    answers: Mapped[list["FactSheetAnswer"]] = relationship(
        order_by="FactSheetAnswer.id", cascade="all, delete-orphan"
    )


class FactSheetAnswer(IdRow):
    """What a party decided: `decision` is sign or decline; `signed_on` is the date on paper."""

    __tablename__ = "fact_sheet_answers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sheet_id", "party_id"),
        ForeignKeyConstraint(["tenant_id", "sheet_id"], ["fact_sheets.tenant_id", "fact_sheets.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
    )
    sheet_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    decision: Mapped[str] = mapped_column(String(16))
    signed_on: Mapped[dt.date | None]
    made_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
