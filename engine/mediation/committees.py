"""Committees as pages show them: who is in the register, and what their composition lacks."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, policy
from engine.calendar import day_of
from engine.mediation import law, register
from engine.mediation.answers import Problems
from engine.models.committees import Mediator, Training
from engine.models.people import Account, Body
from engine.policy import Actor

COMMITTEES = frozenset({"town", "village", "department"})
FEWEST, MOST = 3, 9
Lack = tuple[str, Mapping[str, object]]
"""A message id with the values of its places."""


@dataclass(frozen=True)
class MediatorRow:
    """One term in the register; `state` is ahead, running or over, `hours` are those of all trainings."""

    id: str
    account_id: str
    body: str
    name: str
    standing: str
    chosen_by: str
    chosen_on: dt.date
    term_end: dt.date
    ended_on: dt.date | None
    end_reason: str
    education: str
    is_woman: bool
    is_minority: bool
    state: str
    hours: int


@dataclass(frozen=True)
class CommitteeView:
    """A body with its register; `lacks` is what the law misses, by the article `law_ref` (PML Art. 8).

    `candidates` are (id, name) of those who hold the role of a mediator, in the register or not.
    """

    id: str
    name: str
    code: str
    kind: str
    parent_id: str | None
    is_mixed: bool
    is_closed: bool
    terms: Sequence[MediatorRow]
    lacks: Sequence[Lack]
    law_ref: str
    candidates: Sequence[tuple[str, str]]
    may_change: bool
    may_register: bool


def lacks_of(members: Sequence[Mediator | MediatorRow], *, is_mixed: bool) -> list[Lack]:
    """What a committee of these members lacks: three to nine, a woman, a minority where people are mixed."""
    problems = Problems()
    if not FEWEST <= len(members) <= MOST:
        text = "The committee has {count} members in their term; it should have {fewest} to {most}."
        problems.add("size", text, count=len(members), fewest=FEWEST, most=MOST)
    if not any(member.is_woman for member in members):
        problems.add("woman", "There is no woman among the members of the committee.")
    if is_mixed and not any(member.is_minority for member in members):
        problems.add(
            "minority", "People of several nationalities live here; one member should be of a minority."
        )
    return list(problems.found.values())


def show_committee(engine: Engine, actor: Actor, body_id: str) -> CommitteeView:
    """A body's page. Forbidden for a party, NotFound."""
    policy.allow(actor, "body.read")
    now = engine.now()
    with engine.sessions.query(actor.tenant_id) as session:
        body = session.scalars(select(Body).where(Body.id == body_id)).one_or_none()
        if body is None:
            raise errors.NotFound
        terms = _terms(session, day_of(now), [body_id])
        accounts = select(Account).where(Account.body_id == body_id, Account.active).order_by(Account.name)
        candidates = [(row.id, row.name) for row in session.scalars(accounts) if register.ROLE in row.roles]
    members = [row for row in terms if row.standing == "member" and row.state == "running"]
    is_committee = body.kind in COMMITTEES and body.closed_at is None
    in_care = policy.answers_for_all(actor) or body_id in actor.body_ids
    return CommitteeView(
        id=body.id, name=body.name, code=body.code, kind=body.kind, parent_id=body.parent_id,
        is_mixed=body.is_mixed, is_closed=body.closed_at is not None, terms=terms,
        lacks=lacks_of(members, is_mixed=body.is_mixed) if is_committee else [],
        law_ref=law.rule("committee", now.date()).law_ref, candidates=candidates,
        may_change=policy.ACTIONS["body.change"](actor),
        may_register=in_care and policy.ACTIONS["mediator.register"](actor),
    )  # fmt: skip


def list_register(engine: Engine, actor: Actor) -> list[MediatorRow]:
    """All terms of the bodies in the actor's care, by body and name (PML Art. 10). Forbidden."""
    policy.allow(actor, "mediator.register")
    with engine.sessions.query(actor.tenant_id) as session:
        known = session.scalars(select(Body.id)).all()
        in_care = known if policy.answers_for_all(actor) else actor.body_ids
        return _terms(session, day_of(engine.now()), sorted(in_care))


def set_mixed(engine: Engine, actor: Actor, body_id: str, *, is_mixed: bool) -> None:
    """Say whether people of several nationalities live where the body works. Forbidden, NotFound."""
    policy.allow(actor, "body.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        body = session.scalars(select(Body).where(Body.id == body_id)).one_or_none()
        if body is None:
            raise errors.NotFound
        body.is_mixed = is_mixed
        entry = audit.Entry("body.population_noted", body_id, engine.now(), content=is_mixed)
        audit.record(session, engine.keys, tenant, actor, entry)


def _terms(session: Session, today: dt.date, body_ids: Sequence[str]) -> list[MediatorRow]:
    """The terms of these bodies, by body, name and time."""
    summed = select(Training.account_id, func.sum(Training.hours).label("hours"))
    rows = session.execute(summed.group_by(Training.account_id))
    hours = {row.account_id: int(row.hours) for row in rows}
    found = (
        select(Mediator, Account.name, Body.name)
        .join(Account, Account.id == Mediator.account_id)
        .join(Body, Body.id == Mediator.body_id)
        .where(Mediator.body_id.in_(body_ids))
        .order_by(Body.name, Account.name, Mediator.chosen_on.desc())
    )
    return [
        _row(term, (name, body), today, hours.get(term.account_id, 0))
        for term, name, body in session.execute(found)
    ]


def _row(term: Mediator, names: tuple[str, str], today: dt.date, hours: int) -> MediatorRow:
    return MediatorRow(
        id=term.id, account_id=term.account_id, name=names[0], body=names[1], standing=term.standing,
        chosen_by=term.chosen_by, chosen_on=term.chosen_on, term_end=term.term_end, ended_on=term.ended_on,
        end_reason=term.end_reason, education=term.education, is_woman=term.is_woman,
        is_minority=term.is_minority, state=_state(term, today), hours=hours,
    )  # fmt: skip


def _state(term: Mediator, today: dt.date) -> str:
    if term.chosen_on > today:
        return "ahead"
    is_over = term.term_end < today or (term.ended_on is not None and term.ended_on <= today)
    return "over" if is_over else "running"
