"""A dump is the whole state: restored between all steps, a process goes the same way as without."""

import json
import logging
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import bpmn, errors
from tests.bpmn.conftest import DIAGRAMS

STATES = DIAGRAMS.parent / "states"


def a_diagram_with_everything_nested(draw):
    """A loop around a parallel block, of which one branch is a guarded sub-process with a call activity."""
    inner = (
        draw()
        .start("inner_begun")
        .node("callActivity", "call")
        .node("exclusiveGateway", "ok", default="flow_9")
    )
    inner.chain("inner_begun", "call", "ok").end("inner_done").end("inner_failed", inner.error("broken"))
    inner.flow("ok", "inner_failed", "=broken").flow("ok", "inner_done", flow_id="flow_9")
    drawing = draw().start().node("exclusiveGateway", "again").node("parallelGateway", "split")
    drawing.sub_process("guarded", inner).node("userTask", "beside").node("exclusiveGateway", "merge")
    drawing.boundary("broke", "guarded", drawing.error("broken")).node("manualTask", "mend")
    drawing.boundary("called_off", "guarded", drawing.message("called_off"))
    drawing.boundary("slow", "guarded", drawing.timer(), interrupting=False).node("userTask", "remind")
    drawing.end("reminded").chain("slow", "remind", "reminded").node("parallelGateway", "join")
    drawing.node("eventBasedGateway", "which").node("intermediateCatchEvent", "late", drawing.timer())
    drawing.node("intermediateCatchEvent", "heard", drawing.message("heard")).node("exclusiveGateway", "met")
    drawing.node("exclusiveGateway", "more", default="flow_99").end()
    drawing.chain("begun", "again", "split", "guarded", "merge", "join").chain("split", "beside", "join")
    drawing.chain("broke", "mend", "merge").chain("called_off", "merge").chain("join", "which", "late", "met")
    drawing.chain("which", "heard", "met", "more").flow("more", "again", "=more")
    return drawing.flow("more", "done", flow_id="flow_99").load()


@pytest.fixture(scope="module")
def definition(drawing_type):
    return a_diagram_with_everything_nested(drawing_type)


def play(definition, choices, restores):
    """Does at each step what the numbers say; gives the trace of waits, the ends and the last dump."""
    numbers = iter(choices)
    answers = {}
    stepper = bpmn.Stepper.start(definition)
    stepper.run(answers.__getitem__)
    trace = []
    for number in numbers:
        if restores:
            stepper = bpmn.Stepper.restore(definition, stepper.dump())
        waits = stepper.waits
        trace.append([(wait.id, wait.node.id) for wait in waits])
        if not waits:
            break
        answers.update(broken=number % 3 == 0, more=number % 5 != 0)
        step(stepper, waits[number % len(waits)], number, answers.__getitem__)
    return trace, stepper.end_nodes, stepper.uncaught_error, stepper.dump()


def step(stepper, wait, number, evaluate):
    if wait.node.kind in {"boundary_event", "intermediate_catch_event"}:
        stepper.trigger(wait.id, evaluate)
    elif number % 7 == 0:
        stepper.throw_error(wait.id, "broken", evaluate)
    else:
        stepper.complete(wait.id, evaluate)


@settings(max_examples=150, deadline=None)
@given(choices=st.lists(st.integers(0, 1000), min_size=15, max_size=60))
def test_restoring_between_all_steps_changes_nothing(definition, choices):
    assert play(definition, choices, restores=True) == play(definition, choices, restores=False)


@settings(max_examples=60, deadline=None)
@given(choices=st.lists(st.integers(0, 1000), min_size=15, max_size=40))
def test_the_same_steps_give_the_same_text_whatever_the_order_of_keys(definition, choices):
    dumped = play(definition, choices, restores=False)[-1]
    assert dumped == play(definition, choices, restores=False)[-1]
    shuffled = json.dumps(json.loads(dumped), sort_keys=True)
    assert bpmn.Stepper.restore(definition, shuffled).dump() == dumped


@settings(max_examples=60, deadline=None)
@given(choices=st.lists(st.integers(0, 1000), min_size=15, max_size=60))
def test_ids_of_waits_are_never_used_twice(definition, choices):
    trace = play(definition, choices, restores=True)[0]
    nodes = {}
    for waits in trace:
        assert len({wait_id for wait_id, _ in waits}) == len(waits)
        for wait_id, node_id in waits:
            assert nodes.setdefault(wait_id, node_id) == node_id


def test_the_state_holds_neither_the_definition_nor_finished_nodes(definition):
    state = play(definition, [1, 2, 4, 8] * 12, restores=True)[-1]
    assert len(state) < 1500
    assert "form_1" not in state


def test_a_state_of_another_definition_is_refused(definition, draw):
    other = draw().start().node("userTask", "ask").end().chain("begun", "ask", "done").load()
    state = bpmn.Stepper.start(definition).dump()
    with pytest.raises(errors.StateUnreadable) as refusal:
        bpmn.Stepper.restore(other, state)
    assert refusal.value.params == {"process_id": "process_1"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("tokens"),
        lambda record: record.update(version=0),
        lambda record: record["tokens"][0].update(at="nowhere"),
        lambda record: record["tokens"][0].update(state="finished"),
        lambda record: record.update(tokens=3),
    ],
)
def test_a_damaged_state_is_refused(definition, damage):
    record = json.loads(bpmn.Stepper.start(definition).dump())
    damage(record)
    with pytest.raises(errors.StateUnreadable):
        bpmn.Stepper.restore(definition, json.dumps(record))


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"x"'])
def test_text_that_is_no_state_is_refused(definition, text):
    with pytest.raises(errors.StateUnreadable):
        bpmn.Stepper.restore(definition, text)


