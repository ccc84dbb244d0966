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

    `body_id` is that of the root too. `search_text` is what the case is found by: its number and the names
    of all parties, a line each. `status` runs draft, submitted, accepted, invited, consented, mediating,
    agreed_drafting, signing, effective, or ends at refused_intake, transferred or ended with an `end_code`.
    `path` is how it is mediated now, None before it was accepted. `is_group` says that the applicants are a
    group's households: they elect representatives, and each joins the agreement by itself or not.
    `suspended` is the state that goes before `status` while something that happened halts the case:
    suspended_report, suspended, suspended_expiry, suspended_appraisal.
    `oral_wished` is whether the parties want to agree orally, as they said when they came to an agreement,
    `facts_wanted` whether they want to sign what their last session left undisputed.
    `intake_channel` is how the dispute reached the committee, None for a case from before it was asked;
    `receipt_code` opens the public page that proves the receipt.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index(None, "tenant_id", "body_id", "id"),
        Index(None, "tenant_id", "receipt_code", unique=True),
        ForeignKeyConstraint(["tenant_id", "id"], ["process_instances.tenant_id", "process_instances.id"]),
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        ForeignKeyConstraint(["tenant_id", "mediator_id"], ["accounts.tenant_id", "accounts.id"]),
        ForeignKeyConstraint(["tenant_id", "proposed_mediator_id"], ["accounts.tenant_id", "accounts.id"]),
    )
    id: Mapped[str] = mapped_column(String(36), primary_key=True, sort_order=-1)
    body_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[str | None]
    search_text: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(String(24), default="draft")
    suspended: Mapped[str | None] = mapped_column(String(24))
    end_code: Mapped[str | None] = mapped_column(String(24))
    path: Mapped[str | None] = mapped_column(String(16))
    oral_wished: Mapped[bool] = mapped_column(default=False)
    facts_wanted: Mapped[bool] = mapped_column(default=False)
    is_group: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(16))
    intake_channel: Mapped[str | None] = mapped_column(String(16))
    receipt_code: Mapped[str | None] = mapped_column(String(16))
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
    parties: Mapped[list["Party"]] = relationship(order_by="Party.position", viewonly=True)
    agreement: Mapped["Agreement | None"] = relationship(viewonly=True)


class CaseCounter(TenantRow):
    """The last case number that a body has given out in a year."""

    __tablename__ = "case_counters"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),)
    body_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Party(IdRow):
    """A side's person or organisation; `kind` is natural or legal, `side` applicant or respondent.

    `sealed` holds the identity number and the phone number, encrypted with the case's key; the columns of
    these names are empty but where an earlier version wrote them. `agent` acts for the party within
    `agent_scope`, until the end of `agent_until` if the letter of authority sets a day. `represents` says
    that a group elected it, `own_living` that somebody of 16 or 17 lives mainly on own earnings.
    """

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
    own_living: Mapped[bool] = mapped_column(default=False)
    occupation: Mapped[str] = mapped_column(default="")
    id_number: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    address: Mapped[str] = mapped_column(default="")
    representative: Mapped[str] = mapped_column(default="")
    agent: Mapped[str] = mapped_column(default="")
    agent_scope: Mapped[list[str]] = mapped_column(JsonText, default=list)
    agent_until: Mapped[dt.date | None]
    invitation_answer: Mapped[str | None] = mapped_column(String(16))
    invitation_channel: Mapped[str] = mapped_column(default="")
    invitation_note: Mapped[str] = mapped_column(default="")
    contacted_on: Mapped[dt.date | None]
    notice_served_at: Mapped[dt.datetime | None]
    consents: Mapped[bool | None]
    session_choice: Mapped[str | None] = mapped_column(String(16))
    agrees_to_method: Mapped[bool | None]
    represents: Mapped[bool] = mapped_column(default=False)
    agrees_to_extension: Mapped[bool | None]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawal_reason: Mapped[str] = mapped_column(default="")
    copy_manner: Mapped[str | None] = mapped_column(String(16))
    copy_served_on: Mapped[dt.date | None]


class CaseKey(TenantRow):
    """The key of a case's encrypted values, itself encrypted with a key outside the database."""

    __tablename__ = "case_keys"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),)
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    wrapped: Mapped[bytes]


class Statement(IdRow):
    """What one side said in a separate talk; `disclosure` is private, may_tell or may_show.

    `engine.mediation.visibility` says who reads it; it never enters a document (online rules Art. 18).
    `sealed` is what was said, encrypted with the case's key; `text` is empty but where an earlier version
    wrote it.
    """

    __tablename__ = "statements"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    disclosure: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[dt.datetime]
    held_on: Mapped[dt.date]
    recorded_by: Mapped[str] = mapped_column(String(36))


class SiteVisit(IdRow):
    """What a mediator saw at a place and was told there; it may be repeated.

    `sealed` holds who was questioned and what was found, encrypted with the case's key.
    """

    __tablename__ = "site_visits"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    visited_on: Mapped[dt.date]
    place: Mapped[str]
    participants: Mapped[str]
    investigators: Mapped[str]
    sealed: Mapped[bytes]
    made_at: Mapped[dt.datetime]
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
    next_path: Mapped[str | None] = mapped_column(String(16))
    switch_reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
