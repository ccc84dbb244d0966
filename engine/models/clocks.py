"""The clocks of cases: armed timers, pauses, and the working days that were announced."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, TenantRow


class Timer(IdRow):
    """An armed timer event of an instance; `due_at` is the truth about when it fires.

    `status` is waiting or failed, then with its `error`. `unit` is what a pause moves it by: time, days or
    working_days. One that repeats has its `interval` as ISO 8601 text, counted from `base_at`; it has fired
    `fired` times and fires `repeats_left` times more, None meaning without end.
    """

    __tablename__ = "timers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "instance_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "instance_id", "wait_id", unique=True),
        Index(None, "tenant_id", "status", "due_at", "id"),
        Index(None, "tenant_id", "root_id"),
    )
    instance_id: Mapped[str] = mapped_column(String(36))
    root_id: Mapped[str] = mapped_column(String(36))
    wait_id: Mapped[str]
    node_id: Mapped[str]
    law_ref: Mapped[str]
    armed_at: Mapped[dt.datetime]
    base_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    unit: Mapped[str] = mapped_column(String(16))
    interval: Mapped[str] = mapped_column(default="")
    repeats_left: Mapped[int | None]
    fired: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    error: Mapped[str] = mapped_column(default="")


class Pause(IdRow):
    """A time in which the clocks of a case stood still, such as an appraisal; open while not resumed."""

    __tablename__ = "pauses"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "root_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
        Index(None, "tenant_id", "root_id", "resumed_at"),
    )
    root_id: Mapped[str] = mapped_column(String(36))
    reason: Mapped[str]
    law_ref: Mapped[str]
    paused_at: Mapped[dt.datetime]
    paused_by: Mapped[str]
    resumed_at: Mapped[dt.datetime | None]
    resumed_by: Mapped[str | None]


class CalendarDay(TenantRow):
    """Whether offices work on a day; it goes before the published calendar."""

    __tablename__ = "calendar_days"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
