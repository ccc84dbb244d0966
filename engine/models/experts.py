"""The list of experts who may be invited to consultations."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow


class Expert(IdRow):
    """Somebody with a field; `kind` is lawyer, judge and so on. How to reach the expert is in `sealed`.

    Available from the first to the end of the last day, without end if that is None, unless the entry ended
    on the day `ended_on`.
    """

    __tablename__ = "experts"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        Index(None, "tenant_id", "body_id"),
    )
    body_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    field: Mapped[str]
    institution: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    available_from: Mapped[dt.date]
    available_until: Mapped[dt.date | None]
    ended_on: Mapped[dt.date | None]
    end_reason: Mapped[str] = mapped_column(default="")
