"""Referrals: which body sent a case here, and the result that it is owed in writing (PML Art. 18)."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy, service_tasks
from engine.calendar import day_of
from engine.idempotency import Request
from engine.mediation import law, wording
from engine.mediation.answers import Problems
from engine.mediation.lookup import case_of
from engine.models.cases import Case
from engine.models.documents import Document
from engine.models.intake import Referral
from engine.models.processes import ProcessInstance
from engine.policy import ACTIONS, Actor
from engine.services import Step

REFERRING = ("court", "procuratorate", "police", "petition", "other_body")
CHANNELS = ("hall", "phone", "web", "grid", "own", *REFERRING)
PRIVATE = frozenset({"referring_body", "referral_reference", "answer_to", "result_due_on"})
NOTICE = "result_notice"
MANNERS = ("by_hand", "post", "electronic")
MOST = 200


@dataclass(frozen=True)
class ReferralView:
    """What a referring body is owed; `result` is agreed, not_agreed, not_accepted, transferred, or None yet.

    `notice_id` is the document to be sent, None until it is printed.
    """

    case_id: str
    number: str
    body_name: str
    reference: str
    answer_to: str
    due_on: dt.date | None
    result: str | None
    result_on: dt.date | None
    sent_on: dt.date | None
    sent_manner: str
    notice_id: str | None
    may_answer: bool


@dataclass(frozen=True)
class Sent:
    """On which day and how (a key of MANNERS) the notice went out."""

    on: dt.date
    manner: str


def channel_in(step: Step) -> str:
    """How the dispute came; a form of an earlier release does not ask for it."""
    usual = "hall" if step.answers["source"] == "application" else "own"
    return str(step.answers.get("intake_channel") or usual)


def keep(step: Step, case: Case) -> None:
    """Write down who referred the case that is being registered, if anybody did."""
    if case.intake_channel not in REFERRING:
        return
    answers = step.answers
    step.session.add(
        Referral(
            tenant_id=case.tenant_id, case_id=case.id, body_name=answers["referring_body"].strip(),
            reference=answers.get("referral_reference") or "", answer_to=answers["answer_to"].strip(),
            due_on=answers.get("result_due_on"),
        )
    )  # fmt: skip


def result_known(session: Session, case: Case, at: dt.datetime) -> None:
    """Have the notice to the referring body printed, now that the case has its result."""
    if case.intake_channel in REFERRING:
        service_tasks.ask_alone(session, case.id, "issue_document", {"document": NOTICE}, at)


def result_of(case: Case) -> tuple[str | None, dt.date | None]:
    """The outcome and its day; it says neither who refused nor what was said (Online Rules Art. 18)."""
    agreement = case.agreement
    if agreement is not None and agreement.effective_at is not None:
        return "agreed", day_of(agreement.effective_at)
    if case.ended_at is None:
        return None, None
    codes = {"transferred": "transferred", "not_accepted": "not_accepted"}
    return codes.get(case.end_code or "", "not_agreed"), day_of(case.ended_at)


def referral_of(session: Session, case_id: str) -> Referral | None:
    """The referral by which a case came, if it did."""
    return session.scalars(select(Referral).where(Referral.case_id == case_id)).one_or_none()


def referral_view(session: Session, actor: Actor, case: Case) -> ReferralView | None:
    """The referral on the page of a case that the actor sees; nothing for a party."""
    if actor.party_id is not None or case.intake_channel not in REFERRING:
        return None
    found = referral_of(session, case.id)
    return _view(session, actor, case, found) if found else None


def list_owed(engine: Engine, actor: Actor) -> list[ReferralView]:
    """The referrals of cases that the actor sees whose result was not sent yet: due ones first. Forbidden."""
    policy.allow(actor, "referral.read")
    with engine.sessions.query(actor.tenant_id) as session:
        rows = session.execute(
            select(Referral, Case)
            .join(Case, Case.id == Referral.case_id)
            .join(ProcessInstance, ProcessInstance.id == Case.id)
            .where(Referral.sent_on.is_(None), policy.visible_roots(actor))
            .order_by(Case.ended_at.is_(None), Referral.due_on.is_(None), Referral.due_on, Case.id)
            .limit(MOST)
        )
        return [_view(session, actor, case, referral) for referral, case in rows.unique()]


def count_due(engine: Engine, actor: Actor) -> int:
    """How many results are there and not sent yet, of cases that the actor sees."""
    if not ACTIONS["referral.answer"](actor):
        return 0
    with engine.sessions.query(actor.tenant_id) as session:
        return session.scalars(
            select(func.count())
            .select_from(Referral)
            .join(Case, Case.id == Referral.case_id)
            .join(ProcessInstance, ProcessInstance.id == Case.id)
            .where(Referral.sent_on.is_(None), Case.ended_at.is_not(None), policy.visible_roots(actor))
        ).one()


def record_sent(engine: Engine, actor: Actor, case_id: str, sent: Sent, key: str) -> None:
    """Record that the referring body was sent the result.

    Raises NotFound, Forbidden, KeyReused, NoResultYet, and InvalidAnswers for a day that can't be, an unknown
    manner, or what was recorded already.
    """
    policy.allow(actor, "referral.answer")
    content = ["referral.answer", case_id, sent.on.isoformat(), sent.manner]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        if idempotency.recall(session, request) is not None:
            return
        at, referral = engine.now(), referral_of(session, case_id)
        if referral is None:
            raise errors.NotFound
        _check(case_of(session, case_id), referral, sent, day_of(at))
        referral.sent_on, referral.sent_manner, referral.recorded_by = sent.on, sent.manner, actor.id
        law_ref = law.rule("referral", at.date()).law_ref_zh
        entry = audit.Entry("referral.answered", case_id, at, law_ref=law_ref, content=content)
        audit.record(session, engine.keys, root, actor, entry)
        idempotency.remember(session, request, True, at)


def notice(session: Session, case: Case) -> dict[str, str]:
    """What the notice to the referring body says: outcome, day and number, nothing of the talks."""
    referral, (result, result_on) = referral_of(session, case.id), result_of(case)
    if referral is None or result is None:
        raise errors.NoResultYet
    return {
        "body_name": referral.body_name,
        "reference": referral.reference,
        "answer_to": referral.answer_to,
        "result": wording.RESULTS[result],
        "result_on": wording.day(result_on),
        "received_on": wording.day_of_moment(case.opened_at),
    }


def _check(case: Case, referral: Referral, sent: Sent, today: dt.date) -> None:
    result, known_on = result_of(case)
    if result is None or known_on is None:
        raise errors.NoResultYet
    problems = Problems()
    if referral.sent_on is not None:
        problems.add("on", "This was recorded already.")
    problems.not_before("on", sent.on, known_on)
    problems.not_after("on", sent.on, today)
    if sent.manner not in MANNERS:
        problems.add("manner", "Choose one of these.")
    problems.refuse()


def _view(session: Session, actor: Actor, case: Case, referral: Referral) -> ReferralView:
    result, result_on = result_of(case)
    this = (Document.case_id == case.id, Document.kind == NOTICE)
    return ReferralView(
        case.id, case.number or "", referral.body_name, referral.reference, referral.answer_to,
        referral.due_on, result, result_on, referral.sent_on, referral.sent_manner,
        session.scalars(select(Document.id).where(*this)).one_or_none(),
        result is not None and referral.sent_on is None and ACTIONS["referral.answer"](actor),
    )  # fmt: skip
