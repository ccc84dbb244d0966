"""Boundary events and errors, on tasks, call activities and sub-processes."""

import pytest


def guarded(draw, event, tag="userTask", interrupting=True):
    """A task `work` with one boundary event `noticed`, behind which `react` waits."""
    drawing = draw().start().node(tag, "work").node("userTask", "react").end("done").end("reacted")
    inside = {
        "message": drawing.message("called_off"),
        "timer": drawing.timer(),
        "error": drawing.error("broken"),
    }
    drawing.boundary("noticed", "work", inside[event], interrupting)
    return drawing.chain("begun", "work", "done").chain("noticed", "react", "reacted")


@pytest.mark.parametrize("tag", ["userTask", "serviceTask", "callActivity"])
@pytest.mark.parametrize("event", ["message", "timer"])
def test_an_interrupting_event_cancels_its_activity(draw, drive, tag, event):
    case = drive(guarded(draw, event, tag).load(), restores=True)
    assert case.waiting == ["work", "noticed"]
    assert case.trigger("noticed").waiting == ["react"]
    assert case.complete("react").stepper.end_nodes == ("reacted",)


@pytest.mark.parametrize("event", ["message", "timer"])
def test_a_completed_activity_disarms_its_events(draw, drive, event):
    case = drive(guarded(draw, event).load(), restores=True).complete("work")
    assert case.stepper.is_ended
    assert case.stepper.end_nodes == ("done",)


def test_a_timer_that_does_not_interrupt_fires_once(draw, drive):
    case = drive(guarded(draw, "timer", interrupting=False).load(), restores=True).trigger("noticed")
    assert sorted(case.waiting) == ["react", "work"]
    case.complete("work")
    assert case.waiting == ["react"]
    assert case.complete("react").stepper.end_nodes == ("done", "reacted")


def test_a_message_that_does_not_interrupt_can_come_again_under_the_same_id(draw, drive):
    case = drive(guarded(draw, "message", interrupting=False).load(), restores=True)
    armed = case.wait("noticed")
    case.trigger("noticed", "noticed")
    assert sorted(case.waiting) == ["noticed", "react", "react", "work"]
    assert case.wait("noticed") == armed
    assert sorted(case.complete("work").waiting) == ["react", "react"]


@pytest.mark.parametrize("tag", ["userTask", "serviceTask", "callActivity"])
def test_an_error_goes_to_the_event_with_its_code(draw, drive, tag):
    case = drive(guarded(draw, "error", tag).load(), restores=True)
    assert case.waiting == ["work"]
    assert case.throw("work", "broken")
    assert case.waiting == ["react"]


def test_an_error_with_another_code_is_not_caught_and_changes_nothing(draw, drive):
    case = drive(guarded(draw, "error").load())
    before = case.stepper.dump()
    assert not case.throw("work", "another")
    assert case.stepper.dump() == before


def test_the_event_with_the_code_goes_before_the_one_for_all_errors(draw, drive):
    drawing = draw().start().node("serviceTask", "work").end("done").end("known").end("unknown")
    drawing.boundary("any_failed", "work", drawing.error("")).flow("any_failed", "unknown")
    drawing.boundary("one_failed", "work", drawing.error("broken")).flow("one_failed", "known")
    definition = drawing.chain("begun", "work", "done").load()
    for code, end in (("broken", "known"), ("another", "unknown"), (None, "unknown")):
        case = drive(definition)
        assert case.throw("work", code)
        assert case.stepper.end_nodes == (end,)


def nested(draw, event):
    """`outer` around `inner` around the task `work` beside `other`; both sub-processes have an event."""
    core = draw().start("core_begun").node("parallelGateway", "split").end("core_done").end("other_done")
    core.node("userTask", "work").node("userTask", "other").chain("core_begun", "split", "work", "core_done")
    core.chain("split", "other", "other_done")
    middle = draw().start("middle_begun").sub_process("inner", core).end("middle_done").end("inner_left")
    middle.boundary("inner_noticed", "inner", event(middle, "inner")).flow("inner_noticed", "inner_left")
    middle.chain("middle_begun", "inner", "middle_done")
    drawing = draw().start().sub_process("outer", middle).end("done").end("outer_left")
    drawing.boundary("outer_noticed", "outer", event(drawing, "outer")).flow("outer_noticed", "outer_left")
    return drawing.chain("begun", "outer", "done").load()


