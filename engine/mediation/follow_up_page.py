"""The performance of an agreement as the case page shows it: to the staff, and to those who read the text."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from engine import Engine, policy
from engine.calendar import day_of
from engine.mediation import annexes
from engine.mediation.follow_ups import LABOUR, Part, parts_of, still_owed
from engine.mediation.lookup import visible_case
from engine.mediation.payment_orders import claims_of
from engine.models.cases import Case
from engine.policy import ACTIONS, Actor

Claim = tuple[str, str, Decimal]
"""A worker's id and name, and the yuan for which a payment order may be asked for."""


@dataclass(frozen=True)
class PerformanceView:
    """The parts that the reader may see, the yuan still owed by them, and payment orders to be asked for."""

    parts: list[Part]
    owed: Decimal
    claims: list[Claim]
    labour: bool


@dataclass(frozen=True)
class FollowUpView:
    """The page on which the staff records what was performed; `number` is empty before there is one."""

    id: str
    number: str
    performance: PerformanceView


def show_follow_ups(engine: Engine, actor: Actor, case_id: str) -> FollowUpView:
    """The performance of a case's agreement, for those who record it; Forbidden, NotFound."""
    policy.allow(actor, "follow_up.record")
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        performance = performance_view(session, actor, case, engine.now())
        return FollowUpView(case.id, case.number or "", performance)


def performance_view(session: Session, actor: Actor, case: Case, at: dt.datetime) -> PerformanceView:
    """What became of the agreement, as this reader may see it; empty before it binds."""
    parts = shown_parts(actor, case, parts_of(session, case, day_of(at)))
    return PerformanceView(parts, still_owed(parts), shown_claims(actor, parts), case.dispute_type in LABOUR)


def shown_parts(actor: Actor, case: Case, parts: list[Part]) -> list[Part]:
    """For the staff all of it; for parties who read the agreement what is owed by it, and no entries.

    What the staff wrote down as proof or reason may be another party's alone (annex A4).
    """
    if actor.party_id is None:
        return parts
    if case.agreement is None or actor.party_id not in annexes.readers(case.agreement):
        return []
    return [replace(part, entries=(), claim="") for part in parts]


def shown_claims(actor: Actor, parts: list[Part]) -> list[Claim]:
    """For which workers a payment order may be asked for now, to those who make the papers."""
    if not ACTIONS["payment_order.make"](actor):
        return []
    owed: dict[str, Claim] = {}
    for (creditor_id, _), own in claims_of(parts).items():
        before = owed.get(creditor_id, (creditor_id, own[0].creditor, Decimal(0)))
        owed[creditor_id] = (*before[:2], before[2] + still_owed(own))
    return list(owed.values())
