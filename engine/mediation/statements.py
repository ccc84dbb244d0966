"""Separate talks: what one side says to the mediator alone, and how far it may be told."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, errors
from engine.keys import Keys
from engine.mediation import compartments, parties, visibility
from engine.mediation.answers import Problems, today
from engine.mediation.compartments import Compartment
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of, parties_of, visible_case
from engine.mediation.mediators import require_mediator
from engine.models.base import new_id
from engine.models.cases import Case, Party, Statement
from engine.policy import Actor
from engine.services import Step

ITEM = "separate_talks"


@dataclass(frozen=True)
class StatementView:
    """A statement as somebody reads it; disclosure is private, may_tell or may_show.

    Both are None for who may only know that something was said.
    """

    party_name: str
    text: str | None
    disclosure: str | None
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
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    step.session.add_all(_sealed(step, compartment, row) for row in step.answers["statements"])


def _sealed(step: Step, compartment: Compartment, row: dict[str, Any]) -> Statement:
    statement_id = new_id()
    sealed = compartment.seal(row["text"], *compartments.statement_place(statement_id))
    return Statement(
        tenant_id=compartment.tenant_id, id=statement_id, case_id=compartment.case_id,
        party_id=step.answers["party_id"], sealed=sealed, disclosure=row["disclosure"],
        held_on=step.answers["held_on"], made_at=step.at, recorded_by=step.actor.id,
    )  # fmt: skip


def read_statements(engine: Engine, actor: Actor, case_id: str) -> list[StatementView]:
    """What was said in a case's separate talks, in the order in which it was written down.

    Its mediator reads all, a party its own, the head of the committee that it exists (annex A4). NotFound
    for everybody else.
    """
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        case = case_of(session, case_id)
        if visibility.reading(ITEM, actor, case, case.parties) == visibility.NOTHING:
            raise errors.NotFound
        return statements_for(session, engine.keys, actor, case)


def statements_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[StatementView]:
    """The same inside somebody's transaction, for a case that the actor sees; none for everybody else."""
    how = visibility.reading(ITEM, actor, case, case.parties)
    if how == visibility.NOTHING:
        return []
    found = select(Statement, Party.name).join(Party, Party.id == Statement.party_id)
    found = found.where(Statement.case_id == case.id).order_by(Statement.made_at, Statement.id)
    if how == visibility.OWN:
        found = found.where(Statement.party_id == actor.party_id)
    rows = session.execute(found).all()
    if how == visibility.SEALED:
        return [StatementView(name, None, None, row.held_on) for row, name in rows]
    compartment = compartments.of_case(session, keys, case.id) if rows else None
    return [StatementView(name, _text(compartment, row), row.disclosure, row.held_on) for row, name in rows]


def _text(compartment: Compartment | None, row: Statement) -> str:
    if compartment is None or row.sealed is None:
        return row.text
    return compartment.open(row.sealed, *compartments.statement_place(row.id))
