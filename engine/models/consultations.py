"""A consultation: who is invited and agreed to, case sheets, opinions, meetings, and duties."""

import datetime as dt

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import IdRow, JsonText, NotedRow, TenantRow


class Invitee(IdRow):
    """A department or expert; `answer` is accepts, delegates or declines, None while it is awaited.

    `answer_by` is the day by which it is wanted, `reminders` how often it was asked for since, `superior`
    whoever was asked to see to it. `expert_id` is that of one in the list. One whom the mediator took off
    again stays, with `removed_at`.
    """

    __tablename__ = "consultation_invitees"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "expert_id"], ["experts.tenant_id", "experts.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]
    reason: Mapped[str]
    expert_id: Mapped[str | None] = mapped_column(String(36))
    answer_by: Mapped[dt.date | None]
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[dt.datetime | None]
    answer: Mapped[str | None] = mapped_column(String(16))
    delegate: Mapped[str] = mapped_column(default="")
    superior: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[dt.datetime]
    removed_at: Mapped[dt.datetime | None]


class ConsultationConsent(TenantRow):
    """What a party last said: agrees, objects or refuses; `agreed` are the invitees it agreed to.

    `shares` is its separate consent to be named to them (PIPL Art. 23).
    """

    __tablename__ = "consultation_consents"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
    )
    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    party_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))
    agreed: Mapped[list[str]] = mapped_column(JsonText)
    shares: Mapped[bool]
    objection: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))


class CaseSheet(NotedRow):
    """What those who take part read; parties that are not in `named` stand in it by their role only."""

    __tablename__ = "case_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    facts: Mapped[str]
    questions: Mapped[str]
    named: Mapped[list[str]] = mapped_column(JsonText)


class WrittenOpinion(NotedRow):
    """What one department or expert wrote on the case sheet."""

    __tablename__ = "written_opinions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "invitee_id"], ["consultation_invitees.tenant_id", "consultation_invitees.id"]
        ),
        Index(None, "tenant_id", "case_id"),
    )
    invitee_id: Mapped[str] = mapped_column(String(36))
    received_on: Mapped[dt.date]
    text: Mapped[str]


class ConsultationMeeting(NotedRow):
    """A meeting; `present` are invitees' ids, and with fewer than `quorum` of them it decides nothing."""

    __tablename__ = "consultation_meetings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        Index(None, "tenant_id", "case_id"),
    )
    held_on: Mapped[dt.date]
    place: Mapped[str]
    present: Mapped[list[str]] = mapped_column(JsonText)
    quorum: Mapped[int]
    minutes: Mapped[str]


class ConsultationOpinion(NotedRow):
    """The opinion, a proposal to the parties; `lead_id` is the department that leads."""

    __tablename__ = "consultation_opinions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "lead_id"], ["consultation_invitees.tenant_id", "consultation_invitees.id"]
        ),
        Index(None, "tenant_id", "case_id"),
    )
    facts: Mapped[str]
    law: Mapped[str]
    options: Mapped[list[str]] = mapped_column(JsonText)
    dissent: Mapped[str] = mapped_column(default="")
    lead_id: Mapped[str] = mapped_column(String(36))
    told_on: Mapped[dt.date | None]


class ConsultationDuty(IdRow):
    """What a department or expert is to do by the end of a day, and when it was done."""

    __tablename__ = "consultation_duties"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "opinion_id"], ["consultation_opinions.tenant_id", "consultation_opinions.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "invitee_id"], ["consultation_invitees.tenant_id", "consultation_invitees.id"]
        ),
        Index(None, "tenant_id", "case_id"),
    )
    case_id: Mapped[str] = mapped_column(String(36))
    opinion_id: Mapped[str] = mapped_column(String(36))
    invitee_id: Mapped[str] = mapped_column(String(36))
    action: Mapped[str]
    due_on: Mapped[dt.date]
    done_on: Mapped[dt.date | None]
    done_note: Mapped[str] = mapped_column(default="")
    done_by: Mapped[str | None] = mapped_column(String(36))
