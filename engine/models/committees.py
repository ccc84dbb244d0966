"""The register of mediators with their training, and the duty roster of chief mediators."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, TenantRow


class Mediator(IdRow):
    """One term of a mediator in a committee (PML Arts. 9, 13, 14); another term is another row.

    `standing` is member or hired, `chosen_by` elected or appointed. The term runs from `chosen_on` to the
    end of `term_end`, unless it ended on the day `ended_on`.
    """

    __tablename__ = "mediators"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
        Index(None, "tenant_id", "account_id", "term_end"),
        Index(None, "tenant_id", "body_id"),
    )
    body_id: Mapped[str] = mapped_column(String(36))
    account_id: Mapped[str] = mapped_column(String(36))
    standing: Mapped[str] = mapped_column(String(16))
    chosen_by: Mapped[str] = mapped_column(String(16))
    chosen_on: Mapped[dt.date]
    term_end: Mapped[dt.date]
    ended_on: Mapped[dt.date | None]
    end_reason: Mapped[str] = mapped_column(default="")
    education: Mapped[str] = mapped_column(default="")
    is_woman: Mapped[bool] = mapped_column(default=False)
    is_minority: Mapped[bool] = mapped_column(default=False)


class Training(IdRow):
    """A training that somebody of the register took part in (PML Art. 14); `hours` are those of lessons."""

    __tablename__ = "trainings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
        Index(None, "tenant_id", "account_id", "held_on"),
    )
    account_id: Mapped[str] = mapped_column(String(36))
    held_on: Mapped[dt.date]
    subject: Mapped[str]
    hours: Mapped[int]


class Duty(TenantRow):
    """A chief mediator is on duty in a body for half a day; `half` is morning or afternoon."""

    __tablename__ = "duties"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        ForeignKeyConstraint(["tenant_id", "account_id"], ["accounts.tenant_id", "accounts.id"]),
    )
    body_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    half: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
