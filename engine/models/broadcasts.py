"""A case on television: the broadcast and its stages, consents, guests, uses of footage, takedowns."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, TenantRow


class CaseSeqRow(TenantRow):
    """A row of a case that is only ever added; `seq` counts from 1 under the case's lock."""

    __abstract__ = True
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True, sort_order=-1)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(36))


class Broadcast(TenantRow):
    """What was asked before a case may go on television; `reasons` are the rules that speak against it."""

    __tablename__ = "broadcasts"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),)
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    programme: Mapped[str]
    channel: Mapped[str]
    answers: Mapped[dict[str, Any]] = mapped_column(JsonText)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    assessed_at: Mapped[dt.datetime]
    assessed_by: Mapped[str] = mapped_column(String(36))


class BroadcastStage(CaseSeqRow):
    """The broadcast has come to a stage; the last row says where it is.

    `shows` is what the cut shows of each party (party id → elements), from the edit lock on.
    """

    __tablename__ = "broadcast_stages"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["broadcasts.tenant_id", "broadcasts.case_id"]),
    )
    stage: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[dt.date]
    note: Mapped[str] = mapped_column(default="")
    shows: Mapped[dict[str, list[str]]] = mapped_column(JsonText, default=dict)


class BroadcastConsent(CaseSeqRow):
    """One party's decision on one of the nine items: given, refused or withdrawn; never changed, only added.

    `until` is the last day. `given_by` is party, guardian or agent, `giver` that one's name, `scope` an
    agent's authority. `text_sha256` is of the words shown. `consequence` is what a withdrawal meant then.
    """

    __tablename__ = "broadcast_consents"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["broadcasts.tenant_id", "broadcasts.case_id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "party_id", "item"),
    )
    party_id: Mapped[str] = mapped_column(String(36))
    item: Mapped[str] = mapped_column(String(16))
    decision: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(default="")
    until: Mapped[dt.date | None]
    sublicence: Mapped[bool] = mapped_column(default=False)
    face: Mapped[str] = mapped_column(String(16), default="")
    voice: Mapped[str] = mapped_column(String(16), default="")
    name_shown: Mapped[str] = mapped_column(String(16), default="")
    alias: Mapped[str] = mapped_column(default="")
    given_by: Mapped[str] = mapped_column(String(16), default="party")
    giver: Mapped[str] = mapped_column(default="")
    scope: Mapped[str] = mapped_column(default="")
    text_sha256: Mapped[str] = mapped_column(String(64), default="")
    stage: Mapped[str] = mapped_column(String(16), default="")
    consequence: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(default="")


class BroadcastUse(CaseSeqRow):
    """Somebody asked whether footage may be used so, and was answered; `reasons` say why not."""

    __tablename__ = "broadcast_uses"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["broadcasts.tenant_id", "broadcasts.case_id"]),
    )
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str]
    day: Mapped[dt.date]
    shows: Mapped[dict[str, list[str]]] = mapped_column(JsonText)
    allowed: Mapped[bool]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)


class Takedown(TenantRow):
    """A withdrawal that asked for footage to be taken down was followed; its key is the withdrawal's."""

    __tablename__ = "takedowns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "case_id", "consent_seq"],
            ["broadcast_consents.tenant_id", "broadcast_consents.case_id", "broadcast_consents.seq"],
        ),
    )
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    consent_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    handled_on: Mapped[dt.date]
    handled_at: Mapped[dt.datetime]
    handled_by: Mapped[str] = mapped_column(String(36))
    note: Mapped[str] = mapped_column(default="")


class PanelGuest(IdRow):
    """A lawyer, judge or psychologist on the panel, what ties were disclosed, and who agreed (party ids)."""

    __tablename__ = "panel_guests"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    employer: Mapped[str] = mapped_column(default="")
    has_tie: Mapped[bool]
    disclosure: Mapped[str] = mapped_column(default="")
    agreed: Mapped[list[str]] = mapped_column(JsonText)
    may_not_try: Mapped[bool]
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(36))
