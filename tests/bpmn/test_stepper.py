"""Tokens move as BPMN and Camunda 8 say."""

import pytest

from engine import bpmn, errors


def test_a_loop_goes_on_while_its_condition_holds(diagram, drive):
    case = drive(bpmn.load(diagram("loop")), **{'another = "yes"': True})
    for _ in range(3):
        assert case.waiting == ["hold_talk"]
        case.complete("hold_talk", "record_talk")
    case.answers.clear()
    case.complete("hold_talk", "record_talk")
    assert case.stepper.is_ended
    assert case.stepper.end_nodes == ("talks_held",)


def test_an_exclusive_gateway_takes_the_first_true_condition_in_the_order_of_the_diagram(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "which", default="flow_4").chain("begun", "which")
    drawing.flow("which", "first", "=a").flow("which", "second", "=b").flow("which", "third")
    for name in ("first", "second", "third"):
        drawing.node("userTask", name).flow(name, "done")
    definition = drawing.end().load()
    assert drive(definition, a=True, b=True).waiting == ["first"]
    assert drive(definition, b=True).waiting == ["second"]
    assert drive(definition).waiting == ["third"]


def test_a_gateway_without_default_refuses_when_no_condition_holds(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "which").chain("begun", "which").end("one").end("two")
    drawing.flow("which", "one", "=a").flow("which", "two", "=b")
    with pytest.raises(errors.NoPath) as refusal:
        drive(drawing.load())
    assert refusal.value.params == {"element_id": "which"}


@pytest.mark.parametrize("value", [None, "true", 1])
def test_a_condition_that_is_no_boolean_is_refused_as_camunda_does(draw, drive, value):
    drawing = draw().start().node("exclusiveGateway", "which", default="else_flow").chain("begun", "which")
    drawing.end("one").end("two").flow("which", "one", "=a", "if_flow").flow(
        "which", "two", flow_id="else_flow"
    )
    with pytest.raises(errors.ExpressionFailed) as refusal:
        drive(drawing.load(), a=value)
    assert refusal.value.params["element_id"] == "if_flow"


def test_a_flow_without_conditions_through_an_exclusive_gateway_is_taken(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "merge").node("userTask", "ask").end()
    assert drive(drawing.chain("begun", "merge", "ask", "done").load()).waiting == ["ask"]


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("userTask", "user_task"),
        ("manualTask", "manual_task"),
        ("serviceTask", "service_task"),
        ("businessRuleTask", "business_rule_task"),
        ("sendTask", "send_task"),
        ("callActivity", "call_activity"),
    ],
)
def test_every_activity_waits_for_the_caller(draw, drive, tag, kind):
    case = drive(draw().start().node(tag, "work").end().chain("begun", "work", "done").load())
    (wait,) = case.stepper.waits
    assert (wait.node.id, wait.node.kind) == ("work", kind)
    assert case.complete("work").stepper.is_ended


def receive(draw):
    drawing = draw().start().end()
    drawing.message("answered")
    return (
        drawing.node("receiveTask", "hear", messageRef="message_answered")
        .chain("begun", "hear", "done")
        .load()
    )


def test_a_receive_task_can_be_triggered_by_its_message(draw, drive):
    case = drive(receive(draw))
    (wait,) = case.stepper.waits
    assert (wait.node.message, wait.node.correlation_key) == ("answered", "=case.number")
    assert case.trigger("hear").stepper.is_ended


def test_a_receive_task_can_be_completed(draw, drive):
    assert drive(receive(draw)).complete("hear").stepper.end_nodes == ("done",)


def parallel(draw):
    drawing = draw().start().node("parallelGateway", "split").node("parallelGateway", "join").end()
    for name in ("left", "right"):
        drawing.node("userTask", name).chain("split", name, "join")
    return drawing.chain("begun", "split").chain("join", "done")


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_a_parallel_join_waits_for_every_branch(draw, drive, order):
    case = drive(parallel(draw).load(), restores=True)
    assert case.waiting == ["left", "right"]
    case.complete(order[0])
    assert case.waiting == [order[1]]
    assert not case.stepper.is_ended
    assert case.complete(order[1]).stepper.end_nodes == ("done",)


def test_a_parallel_block_inside_a_loop_joins_anew_in_each_round(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "again").node("parallelGateway", "split")
    drawing.node("parallelGateway", "join").node("exclusiveGateway", "more", default="out").end()
    for name in ("left", "right"):
        drawing.node("userTask", name).chain("split", name, "join")
    drawing.chain("begun", "again", "split").chain("join", "more").flow("more", "again", "=more")
    case = drive(drawing.flow("more", "done", flow_id="out").load(), restores=True, more=True)
    for _ in range(50):
        case.complete("left", "right")
        assert case.waiting == ["left", "right"]
    case.answers.clear()
    assert case.complete("right", "left").stepper.is_ended


def test_tokens_that_came_twice_by_one_flow_stay_for_the_next_join(draw, drive):
    drawing = draw().start().node("parallelGateway", "split").node("parallelGateway", "join").end()
    for merge, names in (("merge_1", ("a", "b")), ("merge_2", ("c", "d"))):
        drawing.node("exclusiveGateway", merge).flow(merge, "join")
        for name in names:
            drawing.node("userTask", name).chain("split", name, merge)
    drawing.node("userTask", "after").chain("join", "after", "done").chain("begun", "split")
    case = drive(drawing.load(), restores=True).complete("a", "b")
    assert case.waiting == ["c", "d"]
    assert case.complete("c").waiting == ["d", "after"]
    assert case.complete("d").waiting == ["after", "after"]
    assert case.complete("after", "after").stepper.is_ended


