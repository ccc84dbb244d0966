"""How disputes reach a committee: filings, referrals, and the traces by which known ones are found again."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, TenantRow


class Filing(IdRow):
    """What somebody sent in without an account; it waits until reception opens it as a case or declines it.

    `filed_by` is party or grid. `status` is waiting, opened or declined. `sealed` holds all that was
    written, encrypted with a key of the tenant; `phone_digest` is keyed, so that whoever knows number and
    telephone can ask for the state.
    """

    __tablename__ = "filings"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "body_id"], ["bodies.tenant_id", "bodies.id"]),
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "body_id", "status", "id"),
        Index(None, "tenant_id", "case_id"),
    )
    body_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[str] = mapped_column(String(16))
    filed_by: Mapped[str] = mapped_column(String(16))
    phone_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes]
    received_at: Mapped[dt.datetime]
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    case_id: Mapped[str | None] = mapped_column(String(36))
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(36))
    decline_reason: Mapped[str] = mapped_column(default="")


class Referral(TenantRow):
    """Which body referred a case, and what it is owed: the result, in writing, to this person by this day.

    `sent_on` is None until somebody records that the notice was sent.
    """

    __tablename__ = "referrals"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),)
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    body_name: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    answer_to: Mapped[str]
    due_on: Mapped[dt.date | None]
    sent_on: Mapped[dt.date | None]
    sent_manner: Mapped[str] = mapped_column(default="")
    recorded_by: Mapped[str | None] = mapped_column(String(36))


class PartyTrace(TenantRow):
    """A keyed digest of what a party is known by; `kind` is name, id_number, phone or place."""

    __tablename__ = "party_traces"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "digest"),
    )
    party_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


class Relation(IdRow):
    """What somebody of the staff found of two cases: `kind` is duplicate, related or unrelated.

    `case_id` is the smaller id of the two; of several rows of a pair the last one counts.
    """

    __tablename__ = "relations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "other_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
        Index(None, "tenant_id", "other_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    other_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(36))
