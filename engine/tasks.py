"""User tasks: open, claim, release, draft, complete."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, bpmn, errors, idempotency, instances, loops, policy
from engine.definitions import Form
from engine.models.base import table
from engine.models.people import Account
from engine.models.processes import Draft, ProcessInstance, UserTask
from engine.policy import Actor
from engine.scope import Scope
from engine.services import Step
from engine.sessions import NAMES_TENANT, tenant_of

TASKS = table(UserTask)
DRAFTS = table(Draft)
THIS_TASK = (TASKS.c.tenant_id == bindparam("of_tenant"), TASKS.c.id == bindparam("of_task"))
CLOSE_TASK = update(TASKS).where(*THIS_TASK).values(status="completed")
HAS_DRAFTS = exists().where(DRAFTS.c.tenant_id == TASKS.c.tenant_id, DRAFTS.c.task_id == TASKS.c.id)
FIND_TASK = (
    select(UserTask, ProcessInstance, HAS_DRAFTS)
    .join(
        ProcessInstance,
        and_(ProcessInstance.tenant_id == UserTask.tenant_id, ProcessInstance.id == UserTask.instance_id),
    )
    .where(*THIS_TASK)
    .execution_options(**{NAMES_TENANT: True})
)
FORGET_DRAFTS = delete(DRAFTS).where(
    DRAFTS.c.tenant_id == bindparam("of_tenant"), DRAFTS.c.task_id == bindparam("of_task")
)


@dataclass(frozen=True)
class TaskDone:
    """A completed task; `next_task_ids` are those that it opened."""

    task_id: str
    root_id: str
    next_task_ids: tuple[str, ...]


class Found(NamedTuple):
    """A task in its locked case, with the instance in which it waits."""

    task: UserTask
    instance: ProcessInstance
    has_drafts: bool


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


def complete_task(
    engine: Engine, actor: Actor, task_id: str, answers: Mapping[str, Any], key: str
) -> TaskDone:
    """Complete a user task with its form's answers and move the case to its next wait states.

    The same key with the same answers gives the same result and does nothing again. Raises NotFound,
    Forbidden, TaskClosed, TaskCancelled, TaskClaimed, KeyReused, InvalidAnswers, or what the form's
    effects refuse; then nothing has happened.
    """
    request = idempotency.Request(actor, key, audit.digest(engine.keys, [task_id, answers]))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock_of_task(session, task_id, actor)
        found = _find(session, task_id)
        _require_role(actor, found.task)
        if (seen := idempotency.recall(session, request)) is not None:
            return _done(seen)
        _require_open(session, actor, found.task)
        done = _carry_out(instances.Tree(session, engine, root, engine.now()), actor, found, answers)
        idempotency.remember(session, request, asdict(done), engine.now())
        return done


def claim_task(engine: Engine, actor: Actor, task_id: str) -> None:
    """Take a task of one's role, so that nobody else completes it meanwhile; TaskClaimed if taken.

    Forbidden for parties: several of them share the task of signing.
    """
    if actor.party_id is not None:
        raise errors.Forbidden(action="task.claim")
    _set_claim(engine, actor, task_id, actor.id, "task.claimed")


def release_task(engine: Engine, actor: Actor, task_id: str) -> None:
    """Give a claimed task back to its role."""
    _set_claim(engine, actor, task_id, None, "task.released")


def save_draft(engine: Engine, actor: Actor, task_id: str, answers: Mapping[str, Any]) -> None:
    """Keep what was typed, valid or not, for this actor; not a command: nothing is recorded."""
    idempotency.canonical(answers)
    with engine.sessions.command(actor.tenant_id) as session:
        instances.lock_of_task(session, task_id, actor)
        _require_open(session, actor, _find(session, task_id).task)
        _forget_drafts(session, actor, task_id)
        session.add(
            Draft(
                tenant_id=actor.tenant_id, task_id=task_id, actor_id=actor.id,
                answers=dict(answers), saved_at=engine.now(),
            )
        )  # fmt: skip


def open_task(engine: Engine, actor: Actor, task_id: str) -> OpenTask:
    """What the task's page needs; NotFound if the case may not be seen, TaskClosed if it is done."""
    with engine.sessions.query(actor.tenant_id) as session:
        row = session.execute(
            select(UserTask, ProcessInstance)
            .join(ProcessInstance, ProcessInstance.id == UserTask.root_id)
            .where(UserTask.id == task_id, policy.visible_roots(actor))
        ).one_or_none()
        if row is None:
            raise errors.NotFound
        task, root = row
        _require_not_closed(task)
        return _opened(session, engine, actor, task, root)


