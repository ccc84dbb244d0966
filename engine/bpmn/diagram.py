"""The nodes, flows and scopes of one diagram as plain records, read from its XML without judging it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from lxml import etree

from . import extensions
from .report import line_of
from .xml import BPMN, bpmn, zeebe

TASKS = frozenset(
    ("user_task", "manual_task", "service_task", "business_rule_task", "send_task", "receive_task")
)
ACTIVITIES = TASKS | {"call_activity"}
CATCHES = frozenset(("intermediate_catch_event", "boundary_event"))
GATEWAYS = frozenset(("exclusive_gateway", "parallel_gateway", "event_based_gateway"))
EVENT_KINDS = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "terminateEventDefinition": "terminate",
}
TIMER_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Node:
    """One flow node. Texts that begin with `=` are FEEL, others literal (Camunda 8); absent ones are None.

    `kind` is the BPMN tag in snake_case; `scope` the id of the process or sub-process around it; `event` is
    message, timer, error, terminate or None, and `events` the number of event definitions; `timer_kind` is
    date, duration or cycle; `default` the id of a gateway's default flow.
    """

    id: str
    kind: str
    line: int = 0
    scope: str = ""
    name: str | None = None
    name_en: str | None = None
    lane: str | None = None
    documentation: str | None = None
    form_id: str | None = None
    candidate_groups: str | None = None
    assignee: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    service: str | None = None
    retries: str | None = None
    called_process: str | None = None
    propagate_all_parent_variables: bool = True
    propagate_all_child_variables: bool = True
    decision_id: str | None = None
    result_variable: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    default: str | None = None
    event: str | None = None
    events: int = 0
    message: str | None = None
    correlation_key: str | None = None
    error_code: str | None = None
    timer: str | None = None
    timer_kind: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    properties: Mapping[str, str] = field(default_factory=lambda: _EMPTY)


@dataclass(frozen=True)
class Flow:
    """One sequence flow; `condition` is its raw text, None if it has none."""

    id: str
    source: str
    target: str
    scope: str
    line: int
    name: str | None = None
    condition: str | None = None
    is_default: bool = False


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
        properties=cast(Mapping[str, str], extensions.read(process).get("properties", _EMPTY)),
    )


class _Reader:
    """Reads the nodes of one process; knows the messages, errors and lanes that they refer to."""

    def __init__(self, root: etree._Element, process: etree._Element) -> None:
        self._messages = {element.get("id"): element for element in root.findall(bpmn("message"))}
        self._errors = {element.get("id"): element for element in root.findall(bpmn("error"))}
        self._lanes = _lanes(process)

    def nodes(self, scope: etree._Element) -> Iterator[Node]:
        for element in scope:
            kind = node_kind(element)
            if kind is None:
                continue
            yield self._node(element, kind, scope.get("id", ""))
            if kind == "sub_process":
                yield from self.nodes(element)

    def _node(self, element: etree._Element, kind: str, scope: str) -> Node:
        fields = extensions.read(element) | self._event(element)
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
            interrupting=element.get("cancelActivity") != "false",
            **fields,  # type: ignore[arg-type]
        )

    def _event(self, element: etree._Element) -> dict[str, object]:
        fields: dict[str, object] = {}
        message_ref = element.get("messageRef")
        for child in element:
            event = EVENT_KINDS.get(etree.QName(child).localname)
            if event is None:
                continue
            fields["event"] = event
            fields["events"] = cast(int, fields.get("events", 0)) + 1
            if event == "message":
                message_ref = child.get("messageRef")
            elif event == "error":
                error = self._errors.get(child.get("errorRef"))
                fields["error_code"] = None if error is None else error.get("errorCode")
            elif event == "timer":
                fields.update(_timer(child))
        message = self._messages.get(message_ref) if message_ref else None
        if message is not None:
            fields["message"] = message.get("name")
            subscription = message.find(f"{bpmn('extensionElements')}/{zeebe('subscription')}")
            fields["correlation_key"] = None if subscription is None else subscription.get("correlationKey")
        return fields


def node_kind(element: etree._Element) -> str | None:
    """The kind of a flow node in snake_case, None for every other element."""
    name = etree.QName(element)
    is_node = name.localname.endswith(("Task", "Event", "Gateway", "SubProcess")) or name.localname in {
        "task",
        "subProcess",
        "callActivity",
        "transaction",
    }
    return _CAPITAL.sub("_", name.localname).lower() if is_node and name.namespace == BPMN else None


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
