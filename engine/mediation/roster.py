"""The duty roster: which chief mediators are on duty in a body on which half-days."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, policy
from engine.calendar import ONE, day_of
from engine.mediation.register import require_care
from engine.models.base import table
from engine.models.committees import Duty
from engine.models.people import Account, Body
from engine.policy import Actor

ROLE = "chief_mediator"
HALVES = ("morning", "afternoon")
DAYS = 7
DUTIES = table(Duty)


@dataclass(frozen=True, order=True)
class Shift:
    """Half a day of one chief mediator; `half` is one of HALVES."""

    day: dt.date
    half: str
    account_id: str


@dataclass(frozen=True)
class Week:
    """The roster of a body from a Monday to the Sunday; `chiefs` are (id, name) of who can be on duty."""

    body_id: str
    body: str
    days: Sequence[dt.date]
    chiefs: Sequence[tuple[str, str]]
    shifts: frozenset[Shift]
    may_plan: bool


@dataclass(frozen=True)
class OnDuty:
    """The names of who is on duty today in the morning and in the afternoon."""

    morning: Sequence[str]
    afternoon: Sequence[str]


def week_of(day: dt.date) -> list[dt.date]:
    """Monday to Sunday of the week in which a day lies."""
    monday = day - day.weekday() * ONE
    return [monday + number * ONE for number in range(DAYS)]


def show_week(engine: Engine, actor: Actor, body_id: str, day: dt.date | None = None) -> Week:
    """The week in which a day lies, else this one. Forbidden for a party, NotFound."""
    policy.allow(actor, "body.read")
    days = week_of(day or day_of(engine.now()))
    with engine.sessions.query(actor.tenant_id) as session:
        name = session.scalars(select(Body.name).where(Body.id == body_id)).one_or_none()
        if name is None:
            raise errors.NotFound
        found = session.scalars(select(Duty).where(Duty.body_id == body_id, Duty.day.in_(days)))
        shifts = frozenset(Shift(row.day, row.half, row.account_id) for row in found)
        chiefs = _chiefs(session, body_id)
    in_care = policy.answers_for_all(actor) or body_id in actor.body_ids
    may_plan = in_care and policy.ACTIONS["duty.plan"](actor)
    return Week(body_id, name, days, chiefs, shifts, may_plan)


def plan_week(engine: Engine, actor: Actor, body_id: str, day: dt.date, shifts: Collection[Shift]) -> None:
    """Make these the shifts of the week in which a day lies; what was planned for it before is forgotten.

    Raises Forbidden, NotFound for a body out of the actor's care, a stranger or a day of another week.
    """
    policy.allow(actor, "duty.plan")
    require_care(actor, body_id)
    days = week_of(day)
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        bodies.require_open(session, body_id)
        chiefs = {account_id for account_id, _ in _chiefs(session, body_id)}
        for shift in shifts:
            if shift.day not in days or shift.half not in HALVES or shift.account_id not in chiefs:
                raise errors.NotFound
        this_week = (DUTIES.c.body_id == body_id, DUTIES.c.day.in_(days))
        session.execute(delete(DUTIES).where(DUTIES.c.tenant_id == actor.tenant_id, *this_week))
        planned = sorted(set(shifts))
        session.add_all(
            Duty(
                tenant_id=actor.tenant_id, body_id=body_id, day=one.day, half=one.half,
                account_id=one.account_id,
            )
            for one in planned
        )  # fmt: skip
        content = [[one.day, one.half, one.account_id] for one in planned]
        entry = audit.Entry("duties.planned", body_id, engine.now(), content=[days[0], content])
        audit.record(session, engine.keys, tenant, actor, entry)


def on_duty_today(engine: Engine, actor: Actor) -> OnDuty:
    """Who is on duty today in the actor's own body."""
    today = (Duty.body_id == actor.body_id, Duty.day == day_of(engine.now()))
    found = select(Duty.half, Account.name).join(Account, Account.id == Duty.account_id)
    with engine.sessions.query(actor.tenant_id) as session:
        rows = session.execute(found.where(*today, Account.active).order_by(Account.name)).all()
    return OnDuty(*([row.name for row in rows if row.half == half] for half in HALVES))


def _chiefs(session: Session, body_id: str) -> list[tuple[str, str]]:
    accounts = select(Account).where(Account.body_id == body_id, Account.active).order_by(Account.name)
    return [(row.id, row.name) for row in session.scalars(accounts) if ROLE in row.roles]
