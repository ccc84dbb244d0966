"""Activities over a collection: what each instance sees, and what comes out, in the order of the items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from engine import bpmn, errors, feel

if TYPE_CHECKING:
    from engine.models.processes import ProcessInstance
    from engine.tree import Live, Tree

MAX_INSTANCES = 1_000
NO_COUNTS: Mapping[str, int] = MappingProxyType({})
_VARIABLE = re.compile(r"=\s*([^\W\d]\w*)\s*")


def seen(
    row: ProcessInstance, loops: Iterable[bpmn.LoopInstance], counts: Mapping[str, int] = NO_COUNTS
) -> dict[str, Any]:
    """The variables at a place inside some loop instances: those inside hide those outside."""
    variables = dict(row.variables)
    for loop in loops:
        kept = row.local_variables or {}
        variables["loopCounter"] = loop.counter
        if (name := _output_variable(loop.node)) is not None:
            variables[name] = None
        drawn = loop.node.loop
        if drawn is not None and drawn.element and loop.body_id in kept:
            variables[drawn.element] = kept[loop.body_id]["items"][loop.counter - 1]
        variables |= kept.get(loop.id, {})
    return variables | dict(counts)


def put(row: ProcessInstance, loops: Iterable[bpmn.LoopInstance], values: Mapping[str, Any]) -> None:
    """Set variables at a place: those of the innermost instance over a collection, else of the process."""
    if not values:
        return
    around = [loop.id for loop in loops if _is_over_collection(loop.node)]
    if around:
        kept = row.local_variables or {}
        row.local_variables = kept | {around[-1]: kept.get(around[-1], {}) | dict(values)}
    else:
        row.variables = row.variables | dict(values)


def collect(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Keep what one instance gives, now that its own variables are set."""
    loop = wait.loops[-1] if wait.loops else None
    if loop is None or loop.id != wait.id or not _is_over_collection(wait.node):
        return
    drawn, kept = wait.node.loop, dict(live.row.local_variables or {})
    body = kept[loop.body_id]
    if drawn is not None and drawn.output_element:
        value = tree.scope(live, wait.loops).value(drawn.output_element, wait.node.id)
        body = body | {"results": body["results"] | {str(loop.counter): value}}
    live.row.local_variables = kept | {loop.body_id: body}


def begin(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Take the items as they are now, and begin an instance for each, or the first."""
    drawn = wait.node.loop
    text = drawn.collection if drawn else None
    items = tree.scope(live, wait.loops).value(text, wait.node.id)
    if not isinstance(items, list):
        problem = f"inputCollection = {feel.text_of(items)}"
        raise errors.ExpressionFailed(element_id=wait.node.id, problem=problem)
    if len(items) > MAX_INSTANCES:
        raise errors.TooManyInstances(element_id=wait.node.id, count=len(items), limit=MAX_INSTANCES)
    kept = live.row.local_variables or {}
    live.row.local_variables = kept | {wait.id: {"items": items, "results": {}}}
    tree.multiply(live, wait, len(items))


def end(tree: Tree, live: Live, wait: bpmn.Wait) -> None:
    """Give the collected output to where the activity stands, and go on."""
    drawn, body = wait.node.loop, (live.row.local_variables or {})[wait.id]
    if drawn is not None and drawn.output_collection:
        results = [body["results"].get(str(number)) for number in range(1, len(body["items"]) + 1)]
        put(live.row, wait.loops, {drawn.output_collection: results})
    tree.go_on(live, wait)


def forget(live: Live) -> None:
    """Drop the variables of instances that are no more."""
    if live.row.local_variables:
        alive = live.stepper.token_ids
        kept = {key: value for key, value in live.row.local_variables.items() if key in alive}
        live.row.local_variables = kept or None


def _is_over_collection(node: bpmn.Node) -> bool:
    return node.loop is not None and node.loop.kind != "standard"


def _output_variable(node: bpmn.Node) -> str | None:
    found = _VARIABLE.fullmatch((node.loop.output_element if node.loop else None) or "")
    return found.group(1) if found else None
