"""What became of an agreement: each part as it was performed, not performed or put off."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow
from engine.models.cases import ExactDecimal


class FollowUp(IdRow):
    """One entry about an obligation, or about one of its instalments; entries are added, never changed.

    `result` is performed, part, not_performed or deferred. `amount` is what was paid, in yuan; `due_on` the
    day to which both put it off. `claim` is what is owed as labour law names it, empty for all else.
    """

    __tablename__ = "follow_ups"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "obligation_id"], ["obligations.tenant_id", "obligations.id"]),
        ForeignKeyConstraint(["tenant_id", "instalment_id"], ["instalments.tenant_id", "instalments.id"]),
        Index(None, "tenant_id", "case_id", "position"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    obligation_id: Mapped[str] = mapped_column(String(36))
    instalment_id: Mapped[str | None] = mapped_column(String(36))
    position: Mapped[int]
    result: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    happened_on: Mapped[dt.date]
    due_on: Mapped[dt.date | None]
    claim: Mapped[str] = mapped_column(String(16))
    note: Mapped[str]
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
