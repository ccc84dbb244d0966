"""What a consultation leads to: an opinion, told as a proposal, and duties that are followed up."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy
from engine.calendar import day_of
from engine.idempotency import Request
from engine.mediation import law, parties
from engine.mediation.answers import Problems, today
from engine.mediation.consultations import is_quorate, taking_part
from engine.mediation.lookup import case_of
from engine.mediation.mediators import require_mediator
from engine.mediation.notes import last, written
from engine.models.base import new_id
from engine.models.consultations import ConsultationDuty, ConsultationOpinion
from engine.policy import Actor
from engine.services import Step


@dataclass(frozen=True)
class DutyDone:
    """Which duty of which case was done on which day."""

    case_id: str
    duty_id: str
    done_on: dt.date
    note: str = ""


def opinion_drafted(step: Step) -> None:
    """Keep the opinion of a meeting with a quorum; a department that takes part leads.

    Each duty falls on one who takes part, with a day that is not past.
    """
    case, answers = case_of(step.session, step.root.id), step.answers
    require_mediator(step, case)
    if not is_quorate(step.session, case.id):
        raise law.forbids("consultation", step.at, "no meeting with a quorum was held")
    _check_duties(step)
    opinion = ConsultationOpinion(
        **written(step), facts=answers["opinion_facts"], law=answers["opinion_law"],
        options=[row["text"] for row in answers["options"]], dissent=answers.get("dissent") or "",
        lead_id=answers["lead"],
    )  # fmt: skip
    step.session.add(opinion)
    step.session.flush()
    step.session.add_all(
        ConsultationDuty(
            tenant_id=case.tenant_id, id=new_id(), case_id=case.id, opinion_id=opinion.id,
            invitee_id=row["invitee_id"], action=row["action"], due_on=row["due_on"],
        )
        for row in answers["duties"]
    )  # fmt: skip


def opinion_told(step: Step) -> None:
    """All parties were told the opinion, as a proposal that they may decline (PML Arts. 21 and 22)."""
    case, answers, problems = case_of(step.session, step.root.id), step.answers, Problems()
    require_mediator(step, case)
    opinion = last(step.session, ConsultationOpinion, case.id)
    if opinion is None or not is_quorate(step.session, case.id):
        raise law.forbids("consultation", step.at, "no meeting with a quorum was held")
    missing = {party.id for party in parties.active(case.parties)} - set(answers["told_parties"])
    if missing:
        problems.add("told_parties", "{count} people are missing from the list.", count=len(missing))
    problems.not_after("told_on", answers["told_on"], today(step))
    problems.not_before("told_on", answers["told_on"], day_of(opinion.made_at))
    problems.refuse()
    opinion.told_on = answers["told_on"]


def finish_duty(engine: Engine, actor: Actor, done: DutyDone, key: str) -> None:
    """Record that a duty was done; also after the case has ended, for duties outlive it.

    Raises NotFound, Forbidden, DutyClosed, UnreadableTime for a day before the opinion or after today.
    """
    policy.allow(actor, "duty.finish")
    content = ["duty.finish", done.case_id, done.duty_id, done.done_on.isoformat(), done.note]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, done.case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            _finish(session, actor, done, at)
            law_ref = law.rule("consultation", at.date()).law_ref_zh
            entry = audit.Entry("duty.finished", done.duty_id, at, law_ref=law_ref, content=content)
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)


def _check_duties(step: Step) -> None:
    answers, problems = step.answers, Problems()
    coming = {one.id: one.kind for one in taking_part(step.session, step.root.id)}
    if coming.get(answers["lead"]) != "department":
        problems.add("lead", "A department that takes part leads.")
    if not answers["duties"]:
        problems.add("duties", "Name at least one duty.")
    for index, row in enumerate(answers["duties"]):
        problems.one_of(f"duties.{index}.invitee_id", row["invitee_id"], coming)
        problems.not_before(f"duties.{index}.due_on", row["due_on"], today(step))
    problems.refuse()


def _finish(session: Session, actor: Actor, done: DutyDone, at: dt.datetime) -> None:
    this = select(ConsultationDuty).where(
        ConsultationDuty.id == done.duty_id, ConsultationDuty.case_id == done.case_id
    )
    duty = session.scalars(this).one_or_none()
    if duty is None:
        raise errors.NotFound
    if duty.done_on is not None:
        raise errors.DutyClosed
    opinion = session.get_one(ConsultationOpinion, (duty.tenant_id, duty.opinion_id))
    if not day_of(opinion.made_at) <= done.done_on <= day_of(at):
        raise errors.UnreadableTime
    duty.done_on, duty.done_note, duty.done_by = done.done_on, done.note, actor.id
