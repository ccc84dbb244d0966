"""The list of experts: who may be invited to consultations for what, and how to reach them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, policy, seals
from engine.calendar import day_of
from engine.keys import Keys
from engine.mediation.answers import Problems
from engine.mediation.register import require_care
from engine.models.base import new_id
from engine.models.experts import Expert
from engine.models.people import Body
from engine.policy import ACTIONS, Actor
from engine.sessions import tenant_of

KINDS = ("lawyer", "judge", "psychologist", "engineer", "doctor", "accountant", "other")
LONGEST_TEXT = 100


@dataclass(frozen=True)
class NewExpert:
    """Somebody to be entered: `kind` of KINDS, `contact` a phone number or another way, kept encrypted."""

    kind: str
    name: str
    field: str
    institution: str
    contact: str
    available_from: dt.date
    available_until: dt.date | None = None


@dataclass(frozen=True)
class ExpertRow:
    """An entry as the page shows it; `state` is ahead, running, over or ended."""

    id: str
    kind: str
    name: str
    field: str
    institution: str
    contact: str
    available_from: dt.date
    available_until: dt.date | None
    ended_on: dt.date | None
    end_reason: str
    state: str
    body: str


@dataclass(frozen=True)
class ExpertList:
    """All entries by name, those who are available first, and whether the actor may change them."""

    rows: list[ExpertRow]
    may_keep: bool


def enter_expert(engine: Engine, actor: Actor, new: NewExpert) -> str:
    """Enter an expert in the list of the actor's body and give the id. Forbidden, InvalidAnswers."""
    policy.allow(actor, "expert.keep")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        _check(new)
        expert_id = _store(session, engine.keys, actor.body_id or bodies.root_body(session), new)
        content = [new.kind, new.name, new.field, new.institution, new.available_from, new.available_until]
        entry = audit.Entry("expert.entered", expert_id, engine.now(), content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
    return expert_id


def end_expert(engine: Engine, actor: Actor, expert_id: str, on: dt.date, reason: str) -> None:
    """Take an expert off the list from a day on; who is invited already stays invited.

    Raises Forbidden, NotFound, ReasonMissing, InvalidAnswers for a day before the first.
    """
    policy.allow(actor, "expert.keep")
    if not reason.strip():
        raise errors.ReasonMissing
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        expert = session.scalars(select(Expert).where(Expert.id == expert_id)).one_or_none()
        if expert is None or expert.ended_on is not None:
            raise errors.NotFound
        require_care(actor, expert.body_id)
        problems = Problems()
        problems.not_before("ended_on", on, expert.available_from)
        problems.refuse()
        expert.ended_on, expert.end_reason = on, reason
        entry = audit.Entry("expert.ended", expert_id, engine.now(), content=[on, reason])
        audit.record(session, engine.keys, tenant, actor, entry)


def list_experts(engine: Engine, actor: Actor) -> ExpertList:
    """The list of the tenant for its staff. Forbidden for a party."""
    policy.allow(actor, "expert.read")
    today = day_of(engine.now())
    with engine.sessions.query(actor.tenant_id) as session:
        found = session.execute(
            select(Expert, Body.name).join(Body, Body.id == Expert.body_id).order_by(Expert.name, Expert.id)
        )
        rows = [_shown(engine.keys, expert, body, today) for expert, body in found]
    return ExpertList(sorted(rows, key=lambda row: row.state != "running"), ACTIONS["expert.keep"](actor))


def available(session: Session, on: dt.date) -> Sequence[Expert]:
    """Those who may be invited on a day, by name."""
    begun = select(Expert).where(Expert.available_from <= on)
    begun = begun.where(or_(Expert.available_until.is_(None), Expert.available_until >= on))
    begun = begun.where(or_(Expert.ended_on.is_(None), Expert.ended_on > on))
    return session.scalars(begun.order_by(Expert.name, Expert.id)).all()


def options(session: Session, on: dt.date) -> list[dict[str, str]]:
    """Those who may be invited on a day, to choose from: name, field and institution."""
    return [{"value": one.id, "label": _label(one)} for one in available(session, on)]


def state_of(expert: Expert, on: dt.date) -> str:
    """Whether an entry is ahead, running, over or ended on a day."""
    if expert.ended_on is not None and expert.ended_on <= on:
        return "ended"
    if expert.available_until is not None and expert.available_until < on:
        return "over"
    return "running" if expert.available_from <= on else "ahead"


def _label(one: Expert) -> str:
    about = "，".join(part for part in (one.field, one.institution) if part)
    return f"{one.name}（{about}）"


def _check(new: NewExpert) -> None:
    problems = Problems()
    if new.kind not in KINDS:
        problems.add("kind", "Choose one of these.")
    for name in ("name", "field", "contact"):
        if not 0 < len(getattr(new, name).strip()) <= LONGEST_TEXT:
            problems.add(name, "Please fill this in.")
    if len(new.institution) > LONGEST_TEXT:
        problems.add("institution", "Please fill this in.")
    problems.not_before("available_until", new.available_until, new.available_from)
    problems.refuse()


def _store(session: Session, keys: Keys, body_id: str, new: NewExpert) -> str:
    expert_id, tenant_id = new_id(), tenant_of(session)
    sealed = seals.seal(_key(keys), new.contact.strip().encode(), _place(tenant_id, expert_id))
    session.add(
        Expert(
            tenant_id=tenant_id, id=expert_id, body_id=body_id, kind=new.kind, name=new.name.strip(),
            field=new.field.strip(), institution=new.institution.strip(), sealed=sealed,
            available_from=new.available_from, available_until=new.available_until,
        )
    )  # fmt: skip
    session.flush()
    return expert_id


def _shown(keys: Keys, one: Expert, body: str, today: dt.date) -> ExpertRow:
    contact = seals.unseal(_key(keys), one.sealed, _place(one.tenant_id, one.id)).decode()
    return ExpertRow(
        one.id, one.kind, one.name, one.field, one.institution, contact, one.available_from,
        one.available_until, one.ended_on, one.end_reason, state_of(one, today), body,
    )  # fmt: skip


def _key(keys: Keys) -> bytes:
    return seals.derived(keys, "woshou: contacts of experts")


def _place(tenant_id: str, expert_id: str) -> seals.Place:
    return (tenant_id, Expert.__tablename__, expert_id, "sealed")
