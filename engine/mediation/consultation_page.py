"""A consultation on the page of its case, for the staff: who takes part, what they wrote, duties."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation.consultations import invited, opinions_on_sheet
from engine.mediation.limits import limit
from engine.mediation.notes import last
from engine.models.cases import Case
from engine.models.consultations import (
    CaseSheet,
    ConsultationDuty,
    ConsultationMeeting,
    ConsultationOpinion,
    Invitee,
)
from engine.policy import Actor


@dataclass(frozen=True)
class DutyView:
    """A duty; `colour` is green, yellow when its last day is near, red after it."""

    id: str
    invitee: str
    action: str
    due_on: dt.date
    done_on: dt.date | None
    done_note: str
    colour: str


@dataclass(frozen=True)
class ConsultationView:
    """What the consultation has come to; `written` are (name, opinion) on the last case sheet.

    `lead` is empty before there is an `opinion`; `duties` are those of all its opinions.
    """

    invitees: list[Invitee]
    sheet: CaseSheet | None
    written: list[tuple[str, str]]
    meeting: ConsultationMeeting | None
    present: list[str]
    opinion: ConsultationOpinion | None
    lead: str
    duties: list[DutyView]


def consultation_view(
    session: Session, actor: Actor, case: Case, now: dt.datetime
) -> ConsultationView | None:
    """The consultation of a case; None for a party, and where nobody was invited to one."""
    names = _names(session, case.id) if actor.party_id is None else {}
    if not names:
        return None
    opinion = last(session, ConsultationOpinion, case.id)
    meeting = last(session, ConsultationMeeting, case.id)
    found = select(ConsultationDuty).where(ConsultationDuty.case_id == case.id)
    duties = session.scalars(found.order_by(ConsultationDuty.due_on, ConsultationDuty.id))
    return ConsultationView(
        invitees=list(invited(session, case.id)),
        sheet=last(session, CaseSheet, case.id),
        written=[(names[row.invitee_id], row.text) for row in opinions_on_sheet(session, case.id)],
        meeting=meeting,
        present=[names[one] for one in meeting.present] if meeting else [],
        opinion=opinion,
        lead=names[opinion.lead_id] if opinion else "",
        duties=[_duty(row, names, colour_of(session, row, day_of(now))) for row in duties],
    )


def colour_of(session: Session, duty: ConsultationDuty, day: dt.date) -> str:
    """Green if it was done or there is time, yellow from the limit `duty.soon` on, red after its last day."""
    if duty.done_on is not None or duty.due_on - day > dt.timedelta(limit(session, "duty.soon", day).value):
        return "green"
    return "yellow" if day <= duty.due_on else "red"


def _duty(row: ConsultationDuty, names: Mapping[str, str], colour: str) -> DutyView:
    return DutyView(row.id, names[row.invitee_id], row.action, row.due_on, row.done_on, row.done_note, colour)


def _names(session: Session, case_id: str) -> Mapping[str, str]:
    # Also those who were taken off again: an earlier duty may be theirs.
    found = select(Invitee.id, Invitee.name).where(Invitee.case_id == case_id)
    return {row.id: row.name for row in session.execute(found)}
