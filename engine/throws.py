"""Events that tell others something: messages, signals to all who wait, escalations to the callers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from engine import bpmn, jobs
from engine.models.base import table
from engine.models.processes import ProcessInstance, SignalSubscription
from engine.sessions import OF_TENANT

if TYPE_CHECKING:
    from engine.tree import Live, Tree

SIGNAL = "signal"
SUBSCRIPTIONS = table(SignalSubscription)
SUBSCRIBE = insert(SUBSCRIPTIONS)
UNSUBSCRIBE = delete(SUBSCRIPTIONS).where(
    SUBSCRIPTIONS.c.tenant_id == OF_TENANT,
    SUBSCRIPTIONS.c.instance_id == bindparam("of_instance"),
    SUBSCRIPTIONS.c.wait_id == bindparam("of_wait"),
)


def tell(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Tell whom the event concerns, then let its token go on unless that has cancelled it."""
    match wait.node.event:
        case "signal":
            _broadcast(tree, live, wait)
        case "escalation":
            _escalate(tree, live, wait.node.escalation_code)
        case "message":
            send(tree, wait.node.thrown_message or "")
    if live.row.status == "active" and any(other.id == wait.id for other in live.stepper.waits):
        tree.go_on(live, wait)


def subscribe(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Note that an event waits for a signal."""
    tree.session.flush()
    tree.session.connection().execute(
        SUBSCRIBE,
        {
            "tenant_id": live.row.tenant_id,
            "instance_id": live.row.id,
            "wait_id": wait.id,
            "root_id": live.row.root_id,
            "signal": wait.node.signal,
        },
    )


def unsubscribe(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """The event no longer waits for its signal."""
    this = {"of_tenant": live.row.tenant_id, "of_instance": live.row.id, "of_wait": wait.id}
    tree.session.connection().execute(UNSUBSCRIBE, this)


def deliver(tree: Tree, signal: str, places: list[tuple[str, str]]) -> bool:
    """Give a signal to those of these places (instance, wait) that still wait for it; whether any did."""
    delivered = False
    for instance_id, wait_id in places:
        row = tree.session.get(ProcessInstance, (tree.root.tenant_id, instance_id))
        if row is None or row.status != "active":
            continue
        live = tree.live(instance_id)
        for wait in live.stepper.waits:
            if wait.id == wait_id and wait.node.signal == signal:
                tree.trigger(live, wait)
                delivered = True
    return delivered


def _broadcast(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """At once to all places of this case that wait now, and to those of other cases by a job each."""
    found = tree.session.connection().execute(
        select(SUBSCRIPTIONS.c.root_id, SUBSCRIPTIONS.c.instance_id, SUBSCRIPTIONS.c.wait_id)
        .where(SUBSCRIPTIONS.c.tenant_id == live.row.tenant_id, SUBSCRIPTIONS.c.signal == wait.node.signal)
        .order_by(SUBSCRIPTIONS.c.root_id, SUBSCRIPTIONS.c.instance_id, SUBSCRIPTIONS.c.wait_id)
    )
    places: dict[str, list[tuple[str, str]]] = {}
    for root_id, instance_id, wait_id in found:
        places.setdefault(root_id, []).append((instance_id, wait_id))
    here = places.pop(live.row.root_id, [])
    for root_id, waiting in places.items():
        key = f"{SIGNAL}:{live.row.id}:{wait.id}:{root_id}"
        payload = {"root_id": root_id, "signal": wait.node.signal, "places": waiting, "key": key}
        jobs.enqueue(tree.session, SIGNAL, key, tree.at, payload)
    deliver(tree, wait.node.signal or "", here)


def _escalate(tree: Tree, live: Live, code: str | None) -> None:
    """To the calling processes, from inside to outside, until one catches it; else nobody hears it."""
    while live.row.parent_id is not None:
        parent = tree.live(live.row.parent_id)
        if tree.escalate(parent, parent.wait(live.row.parent_wait_id or ""), code):
            return
        live = parent


def send(tree: Tree, name: str, brought: Mapping[str, Any] | None = None) -> bool:
    """To the first place of this case that waits for the message, from the outermost instance inward.

    False if nothing waits for one of this name, whatever its key.
    """
    for instance_id in tree.active_ids():
        live = tree.live(instance_id)
        for wait in live.stepper.waits:
            if wait.node.message == name:
                tree.trigger(live, wait, brought)
                return True
    return False
