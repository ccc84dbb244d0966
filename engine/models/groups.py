"""A group of households in one case: the election of those who speak for it."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText


class Election(IdRow):
    """The record of an election: `households` took part, `votes` counts them by the elected party's id."""

    __tablename__ = "elections"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id", "held_on"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    held_on: Mapped[dt.date]
    place: Mapped[str]
    households: Mapped[int]
    votes: Mapped[dict[str, int]] = mapped_column(JsonText)
    minutes: Mapped[str]
    made_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
