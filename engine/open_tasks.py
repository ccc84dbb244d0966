"""User tasks that are open: one with all that its page shows, and which somebody does next."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from engine import Engine, bpmn, drafts, errors, loops, policy
from engine.definitions import Form
from engine.models.base import table
from engine.models.people import Account
from engine.models.processes import Draft, ProcessInstance, UserTask
from engine.policy import Actor
from engine.rows import adopt, parts
from engine.scope import Scope
from engine.sessions import OF_TENANT

TASKS, ROOTS, DRAFTS, ACCOUNTS = (table(row) for row in (UserTask, ProcessInstance, Draft, Account))
INSTANCES = ROOTS.alias()
Names = Callable[[Form], Mapping[str, Collection[str] | None] | None]


@dataclass(frozen=True)
class OpenTask:
    """A task as its page shows it: `initial` is what the diagram fills in, `draft` what was typed so far.

    `may_act` is false for somebody who sees the case but has no part in this task, and then neither
    variables nor prefilled answers are shown.
    """

    task: UserTask
    node: bpmn.Node
    form: Form
    context: Mapping[str, Any]
    initial: Mapping[str, Any]
    draft: Mapping[str, Any] | None
    claimed_by: str | None
    may_act: bool


def mentioned(form: Form) -> Mapping[str, Collection[str] | None]:
    """The names that a form's expressions ask for, with the members of each; None for a whole value."""
    return form.mentions


def open_task(engine: Engine, actor: Actor, task_id: str, names: Names = mentioned) -> OpenTask:
    """What the task's page needs; NotFound if the case may not be seen, TaskClosed if it is done.

    Facts are asked for only if they are among the `names` that the form's page needs; None for a page that
    needs neither them nor what the diagram fills in.
    """
    with engine.sessions.query(actor.tenant_id) as session:
        this = {"of_tenant": actor.tenant_id, "of_task": task_id, "of_actor": actor.id}
        row = session.connection().execute(_visible(actor), this).one_or_none()
        if row is None:
            raise errors.NotFound
        shown = _shown(session, row)
        require_not_closed(shown.task)
        return _opened(session, engine, actor, shown, names)


def first_to_do(engine: Engine, actor: Actor, task_ids: Sequence[str]) -> str | None:
    """The first of these tasks that is open and that the actor sees and may work on, if any."""
    if not task_ids:
        return None
    with engine.sessions.query(actor.tenant_id) as session:
        this = {"of_tenant": actor.tenant_id, "of_tasks": list(task_ids)}
        rows = [parts(row, UserTask)[0][0] for row in session.connection().execute(_open_of(actor), this)]
        found = {row["id"]: adopt(session, UserTask, row) for row in rows}
    to_do = (task_id for task_id in task_ids if task_id in found and policy.may_act_on(actor, found[task_id]))
    return next(to_do, None)


@lru_cache(1_000)
def _open_of(actor: Actor) -> Select[Any]:
    these = (TASKS.c.tenant_id == OF_TENANT, TASKS.c.id.in_(bindparam("of_tasks", expanding=True)))
    root = and_(ROOTS.c.tenant_id == TASKS.c.tenant_id, ROOTS.c.id == TASKS.c.root_id)
    visible = select(*TASKS.c).select_from(TASKS).join(ROOTS, root).where(TASKS.c.status == "open")
    return visible.where(*these, policy.visible_roots(actor), policy.sees_task(actor))


@lru_cache(1_000)
def _visible(actor: Actor) -> Select[Any]:
    tenant = TASKS.c.tenant_id
    root = and_(ROOTS.c.tenant_id == tenant, ROOTS.c.id == TASKS.c.root_id)
    inside = and_(INSTANCES.c.tenant_id == tenant, INSTANCES.c.id == TASKS.c.instance_id)
    claimed_by = and_(ACCOUNTS.c.tenant_id == tenant, ACCOUNTS.c.id == TASKS.c.claimed_by)
    mine = and_(DRAFTS.c.tenant_id == tenant, DRAFTS.c.actor_id == bindparam("of_actor"))
    return (
        select(*TASKS.c, *INSTANCES.c, *DRAFTS.c, ACCOUNTS.c.name)
        .select_from(TASKS)
        .join(ROOTS, root)
        .join(INSTANCES, inside)
        .outerjoin(DRAFTS, mine & (DRAFTS.c.task_id == TASKS.c.id))
        .outerjoin(ACCOUNTS, claimed_by)
        .where(tenant == OF_TENANT, TASKS.c.id == bindparam("of_task"))
        .where(policy.visible_roots(actor), policy.sees_task(actor))
    )


class _Shown(NamedTuple):
    """A task as somebody sees it: with its instance, their own draft, and the name of who took it on."""

    task: UserTask
    instance: ProcessInstance
    draft: Draft | None
    claimed_by: str | None


def _shown(session: Session, row: Row[Any]) -> _Shown:
    (task, instance, draft), (claimed_by,) = parts(row, UserTask, ProcessInstance, Draft)
    return _Shown(
        adopt(session, UserTask, task),
        adopt(session, ProcessInstance, instance),
        adopt(session, Draft, draft) if draft["task_id"] else None,
        claimed_by,
    )


def _opened(session: Session, engine: Engine, actor: Actor, shown: _Shown, names: Names) -> OpenTask:
    task, instance = shown.task, shown.instance
    node = engine.definitions.process(session, instance.release_id, instance.process_id).nodes[task.node_id]
    form = engine.definitions.form(session, instance.release_id, task.form_id)
    may_act = policy.may_act_on(actor, task)
    inside = _loops_around(session, engine, task, instance)
    asked = names(form)
    scope = Scope(session, engine, task.root_id, loops.seen(instance, inside) if may_act else {})
    return OpenTask(
        task=task,
        node=node,
        form=form,
        context=scope.asked(asked or {}),
        initial=initial(scope, node) if may_act and asked is not None else {},
        draft=drafts.opened(engine.keys, shown.draft) if shown.draft else None,
        claimed_by=shown.claimed_by,
        may_act=may_act,
    )


def _loops_around(
    session: Session, engine: Engine, task: UserTask, instance: ProcessInstance
) -> tuple[bpmn.LoopInstance, ...]:
    if not instance.local_variables:
        return ()
    definition = engine.definitions.process(session, instance.release_id, instance.process_id)
    waits = bpmn.Stepper.restore(definition, instance.state).waits
    return next((wait.loops for wait in waits if wait.id == task.wait_id), ())


def initial(scope: Scope, node: bpmn.Node) -> dict[str, Any]:
    """What the diagram fills into the task's form."""
    return {target: scope.value(source, node.id) for source, target in node.inputs}


def require_not_closed(task: UserTask) -> None:
    """Raise TaskCancelled, or TaskClosed with who completed it and when."""
    if task.status == "cancelled":
        raise errors.TaskCancelled
    if task.status == "completed":
        raise errors.TaskClosed(who=task.closed_by, when=task.closed_at)