def test_a_terminate_end_event_takes_all_other_tokens_of_its_scope_away(draw, drive):
    drawing = (
        draw().start().node("parallelGateway", "split").end().chain("begun", "split", "stop_it", "stopped")
    )
    drawing.node("userTask", "stop_it").node("userTask", "other").chain("split", "other", "done")
    case = drive(drawing.end("stopped", "<bpmn:terminateEventDefinition />").load()).complete("stop_it")
    assert case.stepper.is_ended
    assert case.stepper.end_nodes == ("stopped",)


def test_an_end_event_leaves_other_branches_alone(draw, drive):
    drawing = draw().start().node("parallelGateway", "split").end("one").end("two").chain("begun", "split")
    drawing.node("userTask", "left").node("userTask", "right").chain("split", "left", "one")
    case = drive(drawing.chain("split", "right", "two").load()).complete("left")
    assert case.waiting == ["right"]
    assert case.complete("right").stepper.end_nodes == ("one", "two")


def test_a_sub_process_goes_on_when_its_last_token_has_ended(draw, drive):
    inner = draw().start("inner_begun").node("parallelGateway", "split").end("one").end("two")
    inner.node("userTask", "left").node("userTask", "right").chain("inner_begun", "split", "left", "one")
    inner.chain("split", "right", "two")
    drawing = draw().start().sub_process("inside", inner).node("userTask", "after").end()
    case = drive(drawing.chain("begun", "inside", "after", "done").load(), restores=True)
    assert case.complete("left").waiting == ["right"]
    assert case.complete("right").waiting == ["after"]
    assert case.complete("after").stepper.end_nodes == ("one", "two", "done")


def test_an_event_gateway_follows_the_first_event_only(draw, drive):
    drawing = draw().start().node("eventBasedGateway", "which").end().chain("begun", "which")
    drawing.node("intermediateCatchEvent", "answered", drawing.message("answered"))
    drawing.node("intermediateCatchEvent", "too_late", drawing.timer("P7D"))
    drawing.node("intermediateCatchEvent", "much_too_late", drawing.timer("P14D"))
    drawing.node("userTask", "read_answer").chain("which", "answered", "read_answer", "done")
    drawing.chain("which", "too_late", "done").chain("which", "much_too_late", "done")
    definition = drawing.load()
    case = drive(definition, restores=True)
    assert case.waiting == ["answered", "too_late", "much_too_late"]
    assert case.trigger("answered").waiting == ["read_answer"]
    assert drive(definition, restores=True).trigger("much_too_late").stepper.is_ended


def test_an_automatic_chain_of_any_length_runs_in_one_go(draw, drive):
    names = [f"passed_{number}" for number in range(1500)]
    drawing = draw().start().end()
    for name in names:
        drawing.node("intermediateThrowEvent", name)
    assert drive(drawing.chain("begun", *names, "done").load()).stepper.end_nodes == ("done",)


@pytest.mark.parametrize("wait_id", ["0", "-1", "99", "root", ""])
def test_an_unknown_wait_is_a_key_error(draw, drive, wait_id):
    case = drive(draw().start().node("userTask", "ask").end().chain("begun", "ask", "done").load())
    for call in (case.stepper.complete, case.stepper.trigger):
        with pytest.raises(KeyError):
            call(wait_id, case.evaluate)
    with pytest.raises(KeyError):
        case.stepper.throw_error(wait_id, "code", case.evaluate)
    assert case.waiting == ["ask"]


def test_a_catch_event_is_not_completed_and_a_task_not_triggered(draw, drive):
    drawing = draw().start().node("userTask", "ask").end()
    drawing.node("intermediateCatchEvent", "waited", drawing.timer()).chain("begun", "ask", "waited", "done")
    case = drive(drawing.load())
    with pytest.raises(KeyError):
        case.trigger("ask")
    case.complete("ask")
    with pytest.raises(KeyError):
        case.complete("waited")
    assert case.trigger("waited").stepper.is_ended


def test_a_terminate_end_event_ends_only_the_sub_process_around_it(draw, drive):
    inner = draw().start("inner_begun").node("parallelGateway", "split").end("inner_done")
    inner.node("userTask", "stop_it").node("userTask", "other").chain(
        "inner_begun", "split", "other", "inner_done"
    )
    inner.chain("split", "stop_it", "stopped").end("stopped", "<bpmn:terminateEventDefinition />")
    drawing = draw().start().sub_process("inside", inner).node("userTask", "after").end()
    case = drive(drawing.chain("begun", "inside", "after", "done").load(), restores=True)
    assert case.complete("stop_it").waiting == ["after"]


def test_a_loop_that_never_waits_is_stopped_while_it_runs(draw, drive):
    inner = (
        draw().start("inner_begun").node("exclusiveGateway", "ask_them", default="flow_9").end("inner_done")
    )
    inner.node("userTask", "ask").chain("inner_begun", "ask_them").flow("ask_them", "ask", "=ask")
    inner.chain("ask", "inner_done").flow("ask_them", "inner_done", flow_id="flow_9")
    drawing = draw().start().node("exclusiveGateway", "again").sub_process("inside", inner).end()
    drawing.node("exclusiveGateway", "more", default="flow_8").chain("begun", "again", "inside", "more")
    definition = drawing.flow("more", "again", "=more").flow("more", "done", flow_id="flow_8").load()
    with pytest.raises(errors.EndlessLoop):
        drive(definition, more=True)
    assert drive(definition, more=True, ask=True).waiting == ["ask"]
