"""The nodes, flows and scopes of one diagram as plain records, read from its XML without judging it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from lxml import etree

from . import extensions
from .nodes import EMPTY, SUB_PROCESSES, Flow, Node
from .report import line_of
from .xml import BPMN, bpmn, zeebe

__all__ = ["Diagram", "Flow", "Node", "executable_processes", "node_kind", "read"]

EVENT_KINDS = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "signalEventDefinition": "signal",
    "linkEventDefinition": "link",
    "conditionalEventDefinition": "conditional",
    "terminateEventDefinition": "terminate",
}
TIMER_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True)
class Diagram:
    """One process: its nodes and flows in the order of the XML, those of embedded sub-processes included."""

    process_id: str
    name: str | None
    line: int
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    properties: Mapping[str, str]

    @property
    def id(self) -> str:
        """The id of the process, where findings about the whole are put."""
        return self.process_id

    def outgoing(self, node_id: str) -> tuple[Flow, ...]:
        """The flows that leave a node, in the order of the XML."""
        return tuple(flow for flow in self.flows if flow.source == node_id)

    def incoming(self, node_id: str) -> tuple[Flow, ...]:
        """The flows that enter a node, in the order of the XML."""
        return tuple(flow for flow in self.flows if flow.target == node_id)

    def boundary_events(self, node_id: str) -> tuple[Node, ...]:
        """The boundary events attached to a node, in the order of the XML."""
        return tuple(node for node in self.nodes.values() if node.attached_to == node_id)

    def links(self) -> tuple[tuple[Node, Node], ...]:
        """The pairs of link events: a throwing one, and the catching one of the same name and scope."""
        catching = {
            (node.scope, node.link): node
            for node in self.nodes.values()
            if node.event == "link" and not node.throws
        }
        throwing = [node for node in self.nodes.values() if node.event == "link" and node.throws]
        found = ((node, catching.get((node.scope, node.link))) for node in throwing)
        return tuple((source, target) for source, target in found if target is not None)

    def before(self, node_id: str, without: str) -> frozenset[str]:
        """A node and all from which a token can come to it without passing another one."""
        steps: dict[str, list[str]] = {}
        for flow in self.flows:
            steps.setdefault(flow.target, []).append(flow.source)
        for source, target in self.links():
            steps.setdefault(target.id, []).append(source.id)
        for node in self.nodes.values():
            if node.attached_to is not None:
                steps.setdefault(node.id, []).append(node.attached_to)
        seen, todo = {node_id}, [node_id]
        while todo:
            for earlier in steps.get(todo.pop(), ()):
                if earlier not in seen and earlier != without:
                    seen.add(earlier)
                    todo.append(earlier)
        return frozenset(seen)

    def inside(self, scope: str) -> tuple[Node, ...]:
        """The nodes directly inside a process or sub-process, in the order of the XML."""
        return tuple(node for node in self.nodes.values() if node.scope == scope)


def executable_processes(root: etree._Element) -> list[etree._Element]:
    """The processes of a file that are marked as executable."""
    return [process for process in root.findall(bpmn("process")) if process.get("isExecutable") == "true"]


def read(root: etree._Element, process: etree._Element) -> Diagram:
    """The diagram of one process element; what is not understood is left to the lint."""
    reader = _Reader(root, process)
    nodes = {node.id: node for node in reader.nodes(process)}
    return Diagram(
        process_id=process.get("id", ""),
        name=process.get("name"),
        line=line_of(process),
        nodes=MappingProxyType(nodes),
        flows=tuple(_flows(process)),
        properties=cast(Mapping[str, str], extensions.read(process).get("properties", EMPTY)),
    )


class _Reader:
    """Reads the nodes of one process; knows the messages, errors, signals and lanes that they refer to."""

    def __init__(self, root: etree._Element, process: etree._Element) -> None:
        self._roots = {element.get("id"): element for element in root if element.get("id")}
        self._lanes = _lanes(process)

    def nodes(self, scope: etree._Element) -> Iterator[Node]:
        for element in scope:
            kind = node_kind(element)
            if kind is None:
                continue
            yield self._node(element, kind, scope.get("id", ""))
            if kind in SUB_PROCESSES:
                yield from self.nodes(element)

    def _node(self, element: etree._Element, kind: str, scope: str) -> Node:
        fields = extensions.read(element) | self._event(element) | extensions.read_loop(element)
        interrupting = element.get("isInterrupting" if kind == "start_event" else "cancelActivity")
        if kind in ("intermediate_throw_event", "end_event"):
            fields["thrown_message"] = fields.pop("message", None)
        return Node(
            id=element.get("id", ""),
            kind=kind,
            line=line_of(element),
            scope=scope,
            name=element.get("name"),
            lane=self._lanes.get(element.get("id", "")),
            documentation=element.findtext(bpmn("documentation")),
            attached_to=element.get("attachedToRef"),
            default=element.get("default"),
            interrupting=interrupting != "false",
            **fields,  # type: ignore[arg-type]
        )

    def _event(self, element: etree._Element) -> dict[str, object]:
        fields = self._message(element.get("messageRef"))
        for child in element:
            event = EVENT_KINDS.get(etree.QName(child).localname)
            if event is None:
                continue
            fields["event"] = event
            fields["events"] = cast(int, fields.get("events", 0)) + 1
            fields |= self._definition(event, child)
        return fields

    def _definition(self, event: str, definition: etree._Element) -> dict[str, object]:
        match event:
            case "message":
                return self._message(definition.get("messageRef"))
            case "timer":
                return _timer(definition)
            case "error":
                return {"error_code": self._named(definition, "errorRef", "errorCode")}
            case "escalation":
                return {"escalation_code": self._named(definition, "escalationRef", "escalationCode")}
            case "signal":
                return {"signal": self._named(definition, "signalRef", "name")}
            case "link":
                return {"link": definition.get("name")}
            case "conditional":
                return {"condition": (definition.findtext(bpmn("condition")) or "").strip()}
        return {}

    def _named(self, definition: etree._Element, reference: str, attribute: str) -> str | None:
        root = self._roots.get(definition.get(reference))
        return None if root is None else root.get(attribute)

    def _message(self, reference: str | None) -> dict[str, object]:
        message = self._roots.get(reference) if reference else None
        if message is None:
            return {}
        subscription = message.find(f"{bpmn('extensionElements')}/{zeebe('subscription')}")
        key = None if subscription is None else subscription.get("correlationKey")
        return {"message": message.get("name"), "correlation_key": key}


def node_kind(element: etree._Element) -> str | None:
    """The kind of a flow node in snake_case, None for every other element."""
    name = etree.QName(element)
    is_node = name.localname.endswith(("Task", "Event", "Gateway", "SubProcess")) or name.localname in {
        "task",
        "subProcess",
        "callActivity",
        "transaction",
    }
    if not is_node or name.namespace != BPMN:
        return None
    if element.get("triggeredByEvent") == "true":
        return "event_sub_process"
    return _CAPITAL.sub("_", name.localname).lower()


def _timer(definition: etree._Element) -> dict[str, object]:
    for child in definition:
        kind = TIMER_KINDS.get(etree.QName(child).localname)
        if kind is not None:
            return {"timer": (child.text or "").strip(), "timer_kind": kind}
    return {}


def _lanes(process: etree._Element) -> dict[str, str | None]:
    """The name of the innermost lane of each node; what is inside a sub-process is in its lane too."""
    lanes: dict[str, str | None] = {}
    for lane in process.iter(bpmn("lane")):
        for reference in lane.findall(bpmn("flowNodeRef")):
            lanes[(reference.text or "").strip()] = lane.get("name")
    for sub_process in process.iter(bpmn("subProcess")):
        for element in sub_process:
            if node_kind(element) is not None:
                lanes.setdefault(element.get("id", ""), lanes.get(sub_process.get("id", "")))
    return lanes


def _flows(process: etree._Element) -> Iterator[Flow]:
    defaults = {element.get("default") for element in process.iter() if element.get("default")}
    for element in process.iter(bpmn("sequenceFlow")):
        condition = element.find(bpmn("conditionExpression"))
        parent = element.getparent()
        yield Flow(
            id=element.get("id", ""),
            source=element.get("sourceRef", ""),
            target=element.get("targetRef", ""),
            scope="" if parent is None else parent.get("id", ""),
            line=line_of(element),
            name=element.get("name"),
            condition=None if condition is None else (condition.text or "").strip(),
            is_default=element.get("id") in defaults,
        )
