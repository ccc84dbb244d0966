"""Small diagrams as text, for tests that need a process and not a drawing."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions_{id}"'
    ' targetNamespace="http://bpmn.io/schema/bpmn">'
)


def process(process_id: str, nodes: Sequence[str], flows: Sequence[str], extra: str = "") -> bytes:
    """A BPMN file: nodes as XML, flows as `a -> b` or `a -> b: condition` or `a => b` for a default flow."""
    head = HEAD.format(id=process_id) + extra
    open_tag = f'<bpmn:process id="{process_id}" isExecutable="true">'
    return f"{head}{open_tag}{_body('flow', nodes, flows)}</bpmn:process></bpmn:definitions>".encode()


def sub_process(node_id: str, nodes: Sequence[str], flows: Sequence[str], by_event: bool = False) -> str:
    """An embedded sub-process, or one that an event begins; nodes and flows as in `process`."""
    body = _body(f"{node_id}_flow", nodes, flows)
    marker = ' triggeredByEvent="true"' if by_event else ""
    return f'<bpmn:subProcess id="{node_id}" name="{node_id}"{marker}>{body}</bpmn:subProcess>'


def user_task(node_id: str, form: str = "blank", groups: str = "mediator", **more: str) -> str:
    """A user task; `assignee`, `due` are FEEL or literal; `outputs`, `inputs` are lines `target=source`."""
    parts = [f'<zeebe:formDefinition formId="{form}"/>', _assignment(groups, more.get("assignee"))]
    if "due" in more:
        parts.append(f"<zeebe:taskSchedule dueDate={quoteattr(more['due'])}/>")
    parts.append(_mapping(more.get("inputs", ""), more.get("outputs", "")))
    return _node("userTask", node_id, "".join(parts))


def service_task(node_id: str, service: str, retries: str = "") -> str:
    """A service task of a type."""
    tried = f" retries={quoteattr(retries)}" if retries else ""
    return _node("serviceTask", node_id, f'<zeebe:taskDefinition type="{service}"{tried}/>')


def call_activity(node_id: str, called: str, outputs: str = "") -> str:
    """A call of another process."""
    return _node(
        "callActivity", node_id, f'<zeebe:calledElement processId="{called}"/>{_mapping("", outputs)}'
    )


def start(node_id: str = "begun") -> str:
    """A none start event."""
    return f'<bpmn:startEvent id="{node_id}"/>'


def end(node_id: str = "ended") -> str:
    """A none end event."""
    return f'<bpmn:endEvent id="{node_id}"/>'


def choice(node_id: str) -> str:
    """An exclusive gateway."""
    return f'<bpmn:exclusiveGateway id="{node_id}"/>'


def fork(node_id: str) -> str:
    """A parallel gateway."""
    return f'<bpmn:parallelGateway id="{node_id}"/>'


def boundary(node_id: str, on: str, event: str, *, interrupting: bool = True) -> str:
    """A boundary event; `event` is its definition as XML."""
    ends = "" if interrupting else ' cancelActivity="false"'
    return f'<bpmn:boundaryEvent id="{node_id}" attachedToRef="{on}"{ends}>{event}</bpmn:boundaryEvent>'


def event(tag: str, node_id: str, definition: str, **attributes: str) -> str:
    """A start, catch, throw or end event; `definition` is its XML."""
    given = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{tag} id="{node_id}"{given}>{definition}</bpmn:{tag}>'


def for_each(node: str, element: str, collection: str, until: str = "", **more: str) -> str:
    """An activity over a collection; `output` is `target=source`, `kind` parallel or sequential."""
    target, _, source = more.get("output", "").partition("=")
    output = (
        f" outputCollection={quoteattr(target)} outputElement={quoteattr('=' + source)}" if target else ""
    )
    drawn = f"<zeebe:loopCharacteristics inputCollection={quoteattr('=' + collection)} "
    drawn += f"inputElement={quoteattr(element)}{output}/>"
    end = f"<bpmn:completionCondition>={escape(until)}</bpmn:completionCondition>" if until else ""
    sequential = str(more.get("kind") == "sequential").lower()
    marker = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{sequential}"><bpmn:extensionElements>'
        f"{drawn}</bpmn:extensionElements>{end}</bpmn:multiInstanceLoopCharacteristics>"
    )
    head, tag, tail = node.rpartition("</bpmn:")
    return f"{head}{marker}{tag}{tail}"


def in_line(process_id: str, tasks: Sequence[str]) -> bytes:
    """A process of tasks one after the other."""
    names = ["begun", *[_id_of(task) for task in tasks], "ended"]
    flows = [f"{a} -> {b}" for a, b in zip(names, names[1:], strict=False)]
    return process(process_id, [start(), *tasks, end()], flows)


def _node(tag: str, node_id: str, extension: str) -> str:
    inside = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"
    return f'<bpmn:{tag} id="{node_id}" name="{node_id}">{inside}</bpmn:{tag}>'


def _assignment(groups: str, assignee: str | None) -> str:
    person = f" assignee={quoteattr(assignee)}" if assignee else ""
    return f'<zeebe:assignmentDefinition candidateGroups="{groups}"{person}/>'


def _mapping(inputs: str, outputs: str) -> str:
    lines = [("input", line) for line in inputs.splitlines()] + [
        ("output", line) for line in outputs.splitlines()
    ]
    if not lines:
        return ""
    pairs = [(kind, *line.split("=", 1)) for kind, line in lines]
    inside = "".join(f"<zeebe:{k} source={quoteattr('=' + s)} target={quoteattr(t)}/>" for k, t, s in pairs)
    return f"<zeebe:ioMapping>{inside}</zeebe:ioMapping>"


def _body(prefix: str, nodes: Sequence[str], flows: Sequence[str]) -> str:
    edges = [_flow(f"{prefix}_{number}", flow) for number, flow in enumerate(flows)]
    defaults = {source: flow_id for flow_id, source, _, _, is_default in edges if is_default}
    return "".join(_with_default(node, defaults) for node in nodes) + "".join(_edge(edge) for edge in edges)


def _flow(flow_id: str, text: str) -> tuple[str, str, str, str, bool]:
    path, _, condition = text.partition(":")
    is_default = "=>" in path
    source, target = (part.strip() for part in path.split("=>" if is_default else "->"))
    return flow_id, source, target, condition.strip(), is_default


def _edge(edge: tuple[str, str, str, str, bool]) -> str:
    flow_id, source, target, condition, _ = edge
    tag = f"<bpmn:conditionExpression>={escape(condition)}</bpmn:conditionExpression>" if condition else ""
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{flow_id}" {ends}>{tag}</bpmn:sequenceFlow>'


def _with_default(node: str, defaults: dict[str, str]) -> str:
    flow_id = defaults.get(_id_of(node))
    return node.replace(" id=", f' default="{flow_id}" id=', 1) if flow_id else node


def _id_of(node: str) -> str:
    return node.split('id="', 1)[1].split('"', 1)[0]
