"""Process instances: start, and lock for a command or look at for a query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, policy
from engine.models.base import new_id, table
from engine.models.people import InstanceMember
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor
from engine.releases import active_release
from engine.rows import adopt, parts
from engine.sessions import OF_TENANT, tenant_of
from engine.tree import Tree

TASKS, INSTANCES = table(UserTask), table(ProcessInstance)


def lock(session: Session, root_id: str, actor: Actor | None = None) -> ProcessInstance:
    """Lock a case by its root row; must be the first statement of the transaction.

    With an actor, NotFound unless the actor may see the case.
    """
    return _locked(session, _by_root(actor), {"of_root": root_id})


def lock_of_task(session: Session, task_id: str, actor: Actor) -> ProcessInstance:
    """Lock the case of a user task as `lock` does; NotFound also for an unknown task."""
    return _locked(session, _by_task(actor), {"of_task": task_id})


def _locked(session: Session, found: Select[Any], place: dict[str, str]) -> ProcessInstance:
    this = {"of_tenant": tenant_of(session), **place}
    row = session.connection().execute(found, this).one_or_none()
    if row is None:
        raise errors.NotFound
    (values,), _ = parts(row, ProcessInstance)
    return adopt(session, ProcessInstance, values)


@lru_cache(1_000)
def _by_root(actor: Actor | None) -> Select[Any]:
    return _locking(actor, bindparam("of_root"))


@lru_cache(1_000)
def _by_task(actor: Actor) -> Select[Any]:
    # A task never changes its case, so that looking it up in the locking statement itself is safe.
    this = (TASKS.c.tenant_id == OF_TENANT, TASKS.c.id == bindparam("of_task"))
    return _locking(actor, select(TASKS.c.root_id).where(*this).scalar_subquery())


def _locking(actor: Actor | None, root_id: ColumnElement[str]) -> Select[Any]:
    found = select(*INSTANCES.c).where(INSTANCES.c.tenant_id == OF_TENANT, INSTANCES.c.id == root_id)
    if actor is not None:
        found = found.where(policy.visible_roots(actor))
    return found.with_for_update()


def visible(session: Session, actor: Actor, root_id: str) -> ProcessInstance:
    """The root row of a case that the actor may see, for reading; else NotFound."""
    found = select(ProcessInstance).where(ProcessInstance.id == root_id, policy.visible_roots(actor))
    root = session.scalars(found).one_or_none()
    if root is None:
        raise errors.NotFound
    return root


@dataclass(frozen=True)
class NewProcess:
    """A process to be started in a body's care, in the active release, by default at its first start."""

    process_id: str
    body_id: str
    variables: Mapping[str, Any]
    start_id: str | None = None


def start(
    session: Session, engine: Engine, actor: Actor, new: NewProcess, row_made: Callable[[str], None]
) -> ProcessInstance:
    """Start a root instance and move it to its first wait states.

    `row_made` gets its id before the first token moves. Raises NoRelease, NotFound for an unknown process.
    """
    release_id = active_release(session)
    if release_id is None:
        raise errors.NoRelease
    instance_id = new_id()
    at = engine.now()
    root = ProcessInstance(
        tenant_id=actor.tenant_id, id=instance_id, root_id=instance_id, parent_id=None,
        process_id=new.process_id, release_id=release_id, body_id=new.body_id, status="active", state="",
        variables=dict(new.variables), started_at=at, audit_count=0, audit_head="",
        definition_hash=engine.definitions.process(session, release_id, new.process_id).hash,
    )  # fmt: skip
    session.add(root)
    session.flush()
    row_made(instance_id)
    tree = Tree(session, engine, root, at)
    tree.start(root, new.start_id)
    tree.record(actor, audit.Entry("process.started", root.id, at))
    tree.store()
    return root


def add_member(session: Session, root_id: str, account_id: str) -> None:
    """Let an account see one case because of its part in it; a second time changes nothing."""
    key = {"tenant_id": tenant_of(session), "instance_id": root_id, "account_id": account_id}
    if session.get(InstanceMember, key) is None:
        session.add(InstanceMember(**key))