def _opened(
    session: Session, engine: Engine, actor: Actor, task: UserTask, root: ProcessInstance
) -> OpenTask:
    instance = session.scalars(select(ProcessInstance).where(ProcessInstance.id == task.instance_id)).one()
    node = engine.definitions.process(session, root.release_id, instance.process_id).nodes[task.node_id]
    may_act = policy.may_act_on(actor, task)
    inside = _loops_around(session, engine, task, instance)
    scope = Scope(session, engine, root.id, loops.seen(instance, inside) if may_act else {})
    drafted = select(Draft.answers).where(Draft.task_id == task.id, Draft.actor_id == actor.id)
    return OpenTask(
        task=task,
        node=node,
        form=engine.definitions.form(session, root.release_id, task.form_id),
        context=dict(scope),
        initial=_initial(scope, node) if may_act else {},
        draft=session.scalars(drafted).one_or_none(),
        claimed_by=_name(session, task.claimed_by) if task.claimed_by else None,
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


def _carry_out(tree: instances.Tree, actor: Actor, found: Found, answers: Mapping[str, Any]) -> TaskDone:
    session, engine, root, task = tree.session, tree.engine, tree.root, found.task
    live = tree.live(found.instance.id)
    wait = live.wait(task.wait_id)
    form = engine.definitions.form(session, root.release_id, task.form_id)
    cleaned = _validated(tree, live, form, (task, answers))
    _close(session, actor, found, cleaned, tree.at)
    step = Step(session, engine, actor, root, task, cleaned, tree.at)
    for effect in form.effects:
        engine.services.effects[effect](step)
    tree.forget_facts()
    tree.complete(live, wait, _public(engine, form, cleaned))
    entry = audit.Entry("task.completed", task.id, tree.at, task.node_id, task.law_ref, cleaned)
    audit.record(session, engine.keys, root, actor, entry)
    tree.store()
    return TaskDone(task.id, root.id, tree.opened_task_ids())


def _public(engine: Engine, form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    private = {name for effect in form.effects for name in engine.services.private.get(effect, ())}
    return {name: value for name, value in answers.items() if name not in private}


def _validated(
    tree: instances.Tree, live: instances.Live, form: Form, asked: tuple[UserTask, Mapping[str, Any]]
) -> dict[str, Any]:
    task, answers = asked
    inside = live.wait(task.wait_id).loops
    scope = tree.scope(live, inside)
    initial = _initial(scope, live.definition.nodes[task.node_id])
    try:
        return form.validate(answers, scope.over(loops.seen(live.row, inside) | initial))
    except tree.engine.forms.InvalidAnswers as invalid:
        raise errors.InvalidAnswers(invalid.errors) from invalid  # type: ignore[attr-defined]


def _initial(scope: Scope, node: bpmn.Node) -> dict[str, Any]:
    return {target: scope.value(source, node.id) for source, target in node.inputs}


def _find(session: Session, task_id: str) -> Found:
    this = {"of_tenant": tenant_of(session), "of_task": task_id}
    return Found(*session.execute(FIND_TASK, this).one())


def _require_open(session: Session, actor: Actor, task: UserTask) -> None:
    _require_role(actor, task)
    _require_not_closed(task)
    if task.claimed_by not in (None, actor.id):
        raise errors.TaskClaimed(who=_name(session, task.claimed_by))


def _require_role(actor: Actor, task: UserTask) -> None:
    if not policy.may_act_on(actor, task):
        raise errors.Forbidden(action="task.complete")


def _require_not_closed(task: UserTask) -> None:
    if task.status == "cancelled":
        raise errors.TaskCancelled
    if task.status == "completed":
        raise errors.TaskClosed(who=task.closed_by, when=task.closed_at)


def _name(session: Session, account_id: str | None) -> str:
    return session.scalars(select(Account.name).where(Account.id == account_id)).one_or_none() or "…"


def _close(session: Session, actor: Actor, found: Found, answers: Mapping[str, Any], at: dt.datetime) -> None:
    this = {"of_tenant": actor.tenant_id, "of_task": found.task.id}
    closed = {"closed_at": at, "closed_by": actor.name, "answers": dict(answers)}
    session.connection().execute(CLOSE_TASK, this | closed)
    if found.has_drafts:
        session.connection().execute(FORGET_DRAFTS, this)


def _forget_drafts(session: Session, actor: Actor, task_id: str) -> None:
    mine = (DRAFTS.c.tenant_id == actor.tenant_id, DRAFTS.c.task_id == task_id, DRAFTS.c.actor_id == actor.id)
    session.execute(delete(DRAFTS).where(*mine))


def _set_claim(engine: Engine, actor: Actor, task_id: str, claimant: str | None, action: str) -> None:
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock_of_task(session, task_id, actor)
        task = _find(session, task_id).task
        _require_open(session, actor, task)
        if task.claimed_by == claimant:
            return
        task.claimed_by = claimant
        entry = audit.Entry(action, task.id, engine.now(), task.node_id, task.law_ref)
        audit.record(session, engine.keys, root, actor, entry)


def _done(stored: Mapping[str, Any]) -> TaskDone:
    return TaskDone(stored["task_id"], stored["root_id"], tuple(stored["next_task_ids"]))
