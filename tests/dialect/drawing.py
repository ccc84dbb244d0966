"""Draws the diagrams of the table of constructs in a few lines each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests import diagrams, small_forms
from tests.diagrams import (
    boundary,
    end,
    event,
    start,
    sub_process,
    user_task,
)
from tests.dialect.player import ROOT

ASK = small_forms.form("ask", small_forms.field("number", "n"))
RULES = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<inputData id="given" name="x"><variable name="x"/></inputData>
<decision id="double" name="double"><variable name="double"/>
<informationRequirement id="r"><requiredInput href="#given"/></informationRequirement>
<literalExpression><text>x * 2</text></literalExpression></decision></definitions>"""
DECLARED = (
    '<bpmn:message id="m" name="paid"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=number"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:error id="e" name="broken" errorCode="broken"/>'
    '<bpmn:error id="f" name="other" errorCode="other"/>'
    '<bpmn:escalation id="s" name="urgent" escalationCode="urgent"/>'
    '<bpmn:signal id="g" name="all_clear"/>'
)
MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="e"/>'
ANY_ERROR = "<bpmn:errorEventDefinition/>"
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="s"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="g"/>'
TERMINATE = "<bpmn:terminateEventDefinition/>"
CONDITION = "<bpmn:condition>=x &gt; 3</bpmn:condition>"
LARGE = f"<bpmn:conditionalEventDefinition>{CONDITION}</bpmn:conditionalEventDefinition>"
SERVICE = '<bpmn:extensionElements><zeebe:taskDefinition type="count"/></bpmn:extensionElements>'
NOT = {"isInterrupting": "false"}


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def catch(node_id: str, definition: str) -> str:
    return event("intermediateCatchEvent", node_id, definition)


def throw(node_id: str, definition: str) -> str:
    return event("intermediateThrowEvent", node_id, definition)


def ending(node_id: str, definition: str) -> str:
    return event("endEvent", node_id, definition)


def asks(node_id: str, variable: str = "x") -> str:
    """A task whose number becomes a variable."""
    return user_task(node_id, "ask", outputs=f"{variable}=n")


def ways(text: str) -> list[str]:
    """`a > b > c, b => d, b > e: x = 1` as flows."""
    flows = []
    for way in text.split(","):
        path, _, condition = way.partition(":")
        arrow = " => " if "=>" in path else " -> "
        nodes = [part.strip() for part in path.replace("=>", ">").split(">")]
        ends = [f"{a}{arrow}{b}" for a, b in zip(nodes, nodes[1:], strict=False)]
        flows += [f"{one}: {condition.strip()}" if condition else one for one in ends]
    return flows


def drawn(nodes: list[str], flows: str, process_id: str = ROOT) -> bytes:
    return diagrams.process(process_id, nodes, ways(flows), DECLARED)


@dataclass(frozen=True)
class Construct:
    """A diagram, perhaps with others that it calls, and the variables with which it begins."""

    source: bytes
    others: Mapping[str, bytes] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        called = {f"{name}.bpmn": source for name, source in self.others.items()}
        return {f"{ROOT}.bpmn": self.source, "ask.form": ASK, "double.dmn": RULES, **called}


def straight(*nodes: str) -> bytes:
    """Nodes in a row from a plain start to a plain end."""
    names = [node.split('id="', 1)[1].split('"', 1)[0] for node in nodes]
    return drawn([start(), *nodes, end()], " > ".join(["begun", *names, "ended"]))


def on_task(definition: str, *, interrupting: bool, host: str = "") -> bytes:
    """A boundary event on a task, or on another activity whose id is `work`, and a task behind it."""
    hosted = host or asks("work")
    nodes = [
        start(),
        hosted,
        boundary("hit", "work", definition, interrupting=interrupting),
        user_task("react"),
        end(),
        end("reacted"),
    ]
    return drawn(nodes, "begun > work > ended, hit > react > reacted")


def asks_in_two() -> str:
    """A sub-process that asks twice, so that something can happen between."""
    return sub_process(
        "work", [start("in"), asks("one"), asks("two"), end("out")], ways("in > one > two > out")
    )


def beside(definition: str, *, interrupting: bool, last: str = "") -> bytes:
    """An event sub-process of the whole process; `last` is what the process throws or does at its end."""
    attributes = {} if interrupting else NOT
    inner = [event("startEvent", "hit", definition, **attributes), user_task("react"), end("reacted")]
    whenever = sub_process("whenever", inner, ways("hit > react > reacted"), by_event=True)
    nodes, flows = [start(), asks("work"), asks("more"), whenever], "begun > work > more"
    if last.startswith("<bpmn:callActivity"):
        return drawn([*nodes, last, end()], f"{flows} > call > ended")
    return drawn([*nodes, ending("ended", last)], f"{flows} > ended")


def thrown(definition: str, tag: str) -> bytes:
    """A throwing event inside a sub-process whose border catches it without interrupting it."""
    inner, flows = [start("in"), asks("one"), event(tag, "say", definition)], "in > one > say"
    if tag != "endEvent":
        inner, flows = [*inner, user_task("two"), end("out")], f"{flows} > two > out"
    return on_task(definition, interrupting=False, host=sub_process("work", inner, ways(flows)))
