"""Two versions of a diagram compared: each attribute that runs is told, exactly, and nothing else is."""

from dataclasses import fields
from pathlib import Path

import pytest

from engine import bpmn
from engine.bpmn.diagram import Flow, Node
from engine.bpmn.diff import NOT_COMPARED, label
from engine.changes import Change
from tests import diagrams

SHIPPED = sorted((Path(__file__).parents[2] / "processes").glob("*.bpmn"))
NODES = [
    diagrams.start(),
    diagrams.user_task("ask", "question", due='=now() + duration("P3D")'),
    diagrams.choice("way"),
    diagrams.user_task("agree", "consent"),
    diagrams.service_task("print", "render"),
    diagrams.end(),
    diagrams.end("refused"),
]
FLOWS = [
    "begun -> ask",
    "ask -> way",
    "way -> agree: answer = 1",
    "way -> print: answer = 2",
    "way => refused",
    "agree -> print",
    "print -> ended",
]


def drawn(nodes: list[str] = NODES, flows: list[str] = FLOWS, extra: str = "") -> bytes:
    return diagrams.process("p", nodes, flows, extra)


def changed(old: str, new: str, base: bytes | None = None) -> list[Change]:
    before = drawn() if base is None else base
    after = before.decode().replace(old, new, 1).encode()
    assert after != before
    return bpmn.diff(before, after)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_diagram_does_not_differ_from_itself(path: Path) -> None:
    assert bpmn.diff(path.read_bytes(), path.read_bytes()) == []


def test_a_changed_condition_is_told_word_for_word() -> None:
    (change,) = changed("=answer = 1", "=answer &gt;= 1 and not(withdrawn)")
    assert change == Change(
        "changed", "flow", "flow_2", "way → agree", "condition",
        before="=answer = 1", after="=answer >= 1 and not(withdrawn)",
    )  # fmt: skip


def test_a_removed_condition_and_a_new_default_are_told() -> None:
    found = changed('default="flow_4"', 'default="flow_3"')
    assert [(one.element_id, one.aspect, one.before, one.after) for one in found] == [
        ("flow_3", "default flow", "false", "true"),
        ("flow_4", "default flow", "true", "false"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "aspect", "before", "after"),
    [
        ("P3D", "P5D", "due date", '=now() + duration("P3D")', '=now() + duration("P5D")'),
        ('formId="question"', 'formId="other"', "form", "question", "other"),
        ('candidateGroups="mediator"', 'candidateGroups="chief"', "roles", "mediator", "chief"),
        ('name="ask"', 'name="问"', "name", "ask", "问"),
    ],
)
def test_an_attribute_of_a_task_is_told(old: str, new: str, aspect: str, before: str, after: str) -> None:
    (change,) = changed(old, new)
    assert (change.kind, change.element, change.element_id) == ("changed", "user task", "ask")
    assert (change.aspect, change.before, change.after) == (aspect, before, after)


def test_a_changed_clock_is_told_with_its_kind() -> None:
    clock = "<bpmn:timerEventDefinition><bpmn:{0}>{1}</bpmn:{0}></bpmn:timerEventDefinition>"
    late = diagrams.boundary("late", "ask", clock.format("timeDuration", "PT1H"))
    base = drawn([*NODES, late], [*FLOWS, "late -> refused"])
    after = clock.format("timeDate", "=deadline")
    found = changed(clock.format("timeDuration", "PT1H"), after, base)
    assert {(one.aspect, one.before, one.after) for one in found} == {
        ("clock", "PT1H", "=deadline"),
        ("kind of clock", "duration", "date"),
    }


def test_properties_and_mappings_are_told_one_by_one() -> None:
    properties = (
        '<zeebe:properties><zeebe:property name="lawRef" value="{}"/>'
        '<zeebe:property name="stage" value="s"/></zeebe:properties>'
    )
    task = diagrams.user_task("ask", outputs="a=x\nb=y")
    base = drawn(
        [NODES[0], task.replace("</bpmn:ext", properties.format("第二十三条") + "</bpmn:ext"), *NODES[2:]]
    )
    (law,) = changed("第二十三条", "第二十四条", base)
    assert (law.aspect, law.part, law.before, law.after) == ("property", "lawRef", "第二十三条", "第二十四条")
    (output,) = changed('source="=y"', 'source="=y + 1"', base)
    assert (output.aspect, output.part, output.before, output.after) == ("output", "b", "=y", "=y + 1")
    (removed,) = changed('<zeebe:output source="=x" target="a"/>', "", base)
    assert (removed.aspect, removed.part, removed.before, removed.after) == ("output", "a", "=x", None)


def test_a_rerouted_flow_is_told_with_both_ends() -> None:
    found = bpmn.diff(drawn(), drawn(flows=[*FLOWS[:5], "agree -> ended", "print -> ended"]))
    assert [(one.element_id, one.aspect, one.before, one.after) for one in found] == [
        ("flow_5", "leads to", "print", "ended")
    ]


def test_nodes_and_flows_that_came_or_went_are_told_with_their_condition() -> None:
    more = drawn(
        [*NODES, diagrams.user_task("again")], [*FLOWS, "way -> again: answer = 3", "again -> ended"]
    )
    added = bpmn.diff(drawn(), more)
    assert [(one.kind, one.element, one.element_id, one.after) for one in added] == [
        ("added", "user task", "again", None),
        ("added", "flow", "flow_7", "=answer = 3"),
        ("added", "flow", "flow_8", None),
    ]
    assert [(one.kind, one.element_id, one.before) for one in bpmn.diff(more, drawn())] == [
        ("removed", "again", None),
        ("removed", "flow_7", "=answer = 3"),
        ("removed", "flow_8", None),
    ]


def test_a_flow_drawn_anew_between_the_same_nodes_is_the_same_way() -> None:
    (change,) = changed('id="flow_5"', 'id="drawn_anew"')
    assert (change.element, change.aspect, change.before, change.after) == (
        "flow", "id", "flow_5", "drawn_anew",
    )  # fmt: skip


def test_the_order_in_which_conditions_are_asked_is_told() -> None:
    swapped = drawn().decode()
    first, second = (
        next(part for part in swapped.split("<bpmn:sequenceFlow") if f'id="{flow}"' in part)
        for flow in ("flow_2", "flow_3")
    )
    swapped = swapped.replace(first, "@").replace(second, first).replace("@", second)
    (change,) = bpmn.diff(drawn(), swapped.encode())
    assert (change.kind, change.aspect) == ("changed", "place in the order")
    assert {change.before, change.after} == {"1", "2"}


def test_drawing_alone_is_no_change() -> None:
    spaced = drawn().replace(b"<bpmn:endEvent", b"\n\n<!-- moved --><bpmn:endEvent")
    assert bpmn.diff(drawn(), spaced) == []


def test_every_attribute_of_a_node_and_a_flow_has_a_plain_word() -> None:
    names = {field.name for field in (*fields(Node), *fields(Flow))} - NOT_COMPARED
    assert all(label(name) and "_" not in label(name) for name in names)