def test_an_event_on_a_sub_process_cancels_everything_inside_it(draw, drive):
    definition = nested(draw, lambda drawing, name: drawing.message(name))
    case = drive(definition, restores=True)
    assert sorted(case.waiting) == ["inner_noticed", "other", "outer_noticed", "work"]
    assert case.complete("work").trigger("outer_noticed").stepper.is_ended
    assert case.stepper.end_nodes == ("core_done", "outer_left")


def test_an_event_on_an_inner_sub_process_leaves_the_outer_one_running(draw, drive):
    case = drive(nested(draw, lambda drawing, name: drawing.message(name)), restores=True)
    assert case.trigger("inner_noticed").stepper.end_nodes == ("inner_left", "done")


@pytest.mark.parametrize(("code", "left"), [("inner", "inner_left"), ("outer", "outer_left")])
def test_an_error_climbs_to_the_nearest_sub_process_that_catches_it(draw, drive, code, left):
    case = drive(nested(draw, lambda drawing, name: drawing.error(name)), restores=True)
    assert case.throw("work", code)
    assert left in case.stepper.end_nodes
    assert case.stepper.is_ended


def failing(draw, code, caught):
    inner = draw().start("inner_begun").node("userTask", "work").node("parallelGateway", "split")
    inner.node("userTask", "other").end("other_done").chain("split", "other", "other_done")
    inner.end("failed", inner.error(code)).chain("inner_begun", "split", "work", "failed")
    drawing = draw().start().sub_process("inside", inner).end("done").end("mended")
    drawing.boundary("noticed", "inside", drawing.error(caught)).flow("noticed", "mended")
    return drawing.chain("begun", "inside", "done").load()


def test_an_error_end_event_is_caught_by_the_sub_process_around_it(draw, drive):
    case = drive(failing(draw, "broken", "broken"), restores=True).complete("work")
    assert case.stepper.is_ended
    assert case.stepper.end_nodes == ("failed", "mended")
    assert case.stepper.uncaught_error is None


def test_an_error_end_event_that_nobody_catches_ends_the_process_with_its_code(draw, drive):
    case = drive(failing(draw, "broken", "another"), restores=True).complete("work")
    assert case.stepper.is_ended
    assert case.stepper.uncaught_error == "broken"
    assert case.stepper.end_nodes == ("failed",)


def test_an_error_end_event_at_the_top_takes_every_other_token_away(draw, drive):
    drawing = (
        draw().start().node("parallelGateway", "split").node("userTask", "work").node("userTask", "other")
    )
    drawing.end("failed", drawing.error("broken")).end().chain("begun", "split", "work", "failed")
    case = drive(drawing.chain("split", "other", "done").load(), restores=True).complete("work")
    assert case.stepper.is_ended
    assert case.stepper.uncaught_error == "broken"


def test_a_loop_through_a_boundary_event_runs_many_rounds(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "again").node("userTask", "draft").end()
    drawing.node("serviceTask", "render").boundary("failed", "render", drawing.error("failed"))
    drawing.flow("failed", "again")
    case = drive(drawing.chain("begun", "again", "draft", "render", "done").load(), restores=True)
    for _ in range(60):
        case.complete("draft")
        assert case.throw("render", "failed")
    assert case.waiting == ["draft"]
    assert len(case.stepper.dump()) < 300


def test_a_cached_definition_is_never_changed_by_its_instances(draw, drive):
    definition = guarded(draw, "message").load()
    before = _picture(definition)
    first, second, third = (drive(definition) for _ in range(3))
    first.trigger("noticed")
    assert first.waiting == ["react"]
    assert second.waiting == third.waiting == ["work", "noticed"]
    assert drive(definition).waiting == ["work", "noticed"]
    assert third.complete("work").stepper.end_nodes == ("done",)
    assert first.complete("react").stepper.end_nodes == ("reacted",)
    assert _picture(definition) == before


def _picture(definition):
    return {
        (scope, name): (task._inputs[:], task._outputs[:], task.manual, dict(task.data))
        for scope, spec in definition.specs.items()
        for name, task in spec.task_specs.items()
    }
