"""Events that tell and that wait: signals, escalations, messages, links, conditions, several starts."""

import pytest

from engine import bpmn


def thrown(draw, event, end=False):
    """`told` between `work` and `after`, or as the end."""
    drawing = draw().start().node("userTask", "work")
    inside = getattr(drawing, event)("news")
    if end:
        return drawing.end("told", inside).chain("begun", "work", "told").load()
    drawing.node("intermediateThrowEvent", "told", inside).node("userTask", "after").end()
    return drawing.chain("begun", "work", "told", "after", "done").load()


@pytest.mark.parametrize("end", [False, True])
@pytest.mark.parametrize("event", ["message", "signal", "escalation"])
def test_what_others_are_told_waits_until_they_are(draw, drive, event, end):
    case = drive(thrown(draw, event, end), restores=True).complete("work")
    (wait,) = case.stepper.waits
    assert (wait.node.id, wait.node.event, wait.node.throws) == ("told", event, True)
    assert (wait.node.message, wait.node.thrown_message) == (None, "news" if event == "message" else None)
    assert case.stepper.end_nodes == ()
    case.complete("told")
    assert case.waiting == ([] if end else ["after"])
    assert case.stepper.end_nodes == (("told",) if end else ())


def test_a_throwing_event_is_not_triggered(draw, drive):
    case = drive(thrown(draw, "signal")).complete("work")
    with pytest.raises(KeyError):
        case.trigger("told")


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_in_a_sub_process_is_caught_on_its_edge(draw, drive, interrupting):
    inner = draw().start("in_begun").node("userTask", "work").node("userTask", "more").end("in_done")
    inner.node("intermediateThrowEvent", "told", inner.escalation("late"))
    inner.chain("in_begun", "work", "told", "more", "in_done")
    drawing = draw().start().sub_process("inside", inner).end().node("userTask", "react").end("reacted")
    drawing.boundary("noticed", "inside", drawing.escalation("late"), interrupting)
    drawing.chain("begun", "inside", "done").chain("noticed", "react", "reacted")
    case = drive(drawing.load(), restores=True).complete("work")
    assert sorted(case.waiting) == (["react"] if interrupting else ["more", "react"])


@pytest.mark.parametrize("interrupting", [True, False])
def test_what_a_called_process_escalates_is_caught_on_the_call(draw, drive, interrupting):
    drawing = draw().start().node("callActivity", "call").end().node("userTask", "react").end("reacted")
    drawing.boundary("noticed", "call", drawing.escalation("late"), interrupting)
    drawing.chain("begun", "call", "done").chain("noticed", "react", "reacted")
    case = drive(drawing.load(), restores=True)
    wait_id = case.wait("call")
    assert not case.stepper.escalate(wait_id, "other", case.evaluate)
    assert case.stepper.escalate(wait_id, "late", case.evaluate)
    assert case.waiting == (["react"] if interrupting else ["call", "react"])


def test_a_link_goes_on_at_the_event_of_the_same_name_in_its_scope(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "which", default="flow_far").chain("begun", "which")
    for name in ("near", "far"):
        drawing.node("userTask", name)
        drawing.node("intermediateThrowEvent", f"{name}_jump", drawing.link("page 2")).chain(
            name, f"{name}_jump"
        )
    drawing.flow("which", "near", "=near").flow("which", "far", flow_id="flow_far")
    drawing.node("intermediateCatchEvent", "page_2", drawing.link("page 2")).node("userTask", "after").end()
    definition = drawing.chain("page_2", "after", "done").load()
    assert drive(definition, restores=True, near=True).complete("near").waiting == ["after"]
    assert drive(definition, restores=True).complete("far").waiting == ["after"]


def test_a_condition_that_holds_already_is_no_wait(draw, drive):
    drawing = draw().start().node("intermediateCatchEvent", "enough", draw().conditional("=enough"))
    definition = drawing.end().chain("begun", "enough", "done").load()
    assert drive(definition, enough=True).stepper.is_ended
    case = drive(definition, restores=True, enough=None)
    assert case.waiting == ["enough"]
    case.answers["enough"] = True
    case.stepper.run(case.evaluate)
    assert case.stepper.is_ended


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_condition_on_an_activity_happens_each_time_it_comes_true(draw, drive, interrupting):
    drawing = draw().start().node("userTask", "work").end().node("parallelGateway", "split")
    drawing.node("userTask", "beside").node("userTask", "again").end("beside_done").end("reacted")
    drawing.node("userTask", "react").chain("begun", "split", "work", "done")
    drawing.chain("split", "beside", "again", "beside_done").chain("noticed", "react", "reacted")
    drawing.boundary("noticed", "work", drawing.conditional("=much"), interrupting)
    case = drive(drawing.load(), restores=True)
    case.answers["much"] = True
    case.complete("beside")
    assert ("work" in case.waiting) is not interrupting
    assert case.waiting.count("react") == 1
    case.complete("react")
    assert case.waiting.count("react") == 0
    case.answers["much"] = False
    case.stepper.run(case.evaluate)
    case.answers["much"] = True
    case.complete("again")
    assert case.waiting.count("react") == (0 if interrupting else 1)


