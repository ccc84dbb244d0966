"""Separate talks: what one side says to the mediator alone, and how far it may be told."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from engine import Engine, errors
from engine.mediation import parties
from engine.mediation.answers import Problems, keep_only, today
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of, parties_of, visible_case
from engine.mediation.mediators import require_mediator
from engine.models.base import new_id
from engine.models.cases import Party, Statement
from engine.policy import Actor
from engine.services import Step


@dataclass(frozen=True)
class StatementView:
    """A statement as its mediator reads it; disclosure is private, may_tell or may_show."""

    party_name: str
    text: str
    disclosure: str
    held_on: dt.date


def statements_recorded(step: Step) -> None:
    """Keep what was said in a separate talk, for this case's mediator only (Online Rules Art. 18).

    The texts stay out of the stored answers, so that they lie in one place with one reader.
    """
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    if step.answers["needed"] != "yes":
        return
    known = {party.id for party in parties.active(parties_of(step.session, case.id))}
    problems = Problems()
    problems.one_of("party_id", step.answers["party_id"], known)
    problems.not_after("held_on", step.answers["held_on"], today(step))
    problems.refuse()
    step.session.add_all(
        Statement(
            tenant_id=case.tenant_id, id=new_id(), case_id=case.id, party_id=step.answers["party_id"],
            text=row["text"], disclosure=row["disclosure"], held_on=step.answers["held_on"],
            made_at=step.at, recorded_by=step.actor.id,
        )
        for row in step.answers["statements"]
    )  # fmt: skip
    keep_only(step, "needed", "held_on", "another")


def read_statements(engine: Engine, actor: Actor, case_id: str) -> list[StatementView]:
    """All statements of a case in the order in which they were made; NotFound for all but its mediator."""
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        if actor.party_id is not None or actor.id != case.mediator_id:
            raise errors.NotFound
        rows = session.execute(
            select(Statement, Party.name)
            .join(Party, Party.id == Statement.party_id)
            .where(Statement.case_id == case_id)
            .order_by(Statement.made_at, Statement.id)
        )
        return [StatementView(name, row.text, row.disclosure, row.held_on) for row, name in rows]
