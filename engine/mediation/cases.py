"""Cases: opened, registered under a number, assessed, accepted, left by a party."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, idempotency, instances, messages, policy
from engine.calendar import day_of
from engine.idempotency import Request
from engine.instances import NewProcess
from engine.mediation import compartments, joining, law, links, marks, parties, receipts, referrals
from engine.mediation.answers import Problems, today
from engine.mediation.lookup import agreement_of, case_of, parties_of, party_of
from engine.mediation.parties import SIDES
from engine.models.base import table
from engine.models.cases import Case, CaseCounter
from engine.models.people import Body
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Step
from engine.sessions import insert_into, tenant_of

PROCESS = "mediation"
ENDED = "mediation_ended"
OVERTAKEN = "agreement_overtaken"
NOTHING: Mapping[str, Any] = MappingProxyType({})
COUNTERS = table(CaseCounter)
DECISIONS = {"accepted": "accepted", "refused": "refused_intake", "transferred": "transferred"}


def open_case(engine: Engine, actor: Actor, key: str) -> str:
    """Start the process of a new case in the actor's body and give the case's id.

    The same key gives the same case. Raises Forbidden, NoRelease, KeyReused, BodyClosed.
    """
    policy.allow(actor, "case.open")
    request = Request(actor, key, audit.digest(engine.keys, ["case.open"]))
    with engine.sessions.command(actor.tenant_id) as session:
        if (seen := idempotency.recall(session, request)) is not None:
            return str(seen)
        root = begin(session, engine, actor, actor.body_id)
        idempotency.remember(session, request, root.id, engine.now())
        return root.id


def begin(
    session: Session, engine: Engine, actor: Actor, body_id: str, known: Mapping[str, Any] = NOTHING
) -> ProcessInstance:
    """Start the process of a new case in a body, with what is `known` of the case already, by column.

    Raises NoRelease, BodyClosed.
    """
    bodies.require_open(session, body_id)
    at = engine.now()

    def add_case(case_id: str) -> None:
        session.add(Case(tenant_id=actor.tenant_id, id=case_id, body_id=body_id, opened_at=at, **known))
        session.flush()

    return instances.start(session, engine, actor, NewProcess(PROCESS, body_id, {}), add_case)


@dataclass(frozen=True)
class Withdrawal:
    """Which party ends mediation for itself, and why; it needs no reason (PML Art. 23)."""

    case_id: str
    party_id: str
    reason: str = ""


def withdraw(engine: Engine, actor: Actor, withdrawal: Withdrawal, key: str) -> None:
    """End mediation for a party; the case ends only when fewer than two sides remain.

    Raises NotFound, Forbidden, PartyGone, CaseClosed, and LawForbids once the agreement binds
    (PML Arts. 31 and 32) or all its marks are entered (PML Art. 29).
    """
    policy.allow(actor, "case.withdraw")
    if actor.party_id not in (None, withdrawal.party_id):
        raise errors.NotFound
    content = ["case.withdraw", withdrawal.case_id, withdrawal.party_id, withdrawal.reason]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, withdrawal.case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            was_ending = _leave(session, root, withdrawal, at)
            _move_on(session, engine, root, withdrawal.party_id, was_ending)
            law_ref = law.rule("rights", at.date()).law_ref_zh
            entry = audit.Entry("party.withdrew", withdrawal.party_id, at, law_ref=law_ref, content=content)
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)


def leave_unreached(session: Session, engine: Engine, root: ProcessInstance, party_id: str) -> None:
    """End mediation for a party that can't be reached any more, in a locked case (Online Rules Art. 25).

    As `withdraw`: the case ends only when fewer than two sides remain. Raises what that raises.
    """
    was_ending = _leave(session, root, Withdrawal(root.id, party_id), engine.now())
    party, case = party_of(session, root.id, party_id), case_of(session, root.id)
    party.invitation_answer, party.withdrawn_at = "unreachable", None
    if not was_ending and case.end_code == "withdrawn":
        case.end_code = "unreachable"
    session.flush()
    _move_on(session, engine, root, party_id, was_ending)


def _leave(session: Session, root: ProcessInstance, withdrawal: Withdrawal, at: dt.datetime) -> bool:
    case, agreement = case_of(session, root.id), agreement_of(session, root.id)
    if agreement is not None and agreement.effective_at is not None:
        raise law.forbids("binding", at, "the agreement binds, so nobody can withdraw from it any more")
    if root.status != "active" or case.ended_at is not None:
        raise errors.CaseClosed
    if agreement is not None and marks.is_fully_marked(case, agreement):
        raise law.forbids("effect", at, "all marks are on the sheet, so their dates must be confirmed first")
    was_ending = case.end_code is not None
    party = parties.active_party(session, case.id, withdrawal.party_id)
    party.withdrawn_at, party.withdrawal_reason = at, withdrawal.reason
    if agreement is not None and parties.is_household(case, party):
        joining.leave(agreement, party.id)
    if parties.sides_remaining(parties_of(session, case.id)) < len(SIDES):
        case.end_code = "withdrawn"
    session.flush()
    return was_ending


def _move_on(
    session: Session, engine: Engine, root: ProcessInstance, party_id: str, was_ending: bool
) -> None:
    agreement = agreement_of(session, root.id)
    if parties.sides_remaining(parties_of(session, root.id)) < len(SIDES):
        message = ENDED
    elif agreement is not None and party_id in agreement.party_ids:
        message = OVERTAKEN
    else:
        return
    # A case on its way to its end waits for no message any more; of any other the diagrams must hear it.
    if was_ending:
        messages.throw(session, engine, root, message)
    else:
        messages.tell(session, engine, root, message)


def draft_again(session: Session, engine: Engine, root: ProcessInstance, party_ids: Collection[str]) -> None:
    """Have a text that names one of these parties, and bears no mark yet, drafted again and checked again."""
    case = case_of(session, root.id)
    text = case.agreement
    if text is not None and not text.marks and set(party_ids) & set(text.party_ids):
        text.legality, case.status = None, "agreed_drafting"
        messages.tell(session, engine, root, OVERTAKEN)


def case_registered(step: Step) -> None:
    """Register the dispute with its parties under the body's next number of the year.

    On a party's own application the day of application interrupts limitation (SPC Provisions Art. 12).
    """
    case, answers = case_of(step.session, step.root.id), step.answers
    problems = Problems()
    problems.not_after("happened_on", answers.get("happened_on"), today(step))
    problems.refuse()
    # Asked first: what is asked later would write the half of the case that is filled in by then.
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    case.number = next_number(step.session, case.body_id, today(step).year)
    case.source = answers["source"]
    case.intake_channel = referrals.channel_in(step)
    case.dispute_type = answers["dispute_type"]
    case.people_count = int(answers["people_count"])
    case.amount = answers.get("amount")
    case.facts = answers["facts"]
    case.happened_on = answers.get("happened_on")
    case.place = answers.get("place") or ""
    case.requests = [row["text"] for row in answers.get("requests") or []]
    # What was sent in from outside was claimed on the day on which it came.
    case.applied_on = (case.applied_on or today(step)) if case.source == "application" else None
    case.receipt_code = receipts.new_code() if case.applied_on else None
    case.status = "submitted"
    referrals.keep(step, case)
    for party in parties.register(step, case, compartment):
        links.add_link(step.session, party, step.at)


def next_number(session: Session, body_id: str, year: int) -> str:
    """The body's next case number of the year, such as （2026）花滩人调字第0001号; without gaps."""
    code = session.scalars(select(Body.code).where(Body.id == body_id)).one()
    first = insert_into(session, COUNTERS).values(
        tenant_id=tenant_of(session), body_id=body_id, year=year, last=1
    )
    last = session.scalars(
        first.on_conflict_do_update(
            index_elements=["tenant_id", "body_id", "year"], set_={"last": COUNTERS.c.last + 1}
        ).returning(COUNTERS.c.last)
    ).one()
    return f"（{year}）{code}人调字第{last:04d}号"


