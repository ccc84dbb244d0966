"""Oral agreements: where nobody needs a written one, the mediator registers what was agreed."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors
from engine.calendar import start_of
from engine.mediation import agreements, law, parties, referrals
from engine.mediation.answers import Problems
from engine.mediation.consents import WRITTEN_ONLY, require_consent
from engine.mediation.lookup import account_name, agreement_of, case_of, parties_of
from engine.mediation.marks import NewMark, add_mark, keep_marked, require_seal_keeper, require_valid
from engine.mediation.mediators import require_mediator
from engine.mediation.office import Office
from engine.models.agreements import Agreement
from engine.models.cases import Case, JointSession
from engine.services import Step

KIND = "oral_register"
CHECKED = ("lawful", "clear", "voluntary")
UNCHECKED = "Check this before the agreement is registered."


def oral_agreement_registered(step: Step) -> None:
    """Write the register of an oral agreement, which binds nobody before it was read out (PML Art. 28).

    Where a party wants a written agreement, or the matter needs one, or households join it each by itself,
    nothing is written and the case goes on to a written agreement.
    """
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    _check(step, ("all_asked",))
    if step.answers.get("wants_written") or needs_writing(step.answers["subjects"]) or case.is_group:
        case.oral_wished = False
        return
    require_reached(step, case)
    _check(step, CHECKED)
    agreements.write(step, oral=True)
    case.oral_wished = True


def oral_agreement_confirmed(office: Office, step: Step) -> None:
    """The mediator has read the register out and signs it; the agreement binds since the day it was reached.

    The parties need not sign (PML Art. 30). Where something is wrong nothing binds, and it is written anew.
    """
    case, agreement = case_of(step.session, step.root.id), _registered(step)
    require_mediator(step, case)
    require_consent(step, case)
    _require_current(step, agreement)
    if step.answers["correct"] != "yes":
        return
    day = require_reached(step, case)
    signer = office.authority.issue(account_name(step.session, step.actor.id), "mediator", at=step.at)
    new = NewMark("mediator", step.actor.id, "mediator", signer, "人民调解员签名 Mediator")
    pdf = add_mark(office, step, agreement, new)
    require_valid(office, pdf, step.at)
    agreement.effective_at = start_of(day)
    case.status, case.ended_at, case.end_code = "effective", step.at, "agreed_oral"
    referrals.result_known(step.session, case, step.at)
    keep_marked(step, agreement, pdf, KIND)


def oral_register_sealed(office: Office, step: Step) -> None:
    """A seal-keeper, who is not the mediator, puts the seal on the register; it moves no day of effect."""
    case, agreement = case_of(step.session, step.root.id), _registered(step)
    require_seal_keeper(step, case, agreement)
    if agreement.effective_at is None:
        raise law.forbids("oral", step.at, "the register has not been read out and signed")
    signer = office.authority.seal(at=step.at)
    new = NewMark("seal", case.body_id, "seal", signer, "人民调解委员会印章 Committee's seal")
    pdf = add_mark(office, step, agreement, new)
    require_valid(office, pdf, step.at)
    keep_marked(step, agreement, pdf, KIND)


def needs_writing(subjects: list[str]) -> bool:
    """Whether one of the subjects can't be settled orally."""
    return bool(WRITTEN_ONLY & set(subjects))


def reached_on(session: Session, case_id: str) -> dt.date | None:
    """The day of the last session in which the parties came to an agreement; None if there was none."""
    agreed = (JointSession.case_id == case_id, JointSession.outcome == "agreed")
    found = select(JointSession.held_on).where(*agreed).order_by(JointSession.made_at.desc(), JointSession.id)
    return session.scalars(found.limit(1)).first()


def require_reached(step: Step, case: Case) -> dt.date:
    """The day on which the parties agreed, never typed; LawForbids where no session says so (PML Art. 30)."""
    day = reached_on(step.session, case.id)
    if day is None:
        raise law.forbids("oral", step.at, "no session has recorded that the parties agreed")
    return day


def _registered(step: Step) -> Agreement:
    agreement = agreement_of(step.session, step.root.id)
    if agreement is None:
        raise law.forbids("written", step.at, "the mediator has not registered any oral agreement")
    if not agreement.oral:
        raise law.forbids("written", step.at, "this agreement is a written one, which the parties sign")
    if agreement.file_sha256 is None:
        raise errors.NotReady
    return agreement


def _require_current(step: Step, agreement: Agreement) -> None:
    here = {party.id for party in parties.active(parties_of(step.session, agreement.case_id))}
    if here != set(agreement.party_ids):
        raise errors.TextOutdated


def _check(step: Step, names: Iterable[str]) -> None:
    problems = Problems()
    for name in names:
        if step.answers.get(name) is not True:
            problems.add(name, UNCHECKED)
    problems.refuse()
