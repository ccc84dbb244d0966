"""What a consultation came to, told to everybody without names: prepared, reviewed by another, withdrawn.

Its source is the opinion alone; what was said in private or offered never enters it (PIPL Art. 25).
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy
from engine.idempotency import Request
from engine.keys import Keys
from engine.mediation import compartments, law
from engine.mediation.answers import Problems
from engine.mediation.lookup import account_name, case_of
from engine.mediation.notes import last
from engine.mediation.pseudonyms import beside_parties, roles_of, without_names
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.consultations import ConsultationOpinion, Invitee
from engine.models.processes import ProcessInstance
from engine.models.publications import Publication
from engine.policy import Actor

LONGEST_TITLE, LONGEST_TEXT = 100, 10_000
PREPARED, PUBLISHED, RETURNED, WITHDRAWN = "prepared", "published", "returned", "withdrawn"
# Telephone, identity and credit code numbers, also of people who are no parties.
NUMBERS = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Z]{18}|\d{17}x|1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-?\d{7,8})(?![0-9A-Za-z])"
)
LEFT_OUT = "（略）"


@dataclass(frozen=True)
class Draft:
    """A text of a case to be published, as it was typed."""

    case_id: str
    title: str
    text: str


@dataclass(frozen=True)
class Review:
    """What another person found: published if nobody can be recognised, else returned with a note."""

    case_id: str
    publication_id: str
    publishes: bool
    note: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """Which published text is taken off again, and why."""

    case_id: str
    publication_id: str
    reason: str


def prepare(engine: Engine, actor: Actor, draft: Draft, key: str) -> None:
    """Keep a text for review, with everybody in it by the role only; what was typed is kept nowhere.

    Raises NotFound, Forbidden, InvalidAnswers, LawForbids before the opinion was told to the parties.
    """
    policy.allow(actor, "publication.prepare")
    content = ["publication.prepare", draft.case_id, draft.title, draft.text]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, draft.case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            case = case_of(session, draft.case_id)
            require_told(session, case, at)
            row = _prepared(session, engine.keys, case, draft)
            row.made_at, row.made_by = at, actor.id
            session.add(row)
            session.flush()
            _record(session, engine, root, actor, ("publication.prepared", row))
            idempotency.remember(session, request, True, at)


def review(engine: Engine, actor: Actor, found: Review, key: str) -> None:
    """Publish a prepared text or send it back.

    Raises NotFound, Forbidden, PublicationClosed, ReviewsOwnText for the author, ReasonMissing, NamesLeft
    where a name has become known since.
    """
    policy.allow(actor, "publication.review")
    if not found.publishes and not found.note.strip():
        raise errors.ReasonMissing
    content = ["publication.review", found.case_id, found.publication_id, found.publishes, found.note]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, found.case_id, actor)
        if idempotency.recall(session, request) is None:
            at, row = engine.now(), _row(session, found.case_id, found.publication_id, PREPARED)
            if row.made_by == actor.id:
                raise errors.ReviewsOwnText
            if found.publishes and anonymous(session, engine.keys, row.case_id, row.text) != row.text:
                raise errors.NamesLeft
            row.reviewed_at, row.reviewed_by, row.note = at, actor.id, found.note.strip()
            row.state = PUBLISHED if found.publishes else RETURNED
            _record(session, engine, root, actor, (f"publication.{row.state}", row))
            idempotency.remember(session, request, True, at)


def withdraw(engine: Engine, actor: Actor, asked: Withdrawn, key: str) -> None:
    """Take a published text off at once. NotFound, Forbidden, PublicationClosed, ReasonMissing."""
    policy.allow(actor, "publication.withdraw")
    if not asked.reason.strip():
        raise errors.ReasonMissing
    content = ["publication.withdraw", asked.case_id, asked.publication_id, asked.reason]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, asked.case_id, actor)
        if idempotency.recall(session, request) is None:
            at, row = engine.now(), _row(session, asked.case_id, asked.publication_id, PUBLISHED)
            row.state, row.note = WITHDRAWN, asked.reason.strip()
            row.withdrawn_at, row.withdrawn_by = at, actor.id
            _record(session, engine, root, actor, ("publication.withdrawn", row))
            idempotency.remember(session, request, True, at)


def anonymous(session: Session, keys: Keys, case_id: str, text: str) -> str:
    """The text without the names, numbers and addresses of parties, experts, delegates and the mediator.

    Parties stand in it by their roles; numbers that look like somebody's are left out, whoever's they are.
    """
    case = case_of(session, case_id)
    inside = compartments.of_case(session, keys, case_id)
    beside = beside_parties(session, inside, case_id)
    said = without_names(text, case.parties, roles_of(case.parties), inside, beside)
    others = _others(session, case)
    for name in sorted(others, key=len, reverse=True):
        said = said.replace(name, others[name])
    return NUMBERS.sub(LEFT_OUT, said)


def proposal(session: Session, keys: Keys, case: Case) -> Draft:
    """What the opinion says, without names, as a text to be edited."""
    opinion = last(session, ConsultationOpinion, case.id)
    parts = [opinion.facts, opinion.law, *opinion.options] if opinion else []
    return Draft(case.id, "", anonymous(session, keys, case.id, "\n".join(parts)))


def is_told(session: Session, case_id: str) -> bool:
    """Whether the consultation has ended: its opinion was told to the parties."""
    opinion = last(session, ConsultationOpinion, case_id)
    return opinion is not None and opinion.told_on is not None


def require_told(session: Session, case: Case, at: dt.datetime) -> None:
    """LawForbids while the consultation goes on."""
    if not is_told(session, case.id):
        raise law.forbids("consultation", at, "the opinion has not been told to the parties")


def _prepared(session: Session, keys: Keys, case: Case, draft: Draft) -> Publication:
    problems = Problems()
    for name, value, most in (("title", draft.title, LONGEST_TITLE), ("text", draft.text, LONGEST_TEXT)):
        if not 0 < len(value.strip()) <= most:
            problems.add(name, "Please write between 1 and {most} characters.", most=most)
    problems.refuse()
    title, text = (anonymous(session, keys, case.id, one.strip()) for one in (draft.title, draft.text))
    return Publication(
        tenant_id=case.tenant_id, id=new_id(), case_id=case.id, state=PREPARED, title=title, text=text
    )


def _others(session: Session, case: Case) -> Mapping[str, str]:
    names = {}
    for one in session.scalars(select(Invitee).where(Invitee.case_id == case.id)):
        if one.kind == "expert":
            names[one.name] = "一位专家"
        names[one.delegate] = "部门派来的人"
    names[account_name(session, case.mediator_id)] = "调解员"
    names.pop("", None)
    return names


def _row(session: Session, case_id: str, publication_id: str, state: str) -> Publication:
    this = select(Publication).where(Publication.id == publication_id, Publication.case_id == case_id)
    row = session.scalars(this).one_or_none()
    if row is None:
        raise errors.NotFound
    if row.state != state:
        raise errors.PublicationClosed
    return row


def _record(
    session: Session, engine: Engine, root: ProcessInstance, actor: Actor, done: tuple[str, Publication]
) -> None:
    action, row = done
    at, content = engine.now(), [row.title, row.text, row.note]
    law_ref = law.rule("tv_publication", at.date()).law_ref_zh
    entry = audit.Entry(action, row.id, at, law_ref=law_ref, content=content)
    audit.record(session, engine.keys, root, actor, entry)