def suitability_assessed(step: Step) -> None:
    """Keep what reception found; the triage table reads it from the process."""
    case_of(step.session, step.root.id).suitability = dict(step.answers)


def acceptance_decided(step: Step) -> None:
    """Accept, refuse or transfer; a case that a party has clearly refused is not accepted (PML Art. 17)."""
    case, decision = case_of(step.session, step.root.id), step.answers["decision"]
    if decision == "accepted" and case.suitability.get("party_refused") == "yes":
        raise law.forbids("refusal", step.at, "a party has clearly refused mediation")
    case.status = DECISIONS[decision]
    case.decision_reason = step.answers.get("reason") or ""
    case.transferred_to = step.answers.get("transferred_to") or ""
    if decision == "accepted":
        # The form of an earlier release does not ask for it: there was one path.
        case.accepted_at, case.path = step.at, step.answers.get("path", "face_to_face")
        case.is_group = step.answers.get("group") is True
    else:
        case.end_code = "transferred" if decision == "transferred" else "not_accepted"


def routes_notice_served(step: Step) -> None:
    """The parties were told of arbitration, administrative ways and courts (PML Art. 26); the case ends."""
    case, problems = case_of(step.session, step.root.id), Problems()
    problems.not_after("told_on", step.answers["told_on"], today(step))
    problems.not_before("told_on", step.answers["told_on"], day_of(case.opened_at))
    if not step.answers["routes"]:
        problems.add("routes", "Name at least one other way.")
    problems.refuse()
    case.end_code = step.answers["end_code"]
    case.end_reason = step.answers.get("reason") or ""
    case.routes = {name: step.answers[name] for name in ("routes", "manner", "told_on")}
    case.routes_told_at = case.ended_at = step.at
    if case.status not in DECISIONS.values() or case.status == "accepted":
        case.status = "ended"
    referrals.result_known(step.session, case, step.at)