def test_a_state_of_version_one_still_opens(definition):
    text = json.dumps(
        {
            "version": 1,
            "definition": definition.hash,
            "number": 40,
            "ends": ["reminded"],
            "error": None,
            "tokens": [
                {"id": 30, "at": "guarded", "state": "started", "inside": [
                    {"id": 33, "at": "call", "state": "ready"}
                ]},
                {"id": 31, "at": "called_off", "state": "waiting", "on": 30},
                {"id": 35, "at": "join", "state": "waiting", "from": "beside"},
            ],
        }
    )  # fmt: skip
    stepper = bpmn.Stepper.restore(definition, text)
    assert [(wait.id, wait.node.id) for wait in stepper.waits] == [("31", "called_off"), ("33", "call")]
    stepper.trigger("31", {}.get)
    assert [wait.node.id for wait in stepper.waits] == ["late", "heard"]


KEPT = json.loads((STATES / "version_1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kept", KEPT, ids=[kept["name"] for kept in KEPT])
def test_states_that_were_written_by_version_one_open_and_go_on(kept):
    definition = bpmn.load((STATES / "version_1.bpmn").read_bytes())
    stepper = bpmn.Stepper.restore(definition, kept["state"])
    assert [[wait.id, wait.node.id] for wait in stepper.waits] == kept["waits"]
    assert stepper.is_ended is (kept["name"] == "ended")
    stepper.run({}.get)
    answers = {"broken": False, "more": False}
    while stepper.waits:
        stepper = bpmn.Stepper.restore(definition, stepper.dump())
        step(stepper, stepper.waits[-1], 1, answers.__getitem__)
    assert stepper.is_ended
    assert "done" in stepper.end_nodes


def no(_):
    return False


KEPT_LATER = json.loads((STATES / "version_2.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kept", KEPT_LATER, ids=[kept["name"] for kept in KEPT_LATER])
def test_states_of_version_two_with_all_that_repeats_and_interrupts_open_and_go_on(kept):
    definition = bpmn.load((STATES / "version_2.bpmn").read_bytes())
    stepper = bpmn.Stepper.restore(definition, kept["state"])
    assert [[wait.id, wait.node.id, wait.stage] for wait in stepper.waits] == kept["waits"]
    assert stepper.dump() == kept["state"]
    stepper.run(no)
    for _ in range(30):
        stepper = bpmn.Stepper.restore(definition, stepper.dump())
        waits = [wait for wait in stepper.waits if not wait.node.event]
        if not waits:
            break
        if waits[-1].stage == "open":
            stepper.multiply(waits[-1].id, 2, no)
        else:
            stepper.complete(waits[-1].id, no)
    assert stepper.is_ended
    assert {"done", "told"} & set(stepper.end_nodes)


def test_states_of_all_versions_move_to_another_definition():
    for version in ("version_1", "version_2"):
        source = (STATES / f"{version}.bpmn").read_bytes()
        old, new = bpmn.load(source), bpmn.load(source + b"<!-- drawn again -->")
        for kept in json.loads((STATES / f"{version}.json").read_text(encoding="utf-8")):
            moved = bpmn.migrate(old, kept["state"], new, {})
            there = bpmn.Stepper.restore(new, moved.state)
            assert moved.reasons == ()
            assert there.waits == bpmn.Stepper.restore(old, kept["state"]).waits


def test_three_hundred_rounds_keep_the_state_small_and_exact(diagram, drive):
    case = drive(bpmn.load(diagram("loop")), restores=True, **{'another = "yes"': True})
    sizes = set()
    for _ in range(300):
        case.complete("hold_talk", "record_talk")
        assert case.waiting == ["hold_talk"]
        sizes.add(len(case.stepper.dump()))
    assert max(sizes) - min(sizes) < 10


def test_spiffworkflow_says_nothing_to_the_logs(definition, caplog):
    with caplog.at_level(logging.DEBUG):
        play(definition, [1, 2, 4, 8], restores=True)
    assert not caplog.records


def test_nothing_of_a_diagram_reaches_the_python_interpreter(draw, drive, monkeypatch):
    forbidden = "__import__('os').abort()"
    drawing = draw().start().node("exclusiveGateway", "which", default="flow_9").end("one").end("two")
    drawing.chain("begun", "which").flow("which", "one", f'="{forbidden}" = x').flow(
        "which", "two", flow_id="flow_9"
    )
    definition = drawing.load()
    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(f"builtins.{name}", lambda *_a, **_k: pytest.fail("reached the interpreter"))
    case = drive(definition)
    assert case.stepper.end_nodes == ("two",)
    bpmn.Stepper.restore(definition, case.stepper.dump())


def test_definitions_are_not_changed_by_any_number_of_ways_through_them(definition):
    def picture():
        return pickle.dumps(
            [
                (scope, name, task._inputs, task._outputs, task.manual, task.data)
                for scope, spec in definition.specs.items()
                for name, task in spec.task_specs.items()
            ]
        )

    before = picture()
    for choices in ([1, 2, 4, 8] * 10, [3, 5, 7, 11] * 10, [0, 6, 9] * 10):
        play(definition, choices, restores=True)
    assert picture() == before
