"""Events that wait: each has a row while its token waits, by which a due time or a message finds it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from engine import bpmn, due
from engine.idempotency import canonical
from engine.models.base import new_id, table
from engine.models.clocks import Timer
from engine.models.messages import Subscription
from engine.sessions import OF_TENANT, tenant_of

if TYPE_CHECKING:
    from engine.tree import Live, Tree

Waiting = type[Timer] | type[Subscription]
Armed = tuple[Waiting, str, str]
FORGET = {
    row: delete(table(row)).where(
        table(row).c.tenant_id == OF_TENANT,
        table(row).c.instance_id == bindparam("of_instance"),
        table(row).c.wait_id == bindparam("of_wait"),
    )
    for row in (Timer, Subscription)
}


def arm(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Write down when the timer fires, or which message the event waits for.

    A correlation key that is null fits no published message; commands of the case itself still reach the
    event. Raises ExpressionFailed.
    """
    if wait.node.event == "timer":
        tree.session.add(timer(tree, live, wait))
    elif wait.node.message:
        row = subscription(tree, live, wait)
        if row is not None:
            tree.session.add(row)


def disarm(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Forget an event that is no longer waited for."""
    if wait.node.event == "timer":
        _forget(tree, live, wait, Timer)
    elif wait.node.message:
        _forget(tree, live, wait, Subscription)


def forget(session: Session, disarmed: Sequence[Armed]) -> None:
    """Delete the rows of events that are no longer waited for, when the step is written."""
    for waiting, statement in FORGET.items():
        these = [
            {"of_tenant": tenant_of(session), "of_instance": instance_id, "of_wait": wait_id}
            for row, instance_id, wait_id in disarmed
            if row is waiting
        ]
        if these:
            session.connection().execute(statement, these)


def key_text(value: Any) -> str:
    """A correlation key as it is compared: numbers without their zeros, several keys as a list.

    Raises TypeError for what can be no key, UnreadableRequest for what can't be kept.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return canonical([key_text(part) for part in value])
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return format(Decimal(value).normalize(), "f")
    raise TypeError("neither a text nor a number nor a list of them")


def timer(tree: Tree, live: Live, wait: bpmn.Wait) -> Timer:
    """The row of a timer that is armed now, not yet added. Raises ExpressionFailed."""
    found = due.of_timer(tree.scope(live, wait.loops), wait.node, tree.at)
    return Timer(
        tenant_id=live.row.tenant_id, id=new_id(), instance_id=live.row.id, root_id=live.row.root_id,
        wait_id=wait.id, node_id=wait.node.id, law_ref=wait.node.properties.get("lawRef", ""),
        armed_at=tree.at, base_at=tree.at, due_at=found.at, unit=found.unit, interval=found.interval,
        repeats_left=found.repeats, fired=0, status="waiting", error="",
    )  # fmt: skip


def subscription(tree: Tree, live: Live, wait: bpmn.Wait) -> Subscription | None:
    """The row of an event that waits for a message from now on, not yet added; None where the key is null.

    Raises ExpressionFailed.
    """
    value = tree.scope(live, wait.loops).value(wait.node.correlation_key, wait.node.id)
    if value is None:
        return None
    try:
        key = key_text(value)
    except TypeError:
        raise due.unsuitable(wait.node, "correlationKey", value) from None
    return Subscription(
        tenant_id=live.row.tenant_id, id=new_id(), instance_id=live.row.id, root_id=live.row.root_id,
        wait_id=wait.id, message=wait.node.message, key=key, since=tree.at,
    )  # fmt: skip


def _forget(tree: Tree, live: Live, wait: bpmn.Wait, waiting: Waiting) -> None:
    for row in tree.session.new:
        if isinstance(row, waiting) and (row.instance_id, row.wait_id) == (live.row.id, wait.id):
            tree.session.expunge(row)
            return
    tree.disarmed.append((waiting, live.row.id, wait.id))
