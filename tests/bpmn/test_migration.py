"""Moving states to other definitions: nothing changes where nothing differs, what is unsafe is refused."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import bpmn
from engine.bpmn import lint_tokens
from engine.bpmn.nodes import ACTIVITIES
from engine.bpmn.prospects import play
from tests.reliability import blocks

pytestmark = pytest.mark.slow

EVENTS = frozenset(("boundary_event", "intermediate_catch_event", "start_event", "receive_task"))
KEYS = st.lists(st.integers(0, 1000), max_size=40)


def redrawn(source: bytes) -> bpmn.Definition:
    """The same diagram with another hash."""
    return bpmn.load(source + b"<!-- drawn again -->")


def wander(stepper: bpmn.Stepper, numbers: list[int]) -> list[list[tuple[str, str, str]]]:
    """Where the process waits after each step; the numbers say what is done, and what conditions give."""
    seen = []
    for number in numbers:
        waits = stepper.waits
        seen.append([(wait.id, wait.node.id, wait.stage) for wait in waits])
        if not waits:
            break
        take(stepper, waits[number % len(waits)], number)
    return seen


def take(stepper: bpmn.Stepper, wait: bpmn.Wait, number: int) -> None:
    def evaluate(text: bpmn.Expression) -> bool:
        return (number + len(text)) % 3 == 0

    fails = number % 5 == 0 and wait.node.kind in ACTIVITIES and wait.stage == "run"
    if wait.stage == "open":
        stepper.multiply(wait.id, number % 4, evaluate)
    elif wait.node.kind in EVENTS:
        stepper.trigger(wait.id, evaluate)
    elif not (fails and stepper.throw_error(wait.id, blocks.ERROR, evaluate)):
        stepper.complete(wait.id, evaluate)


def begun(definition: bpmn.Definition) -> bpmn.Stepper:
    stepper = bpmn.Stepper.start(definition)
    stepper.run(lambda _: False)
    return stepper


@settings(max_examples=60, deadline=None)
@given(files=blocks.releases(), before=KEYS, after=KEYS)
def test_moving_to_the_same_diagram_changes_nothing(
    files: Mapping[str, bytes], before: list[int], after: list[int]
) -> None:
    for name, source in files.items():
        if not name.endswith(".bpmn"):
            continue
        old, new = bpmn.load(source), redrawn(source)
        stepper = begun(old)
        wander(stepper, before)
        state = stepper.dump()
        moved = bpmn.migrate(old, state, new, {})
        assert moved.reasons == moved.armed == moved.disarmed == ()
        assert json.loads(moved.state) == json.loads(state) | {"definition": new.hash}
        there = bpmn.Stepper.restore(new, moved.state)
        assert [(was.id, now.id) for was, now in moved.kept] == [(wait.id, wait.id) for wait in there.waits]
        assert wander(there, after) == wander(stepper, after)
        assert bpmn.migrate(new, moved.state, old, {}).state == state


@settings(max_examples=40, deadline=None)
@given(files=blocks.releases(), before=KEYS, after=KEYS)
def test_where_every_element_is_renamed_the_case_goes_the_same_way(
    files: Mapping[str, bytes], before: list[int], after: list[int]
) -> None:
    source = files["p_0.bpmn"]
    old = bpmn.load(source)
    mapping = {node_id: f"n_{number}" for number, node_id in enumerate(old.nodes)}
    text = source.decode()
    for node_id, new_id in mapping.items():
        text = text.replace(f'"{node_id}"', f'"{new_id}"')
    new = bpmn.load(text.encode())
    stepper = begun(old)
    wander(stepper, before)
    moved = bpmn.migrate(old, stepper.dump(), new, mapping)
    assert moved.reasons == ()
    there = bpmn.Stepper.restore(new, moved.state)
    expected = [
        [(wait_id, mapping[node_id], stage) for wait_id, node_id, stage in waits]
        for waits in wander(stepper, after)
    ]
    assert wander(there, after) == expected
    assert there.end_nodes == tuple(mapping[node_id] for node_id in stepper.end_nodes)


@settings(max_examples=60, deadline=None)
@given(
    old=blocks.releases(),
    new=blocks.releases(),
    before=st.lists(st.integers(0, 1000), max_size=8),
    after=st.lists(st.integers(0, 1000), min_size=150, max_size=150),
)
def test_a_case_that_may_move_comes_to_an_end_in_the_other_diagram(
    old: Mapping[str, bytes], new: Mapping[str, bytes], before: list[int], after: list[int]
) -> None:
    """Whatever the two diagrams: no join holds a token when nothing waits any more."""
    was, now = bpmn.load(old["p_0.bpmn"]), bpmn.load(new["p_0.bpmn"])
    stepper = begun(was)
    wander(stepper, before)
    moved = bpmn.migrate(was, stepper.dump(), now, {})
    if moved.reasons:
        return
    there = bpmn.Stepper.restore(now, moved.state)
    assert there.dump() == moved.state
    wander(there, after)
    assert there.is_ended or [wait for wait in there.waits if wait.node.kind != "start_event"]


def line(draw: Any, *nodes: str, tag: str = "userTask") -> Any:
    drawing = draw().start()
    for node_id in nodes:
        drawing.node(tag, node_id)
    return drawing.end().chain("begun", *nodes, "done")


def moved(old: Any, new: Any, *steps: str, **mapping: str) -> bpmn.Moved:
    """What becomes of a case that has completed the steps."""
    before = old.load()
    stepper = begun(before)
    for node_id in steps:
        wait = next(wait for wait in stepper.waits if wait.node.id == node_id)
        if wait.node.event or wait.node.kind == "receive_task":
            stepper.trigger(wait.id, lambda _: False)
        else:
            stepper.complete(wait.id, lambda _: False)
    return bpmn.migrate(before, stepper.dump(), new.load(), mapping)


def reasons(old: Any, new: Any, *steps: str, **mapping: str) -> list[tuple[str, str]]:
    return [(one.code, one.element_id) for one in moved(old, new, *steps, **mapping).reasons]


def test_steps_that_are_added_before_or_after_do_not_matter(draw: Any) -> None:
    found = moved(line(draw, "one", "two"), line(draw, "zero", "one", "between", "two", "three"), "one")
    assert found.reasons == ()
    assert [now.node.id for _, now in found.kept] == ["two"]


def test_an_element_that_is_gone_is_named_unless_another_takes_its_place(draw: Any) -> None:
    old, new = line(draw, "one", "two"), line(draw, "first", "two")
    assert reasons(old, new) == [("missing", "one")]
    assert reasons(old, new, one="first") == []
    assert reasons(old, new, one="two") == []
    assert reasons(old, new, one="nowhere") == [("missing", "one")]
    assert reasons(old, new, "one") == []


def test_an_element_of_another_kind_is_refused(draw: Any) -> None:
    assert reasons(line(draw, "one"), line(draw, "one", tag="serviceTask")) == [("kind", "one")]
    timer, message = draw(), draw()
    for drawing, event in ((timer, timer.timer()), (message, message.message("heard"))):
        drawing.start().node("intermediateCatchEvent", "wait", event).end().chain("begun", "wait", "done")
    assert reasons(timer, message) == [("kind", "wait")]


def test_a_service_or_a_called_process_that_changes_is_refused(draw: Any) -> None:
    def extended(tag: str, inside: str) -> Any:
        drawing = draw().start()
        drawing.node(tag, "do", f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>")
        return drawing.end().chain("begun", "do", "done")

    other = extended("serviceTask", '<zeebe:taskDefinition type="service_2" />')
    assert reasons(line(draw, "do", tag="serviceTask"), other) == [("service", "do")]
    other = extended("callActivity", '<zeebe:calledElement processId="process_3" />')
    assert reasons(line(draw, "do", tag="callActivity"), other) == [("called", "do")]


def test_an_element_that_moves_into_a_sub_process_is_refused(draw: Any) -> None:
    inner = line(draw, "one")
    inner.body = [text.replace('"begun"', '"begun_2"').replace('"done"', '"done_2"') for text in inner.body]
    outer = draw().start().sub_process("around", inner).end().chain("begun", "around", "done")
    assert reasons(line(draw, "one"), outer) == [("scope", "one")]
    assert reasons(outer, line(draw, "one")) == [("missing", "around")]


def in_sub_process(draw: Any, sub_id: str, *nodes: str) -> Any:
    inner = draw().start("begun_2")
    for node_id in nodes:
        inner.node("userTask", node_id)
    inner.end("done_2").chain("begun_2", *nodes, "done_2")
    return draw().start().sub_process(sub_id, inner).end().chain("begun", sub_id, "done")


def test_what_is_inside_a_sub_process_moves_with_it_also_under_a_new_name(draw: Any) -> None:
    old = in_sub_process(draw, "around", "one")
    found = moved(old, in_sub_process(draw, "about", "one", "two"), around="about")
    assert found.reasons == ()
    assert [now.node.scope for _, now in found.kept] == ["about"]
    assert reasons(old, in_sub_process(draw, "about", "one")) == [("missing", "around")]


def repeated(draw: Any, kind: str, condition: str = "", element: str = "item") -> Any:
    end = f"<bpmn:completionCondition>={condition}</bpmn:completionCondition>" if condition else ""
    marker = {
        "none": "",
        "standard": "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>=more</bpmn:loopCondition>"
        "</bpmn:standardLoopCharacteristics>",
    }.get(
        kind,
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items"'
        f' inputElement="{element}"/></bpmn:extensionElements>{end}'
        "</bpmn:multiInstanceLoopCharacteristics>",
    )
    form = '<bpmn:extensionElements><zeebe:formDefinition formId="form_1" /></bpmn:extensionElements>'
    return draw().start().node("userTask", "ask", form + marker).end().chain("begun", "ask", "done")


@pytest.mark.parametrize("kind", ["none", "standard", "sequential"])
def test_an_activity_that_is_repeated_in_another_way_is_refused(draw: Any, kind: str) -> None:
    definition = repeated(draw, "parallel").load()
    stepper = begun(definition)
    stepper.multiply(stepper.waits[0].id, 3, lambda _: False)
    for other in (repeated(draw, kind), repeated(draw, "parallel", element="thing")):
        found = bpmn.migrate(definition, stepper.dump(), other.load(), {})
        assert [(one.code, one.element_id) for one in found.reasons] == [("loop", "ask")]


def test_instances_over_a_collection_go_on_under_another_condition(draw: Any) -> None:
    definition = repeated(draw, "parallel").load()
    stepper = begun(definition)
    stepper.multiply(stepper.waits[0].id, 3, lambda _: False)
    stepper.complete(stepper.waits[0].id, lambda _: False)
    found = bpmn.migrate(definition, stepper.dump(), repeated(draw, "parallel", "enough").load(), {})
    assert found.reasons == ()
    there = bpmn.Stepper.restore(repeated(draw, "parallel", "enough").load(), found.state)
    assert [wait.loops[-1].counter for wait in there.waits] == [2, 3]
    there.complete(there.waits[0].id, lambda _: True)
    assert [(wait.node.id, wait.stage) for wait in there.waits] == [("ask", "close")]


def guarded(draw: Any, *events: tuple[str, str]) -> Any:
    """A task with boundary events that do not interrupt: timer, message, error."""
    drawing = draw().start().node("userTask", "ask").end().chain("begun", "ask", "done")
    for node_id, kind in events:
        inside = {"timer": drawing.timer, "message": lambda: drawing.message("heard")}.get(
            kind, lambda: drawing.error("e")
        )()
        drawing.boundary(node_id, "ask", inside, interrupting=kind == "error").node(
            "userTask", f"{node_id}_do"
        )
        drawing.end(f"{node_id}_end").chain(node_id, f"{node_id}_do", f"{node_id}_end")
    return drawing


def names(waits: Any) -> list[str]:
    return [wait.node.id for wait in waits]


def test_boundary_events_that_are_new_are_armed_and_those_that_are_gone_disarmed(draw: Any) -> None:
    found = moved(guarded(draw, ("late", "timer")), guarded(draw, ("called", "message"), ("broke", "error")))
    assert (found.reasons, names(found.armed), names(found.disarmed)) == ((), ["called"], ["late"])
    there = bpmn.Stepper.restore(guarded(draw, ("called", "message"), ("broke", "error")).load(), found.state)
    there.trigger(found.armed[0].id, lambda _: False)
    assert names(there.waits) == ["ask", "called", "called_do"]


def test_a_boundary_event_that_stays_keeps_its_id_and_one_of_another_kind_is_armed_anew(draw: Any) -> None:
    old = guarded(draw, ("late", "timer"))
    found = moved(old, guarded(draw, ("later", "timer")), late="later")
    assert [(was.id, now.node.id) for was, now in found.kept][1:] == [(found.kept[1][1].id, "later")]
    assert found.armed == found.disarmed == ()
    found = moved(old, guarded(draw, ("late", "message")))
    assert (names(found.armed), names(found.disarmed)) == (["late"], ["late"])


def test_a_timer_that_has_run_out_does_not_run_again(draw: Any) -> None:
    old = guarded(draw, ("late", "timer"))
    found = moved(old, guarded(draw, ("late", "timer"), ("later", "timer")), "late")
    assert (found.reasons, names(found.armed), names(found.disarmed)) == ((), ["later"], [])


def test_a_token_that_is_sent_on_gets_the_boundary_events_of_where_it_stands_then(draw: Any) -> None:
    def two(*events: str) -> Any:
        drawing = draw().start().node("userTask", "one").node("userTask", "two").end()
        drawing.chain("begun", "one", "two", "done") if "one" in events else drawing.chain(
            "begun", "two", "done"
        )
        if "one" not in events:
            drawing.body = [text for text in drawing.body if 'id="one"' not in text]
        drawing.boundary("late", "two", drawing.timer(), interrupting=False).end("told").chain("late", "told")
        return drawing

    found = moved(two("one"), two(), one="two")
    assert (found.reasons, names(found.armed)) == ((), ["late"])


def watched(draw: Any, *events: tuple[str, bool]) -> Any:
    drawing = draw().start().node("userTask", "ask").end().chain("begun", "ask", "done")
    for name, interrupting in events:
        inner = draw().node("userTask", f"{name}_do").end(f"{name}_end")
        inner.chain(f"{name}_begun", f"{name}_do", f"{name}_end")
        drawing.event_sub_process(name, inner, inner.message(name), interrupting)
    return drawing


def test_event_sub_processes_that_are_new_are_armed_and_those_that_are_gone_disarmed(draw: Any) -> None:
    found = moved(watched(draw, ("left", True)), watched(draw, ("wrote", False)))
    assert (found.reasons, names(found.armed), names(found.disarmed)) == ((), ["wrote_begun"], ["left_begun"])


def test_where_one_has_interrupted_its_scope_no_other_is_armed(draw: Any) -> None:
    old = watched(draw, ("left", True))
    found = moved(old, watched(draw, ("left", True), ("wrote", False)), "left_begun")
    assert (found.reasons, found.armed) == ((), ())
    assert reasons(old, watched(draw, ("left", False)), "left_begun") == [("interrupts", "left")]
    assert reasons(old, line(draw, "ask"), "left_begun") == [("missing", "left")]


def forked(draw: Any, *branches: str, gateway: str = "parallelGateway", rest: str = "both") -> Any:
    """Tasks beside each other; `a>b` is a branch of two."""
    default = {} if gateway == "parallelGateway" else {"default": "flow_x"}
    drawing = draw().start().node(gateway, "split", **default).node(gateway, "join")
    drawing.node("userTask", rest).end().chain("begun", "split").chain("join", rest, "done")
    for number, branch in enumerate(branches):
        tasks = branch.split(">")
        for task in tasks:
            drawing.node("userTask", task)
        condition = f"=b_{number}" if default and number else None
        flow_id = "flow_x" if default and not number else ""
        drawing.flow("split", tasks[0], condition, flow_id).chain(*tasks, "join")
    return drawing


def test_a_join_at_which_a_token_waits_must_have_the_same_flows(draw: Any) -> None:
    old = forked(draw, "one", "two")
    assert reasons(old, forked(draw, "one", "two>again"), "one") == [("join", "join")]
    assert reasons(old, forked(draw, "one", "zero>two"), "one") == []
    assert reasons(old, forked(draw, "one", "two", "three"), "one") == [("join", "join")]


def test_a_join_that_would_wait_for_a_token_that_never_comes_is_found(draw: Any) -> None:
    old = forked(draw, "one", "two")
    assert reasons(old, forked(draw, "one", "two", "three")) == [("stuck", "join")]
    assert reasons(line(draw, "one", "two"), old) == [("stuck", "join")]
    assert reasons(old, forked(draw, "one", "two>again")) == []


def test_tokens_that_would_do_what_follows_twice_are_found(draw: Any) -> None:
    chosen = forked(draw, "one", "two", gateway="exclusiveGateway")
    assert reasons(forked(draw, "one", "two"), chosen) == [("doubled", "join")]
    assert reasons(forked(draw, "one", "two"), line(draw, "one", "two")) == [("doubled", "two")]


def with_a_choice_of_several(draw: Any, *branches: str) -> Any:
    drawing = forked(draw, *branches)
    drawing.node("inclusiveGateway", "which", default="flow_x").node("userTask", "more")
    drawing.body = [text.replace('targetRef="done"', 'targetRef="which"') for text in drawing.body]
    drawing.flow("which", "more", "=more").flow("which", "done", flow_id="flow_x").chain("more", "done")
    return drawing


def test_a_join_that_would_wait_forever_is_found_beside_an_inclusive_gateway_too(draw: Any) -> None:
    old = with_a_choice_of_several(draw, "one", "two")
    assert reasons(old, with_a_choice_of_several(draw, "one", "two", "three")) == [("stuck", "join")]
    assert reasons(old, with_a_choice_of_several(draw, "one", "two>again")) == []


def test_where_there_are_too_many_ways_to_play_they_must_not_have_changed(
    draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.cache_clear()
    monkeypatch.setattr(lint_tokens, "MAX_MARKINGS", 2)
    old = forked(draw, "one", "two")
    assert reasons(old, forked(draw, "one", "two>again")) == [("unsure", "join")]
    assert reasons(old, forked(draw, "one", "two")) == []
    play.cache_clear()


def racing(draw: Any, *events: str) -> Any:
    drawing = draw().start().node("eventBasedGateway", "which").node("exclusiveGateway", "met").end()
    for name in events:
        drawing.node("intermediateCatchEvent", name, drawing.message(name)).chain("which", name, "met")
    return drawing.chain("begun", "which").chain("met", "done")


def test_what_waits_behind_an_event_gateway_must_be_all_that_stands_there(draw: Any) -> None:
    old = racing(draw, "heard", "seen")
    assert reasons(old, racing(draw, "heard", "seen", "felt")) == [("gateway", "which")]
    assert reasons(old, racing(draw, "heard", "told"), seen="told") == []


def test_two_elements_do_not_become_one_while_tokens_wait_at_both(draw: Any) -> None:
    old, new = forked(draw, "one", "two"), forked(draw, "one", "three")
    assert ("twice", "one") in reasons(old, new, two="one")


def test_every_reason_and_note_fills_the_places_of_its_message(draw: Any) -> None:
    for found in moved(line(draw, "one"), line(draw, "two")).reasons:
        assert found.is_reason
        assert found.message.format_map(found.places).startswith("A token waits at one (one)")
