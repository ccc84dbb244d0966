"""Who may do what: actors, which process instances they see, and the table of actions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, false, select, true

from engine import errors
from engine.models.people import InstanceMember
from engine.models.processes import ProcessInstance, UserTask

OVERSEEING = frozenset({"reception", "chief_mediator", "seal_keeper"})
OUTSIDERS = frozenset({"expert", "tv_crew", "grid_member"})
"""The roles of accounts that see no case, no list and no count, but a page of their own for each case."""


@dataclass(frozen=True)
class Actor:
    """Who acts: an account of the staff, or a party that opened its link (`party_id`, `instance_id`)."""

    tenant_id: str
    id: str
    name: str
    roles: frozenset[str] = frozenset()
    body_id: str = ""
    body_ids: frozenset[str] = frozenset()
    party_id: str | None = None
    instance_id: str | None = None


def system(tenant_id: str) -> Actor:
    """The actor of jobs and clocks."""
    return Actor(tenant_id, "system", "system", frozenset({"system"}))


def sees_instance(actor: Actor) -> ColumnElement[bool]:
    """The one rule for pages, lists, counts, search and timeline, over root rows of `process_instances`.

    Reception, chief mediators and seal-keepers see the cases of their bodies, everybody else the
    cases in which they have a part, a party the one case of its link.
    """
    if actor.party_id is not None:
        return ProcessInstance.id == actor.instance_id
    member = exists(
        select(InstanceMember.instance_id).where(
            InstanceMember.tenant_id == actor.tenant_id,
            InstanceMember.instance_id == ProcessInstance.id,
            InstanceMember.account_id == actor.id,
        )
    )
    if actor.roles & OVERSEEING:
        return member | ProcessInstance.body_id.in_(sorted(actor.body_ids))
    return member if actor.id != "system" else false()


def visible_ids(
    actor: Actor, rows: Any, *conditions: ColumnElement[bool]
) -> Select[str] | CompoundSelect[str]:
    """The rule of `sees_instance` for lists among many cases: ids, each found by an index.

    `rows` is ProcessInstance, or another table whose rows have the id and the body of their root. As a
    condition on each row the rule has the database read every row of the tenant.
    """
    found = select(rows.id).where(rows.tenant_id == actor.tenant_id, *conditions)
    if actor.party_id is not None:
        return found.where(rows.id == actor.instance_id)
    has_part = found.join(InstanceMember, InstanceMember.instance_id == rows.id).where(
        InstanceMember.tenant_id == actor.tenant_id, InstanceMember.account_id == actor.id
    )
    if actor.roles & OVERSEEING:
        return found.where(rows.body_id.in_(sorted(actor.body_ids))).union(has_part)
    return has_part if actor.id != "system" else found.where(rows.id.in_([]))


def visible_roots(actor: Actor) -> ColumnElement[bool]:
    """The rule of `sees_instance` within the actor's tenant, for root rows only."""
    return and_(
        ProcessInstance.tenant_id == actor.tenant_id,
        ProcessInstance.parent_id.is_(None),
        sees_instance(actor),
    )


def sees_task(actor: Actor) -> ColumnElement[bool]:
    """The one rule for tasks of a case that the actor sees: confidential ones are for the staff alone."""
    return UserTask.confidential.is_(False) if actor.party_id is not None else true()


def may_act_on(actor: Actor, task: UserTask) -> bool:
    """Whether the task is assigned to the actor, or open to one of the actor's roles.

    NotFound for a party that may not know of it.
    """
    if task.confidential and actor.party_id is not None:
        raise errors.NotFound
    if task.assignee_id is not None:
        return task.assignee_id == actor.id
    return bool(actor.roles & set(task.candidate_groups))


def has_role(*roles: str) -> Callable[[Actor], bool]:
    """A predicate: the actor holds one of the roles."""
    return lambda actor: bool(actor.roles & set(roles))


def is_staff(actor: Actor) -> bool:
    """A predicate: the actor has an account, and not only as somebody from outside."""
    is_outside = bool(actor.roles) and actor.roles <= OUTSIDERS
    return actor.party_id is None and not is_outside


