"""What stands still in cases because it failed, as the pages tell it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, policy
from engine.incidents import open_incidents
from engine.mediation.positions import Names, names_of
from engine.models.cases import Case
from engine.models.records import Incident
from engine.policy import Actor

LIMIT = 100


@dataclass(frozen=True)
class Standstill:
    """An open incident: the node's names, a word for its kind, the service's name or nothing.

    `error` has named places for `params` where there are any; it and the parameters are empty for who does
    not see the case: they could name somebody.
    """

    id: str
    kind: str
    case_id: str
    case_number: str
    sees_case: bool
    name: str
    name_en: str
    service: str
    error_type: str
    error: str
    params: dict[str, Any] | None
    payload: dict[str, Any]
    attempts: int
    raised_at: dt.datetime


def standstills_of(session: Session, engine: Engine, actor: Actor, case_id: str) -> list[Standstill]:
    """What stands still in a case that the actor sees, oldest first."""
    found = open_incidents(actor).where(Incident.root_id == case_id).order_by(Incident.raised_at)
    incidents = session.scalars(found).all()
    if not incidents:
        return []
    names = names_of(session, engine, case_id)
    number = session.scalars(select(Case.number).where(Case.id == case_id)).one_or_none()
    return [_standstill(row, names, number or "", sees_case=True) for row in incidents]


def list_standstills(engine: Engine, actor: Actor) -> list[Standstill]:
    """The oldest hundred that the actor may have tried again; Forbidden for who may not."""
    policy.allow(actor, "incident.retry")
    with engine.sessions.query(actor.tenant_id) as session:
        seen = policy.sees_instance(actor).label("seen")
        found = open_incidents(actor).outerjoin(Case, Case.id == Incident.root_id)
        rows = session.execute(
            found.add_columns(Case.number, seen).order_by(Incident.raised_at, Incident.id).limit(LIMIT)
        ).all()
        names = {root_id: names_of(session, engine, root_id) for root_id in {row.root_id for row, *_ in rows}}
        return [
            _standstill(row, names[row.root_id], number or "", sees_case=bool(sees))
            for row, number, sees in rows
        ]


def _standstill(row: Incident, names: dict[str, Names], number: str, *, sees_case: bool) -> Standstill:
    name = names.get(row.node_id, Names("", ""))
    return Standstill(
        id=row.id, kind=row.kind, case_id=row.root_id, case_number=number, sees_case=sees_case,
        name=name.name, name_en=name.name_en, service=row.payload.get("service") or "",
        error_type=row.error_type, error=row.error if sees_case else "",
        params=row.params if sees_case else None, payload=row.payload, attempts=row.attempts,
        raised_at=row.raised_at,
    )  # fmt: skip
