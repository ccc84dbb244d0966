"""What was published of consultations: the page for everybody, the one of a case, what waits for review."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, errors, policy
from engine.mediation.lookup import account_name, case_of, visible_case
from engine.mediation.publications import PREPARED, PUBLISHED, Draft, is_told, proposal
from engine.models.cases import Case
from engine.models.publications import Publication
from engine.policy import ACTIONS, Actor

MOST = 200


@dataclass(frozen=True)
class PublishedText:
    """What everybody reads."""

    id: str
    title: str
    text: str
    published_at: dt.datetime


@dataclass(frozen=True)
class PublicationRow:
    """A text on the page of its case, with who made, reviewed and withdrew it; what the actor may do."""

    id: str
    state: str
    title: str
    text: str
    made_at: dt.datetime
    made_by: str
    reviewed_by: str
    note: str
    may_review: bool
    may_withdraw: bool


@dataclass(frozen=True)
class CasePublications:
    """All texts of a case, the newest first; `draft` is what the opinion says, if one may be prepared."""

    case_id: str
    case_number: str
    rows: list[PublicationRow]
    draft: Draft | None


@dataclass(frozen=True)
class Waiting:
    """A text that waits for the review of another person."""

    case_id: str
    case_number: str
    title: str


def list_published(engine: Engine, tenant_id: str) -> list[PublishedText]:
    """What is published now, the newest first, for everybody."""
    shown = select(Publication).where(Publication.state == PUBLISHED)
    with engine.sessions.query(tenant_id) as session:
        found = session.scalars(shown.order_by(Publication.reviewed_at.desc(), Publication.id).limit(MOST))
        return [PublishedText(one.id, one.title, one.text, one.reviewed_at or one.made_at) for one in found]


def list_waiting(engine: Engine, actor: Actor) -> list[Waiting]:
    """The texts that the actor may review: not those that it made, and of cases that it sees."""
    if not ACTIONS["publication.review"](actor):
        return []
    with engine.sessions.query(actor.tenant_id) as session:
        seen = policy.visible_ids(actor, Case).cte("seen")
        found = (
            select(Publication, Case.number)
            .join(seen, seen.c.id == Publication.case_id)
            .join(Case, Case.id == Publication.case_id)
            .where(Publication.state == PREPARED, Publication.made_by != actor.id)
            .order_by(Publication.id)
        )
        rows = session.execute(found).all()
        return [Waiting(row.case_id, number or "", row.title) for row, number in rows]


def show_publications(engine: Engine, actor: Actor, case_id: str) -> CasePublications:
    """The texts of a case that the staff sees; NotFound, also for a party."""
    if actor.party_id is not None:
        raise errors.NotFound
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        found = select(Publication).where(Publication.case_id == case_id).order_by(Publication.id.desc())
        may_prepare = ACTIONS["publication.prepare"](actor) and is_told(session, case_id)
        return CasePublications(
            case_id=case_id,
            case_number=case.number or "",
            rows=[_row(session, actor, one) for one in session.scalars(found)],
            draft=proposal(session, engine.keys, case_of(session, case_id)) if may_prepare else None,
        )


def _row(session: Session, actor: Actor, one: Publication) -> PublicationRow:
    may_review = ACTIONS["publication.review"](actor) and one.made_by != actor.id
    return PublicationRow(
        one.id, one.state, one.title, one.text, one.made_at, account_name(session, one.made_by),
        account_name(session, one.reviewed_by), one.note,
        may_review=may_review and one.state == PREPARED,
        may_withdraw=ACTIONS["publication.withdraw"](actor) and one.state == PUBLISHED,
    )  # fmt: skip
