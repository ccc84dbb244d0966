"""Joint sessions: both sides at one table, with a record that is read back to them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import groups, law, parties, visibility
from engine.mediation.answers import Problems, today
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.mediation.parties import SIDES
from engine.models.base import new_id
from engine.models.cases import Case, JointSession, Party
from engine.policy import Actor
from engine.services import Step

ITEM = "joint_record"
STATUS_AFTER = {"agreed": "agreed_drafting"}


@dataclass(frozen=True)
class RecordView:
    """What was written of a session, and when and where it was held."""

    held_on: dt.date
    place: str
    text: str


def session_recorded(step: Step) -> None:
    """Keep the record of a session; to agree both sides must be there, guests need consent (PML Art. 20).

    Without agreement it may also go on in another path, with all that it has.
    """
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    groups.require_representatives(step, case)
    _check(step, case, parties.active(parties_of(step.session, case.id)))
    guests = step.answers.get("guests") or []
    if not all(guest["consented"] is True for guest in guests):
        raise law.forbids("guests", step.at, "guests need the consent of the parties")
    step.session.add(_record(step, case, guests))
    outcome = step.answers["outcome"]
    case.status = STATUS_AFTER.get(outcome, "mediating")
    case.path = step.answers.get("next_path") or case.path
    case.oral_wished = outcome == "agreed" and _is_oral(step, case)
    case.facts_wanted = step.answers.get("sign_facts") == "yes"
    case.end_code = "deadlock" if outcome == "failed" else None


def sessions_of(session: Session, case_id: str) -> Sequence[JointSession]:
    """The records of all sessions of a case, oldest first."""
    found = select(JointSession).where(JointSession.case_id == case_id)
    return session.scalars(found.order_by(JointSession.made_at, JointSession.id)).all()


def records_for(session: Session, actor: Actor, case: Case) -> list[RecordView]:
    """The same for who may read them (annex A4); none for everybody else."""
    if visibility.reading(ITEM, actor, case, case.parties) != visibility.ALL:
        return []
    return [RecordView(row.held_on, row.place, row.text) for row in sessions_of(session, case.id)]


def _is_oral(step: Step, case: Case) -> bool:
    return step.answers.get("agreement_form") == "oral" and not case.is_group


def _check(step: Step, case: Case, known: Sequence[Party]) -> None:
    sides, attendees = {party.id: party.side for party in known}, step.answers["attendees"]
    problems = Problems()
    for party_id in attendees:
        problems.one_of("attendees", party_id, sides)
    if step.answers["outcome"] == "agreed" and len({sides.get(one) for one in attendees}) < len(SIDES):
        problems.add("attendees", "Both sides must be present to agree.")
    if step.answers["outcome"] == "agreed" and not groups.speaks_for_group(case, attendees):
        problems.add("attendees", "One of the group's representatives must be present to agree.")
    if step.answers["read_back"] is not True:
        problems.add("read_back", "Read the record back to the parties first.")
    if step.answers.get("next_path") == case.path and case.path is not None:
        problems.add("next_path", "The case is in this path already. Choose another.")
    problems.not_after("held_on", step.answers["held_on"], today(step))
    problems.not_before("held_on", step.answers["held_on"], day_of(case.opened_at))
    problems.refuse()


def _record(step: Step, case: Case, guests: Sequence[Mapping[str, Any]]) -> JointSession:
    answers = step.answers
    return JointSession(
        tenant_id=case.tenant_id, id=new_id(), case_id=case.id, held_on=answers["held_on"],
        place=answers["place"], attendees=list(answers["attendees"]), guests=list(guests),
        text=answers["record"], undisputed_facts=answers.get("undisputed_facts") or "",
        outcome=answers["outcome"], failure_reason=answers.get("failure_reason") or "",
        next_path=answers.get("next_path"), switch_reason=answers.get("switch_reason") or "",
        made_at=step.at, recorded_by=step.actor.id,
    )  # fmt: skip
