"""Warnings tell what reads badly and refuse nothing; joins are named only if they can really wait forever."""

import re
import time

import pytest

from engine import bpmn
from engine.bpmn.rules import RULES


def found(xml, severity="warning"):
    return {(one.rule, one.element_id) for one in bpmn.lint(xml) if one.severity == severity}


def labelled(source):
    """The diagram with a name for everything that has none, so that only other warnings are left."""
    return re.sub(
        rb'<bpmn:(\w+(?:Event|Gateway|Task)) id="(\w+)"(?! name)', rb'<bpmn:\1 id="\2" name="\2"', source
    )


def named(draw, node_id="work", extension=""):
    inside = (
        f'<bpmn:extensionElements><zeebe:formDefinition formId="f" />{extension}</bpmn:extensionElements>'
    )
    drawing = draw().start().node("userTask", node_id, inside, name="Ask").end()
    return labelled(drawing.chain("begun", node_id, "done").xml())


GROUP = '<zeebe:assignmentDefinition candidateGroups="reception" />'


def test_a_good_diagram_has_no_findings_at_all(draw):
    assert bpmn.lint(named(draw, extension=GROUP)) == []


def test_a_task_that_nobody_does_is_a_warning(draw):
    assert found(named(draw)) == {("nobody", "work")}


def test_a_lane_says_who_does_a_task(draw):
    lanes = (
        b'<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="reception">'
        b"<bpmn:flowNodeRef>work</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet></bpmn:process>"
    )
    assert found(named(draw).replace(b"</bpmn:process>", lanes)) == set()


def test_a_task_without_a_name_is_a_warning(draw):
    assert found(named(draw, extension=GROUP).replace(b' name="Ask"', b' name=""')) == {("label", "work")}


def test_events_and_choices_want_names_and_merges_do_not(draw):
    drawing = (
        draw().start().node("exclusiveGateway", "which", default="flow_3").node("exclusiveGateway", "merge")
    )
    drawing.node("manualTask", "work", name="Work").end().chain("begun", "which").flow("which", "merge", "=x")
    source = drawing.flow("which", "work", flow_id="flow_3").chain("work", "merge", "done").xml()
    assert found(source) == {("label", "begun"), ("label", "which"), ("label", "done")}


def test_a_gateway_without_default_is_a_warning(draw):
    drawing = draw().start().node("exclusiveGateway", "which").chain("begun", "which").end("one").end("two")
    source = labelled(drawing.flow("which", "one", "=x").flow("which", "two", "=not(x)").xml())
    assert found(source) == {("gateway-default", "which")}
    assert found(source, "error") == set()


def test_an_implicit_merge_and_a_superfluous_gateway_are_warnings(draw):
    drawing = draw().start().node("parallelGateway", "split").node("exclusiveGateway", "idle").end()
    drawing.chain("begun", "split", "idle", "done").chain("split", "done")
    assert found(labelled(drawing.xml())) == {("implicit-merge", "done"), ("superfluous-gateway", "idle")}
    bpmn.load(drawing.xml())


def test_a_join_may_rely_on_an_interrupting_event_only_if_the_branch_comes_back(draw):
    def around(back):
        drawing = draw().start().node("parallelGateway", "split").node("parallelGateway", "join").end()
        drawing.node("userTask", "work").node("userTask", "beside").node("exclusiveGateway", "merge")
        drawing.boundary("off", "work", drawing.message("off")).chain("split", "work", "merge", "join")
        drawing.chain("begun", "split", "beside", "join", "done")
        return drawing.chain("off", "merge").xml() if back else drawing.end("left").chain("off", "left").xml()

    assert found(around(back=True), "error") == set()
    assert found(around(back=False), "error") == {("join-deadlock", "join")}


def test_a_terminate_event_saves_a_join_from_waiting(draw):
    drawing = draw().start().node("parallelGateway", "split").node("parallelGateway", "join").end()
    drawing.end("stopped", "<bpmn:terminateEventDefinition />").node(
        "exclusiveGateway", "ok", default="flow_99"
    )
    drawing.chain("begun", "split").node("userTask", "a").node("userTask", "b").chain("split", "a", "ok")
    drawing.flow("ok", "stopped", "=bad").flow("ok", "join", flow_id="flow_99")
    assert found(drawing.chain("split", "b", "join", "done").xml(), "error") == set()


def test_a_join_inside_a_sub_process_is_played_too(draw):
    inner = draw().start("inner_begun").node("exclusiveGateway", "split", default="flow_99").end("inner_done")
    inner.node("parallelGateway", "join").node("userTask", "a").node("userTask", "b").chain("a", "join")
    inner.chain("inner_begun", "split").chain("b", "join", "inner_done").flow("split", "a", "=x")
    inner.flow("split", "b", flow_id="flow_99")
    drawing = draw().start().sub_process("inside", inner).end().chain("begun", "inside", "done")
    assert found(drawing.xml(), "error") == {("join-deadlock", "join")}


def test_a_wide_parallel_block_is_judged_within_two_seconds(draw):
    drawing = draw().start().node("parallelGateway", "split").node("parallelGateway", "join").end()
    for number in range(20):
        drawing.node("userTask", f"a{number}").node("userTask", f"b{number}")
        drawing.chain("split", f"a{number}", f"b{number}", "join")
    source = drawing.chain("begun", "split").chain("join", "done").xml()
    before = time.process_time()
    assert found(source, "error") == set()
    assert time.process_time() - before < 2


def test_a_diagram_with_too_many_nodes_is_refused(draw):
    drawing = draw().start().end().chain("begun", "done")
    for number in range(2_000):
        drawing.node("userTask", f"task_{number}")
    assert found(drawing.xml(), "error") == {("size", "process_1")}


def test_a_line_of_two_hundred_tasks_is_judged_and_loaded_within_a_second(draw):
    names = [f"task_{number}" for number in range(200)]
    drawing = draw().start().end()
    for name in names:
        drawing.node("userTask", name)
    before = time.process_time()
    definition = bpmn.load(drawing.chain("begun", *names, "done").xml())
    assert time.process_time() - before < 1
    assert len(definition.nodes) == 202


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_is_wrong_and_how_to_mend_it(rule):
    severity, message, hint = RULES[rule]
    assert severity in {"error", "warning"}
    assert message.endswith((".", "}", ")"))
    assert hint.endswith((".", "…).", "”."))
