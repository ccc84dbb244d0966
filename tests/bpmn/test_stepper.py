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
