"""Event sub-processes: begun by an event, interrupting or not, in the process and in sub-processes."""

import pytest

EVENTS = ["message", "timer", "signal", "conditional"]


def definition_of(drawing, event):
    inside = {
        "message": lambda: drawing.message("called_off"),
        "timer": drawing.timer,
        "signal": lambda: drawing.signal("stopped"),
        "conditional": lambda: drawing.conditional("=stopped"),
        "error": lambda: drawing.error("broken"),
        "escalation": lambda: drawing.escalation("late"),
    }
    return inside[event]()


def guarded(draw, event, interrupting=True, throws=""):
    """`work` beside `other`, and an event sub-process with the task `react`; `throws` may follow `work`."""
    drawing = draw().start().node("parallelGateway", "split").node("userTask", "work").end("other_done")
    drawing.node("userTask", "other").chain("begun", "split", "work").chain("split", "other", "other_done")
    if throws:
        drawing.node("intermediateThrowEvent", "told", definition_of(drawing, throws))
        drawing.chain("work", "told", "done")
    else:
        drawing.flow("work", "done")
    inner = draw().node("userTask", "react").end("reacted").chain("noticed_begun", "react", "reacted")
    drawing.end().event_sub_process("noticed", inner, definition_of(inner, event), interrupting)
    return drawing


def nested(draw, event, interrupting=True):
    """The same inside a sub-process, with `after` behind it."""
    inner = guarded(draw, event, interrupting)
    drawing = draw().start("all_begun").sub_process("inside", inner).node("userTask", "after").end("all_done")
    drawing.body[1] = drawing.body[1].replace("inside_flow_", "flow_in_")
    return drawing.chain("all_begun", "inside", "after", "all_done")


def happen(case, event):
    if event == "conditional":
        case.answers["stopped"] = True
        return case.complete("tick") if "tick" in case.waiting else case
    return case.trigger("noticed_begun")


@pytest.mark.parametrize("event", ["message", "timer", "signal"])
def test_an_armed_start_is_a_wait_that_keeps_no_process_alive(draw, drive, event):
    case = drive(guarded(draw, event).load(), restores=True)
    assert case.waiting == ["noticed_begun", "work", "other"]
    armed = case.stepper.waits[0]
    assert (armed.node.kind, armed.node.event, armed.node.scope) == ("start_event", event, "noticed")
    case.complete("work")
    assert case.stepper.waits[0].id == armed.id
    assert case.complete("other").stepper.is_ended
    assert case.waiting == []
    assert case.stepper.end_nodes == ("done", "other_done")


@pytest.mark.parametrize("event", ["message", "timer", "signal"])
def test_an_interrupting_one_ends_everything_else_in_the_process(draw, drive, event):
    case = drive(guarded(draw, event).load(), restores=True).trigger("noticed_begun")
    assert case.waiting == ["react"]
    assert case.complete("react").stepper.is_ended
    assert case.stepper.end_nodes == ("reacted",)


def test_one_that_does_not_interrupt_can_run_several_times(draw, drive):
    case = drive(guarded(draw, "message", interrupting=False).load(), restores=True)
    armed = case.wait("noticed_begun")
    case.trigger("noticed_begun", "noticed_begun")
    assert sorted(case.waiting) == ["noticed_begun", "other", "react", "react", "work"]
    assert case.wait("noticed_begun") == armed
    case.complete("work", "other", "react")
    assert case.waiting == ["noticed_begun", "react"]
    assert case.complete("react").stepper.is_ended


def test_a_timer_that_does_not_interrupt_fires_once_unless_it_stays(draw, drive):
    definition = guarded(draw, "timer", interrupting=False).load()
    assert "noticed_begun" not in drive(definition, restores=True).trigger("noticed_begun").waiting
    case = drive(definition, restores=True)
    armed = case.wait("noticed_begun")
    case.stepper.trigger(armed, case.evaluate, stays=True)
    assert sorted(case.waiting) == ["noticed_begun", "other", "react", "work"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_one_begins_when_its_condition_comes_true(draw, drive, interrupting):
    case = drive(guarded(draw, "conditional", interrupting).load(), restores=True, stopped=False)
    assert "noticed_begun" in case.waiting
    case.answers["stopped"] = True
    case.complete("work")
    assert ("other" in case.waiting) is not interrupting
    assert "react" in case.waiting
    if not interrupting:
        assert case.complete("other").waiting == ["noticed_begun", "react"]


@pytest.mark.parametrize("event", ["message", "timer", "signal"])
def test_in_a_sub_process_it_ends_only_that_and_the_process_goes_on(draw, drive, event):
    case = drive(nested(draw, event).load(), restores=True).trigger("noticed_begun")
    assert case.waiting == ["react"]
    assert case.complete("react").waiting == ["after"]


def test_a_sub_process_that_ends_disarms_its_starts(draw, drive):
    case = drive(nested(draw, "message", interrupting=False).load(), restores=True)
    assert case.complete("work", "other").waiting == ["after"]


def test_a_sub_process_waits_for_its_event_sub_process(draw, drive):
    case = drive(nested(draw, "message", interrupting=False).load(), restores=True)
    case.trigger("noticed_begun").complete("work", "other")
    assert case.waiting == ["noticed_begun", "react"]
    assert case.complete("react").waiting == ["after"]


def test_an_error_begins_one_and_ends_the_rest(draw, drive):
    case = drive(guarded(draw, "error").load(), restores=True)
    assert case.waiting == ["work", "other"]
    assert not case.throw("work", "another")
    assert case.throw("work", "broken")
    assert case.waiting == ["react"]
    assert case.stepper.uncaught_error is None


def test_an_error_is_caught_by_the_sub_process_before_what_is_around_it(draw, drive):
    drawing = nested(draw, "error").end("left")
    drawing.boundary("left_early", "inside", drawing.error("broken")).flow("left_early", "left")
    case = drive(drawing.load(), restores=True)
    assert case.throw("work", "broken")
    assert case.waiting == ["react"]
    assert case.throw("react", "broken")
    assert case.stepper.end_nodes == ("left",)


def test_an_error_in_an_event_sub_process_is_not_caught_by_itself(draw, drive):
    case = drive(guarded(draw, "error").load(), restores=True)
    assert case.throw("work", "broken")
    assert not case.throw("react", "broken")


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_begins_one_and_the_thrower_goes_on_unless_it_is_ended(draw, drive, interrupting):
    case = drive(guarded(draw, "escalation", interrupting, throws="escalation").load(), restores=True)
    case.complete("work")
    assert case.waiting == (["react"] if interrupting else ["other", "react"])
    assert ("done" in case.stepper.end_nodes) is not interrupting


def test_the_start_with_the_code_goes_before_the_one_for_all(draw, drive):
    drawing = guarded(draw, "escalation", interrupting=False, throws="escalation")
    inner = draw().node("userTask", "any").end("any_done").chain("every_begun", "any", "any_done")
    drawing.event_sub_process("every", inner, inner.escalation(""), False)
    assert sorted(drive(drawing.load()).complete("work").waiting) == ["other", "react"]


def test_cached_definitions_are_not_changed_by_what_an_instance_does(draw, drive):
    definition = guarded(draw, "message").load()
    first, second = drive(definition), drive(definition)
    first.trigger("noticed_begun")
    assert first.waiting == ["react"]
    assert second.waiting == drive(definition).waiting == ["noticed_begun", "work", "other"]
    second.complete("work", "other")
    assert second.stepper.is_ended
