"""What happens when a token arrives at an activity: a task opens, a job is enqueued, a process is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from engine import bpmn, due, errors, events, feel, jobs, loops, throws
from engine.models.base import new_id, table
from engine.models.processes import ProcessInstance, UserTask
from engine.scope import Scope
from engine.sessions import OF_TENANT

if TYPE_CHECKING:
    from engine.tree import Live, Tree

TASKS = table(UserTask)
CANCEL_TASK = (
    update(TASKS)
    .where(
        TASKS.c.tenant_id == OF_TENANT,
        TASKS.c.instance_id == bindparam("of_instance"),
        TASKS.c.wait_id == bindparam("of_wait"),
        TASKS.c.status == "open",
    )
    .values(status="cancelled")
)
SERVICE = "service"


def arrive(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Do what the kind of activity asks for; arm an event that waits."""
    match wait.stage:
        case "open":
            loops.begin(tree, live, wait)
        case "close":
            loops.end(tree, live, wait)
        case _:
            _arrive(tree, live, wait)


def _arrive(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    match wait.node.kind:
        case "manual_task" | "sub_process":
            tree.complete(live, wait, {})
        case "user_task":
            _open_task(tree, live, wait)
        case "service_task" | "send_task":
            _enqueue(tree, live, wait)
        case "business_rule_task":
            _decide(tree, live, wait)
        case "script_task":
            _calculate(tree, live, wait)
        case "call_activity":
            _call(tree, live, wait)
        case _ if wait.node.throws and wait.node.service:
            _enqueue(tree, live, wait)
        case _ if wait.node.throws:
            throws.tell(tree, live, wait)
        case _ if wait.node.event == "signal":
            throws.subscribe(tree, live, wait)
        case _:
            events.arm(tree, live, wait)


def job_key(instance_id: str, wait_id: str) -> str:
    """The key of a service task's job."""
    return f"{SERVICE}:{instance_id}:{wait_id}"


def leave(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Take back what `arrive` did at a place that the token has left without completing it."""
    if wait.stage != "run":
        return
    match wait.node.kind:
        case "user_task":
            _cancel_task(tree, live, wait)
        case _ if wait.node.event == "signal":
            throws.unsubscribe(tree, live, wait)
        case _ if wait.node.service:
            jobs.cancel(tree.session, job_key(live.row.id, wait.id))
        case "call_activity":
            for child in tree.called_from(live, wait):
                if child.status == "active":
                    tree.cancel(child)
        case _:
            events.disarm(tree, live, wait)


def _cancel_task(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    here = (live.row.id, wait.id)
    tree.new_tasks = [task for task in tree.new_tasks if (task["instance_id"], task["wait_id"]) != here]
    this = {"of_tenant": live.row.tenant_id, "of_instance": live.row.id, "of_wait": wait.id}
    tree.session.connection().execute(CANCEL_TASK, this | {"closed_at": tree.at})


def _open_task(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    node, scope = wait.node, tree.scope(live, wait.loops)
    task_due = due.of_task(scope, node)
    tree.new_tasks.append(
        {
            "tenant_id": live.row.tenant_id,
            "id": new_id(),
            "instance_id": live.row.id,
            "root_id": live.row.root_id,
            "wait_id": wait.id,
            **drawn(node),
            "candidate_groups": groups(scope, node),
            "assignee_id": assignee(scope, node),
            "status": "open",
            "created_at": tree.at,
            "due_at": task_due and task_due.at,
            "due_unit": task_due.unit if task_due else due.TIME,
        }
    )


def drawn(node: bpmn.Node) -> dict[str, Any]:
    """What a user task's row has from its node as it is drawn, by column."""
    return {
        "node_id": node.id,
        "form_id": node.form_id,
        "name": node.name or node.id,
        "name_en": node.name_en or node.name or node.id,
        "law_ref": node.properties.get("lawRef", ""),
        "confidential": node.is_confidential,
    }


def groups(scope: Scope, node: bpmn.Node) -> list[str]:
    """The roles to which a user task is open. Raises ExpressionFailed."""
    value = scope.value(node.candidate_groups, node.id)
    names = value.split(",") if isinstance(value, str) else value or []
    if not isinstance(names, list):
        raise due.unsuitable(node, "candidateGroups", value)
    return [str(name).strip() for name in names]


def assignee(scope: Scope, node: bpmn.Node) -> str | None:
    """The id of the account to which a user task is assigned, None for none. Raises ExpressionFailed."""
    value = scope.value(node.assignee, node.id)
    if not isinstance(value, str | None):
        raise due.unsuitable(node, "assignee", value)
    return value or None


def _tries(scope: Scope, node: bpmn.Node) -> int:
    """How often a service is tried before its failure becomes an incident: `retries` of the diagram."""
    value = scope.value(node.retries, node.id)
    if not bpmn.is_tries(str(value)):
        raise due.unsuitable(node, "retries", value)
    return int(value)


def _enqueue(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    place = {"root_id": live.row.root_id, "instance_id": live.row.id, "wait_id": wait.id}
    payload: dict[str, Any] = {**place, "node_id": wait.node.id, "service": wait.node.service}
    if wait.node.retries is not None:
        payload[jobs.TRIES] = _tries(tree.scope(live, wait.loops), wait.node)
    jobs.enqueue(tree.session, SERVICE, job_key(live.row.id, wait.id), tree.at, payload)


def _decide(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    node = wait.node
    model = tree.engine.definitions.decision(tree.session, live.row.release_id, node.decision_id or "")
    try:
        value = model.evaluate(node.decision_id or "", tree.scope(live, wait.loops))
    except feel.FeelError as failed:
        raise errors.ExpressionFailed(element_id=node.id, problem=failed) from failed
    tree.complete(live, wait, {node.result_variable or "result": value})


def _calculate(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    value = tree.scope(live, wait.loops).value(wait.node.script, wait.node.id)
    tree.complete(live, wait, {wait.node.result_variable or "result": value})


def _call(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    node, scope = wait.node, tree.scope(live, wait.loops)
    variables = loops.seen(live.row, wait.loops) if node.propagate_all_parent_variables else {}
    variables |= {target: scope.value(source, node.id) for source, target in node.inputs}
    parent = live.row
    tree.start(
        ProcessInstance(
            tenant_id=parent.tenant_id, id=new_id(), root_id=parent.root_id, parent_id=parent.id,
            parent_wait_id=wait.id, process_id=node.called_process, release_id=parent.release_id,
            body_id=parent.body_id, status="active", state="", variables=variables, started_at=tree.at,
        )
    )  # fmt: skip