ACTIONS: dict[str, Callable[[Actor], bool]] = {
    "case.open": has_role("reception"),
    "filing.read": has_role("reception", "chief_mediator"),
    "filing.decide": has_role("reception"),
    "referral.read": has_role("reception", "mediator", "chief_mediator"),
    "referral.answer": has_role("reception", "mediator", "chief_mediator"),
    "relation.read": has_role("reception", "mediator", "chief_mediator"),
    "relation.note": has_role("reception", "mediator", "chief_mediator"),
    "case.withdraw": has_role("reception", "mediator", "chief_mediator", "party"),
    "case.move_on_site": has_role("reception", "mediator", "chief_mediator", "party"),
    "happening.note": has_role("reception", "mediator", "chief_mediator"),
    "broadcast.withdraw": has_role("reception", "mediator", "chief_mediator", "party"),
    "footage.use": has_role("mediator", "chief_mediator"),
    "footage.read": has_role("reception", "mediator", "chief_mediator"),
    "duty.finish": has_role("reception", "mediator", "chief_mediator"),
    "supervision.read": is_staff,
    "evidence.keep": has_role("reception", "mediator", "chief_mediator"),
    "attendant.change": has_role("reception", "mediator", "chief_mediator"),
    "guardian.record": has_role("reception", "mediator", "chief_mediator"),
    "party.correct": has_role("reception", "mediator", "chief_mediator"),
    "agreement.return": has_role("mediator", "chief_mediator"),
    "link.read": has_role("mediator", "reception"),
    "admission.change": has_role("reception", "mediator", "chief_mediator"),
    "packet.make": has_role("chief_mediator", "seal_keeper"),
    "follow_up.record": has_role("reception", "mediator", "chief_mediator"),
    "confirmation.record": has_role("reception", "mediator", "chief_mediator"),
    "payment_order.make": has_role("reception", "mediator", "chief_mediator"),
    "outside.read": has_role(*OUTSIDERS),
    "release.deploy": has_role("administrator", "system"),
    "release.activate": has_role("administrator", "system"),
    "release.read": has_role("administrator", "system"),
    "instance.read": has_role("administrator", "system"),
    "instance.cancel": has_role("administrator", "system"),
    "instance.migrate": has_role("administrator", "system"),
    "job.finish": has_role("system"),
    "incident.retry": has_role("reception", "chief_mediator", "administrator", "system"),
    "calendar.announce": has_role("administrator", "system"),
    "law.read": is_staff,
    "law.change": has_role("administrator", "system"),
    "clocks.pause": has_role("mediator", "chief_mediator", "system"),
    "due.change": has_role("chief_mediator", "administrator", "system"),
    "message.publish": has_role("administrator", "system"),
    "body.read": is_staff,
    "body.change": has_role("administrator", "system"),
    "account.change": has_role("administrator", "system"),
    "mediator.register": has_role("chief_mediator", "administrator", "system"),
    "statistics.read": has_role("chief_mediator", "seal_keeper", "administrator", "system"),
    "expert.read": is_staff,
    "expert.keep": has_role("chief_mediator", "administrator", "system"),
    "publication.prepare": has_role("chief_mediator"),
    "publication.review": has_role("chief_mediator", "seal_keeper"),
    "publication.withdraw": has_role("chief_mediator", "seal_keeper", "administrator"),
    "duty.plan": has_role("chief_mediator", "administrator", "system"),
    "file.store": has_role("reception", "mediator", "chief_mediator", "seal_keeper", "party"),
}


def answers_for_all(actor: Actor) -> bool:
    """Whether the actor runs the installation, and so has every case of the tenant in care."""
    return bool(actor.roles & {"administrator", "system"})


def allow(actor: Actor, action: str) -> None:
    """Raise `errors.Forbidden` unless the table lets the actor do this."""
    if not ACTIONS[action](actor):
        raise errors.Forbidden(action=action)
