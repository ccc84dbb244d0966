"""Who may do what: actors, which process instances they see, and the table of actions."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, select

from engine import errors
from engine.models.people import InstanceMember
from engine.models.processes import ProcessInstance, UserTask

OVERSEEING = frozenset({"reception", "chief_mediator", "seal_keeper"})


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


def visible_roots(actor: Actor) -> ColumnElement[bool]:
    """The rule of `sees_instance` within the actor's tenant, for root rows only."""
    return and_(
        ProcessInstance.tenant_id == actor.tenant_id,
        ProcessInstance.parent_id.is_(None),
        sees_instance(actor),
    )


def may_act_on(actor: Actor, task: UserTask) -> bool:
    """Whether the task is assigned to the actor, or open to one of the actor's roles."""
    if task.assignee_id is not None:
        return task.assignee_id == actor.id
    return bool(actor.roles & set(task.candidate_groups))


def has_role(*roles: str) -> Callable[[Actor], bool]:
    """A predicate: the actor holds one of the roles."""
    return lambda actor: bool(actor.roles & set(roles))


ACTIONS: dict[str, Callable[[Actor], bool]] = {
    "case.open": has_role("reception"),
    "case.withdraw": has_role("reception", "mediator", "chief_mediator", "party"),
    "link.read": has_role("mediator", "reception"),
    "release.deploy": has_role("administrator", "system"),
    "release.activate": has_role("administrator", "system"),
    "release.read": has_role("administrator", "system"),
    "instance.migrate": has_role("administrator", "system"),
    "job.finish": has_role("system"),
    "calendar.announce": has_role("administrator", "system"),
    "clocks.pause": has_role("mediator", "chief_mediator", "system"),
    "due.set": has_role("chief_mediator", "administrator", "system"),
    "message.publish": has_role("administrator", "system"),
    "file.store": has_role("reception", "mediator", "chief_mediator", "seal_keeper", "party"),
}


def allow(actor: Actor, action: str) -> None:
    """Raise `errors.Forbidden` unless the table lets the actor do this."""
    if not ACTIONS[action](actor):
        raise errors.Forbidden(action=action)
