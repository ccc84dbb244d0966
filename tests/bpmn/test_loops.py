"""Activities that repeat: over a collection, at once and in turn, and in rounds."""

import time

import pytest

from engine import bpmn, errors


def over(kind, condition="", output=True):
    """The marker of an activity over a collection."""
    given = 'inputCollection="=parties" inputElement="party"'
    given += ' outputCollection="talks" outputElement="=talk"' if output else ""
    ends = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}">'
        f"<bpmn:extensionElements><zeebe:loopCharacteristics {given} /></bpmn:extensionElements>{ends}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def rounds(condition="=again", before=False, maximum=None):
    most = f' loopMaximum="{maximum}"' if maximum else ""
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{most}>{inside}'
        "</bpmn:standardLoopCharacteristics>"
    )


def marked(drawing, marker):
    """Puts a marker on the node that was drawn last."""
    head, tag, tail = drawing.body[-1].rpartition("</bpmn:")
    drawing.body[-1] = f"{head}{marker}{tag}{tail}"
    return drawing


def repeating(draw, marker, tag="userTask"):
    """A repeated activity `talk` with a message on it, and `sum_up` behind it."""
    drawing = draw().start()
    if tag == "subProcess":
        inner = draw().start("in_begun").node("userTask", "listen").node("exclusiveGateway", "which")
        inner.body[-1] = inner.body[-1].replace(" id=", ' default="talk_flow_4" id=', 1)
        inner.chain("in_begun", "listen", "which").flow("which", "record", "=long")
        inner.flow("which", "in_done").node("userTask", "record").chain("record", "in_over")
        drawing.sub_process("talk", inner.end("in_done").end("in_over"))
    else:
        drawing.node(tag, "talk")
    marked(drawing, marker).node("userTask", "sum_up").end().end("left")
    drawing.boundary("party_left", "talk", drawing.message("left")).flow("party_left", "left")
    return drawing.chain("begun", "talk", "sum_up", "done").load()


def places(case):
    return [(wait.node.id, wait.stage, [loop.counter for loop in wait.loops]) for wait in case.stepper.waits]


@pytest.mark.parametrize("tag", ["userTask", "serviceTask", "callActivity"])
def test_a_parallel_activity_begins_an_instance_for_each_item(draw, drive, tag):
    case = drive(repeating(draw, over("parallel"), tag), restores=True)
    assert places(case) == [("talk", "open", []), ("party_left", "run", [])]
    case.multiply("talk", 3)
    assert places(case)[1:] == [("talk", "run", [1]), ("talk", "run", [2]), ("talk", "run", [3])]
    assert places(case.complete("talk", "talk", "talk")) == [
        ("talk", "close", []),
        ("party_left", "run", []),
    ]
    assert case.complete("talk").waiting == ["sum_up"]


def test_a_sequential_activity_does_one_item_after_the_other(draw, drive):
    case = drive(repeating(draw, over("sequential")), restores=True).multiply("talk", 3)
    for number in (1, 2, 3):
        assert places(case)[1:] == [("talk", "run", [number])]
        case.complete("talk")
    assert places(case)[0] == ("talk", "close", [])
    assert case.complete("talk").waiting == ["sum_up"]


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_a_collection_without_items_is_done_at_once(draw, drive, kind):
    case = drive(repeating(draw, over(kind)), restores=True).multiply("talk", 0)
    assert places(case)[0] == ("talk", "close", [])
    assert case.complete("talk").waiting == ["sum_up"]


def test_instances_of_a_sub_process_each_go_their_own_way(draw, drive):
    case = drive(repeating(draw, over("parallel"), "subProcess"), restores=True).multiply("talk", 2)
    assert places(case)[1:] == [("listen", "run", [1]), ("listen", "run", [2])]
    case.answers["long"] = True
    case.complete("listen")
    case.answers["long"] = False
    case.complete("listen")
    assert places(case)[1:] == [("talk", "run", [2]), ("record", "run", [1])]
    case.complete("talk", "record")
    assert places(case)[1:] == [("talk", "run", [1])]
    case.complete("talk")
    assert places(case)[0] == ("talk", "close", [])
    assert case.complete("talk").waiting == ["sum_up"]


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_a_completion_condition_ends_the_rest_and_sees_the_counts(draw, drive, kind):
    case = drive(repeating(draw, over(kind, "=enough")), restores=True)
    seen = []

    def evaluate(text):
        if text == "enough":
            seen.append((dict(text.counts), text.loops[-1].counter))
            return text.counts["numberOfCompletedInstances"] == 2
        return False

    case.evaluate = evaluate
    case.multiply("talk", 4).complete("talk")
    assert "close" not in {wait.stage for wait in case.stepper.waits}
    case.complete("talk")
    assert places(case)[0] == ("talk", "close", [])
    active = [3, 2] if kind == "parallel" else [0, 0]
    assert [(counts["numberOfActiveInstances"], counter) for counts, counter in seen] == [
        (active[0], 1),
        (active[1], 2),
    ]
    assert case.complete("talk").waiting == ["sum_up"]


@pytest.mark.parametrize("tag", ["userTask", "subProcess"])
def test_an_event_on_a_repeated_activity_cancels_all_its_instances(draw, drive, tag):
    case = drive(repeating(draw, over("parallel"), tag), restores=True).multiply("talk", 3)
    assert case.trigger("party_left").stepper.is_ended
    assert case.stepper.end_nodes == ("left",)


