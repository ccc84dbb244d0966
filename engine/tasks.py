"""User tasks: claim, release, draft, complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, bpmn, drafts, errors, idempotency, instances, loops, open_tasks, policy
from engine.definitions import Form
from engine.drafts import DRAFTS
from engine.models.base import table
from engine.models.people import Account
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor
from engine.rows import adopt, parts
from engine.services import Step
from engine.sessions import OF_TENANT, tenant_of
from engine.tree import Live, Tree

Answers = Mapping[str, Any]
TASKS, INSTANCES = table(UserTask), table(ProcessInstance)
THIS_TASK = (TASKS.c.tenant_id == OF_TENANT, TASKS.c.id == bindparam("of_task"))
CLOSE_TASK = update(TASKS).where(*THIS_TASK).values(status="completed")
HAS_DRAFTS = exists().where(DRAFTS.c.tenant_id == TASKS.c.tenant_id, DRAFTS.c.task_id == TASKS.c.id)
FIND_TASK = (
    select(*TASKS.c, *INSTANCES.c, HAS_DRAFTS, *idempotency.KEPT)
    .join(INSTANCES, and_(INSTANCES.c.tenant_id == TASKS.c.tenant_id, INSTANCES.c.id == TASKS.c.instance_id))
    .outerjoin(idempotency.KEYS, idempotency.THIS_KEY)
    .where(*THIS_TASK)
)
FORGET_DRAFTS = delete(DRAFTS).where(
    DRAFTS.c.tenant_id == OF_TENANT, DRAFTS.c.task_id == bindparam("of_task")
)


@dataclass(frozen=True)
class TaskDone:
    """A completed task; `next_task_ids` are those that it opened."""

    task_id: str
    root_id: str
    next_task_ids: tuple[str, ...]


class Found(NamedTuple):
    """A task in its locked case, with the instance in which it waits and what stands under a key."""

    task: UserTask
    instance: ProcessInstance
    has_drafts: bool
    kept: idempotency.Kept


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
        found = _find(session, task_id, key)
        _require_role(actor, found.task)
        if (seen := found.kept.answer_to(request)) is not None:
            return _done(seen)
        _require_open(session, actor, found.task)
        done = _carry_out(Tree(session, engine, root, engine.now()), actor, found, answers)
        idempotency.remember(session, request, vars(done), engine.now())
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


def give_back(engine: Engine, actor: Actor, account_id: str) -> int:
    """Give the open tasks that an account has taken on back to their roles; gives how many.

    Each in a command of its own, recorded in its case. Raises Forbidden.
    """
    policy.allow(actor, "account.change")
    taken = select(UserTask.id, UserTask.root_id).where(
        UserTask.claimed_by == account_id, UserTask.status == "open"
    )
    with engine.sessions.query(actor.tenant_id) as session:
        found = session.execute(taken.order_by(UserTask.id)).all()
    return sum(_give_back(engine, actor, account_id, *one) for one in found)


def save_draft(engine: Engine, actor: Actor, task_id: str, answers: Mapping[str, Any]) -> None:
    """Keep what was typed, valid or not, for this actor; not a command: nothing is recorded.

    Also where a colleague has taken the task on meanwhile: who gets it back finds it as it was left.
    """
    idempotency.canonical(answers)
    with engine.sessions.command(actor.tenant_id) as session:
        instances.lock_of_task(session, task_id, actor)
        task = _find(session, task_id).task
        _require_role(actor, task)
        open_tasks.require_not_closed(task)
        whose = drafts.Whose(actor.tenant_id, task_id, actor.id)
        drafts.keep(session, engine.keys, whose, answers, engine.now())


def _carry_out(tree: Tree, actor: Actor, found: Found, answers: Mapping[str, Any]) -> TaskDone:
    session, engine, root, task = tree.session, tree.engine, tree.root, found.task
    live = tree.live(found.instance.id)
    wait = live.wait(task.wait_id)
    form = engine.definitions.form(session, root.release_id, task.form_id)
    cleaned = _validated(tree, live, wait, form, answers)
    public = _public(engine, form, cleaned)
    _close(tree, actor, found, (cleaned, public))
    step = Step(session, engine, actor, root, task, cleaned, tree.at)
    for effect in form.effects:
        engine.services.effects[effect](step)
    tree.forget_facts()
    tree.complete(live, wait, public)
    entry = audit.Entry("task.completed", task.id, tree.at, task.node_id, task.law_ref, cleaned)
    tree.record(actor, entry)
    tree.store()
    return TaskDone(task.id, root.id, tree.opened_task_ids())


def _public(engine: Engine, form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    private = {name for effect in form.effects for name in engine.services.private.get(effect, ())}
    return {name: value for name, value in answers.items() if name not in private}


def _validated(tree: Tree, live: Live, wait: bpmn.Wait, form: Form, answers: Answers) -> dict[str, Any]:
    scope = tree.scope(live, wait.loops)
    initial = open_tasks.initial(scope, wait.node)
    try:
        return form.validate(answers, scope.over(loops.seen(live.row, wait.loops) | initial))
    except tree.engine.forms.InvalidAnswers as invalid:
        raise errors.InvalidAnswers(invalid.errors) from invalid  # type: ignore[attr-defined]


def _find(session: Session, task_id: str, key: str = "") -> Found:
    this = {"of_tenant": tenant_of(session), "of_task": task_id, "of_key": key}
    found = session.connection().execute(FIND_TASK, this).one()
    (task, instance), (has_drafts, *kept) = parts(found, UserTask, ProcessInstance)
    rows = adopt(session, UserTask, task), adopt(session, ProcessInstance, instance)
    return Found(*rows, has_drafts, idempotency.Kept(*kept))


def _require_open(session: Session, actor: Actor, task: UserTask) -> None:
    _require_role(actor, task)
    open_tasks.require_not_closed(task)
    if task.claimed_by not in (None, actor.id):
        raise errors.TaskClaimed(who=_name(session, task.claimed_by))


def _require_role(actor: Actor, task: UserTask) -> None:
    if not policy.may_act_on(actor, task):
        raise errors.Forbidden(action="task.complete")


def _name(session: Session, account_id: str | None) -> str:
    return session.scalars(select(Account.name).where(Account.id == account_id)).one_or_none() or "…"


def _close(tree: Tree, actor: Actor, found: Found, answers: tuple[Answers, Answers]) -> None:
    (given, kept), task_id, keys = answers, found.task.id, tree.engine.keys
    this = {"of_tenant": actor.tenant_id, "of_task": task_id}
    closed = {"closed_at": tree.at, "closed_by": actor.name, "answers": dict(kept), "kept_seal": None}
    if kept != given:
        closed["kept_seal"] = audit.seal_of_kept(keys, task_id, kept, audit.digest(keys, given))
    tree.session.connection().execute(CLOSE_TASK, this | closed)
    if found.has_drafts:
        tree.session.connection().execute(FORGET_DRAFTS, this)


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


def _give_back(engine: Engine, actor: Actor, account_id: str, task_id: str, root_id: str) -> bool:
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, root_id)
        task = _find(session, task_id).task
        if task.claimed_by != account_id or task.status != "open":
            return False
        task.claimed_by = None
        entry = audit.Entry("task.released", task.id, engine.now(), task.node_id, task.law_ref)
        audit.record(session, engine.keys, root, actor, entry)
        return True


def _done(stored: Mapping[str, Any]) -> TaskDone:
    return TaskDone(stored["task_id"], stored["root_id"], tuple(stored["next_task_ids"]))