def waiting_for_one(draw):
    drawing = draw().start().node("eventBasedGateway", "which").end().chain("begun", "which")
    events = {
        "soon": drawing.timer("P1D"),
        "late": drawing.timer("P2D"),
        "heard": drawing.message("heard"),
        "stopped": drawing.signal("stopped"),
        "much": drawing.conditional("=much"),
    }
    drawing.message("told")
    for name, inside in events.items():
        drawing.node("intermediateCatchEvent", name, inside)
    drawing.node("receiveTask", "told", messageRef="message_told").node("exclusiveGateway", "met")
    for name in (*events, "told"):
        drawing.chain("which", name, "met")
    return drawing.chain("met", "done").load()


@pytest.mark.parametrize("name", ["soon", "late", "heard", "stopped", "told"])
def test_the_first_of_many_events_behind_a_gateway_ends_the_others(draw, drive, name):
    case = drive(waiting_for_one(draw), restores=True)
    assert case.waiting == ["soon", "late", "heard", "stopped", "much", "told"]
    assert case.trigger(name).stepper.is_ended
    assert case.stepper.end_nodes == ("done",)


def test_a_condition_or_a_completed_receive_task_behind_a_gateway_ends_the_others_too(draw, drive):
    case = drive(waiting_for_one(draw), restores=True)
    assert case.complete("told").stepper.is_ended
    case = drive(waiting_for_one(draw), restores=True)
    case.answers["much"] = True
    case.stepper.run(case.evaluate)
    assert case.stepper.is_ended


def test_a_process_may_be_started_at_each_of_its_start_events(draw, drive):
    drawing = draw().start().node("startEvent", "daily", draw().timer("2027-01-31T00:00:00Z", "timeDate"))
    drawing.node("startEvent", "asked", drawing.message("asked")).node("exclusiveGateway", "met").end()
    for name, task in (("begun", "by_hand"), ("daily", "by_clock"), ("asked", "by_message")):
        drawing.node("userTask", task).chain(name, task, "met")
    definition = drawing.chain("met", "done").load()
    for start_id, task in ((None, "by_hand"), ("daily", "by_clock"), ("asked", "by_message")):
        stepper = bpmn.Stepper.start(definition, start_id)
        stepper.run({}.get)
        assert [wait.node.id for wait in stepper.waits] == [task]


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_a_terminate_end_event_in_a_repeated_sub_process_ends_that_instance_alone(draw, drive, kind):
    inner = draw().start("in_begun").node("parallelGateway", "split").node("userTask", "stop_it")
    inner.node("userTask", "other").end("in_done").end("stopped", "<bpmn:terminateEventDefinition />")
    inner.chain("in_begun", "split", "stop_it", "stopped").chain("split", "other", "in_done")
    drawing = draw().start().sub_process("inside", inner).node("userTask", "after").end()
    marker = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=all" />'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:subProcess>"
    )
    drawing.body[1] = drawing.body[1].replace("</bpmn:subProcess>", marker)
    case = drive(drawing.chain("begun", "inside", "after", "done").load(), restores=True)
    case.multiply("inside", 2).complete("stop_it", "inside")
    assert case.waiting == ["stop_it", "other"]
    case.complete("stop_it", "inside", "inside")
    assert case.waiting == ["after"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_terminate_end_event_in_an_event_sub_process_ends_that_alone(draw, drive, interrupting):
    inner = draw().node("userTask", "react").end("stopped", "<bpmn:terminateEventDefinition />")
    inner.chain("noticed_begun", "react", "stopped")
    drawing = draw().start().node("userTask", "work").end().chain("begun", "work", "done")
    drawing.event_sub_process("noticed", inner, inner.signal("news"), interrupting)
    case = drive(drawing.load(), restores=True).trigger("noticed_begun").complete("react")
    assert case.waiting == ([] if interrupting else ["noticed_begun", "work"])
