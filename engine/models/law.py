"""What a tenant changed of the law's limits as they are shipped."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import TenantRow


class LawChange(TenantRow):
    """A limit's `value` in `unit` from a day on, and why; `seq` is that of the row of the tenant's record.

    `source` names the text that sets it. Rows are only ever added: of two for one day the later one holds.
    """

    __tablename__ = "law_changes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "key"),
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(100))
    value: Mapped[int]
    unit: Mapped[str] = mapped_column(String(16))
    effective_from: Mapped[dt.date]
    source: Mapped[str]
    reason: Mapped[str]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[str]