def test_an_error_in_one_instance_cancels_the_others(draw, drive):
    drawing = draw().start().node("serviceTask", "talk")
    marked(drawing, over("parallel")).end().end("failed")
    drawing.boundary("broke", "talk", drawing.error("broken")).flow("broke", "failed")
    case = drive(drawing.chain("begun", "talk", "done").load(), restores=True).multiply("talk", 3)
    assert case.throw("talk", "broken")
    assert case.stepper.end_nodes == ("failed",)


def test_a_repeated_sub_process_in_another_one_knows_both_numbers(draw, drive):
    inner = draw().start("in_begun").node("userTask", "listen").end("in_done")
    marked(inner.chain("in_begun"), "").chain("in_begun", "listen", "in_done")
    outer = draw().start("out_begun").sub_process("inside", inner)
    marked(outer, over("sequential")).end("out_done").chain("out_begun", "inside", "out_done")
    drawing = marked(draw().start().sub_process("talk", outer), over("parallel")).end()
    case = drive(drawing.chain("begun", "talk", "done").load(), restores=True).multiply("talk", 2)
    case.multiply("inside", 2).multiply("inside", 2)
    assert places(case) == [("listen", "run", [1, 1]), ("listen", "run", [2, 1])]
    assert [loop.node.id for loop in case.stepper.waits[0].loops] == ["talk", "inside"]
    case.complete("listen", "inside")
    assert places(case) == [("listen", "run", [2, 1]), ("listen", "run", [1, 2])]


def test_what_was_not_opened_is_not_completed_and_nothing_is_opened_twice(draw, drive):
    case = drive(repeating(draw, over("parallel")))
    with pytest.raises(KeyError):
        case.complete("talk")
    body = case.wait("talk")
    case.multiply("talk", 1)
    for wait_id in (body, case.wait("talk"), case.wait("party_left")):
        with pytest.raises(KeyError):
            case.stepper.multiply(wait_id, 2, case.evaluate)


def test_a_loop_goes_on_while_its_condition_holds_and_tests_it_after_the_first_round(draw, drive):
    case = drive(repeating(draw, rounds()), restores=True, again=True)
    for number in (1, 2, 3):
        assert places(case)[1:] == [("talk", "run", [number])]
        case.complete("talk")
    case.answers["again"] = False
    assert case.complete("talk").waiting == ["sum_up"]
    assert drive(repeating(draw, rounds())).complete("talk").waiting == ["sum_up"]


def test_a_loop_that_tests_before_may_do_nothing(draw, drive):
    assert drive(repeating(draw, rounds(before=True)), restores=True).waiting == ["sum_up"]
    case = drive(repeating(draw, rounds(before=True)), restores=True, again=True)
    case.answers["again"] = False
    assert case.complete("talk").waiting == ["sum_up"]


@pytest.mark.parametrize("tag", ["userTask", "callActivity"])
def test_a_loop_stops_at_its_largest_number_of_rounds(draw, drive, tag):
    case = drive(repeating(draw, rounds(condition="", maximum=3), tag), restores=True)
    assert case.complete("talk", "talk", "talk").waiting == ["sum_up"]


def test_a_sub_process_in_rounds_begins_anew_each_time(draw, drive):
    case = drive(repeating(draw, rounds(), "subProcess"), restores=True, again=True, long=True)
    for _ in range(3):
        case.complete("listen", "record")
        assert places(case)[1:] == [("listen", "run", [places(case)[1][2][0]])]
    case.answers["again"] = False
    assert case.complete("listen", "record").waiting == ["sum_up"]


def test_a_loop_that_never_waits_is_stopped(draw, drive):
    drawing = draw().start().sub_process("talk", draw().start("a").end("b").chain("a", "b"))
    marked(drawing, rounds()).end().chain("begun", "talk", "done")
    with pytest.raises(errors.EndlessLoop):
        drive(drawing.load(), again=True)


def test_a_condition_that_is_no_boolean_names_the_loop(draw, drive):
    with pytest.raises(errors.ExpressionFailed) as refusal:
        drive(repeating(draw, rounds()), again=3).complete("talk")
    assert refusal.value.params["element_id"] == "talk"


@pytest.mark.slow
@pytest.mark.parametrize("drawn", [True, False], ids=["drawn with a gateway", "by its marker"])
def test_two_thousand_rounds_cost_the_same_each(draw, drive, diagram, drawn):
    if drawn:
        definition, tasks = bpmn.load(diagram("loop")), ("hold_talk", "record_talk")
    else:
        definition, tasks = repeating(draw, rounds()), ("talk",)
    old, young = (
        drive(definition, restores=True, again=True, **{'another = "yes"': True}) for _ in ("old", "young")
    )
    for _ in range(1_500):
        old.complete(*tasks)
    # In turn, and the quick tenth of each: what else the machine does must not count.
    took = [(seconds(old, tasks), seconds(young, tasks)) for _ in range(500)]
    assert old.waiting[-1] == young.waiting[-1] == tasks[0]
    assert len(old.stepper.dump()) < 400
    late, early = (sorted(one)[50] for one in zip(*took, strict=True))
    assert late < 1.5 * early


def seconds(case, tasks):
    """Processor time of one round, which begins anew."""
    begun = time.process_time()
    case.complete(*tasks)
    took = time.process_time() - begun
    assert case.waiting[-1] == tasks[0]
    return took


@pytest.mark.slow
def test_a_thousand_instances_are_begun_and_ended_in_little_time(draw, drive):
    case = drive(repeating(draw, over("parallel"), "subProcess"))
    begun = time.process_time()
    case.multiply("talk", 1_000)
    assert len(case.stepper.waits) == 1_001
    assert case.trigger("party_left").stepper.is_ended
    assert time.process_time() - begun < 2
