"""Who acts for a party under age: the guardian on record, and those on record before."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow


class Guardian(IdRow):
    """A party's guardian; one row a party at a time, earlier ones ended with a reason and never deleted.

    `sealed` holds name, relation and phone number, encrypted with the case's key.
    """

    __tablename__ = "guardians"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(36))
    end_reason: Mapped[str] = mapped_column(default="")
