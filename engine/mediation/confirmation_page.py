"""The judicial confirmation of an agreement as pages show it: to the staff, and to those who are bound."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, calendar, policy
from engine.calendar import day_of
from engine.mediation import annexes
from engine.mediation.confirmations import Standing, standing_of
from engine.mediation.lookup import visible_case
from engine.models.cases import Case
from engine.models.confirmations import Confirmation
from engine.models.people import Body
from engine.policy import Actor


@dataclass(frozen=True)
class ConfirmationView:
    """Where it stands (`Standing.state`), until when all may apply, what came of it, and who would apply."""

    state: str
    last_day: dt.date
    law_ref: str
    applications: Sequence[Confirmation]
    may_apply: bool
    names: dict[str, str]
    court: str

    @property
    def waiting(self) -> Confirmation | None:
        """The application that the court has not decided."""
        return next((one for one in self.applications if one.result is None), None)


@dataclass(frozen=True)
class ConfirmationPage:
    """The page on which the staff records it; `number` is empty before there is one."""

    id: str
    number: str
    confirmation: ConfirmationView | None


def show_confirmation(engine: Engine, actor: Actor, case_id: str) -> ConfirmationPage:
    """The confirmation of a case's agreement, for those who record it; Forbidden, NotFound."""
    policy.allow(actor, "confirmation.record")
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        return ConfirmationPage(case.id, case.number or "", confirmation_view(session, engine, actor, case))


def confirmation_view(session: Session, engine: Engine, actor: Actor, case: Case) -> ConfirmationView | None:
    """How it stands, for the staff and those who are bound; None for others, and before anybody is."""
    if case.agreement is None or case.agreement.effective_at is None:
        return None
    bound = {party.id: party.name for party in annexes.bound(case, case.agreement)}
    if actor.party_id is not None and actor.party_id not in bound:
        return None
    days = calendar.of_tenant(engine, actor.tenant_id)
    standing = standing_of(session, case, days, day_of(engine.now()))
    return None if standing is None else _view(session, case, standing, bound)


def _view(session: Session, case: Case, standing: Standing, bound: dict[str, str]) -> ConfirmationView:
    return ConfirmationView(
        standing.state,
        standing.last_day,
        standing.law_ref,
        standing.applications,
        standing.may_apply,
        bound,
        session.scalars(select(Body.court).where(Body.id == case.body_id)).one(),
    )
