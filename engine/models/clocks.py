"""Clocks: armed timers of cases and of processes to be started, pauses, and announced working days."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models.base import IdRow, TenantRow
from engine.models.processes import ProcessInstance


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
    # Only tells in which order rows are written: a process that was just called goes before its timers.
    instance: Mapped[ProcessInstance] = relationship(lazy="raise")


class StartTimer(TenantRow):
    """A timer start event of a process of the active release: each time it is due an instance starts.

    `kind` and `text` are what the diagram says: while they stay the same in later releases, so does the row.
    `status` is waiting, done once it has started all it should, or failed, then with its `error`. `interval`,
    `base_at`, `fired` and `repeats_left` are as in Timer.
    """

    __tablename__ = "start_timers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "status", "due_at"),
    )
    process_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    base_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    interval: Mapped[str]
    repeats_left: Mapped[int | None]
    fired: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    error: Mapped[str] = mapped_column(default="")


class Pause(IdRow):
    """A time in which the clocks of a case stood still, such as an appraisal; open while not resumed.

    Nobody lets them go on by hand while it is `held` by what has happened in the case.
    """

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
    held: Mapped[bool] = mapped_column(default=False)


class ClockChange(TenantRow):
    """Why a case's clocks were stopped, let go on or set, for the row of the record with this number.

    `due_before` and `due_after` are those of a clock that was set, counted in `unit` as in Timer; else None.
    """

    __tablename__ = "clock_changes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "root_id"], ["process_instances.tenant_id", "process_instances.id"]
        ),
    )
    root_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str]
    due_before: Mapped[dt.datetime | None]
    due_after: Mapped[dt.datetime | None]
    unit: Mapped[str] = mapped_column(String(16))


class CalendarDay(TenantRow):
    """Whether offices work on a day; it goes before the published calendar."""

    __tablename__ = "calendar_days"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
