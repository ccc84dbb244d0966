"""Cases, their parties and numbers, what is said in separate talks, and the joint sessions."""

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from engine.models.base import IdRow, JsonText, TenantRow

if TYPE_CHECKING:
    from engine.models.agreements import Agreement


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number kept as text: yuan and fen survive SQLite, which knows floats only."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write the number without an exponent."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """Read the number with the places it was written with."""
        return None if value is None else Decimal(value)


class Case(TenantRow):
    """A dispute in mediation; its id is that of its root process instance.

    `status` runs draft, submitted, accepted, invited, consented, mediating, agreed_drafting, signing,
    effective, or ends at refused_intake, transferred or ended with an `end_code`.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "id"], ["process_instances.tenant_id", "process_instances.id"]),
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        ForeignKeyConstraint(["tenant_id", "mediator_id"], ["accounts.tenant_id", "accounts.id"]),
        ForeignKeyConstraint(["tenant_id", "proposed_mediator_id"], ["accounts.tenant_id", "accounts.id"]),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True, sort_order=-1)
    body_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[str | None]
    status: Mapped[str] = mapped_column(String(24), default="draft")
    end_code: Mapped[str | None] = mapped_column(String(24))
    source: Mapped[str | None] = mapped_column(String(16))
    dispute_type: Mapped[str] = mapped_column(default="")
    people_count: Mapped[int] = mapped_column(default=0)
    amount: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    facts: Mapped[str] = mapped_column(default="")
    happened_on: Mapped[dt.date | None]
    place: Mapped[str] = mapped_column(default="")
    requests: Mapped[list[str]] = mapped_column(JsonText, default=list)
    suitability: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    decision_reason: Mapped[str] = mapped_column(default="")
    transferred_to: Mapped[str] = mapped_column(default="")
    mediator_id: Mapped[str | None] = mapped_column(String(36))
    proposed_mediator_id: Mapped[str | None] = mapped_column(String(36))
    mediator_method: Mapped[str | None] = mapped_column(String(16))
    conflict_disclosed: Mapped[bool] = mapped_column(default=False)
    disclosure: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[dt.datetime]
    applied_on: Mapped[dt.date | None]
    accepted_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    routes_told_at: Mapped[dt.datetime | None]
    routes: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    end_reason: Mapped[str] = mapped_column(default="")
    parties: Mapped[list["Party"]] = relationship(order_by="Party.position")
    agreement: Mapped["Agreement | None"] = relationship()


class CaseCounter(TenantRow):
    """The last case number that a body has given out in a year."""

    __tablename__ = "case_counters"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),)
    body_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Party(IdRow):
    """A side's person or organisation; `kind` is natural or legal, `side` applicant or respondent."""

    __tablename__ = "parties"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id", "position"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    side: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    gender: Mapped[str] = mapped_column(default="")
    ethnicity: Mapped[str] = mapped_column(default="")
    age: Mapped[int | None]
    occupation: Mapped[str] = mapped_column(default="")
    id_number: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    representative: Mapped[str] = mapped_column(default="")
    invitation_answer: Mapped[str | None] = mapped_column(String(16))
    invitation_channel: Mapped[str] = mapped_column(default="")
    invitation_note: Mapped[str] = mapped_column(default="")
    contacted_on: Mapped[dt.date | None]
    notice_served_at: Mapped[dt.datetime | None]
    consents: Mapped[bool | None]
    session_choice: Mapped[str | None] = mapped_column(String(16))
    agrees_to_method: Mapped[bool | None]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawal_reason: Mapped[str] = mapped_column(default="")
    copy_manner: Mapped[str | None] = mapped_column(String(16))
    copy_served_on: Mapped[dt.date | None]


class Statement(IdRow):
    """What one side said in a separate talk; `disclosure` is private, may_tell or may_show.

    Only the case's mediator reads it, and it never enters a document (online rules Art. 18).
    """

    __tablename__ = "statements"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str]
    disclosure: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[dt.datetime]
    held_on: Mapped[dt.date]
    recorded_by: Mapped[str] = mapped_column(String(36))


class JointSession(IdRow):
    """The record of one session with all sides, read back to them; `attendees` are party ids.

    `undisputed_facts` stand apart from the record, which holds concessions (online rules Art. 18, 22).
    """

    __tablename__ = "joint_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id", "held_on"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    held_on: Mapped[dt.date]
    place: Mapped[str]
    attendees: Mapped[list[str]] = mapped_column(JsonText)
    guests: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    text: Mapped[str]
    undisputed_facts: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(String(24))
    failure_reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
