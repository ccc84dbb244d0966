"""Online mediation: consents, identity checks, messages, offers and their answers, meetings, e-records."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import JsonText, NotedRow, TenantRow


class OnlineConsent(TenantRow):
    """What a party last said of online mediation (Online Rules Arts. 4, 16 and 17).

    `equipment` is own or room; `sealed` is the address for electronic service, encrypted with the case's
    key, None without consent to it. `taken_back` says why, where the party asked for mediation on site.
    """

    __tablename__ = "online_consents"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
    )
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    party_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    agrees: Mapped[bool]
    asynchronous: Mapped[bool]
    equipment: Mapped[str] = mapped_column(String(16))
    e_service: Mapped[bool]
    sealed: Mapped[bytes | None]
    recording: Mapped[bool]
    taken_back: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))


class IdentityCheck(NotedRow):
    """How a party was identified (Art. 17): `level` is phone_code, image or eid, the last check counts.

    `appears` is self, representative or agent; `checked` is what was looked at, and how.
    """

    __tablename__ = "identity_checks"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    party_id: Mapped[str] = mapped_column(String(36))
    appears: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(16))
    checked: Mapped[str]
    checked_on: Mapped[dt.date]
    matches: Mapped[bool]


class OnlineMessage(NotedRow):
    """What was said in a channel, joint or private with one party; `sealed` is its text, encrypted.

    `author` is party or mediator.
    """

    __tablename__ = "online_messages"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    channel: Mapped[str] = mapped_column(String(16))
    party_id: Mapped[str] = mapped_column(String(36))
    author: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes]


class Offer(NotedRow):
    """An offer, numbered from 1 in its case; `party_id` is None where the mediator proposes it.

    `sealed` are its terms, encrypted with the case's key. Until `disclosed_at` only the mediator and
    whoever made it read them. `counters_id` is the offer that it counters.
    """

    __tablename__ = "offers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "counters_id"], ["offers.tenant_id", "offers.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    number: Mapped[int]
    party_id: Mapped[str | None] = mapped_column(String(36))
    to: Mapped[list[str]] = mapped_column("to_parties", JsonText)
    counters_id: Mapped[str | None] = mapped_column(String(36))
    disclosed_at: Mapped[dt.datetime | None]
    sealed: Mapped[bytes]


class OfferAnswer(NotedRow):
    """What one of those to whom an offer was made said: accept, decline or counter."""

    __tablename__ = "offer_answers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "offer_id"], ["offers.tenant_id", "offers.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    offer_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    answer: Mapped[str] = mapped_column(String(16))


class OnlineMeeting(NotedRow):
    """One part of a meeting: planned, then held or interrupted.

    A meeting that was interrupted goes on under the same `number` with the next `part`. `meets_at` is
    written HH:MM; `how` is video, phone or text. `room` is its name on a configured server, empty with a
    pasted link.
    """

    __tablename__ = "online_meetings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    number: Mapped[int]
    part: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    how: Mapped[str] = mapped_column(String(16))
    link: Mapped[str] = mapped_column(default="")
    room: Mapped[str] = mapped_column(default="")
    meets_on: Mapped[dt.date]
    meets_at: Mapped[str] = mapped_column(String(8), default="")
    attendees: Mapped[list[str]] = mapped_column(JsonText, default=list)
    guests: Mapped[list[dict[str, Any]]] = mapped_column(JsonText, default=list)
    course: Mapped[str] = mapped_column(default="")
    interruption: Mapped[str] = mapped_column(default="")


class OnlineRecord(NotedRow):
    """An electronic record as it is put to the parties (Art. 22); the last one counts.

    `undisputed_facts` stand apart from the text, which holds concessions. `outcome` is agreed, go_on,
    switch or failed.
    """

    __tablename__ = "online_records"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    text: Mapped[str]
    undisputed_facts: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(String(16))
    failure_reason: Mapped[str] = mapped_column(default="")
    next_path: Mapped[str | None] = mapped_column(String(16))
    switch_reason: Mapped[str] = mapped_column(default="")


class RecordConfirmation(NotedRow):
    """A party's answer to a record: confirms it, or objects with what is to be changed."""

    __tablename__ = "record_confirmations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "record_id"], ["online_records.tenant_id", "online_records.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    record_id: Mapped[str] = mapped_column(String(36))
    party_id: Mapped[str] = mapped_column(String(36))
    confirms: Mapped[bool]
    manner: Mapped[str] = mapped_column(String(16))
    confirmed_on: Mapped[dt.date]
    objection: Mapped[str] = mapped_column(default="")
