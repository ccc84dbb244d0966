"""What the tests of engine/bpmn share: diagrams from files, diagrams drawn in a few lines, a driver."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import bpmn

DIAGRAMS = Path(__file__).parent / "diagrams"

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'id="definitions_1" targetNamespace="http://bpmn.io/schema/bpmn">'
)
REFERENCES = {
    "userTask": '<zeebe:formDefinition formId="form_1" />',
    "serviceTask": '<zeebe:taskDefinition type="service_1" />',
    "sendTask": '<zeebe:taskDefinition type="service_1" />',
    "businessRuleTask": '<zeebe:calledDecision decisionId="decision_1" resultVariable="result" />',
    "callActivity": '<zeebe:calledElement processId="process_2" />',
}


class Drawing:
    """Draws one process from short lines: `node("userTask", "ask")`, `flow("ask", "done", "=x > 1")`."""

    def __init__(self) -> None:
        self.roots: list[str] = []
        self.body: list[str] = []
        self.flows = 0

    def node(self, tag: str, node_id: str, inside: str = "", **attributes: str) -> "Drawing":
        extension = REFERENCES.get(tag, "")
        if extension and "extensionElements" not in inside:
            inside = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>{inside}"
        text = "".join(f' {name}="{value}"' for name, value in attributes.items())
        self.body.append(f'<bpmn:{tag} id="{node_id}"{text}>{inside}</bpmn:{tag}>')
        return self

    def start(self, node_id: str = "begun") -> "Drawing":
        return self.node("startEvent", node_id)

    def end(self, node_id: str = "done", inside: str = "") -> "Drawing":
        return self.node("endEvent", node_id, inside)

    def flow(self, source: str, target: str, condition: str | None = None, flow_id: str = "") -> "Drawing":
        self.flows += 1
        flow_id = flow_id or f"flow_{self.flows}"
        inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
        self.body.append(
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">'
            f"{inside}</bpmn:sequenceFlow>"
        )
        return self

    def chain(self, *nodes: str) -> "Drawing":
        for source, target in zip(nodes, nodes[1:], strict=False):
            self.flow(source, target)
        return self

    def boundary(self, node_id: str, on: str, inside: str, interrupting: bool = True) -> "Drawing":
        return self.node(
            "boundaryEvent", node_id, inside, attachedToRef=on, cancelActivity=str(interrupting).lower()
        )

    def sub_process(self, node_id: str, inner: "Drawing") -> "Drawing":
        self.roots += [declared for declared in inner.roots if declared not in self.roots]
        body = "".join(inner.body).replace('"flow_', f'"{node_id}_flow_')
        return self.node("subProcess", node_id, body)

    def event_sub_process(
        self, node_id: str, inner: "Drawing", event: str = "", interrupting: bool = True
    ) -> "Drawing":
        """A sub-process that an event begins; with `event` its start is drawn too, as `<id>_begun`."""
        if event:
            inner.node("startEvent", f"{node_id}_begun", event, isInterrupting=str(interrupting).lower())
        self.sub_process(node_id, inner)
        self.body[-1] = self.body[-1].replace(
            "<bpmn:subProcess", '<bpmn:subProcess triggeredByEvent="true"', 1
        )
        return self

    def signal(self, name: str) -> str:
        """The definition of a signal event; declares the signal too."""
        return self._event("signal", name, f'name="{name}"')

    def escalation(self, code: str) -> str:
        """The definition of an escalation event; declares the escalation too, unless the code is empty."""
        return self._event("escalation", code, f'escalationCode="{code}"')

    def link(self, name: str) -> str:
        return f'<bpmn:linkEventDefinition name="{name}" />'

    def conditional(self, condition: str) -> str:
        inside = f"<bpmn:condition>{condition}</bpmn:condition>"
        return f"<bpmn:conditionalEventDefinition>{inside}</bpmn:conditionalEventDefinition>"

    def _event(self, kind: str, name: str, attributes: str) -> str:
        if not name:
            return f"<bpmn:{kind}EventDefinition />"
        declared = f'<bpmn:{kind} id="{kind}_{name}" {attributes} />'
        if declared not in self.roots:
            self.roots.append(declared)
        return f'<bpmn:{kind}EventDefinition {kind}Ref="{kind}_{name}" />'

    def message(self, name: str) -> str:
        """The definition of a message event; declares the message too."""
        declared = (
            f'<bpmn:message id="message_{name}" name="{name}"><bpmn:extensionElements>'
            '<zeebe:subscription correlationKey="=case.number" /></bpmn:extensionElements></bpmn:message>'
        )
        if declared not in self.roots:
            self.roots.append(declared)
        return f'<bpmn:messageEventDefinition messageRef="message_{name}" />'

    def error(self, code: str) -> str:
        """The definition of an error event; declares the error too, unless the code is empty."""
        return self._event("error", code, f'name="{code}" errorCode="{code}"')

    def timer(self, duration: str = "PT1H", kind: str = "timeDuration") -> str:
        return f"<bpmn:timerEventDefinition><bpmn:{kind}>{duration}</bpmn:{kind}></bpmn:timerEventDefinition>"

    def xml(self) -> bytes:
        body = "\n".join(self.body)
        process = f'<bpmn:process id="process_1" isExecutable="true">\n{body}\n</bpmn:process>'
        return f"{HEAD}\n{process}\n{''.join(self.roots)}\n</bpmn:definitions>".encode()

    def load(self) -> bpmn.Definition:
        return bpmn.load(self.xml())


class Case:
    """Drives one stepper by the ids of nodes; `answers` holds the conditions that are not False."""

    def __init__(self, definition: bpmn.Definition, restores: bool = False, **answers: object) -> None:
        self.answers = answers
        self.restores = restores
        self.stepper = bpmn.Stepper.start(definition)
        self.stepper.run(self.evaluate)

    def evaluate(self, text: str) -> object:
        return self.answers.get(text, False)

    def multiply(self, node_id: str, count: int) -> "Case":
        wait_id = self.wait(node_id)
        self.stepper.multiply(wait_id, count, self.evaluate)
        return self

    @property
    def waiting(self) -> list[str]:
        return [wait.node.id for wait in self.stepper.waits]

    def wait(self, node_id: str) -> str:
        if self.restores:
            self.stepper = bpmn.Stepper.restore(self.stepper.definition, self.stepper.dump())
        return next(wait.id for wait in self.stepper.waits if wait.node.id == node_id)

    def complete(self, *node_ids: str) -> "Case":
        for node_id in node_ids:
            wait_id = self.wait(node_id)
            self.stepper.complete(wait_id, self.evaluate)
        return self

    def trigger(self, *node_ids: str) -> "Case":
        for node_id in node_ids:
            wait_id = self.wait(node_id)
            self.stepper.trigger(wait_id, self.evaluate)
        return self

    def throw(self, node_id: str, error_code: str | None) -> bool:
        wait_id = self.wait(node_id)
        return self.stepper.throw_error(wait_id, error_code, self.evaluate)


@pytest.fixture
def diagram() -> Callable[[str], bytes]:
    """The bytes of a diagram in tests/bpmn/diagrams by its stem."""
    return lambda name: (DIAGRAMS / f"{name}.bpmn").read_bytes()


@pytest.fixture
def draw() -> type[Drawing]:
    return Drawing


@pytest.fixture(scope="session")
def drawing_type() -> type[Drawing]:
    """The same as `draw`, for fixtures of a wider scope."""
    return Drawing


@pytest.fixture
def drive() -> type[Case]:
    return Case
