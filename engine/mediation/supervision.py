"""What is to be seen to in the consultations of one's cases: duties, and invitations without an answer."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, policy
from engine.calendar import day_of
from engine.mediation.consultation_page import colour_of
from engine.models.cases import Case
from engine.models.consultations import ConsultationDuty, Invitee
from engine.policy import Actor

MOST = 500
TWICE = 2


@dataclass(frozen=True)
class TrackedDuty:
    """A duty that is not done; `colour` as on the page of its case."""

    case_id: str
    case_number: str
    invitee: str
    action: str
    due_on: dt.date
    colour: str


@dataclass(frozen=True)
class SilentInvitee:
    """Somebody who has not answered in time; after two reminders the superior is to be asked."""

    case_id: str
    case_number: str
    invitee: str
    answer_by: dt.date
    reminders: int
    superior: str
    superior_wanted: bool


@dataclass(frozen=True)
class Supervision:
    """Both, the most urgent first; of each no more than MOST."""

    duties: list[TrackedDuty]
    silent: list[SilentInvitee]


def show_supervision(engine: Engine, actor: Actor) -> Supervision:
    """What is to be seen to in the cases that the actor sees. Forbidden for a party."""
    policy.allow(actor, "supervision.read")
    today = day_of(engine.now())
    with engine.sessions.query(actor.tenant_id) as session:
        return Supervision(_duties(session, actor, today), _silent(session, actor, today))


def reminders_of(session: Session, case_ids: set[str]) -> dict[str, int]:
    """Case id → how often those who are silent were reminded, where they were."""
    found = select(Invitee.case_id, Invitee.reminders).where(
        Invitee.case_id.in_(sorted(case_ids)), Invitee.answer.is_(None),
        Invitee.removed_at.is_(None), Invitee.reminders > 0,
    )  # fmt: skip
    rows = session.execute(found.order_by(Invitee.reminders))
    return {row.case_id: row.reminders for row in rows}


def _duties(session: Session, actor: Actor, today: dt.date) -> list[TrackedDuty]:
    seen = policy.visible_ids(actor, Case).cte("seen")
    found = (
        select(ConsultationDuty, Case.number, Invitee.name)
        .join(seen, seen.c.id == ConsultationDuty.case_id)
        .join(Case, Case.id == ConsultationDuty.case_id)
        .join(Invitee, Invitee.id == ConsultationDuty.invitee_id)
        .where(ConsultationDuty.done_on.is_(None))
        .order_by(ConsultationDuty.due_on, ConsultationDuty.id)
        .limit(MOST)
    )
    return [
        TrackedDuty(
            duty.case_id, number or "", name, duty.action, duty.due_on, colour_of(session, duty, today)
        )
        for duty, number, name in session.execute(found)
    ]


def _silent(session: Session, actor: Actor, today: dt.date) -> list[SilentInvitee]:
    seen = policy.visible_ids(actor, Case, Case.end_code.is_(None)).cte("seen")
    found = (
        select(Invitee, Case.number)
        .join(seen, seen.c.id == Invitee.case_id)
        .join(Case, Case.id == Invitee.case_id)
        .where(Invitee.answer.is_(None), Invitee.removed_at.is_(None), Invitee.answer_by < today)
        .order_by(Invitee.answer_by, Invitee.id)
        .limit(MOST)
    )
    return [
        SilentInvitee(
            one.case_id, number or "", one.name, one.answer_by or today, one.reminders, one.superior,
            one.reminders >= TWICE,
        )
        for one, number in session.execute(found)
    ]  # fmt: skip
