"""What may still be read where: inside a process, behind it, and nowhere else."""

import pytest

from engine import bpmn
from engine.bpmn.liveness import Liveness

ANSWERS = {"ask": {"answer"}, "decide": {"verdict"}}


def outcome_of(node):
    return bpmn.Outcome(answers=dict.fromkeys(ANSWERS.get(node.id, ())))


def liveness(**drawings):
    sources = {key: drawing.xml().replace(b"process_1", key.encode()) for key, drawing in drawings.items()}
    return Liveness(bpmn.World({key: bpmn.load(source) for key, source in sources.items()}, outcome_of))


def read(drawing, condition):
    """A gateway `which` reads the condition."""
    drawing.node("exclusiveGateway", "which", default="otherwise").end("told").flow(
        "which", "told", condition
    )
    return drawing


def call(drawing, process_id="inner", mapping="", loop=""):
    called = f'<zeebe:calledElement processId="{process_id}"/>'
    inside = f"<bpmn:extensionElements>{called}{mapping}</bpmn:extensionElements>{loop}"
    return drawing.node("callActivity", "call", inside)


def caller(draw, condition, mapping="", loop=""):
    """Calls `inner`, then reads the condition."""
    drawing = read(call(draw().start().end(), mapping=mapping, loop=loop), condition)
    return drawing.chain("begun", "call", "which").flow("which", "done", flow_id="otherwise")


def reader(draw, condition, process_id="inner"):
    """Reads the condition, then calls."""
    drawing = call(read(draw().start().end(), condition), process_id)
    return drawing.flow("begun", "which").flow("which", "call", flow_id="otherwise").flow("call", "done")


def inner(draw, node_id):
    return draw().start().end().node("userTask", node_id).chain("begun", node_id, "done")


def output(source, target):
    return f'<zeebe:ioMapping><zeebe:output source="={source}" target="{target}"/></zeebe:ioMapping>'


def test_what_is_read_behind_a_call_is_remembered_in_the_called_process(draw):
    found = liveness(outer=caller(draw, '=answer = "yes"'), inner=inner(draw, "tell"))
    assert found.entering("inner") == {"answer"}
    assert found.at("outer", "begun") == {"answer"}


def test_what_the_called_process_sets_itself_is_forgotten_before_it(draw):
    found = liveness(outer=caller(draw, '=answer = "yes"'), inner=inner(draw, "ask"))
    assert found.entering("inner") == frozenset()
    assert found.at("inner", "done") == {"answer"}


def test_an_output_of_the_call_hides_what_its_target_was_before(draw):
    outer = caller(draw, '=verdict = "ends"', output("verdict", "verdict"))
    assert liveness(outer=outer, inner=inner(draw, "decide")).at("outer", "call") == frozenset()


def test_an_output_that_the_called_process_may_leave_alone_is_the_callers_own_value(draw):
    outer = caller(draw, '=verdict = "ends"', output("verdict", "verdict"))
    found = liveness(outer=outer, inner=inner(draw, "tell"))
    assert found.at("outer", "call") == {"verdict"}
    assert found.entering("inner") == {"verdict"}


def test_variables_that_the_caller_does_not_take_over_are_forgotten_in_the_called_process(draw):
    outer = caller(draw, '=answer = "yes"', output("verdict", "verdict"))
    assert liveness(outer=outer, inner=inner(draw, "tell")).entering("inner") == {"verdict"}


def test_what_is_read_before_a_call_alone_is_forgotten_in_the_called_process(draw):
    found = liveness(outer=reader(draw, '=answer = "yes"'), inner=inner(draw, "tell"))
    assert found.at("outer", "which") == {"answer"}
    assert found.entering("inner") == frozenset()


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_what_a_process_called_for_each_item_leaves_is_collected_and_not_read(draw, kind):
    repeated = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="item"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    found = liveness(outer=caller(draw, '=answer = "yes"', loop=repeated), inner=inner(draw, "tell"))
    assert found.entering("inner") == frozenset()
    assert found.at("outer", "call") == {"answer"}


def test_processes_that_call_each_other_read_what_either_reads(draw):
    found = liveness(outer=caller(draw, '=answer = "yes"'), inner=reader(draw, "=deep", "outer"))
    assert found.entering("outer") == found.entering("inner") == {"answer", "deep"}
