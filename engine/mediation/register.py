"""The register of mediators: who may be chosen, as a member or hired, for which term, trained in what."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from sqlalchemy import BindParameter, ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, policy
from engine.calendar import day_of
from engine.mediation import law, limits
from engine.mediation.answers import Problems
from engine.models.base import new_id
from engine.models.committees import Mediator, Training
from engine.models.people import Account
from engine.policy import Actor
from engine.sessions import tenant_of

ROLE = "mediator"
STANDINGS = ("member", "hired")
CHOICES = ("elected", "appointed")
MOST_HOURS = 1000


@dataclass(frozen=True)
class NewMediator:
    """A term to be entered: `standing` of STANDINGS, `chosen_by` of CHOICES.

    Without `term_end` it is as long as the law says, three years as shipped (PML Art. 9).
    """

    account_id: str
    chosen_on: dt.date
    standing: str = "member"
    chosen_by: str = "elected"
    term_end: dt.date | None = None
    education: str = ""
    is_woman: bool = False
    is_minority: bool = False


@dataclass(frozen=True)
class NewTraining:
    """A training that somebody took part in, with its hours of lessons."""

    account_id: str
    held_on: dt.date
    subject: str
    hours: int


def in_term(on: dt.date | BindParameter[dt.date]) -> ColumnElement[bool]:
    """The condition that a term of the register runs on a day."""
    begun = (Mediator.chosen_on <= on) & (Mediator.term_end >= on)
    return begun & or_(Mediator.ended_on.is_(None), Mediator.ended_on > on)


def register_mediator(engine: Engine, actor: Actor, new: NewMediator) -> str:
    """Enter a mediator's term and give its id.

    Raises Forbidden, NotFound, InvalidAnswers, AlreadyRegistered, and LawForbids for a member's term that
    is longer than the law says (PML Art. 9).
    """
    policy.allow(actor, "mediator.register")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        require_care(actor, account_of(session, new.account_id).body_id)
        at = engine.now()
        _check(session, new, at)
        mediator_id = enter(session, new)
        content = [new.account_id, new.standing, new.chosen_by, new.chosen_on, new.term_end, new.education]
        law_ref = law.rule("register", at.date()).law_ref_zh
        entry = audit.Entry("mediator.registered", mediator_id, at, law_ref=law_ref, content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
    return mediator_id


def end_term(engine: Engine, actor: Actor, mediator_id: str, on: dt.date, reason: str) -> None:
    """End a term on a day, from which on nobody chooses the mediator any more; the cases at hand go on.

    Raises Forbidden, NotFound, ReasonMissing, InvalidAnswers for a day outside the term.
    """
    policy.allow(actor, "mediator.register")
    if not reason.strip():
        raise errors.ReasonMissing
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        term = session.scalars(select(Mediator).where(Mediator.id == mediator_id)).one_or_none()
        if term is None or term.ended_on is not None:
            raise errors.NotFound
        require_care(actor, term.body_id)
        problems = Problems()
        problems.not_before("ended_on", on, term.chosen_on)
        problems.not_after("ended_on", on, term.term_end)
        problems.refuse()
        term.ended_on, term.end_reason = on, reason
        entry = audit.Entry("mediator.left", mediator_id, engine.now(), content=[on, reason])
        audit.record(session, engine.keys, tenant, actor, entry)


def record_training(engine: Engine, actor: Actor, new: NewTraining) -> None:
    """Keep a training of somebody in the register (PML Art. 14).

    Raises Forbidden, NotFound, InvalidAnswers.
    """
    policy.allow(actor, "mediator.register")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        require_care(actor, account_of(session, new.account_id).body_id)
        at, problems = engine.now(), Problems()
        problems.not_after("held_on", new.held_on, day_of(at))
        if not new.subject.strip():
            problems.add("subject", "Please say what it was about.")
        if not 0 < new.hours <= MOST_HOURS:
            problems.add("hours", "The hours are a whole number from 1 to {most}.", most=MOST_HOURS)
        problems.refuse()
        training = Training(
            tenant_id=actor.tenant_id, id=new_id(), account_id=new.account_id, held_on=new.held_on,
            subject=new.subject, hours=new.hours,
        )  # fmt: skip
        session.add(training)
        content = [new.account_id, new.held_on, new.subject, new.hours]
        entry = audit.Entry("training.recorded", training.id, at, content=content)
        audit.record(session, engine.keys, tenant, actor, entry)


def enter(session: Session, new: NewMediator) -> str:
    """Enter a term of an account in its body's register; AlreadyRegistered if another runs at that time."""
    account = account_of(session, new.account_id)
    term_end = new.term_end or new.chosen_on + longest_term(session, new.chosen_on)
    for other in terms_of(session, new.account_id):
        last = other.term_end if other.ended_on is None else other.ended_on - dt.timedelta(days=1)
        if new.chosen_on <= last and other.chosen_on <= term_end:
            raise errors.AlreadyRegistered(name=account.name, day=last)
    mediator_id = new_id()
    session.add(
        Mediator(
            tenant_id=tenant_of(session), id=mediator_id, body_id=account.body_id, account_id=account.id,
            standing=new.standing, chosen_by=new.chosen_by, chosen_on=new.chosen_on, term_end=term_end,
            education=new.education, is_woman=new.is_woman, is_minority=new.is_minority,
        )
    )  # fmt: skip
    session.flush()
    return mediator_id


def longest_term(session: Session, chosen_on: dt.date) -> relativedelta:
    """How long somebody may be a member who is chosen on a day (PML Art. 9)."""
    # Who was chosen before the law has the term that it brought.
    on = max(chosen_on, law.PML_FROM)
    return limits.span(limits.limit(session, "committee.term", on))


def terms_of(session: Session, account_id: str) -> Sequence[Mediator]:
    """All terms of an account, the newest first."""
    terms = select(Mediator).where(Mediator.account_id == account_id)
    return session.scalars(terms.order_by(Mediator.chosen_on.desc())).all()


def not_in_register(session: Session, account_id: str, at: dt.datetime) -> errors.LawForbids:
    """The refusal to choose somebody who is in no term now, with the article that says so."""
    terms = terms_of(session, account_id)
    if terms and terms[0].standing == "member" and terms[0].term_end < day_of(at):
        return law.forbids("term", at, "the mediator's term has run out")
    return law.forbids("register", at, "only somebody who is in the register of mediators can be chosen")


def account_of(session: Session, account_id: str) -> Account:
    """An active account that holds the role of a mediator; NotFound."""
    found = session.scalars(select(Account).where(Account.id == account_id, Account.active)).one_or_none()
    if found is None or ROLE not in found.roles:
        raise errors.NotFound
    return found


def require_care(actor: Actor, body_id: str) -> None:
    """NotFound unless the actor has the body in care, or runs the installation."""
    if not policy.answers_for_all(actor) and body_id not in actor.body_ids:
        raise errors.NotFound


def _check(session: Session, new: NewMediator, at: dt.datetime) -> None:
    problems = Problems()
    if new.standing not in STANDINGS:
        problems.add("standing", "Choose one of these.")
    if new.chosen_by not in CHOICES:
        problems.add("chosen_by", "Choose one of these.")
    problems.not_before("term_end", new.term_end, new.chosen_on)
    problems.refuse()
    longest = new.chosen_on + longest_term(session, new.chosen_on)
    if new.standing == "member" and new.term_end is not None and new.term_end > longest:
        raise law.forbids(
            "term", at, "the term of a member of the committee would be longer than the law says"
        )
