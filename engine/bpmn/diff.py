"""What differs between two versions of a diagram: every attribute that the engine runs, exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from engine.changes import Change, Kind, compared, moved

from . import xml
from .diagram import Diagram, executable_processes, read
from .nodes import Flow, Node

# The line moves with the drawing; a default flow is told of the flow.
NOT_COMPARED = frozenset(("id", "line", "default"))
LABELS = {
    "scope": "sub-process around it",
    "name_en": "English name",
    "form_id": "form",
    "candidate_groups": "roles",
    "assignee": "person",
    "called_process": "called process",
    "propagate_all_parent_variables": "all variables go in",
    "propagate_all_child_variables": "all variables come back",
    "decision_id": "decision",
    "events": "number of events",
    "timer": "clock",
    "timer_kind": "kind of clock",
    "attached_to": "attached to",
    "source": "leads from",
    "target": "leads to",
    "is_default": "default flow",
    "properties": "property",
    "inputs": "input",
    "outputs": "output",
}


def label(field: str) -> str:
    """The gettext id for a field of a node, a flow or a process."""
    return LABELS.get(field, field.replace("_", " "))


def diff(before: bytes, after: bytes) -> list[Change]:
    """The changes from one BPMN file to a later version of it, in the order of the XML.

    Both must be deployable; what is only drawing (places, colours) is not compared.
    """
    old, new = _diagram(before), _diagram(after)
    flows = _paired(old, new)
    return [
        *_process_changes(old, new),
        *compared(old.nodes, new.nodes, _whole_node, _node_changes),
        *compared(_flows(old), flows, _whole_flow, _flow_changes),
        *_reordered(old, flows),
    ]


def _diagram(source: bytes) -> Diagram:
    root = xml.parse(source)
    return read(root, executable_processes(root)[0])


def _process_changes(old: Diagram, new: Diagram) -> Iterator[Change]:
    for field in ("name", "properties"):
        place = ("process", new.process_id, new.name or "")
        yield from _values(place, field, getattr(old, field), getattr(new, field))


def _whole_node(kind: Kind, node: Node) -> Change:
    return Change(kind, label(node.kind), node.id, node.name or "")


def _node_changes(old: Node, new: Node) -> Iterator[Change]:
    place = (label(new.kind), new.id, new.name or old.name or "")
    for field in fields(Node):
        if field.name not in NOT_COMPARED:
            yield from _values(place, field.name, getattr(old, field.name), getattr(new, field.name))


def _flows(diagram: Diagram) -> dict[str, Flow]:
    return {flow.id: flow for flow in diagram.flows}


def _paired(old: Diagram, new: Diagram) -> dict[str, Flow]:
    """The new flows under the old ids: one drawn anew between the same nodes is still the same way."""
    known, flows = _flows(old), _flows(new)
    gone = {(flow.source, flow.target): flow.id for flow in old.flows if flow.id not in flows}
    return {
        flow_id if flow_id in known else gone.pop((flow.source, flow.target), flow_id): flow
        for flow_id, flow in flows.items()
    }


def _whole_flow(kind: Kind, flow: Flow) -> Change:
    path = f"{flow.source} → {flow.target}"
    texts = {"before" if kind == "removed" else "after": flow.condition}
    return Change(kind, "flow", flow.id, path, **texts)  # type: ignore[arg-type]


def _flow_changes(old: Flow, new: Flow) -> Iterator[Change]:
    place = ("flow", new.id, f"{new.source} → {new.target}")
    for field in fields(Flow):
        if field.name != "line":
            yield from _values(place, field.name, getattr(old, field.name), getattr(new, field.name))


def _reordered(old: Diagram, flows: Mapping[str, Flow]) -> Iterator[Change]:
    """The flows out of a node whose conditions are asked in another order: the first that holds is taken."""
    for node_id in old.nodes:
        before = [flow.id for flow in old.outgoing(node_id)]
        after = [flow_id for flow_id, flow in flows.items() if flow.source == node_id]
        for flow_id in moved(before, after):
            flow, places = flows[flow_id], (before.index(flow_id) + 1, after.index(flow_id) + 1)
            path = f"{flow.source} → {flow.target}"
            yield Change("changed", "flow", flow.id, path, "place in the order", "", *map(str, places))


def _values(place: tuple[str, str, str], field: str, old: Any, new: Any) -> Iterator[Change]:
    was, now = _parts(old), _parts(new)
    for part in dict.fromkeys([*was, *now]):
        before, after = was.get(part), now.get(part)
        if before != after:
            yield Change("changed", *place, label(field), part, before, after)
    if was == now and old != new:
        yield Change("changed", *place, label(field), "", _in_order(old), _in_order(new))


def _parts(value: Any) -> dict[str, str | None]:
    """A value as texts by the name of the part: properties and mappings have several, all others one."""
    if isinstance(value, Mapping):
        return {str(name): _text(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return {target: source for source, target in value}
    return {"": _text(value)}


def _in_order(pairs: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{target} {source}" for source, target in pairs)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
