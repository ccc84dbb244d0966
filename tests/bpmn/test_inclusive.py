"""Inclusive gateways take every way that holds and wait for just those that can still come."""

import pytest

from engine import errors


def chosen(draw, names=("a", "b", "c"), default="a"):
    """An inclusive split into tasks that lead to an inclusive join, and `after` behind it."""
    flow = f"flow_to_{default}"
    drawing = draw().start().node("inclusiveGateway", "split", **({"default": flow} if default else {}))
    drawing.node("inclusiveGateway", "join").node("userTask", "after").end().chain("begun", "split")
    for name in names:
        condition = None if name == default else f"={name}"
        drawing.node("userTask", name).flow("split", name, condition, f"flow_to_{name}").flow(name, "join")
    return drawing.chain("join", "after", "done")


@pytest.mark.parametrize(
    ("true", "waiting"), [((), ["a"]), (("b",), ["b"]), (("b", "c"), ["b", "c"])], ids=str
)
def test_every_way_that_holds_is_taken_else_the_default(draw, drive, true, waiting):
    case = drive(chosen(draw).load(), restores=True, **dict.fromkeys(true, True))
    assert case.waiting == waiting
    for number, name in enumerate(reversed(waiting), 1):
        case.complete(name)
        assert ("after" in case.waiting) is (number == len(waiting))
    assert case.waiting == ["after"]
    assert case.complete("after").stepper.is_ended


def test_no_way_is_refused_by_the_gateways_id(draw, drive):
    with pytest.raises(errors.NoPath) as refusal:
        drive(chosen(draw, default="").load())
    assert refusal.value.params == {"element_id": "split"}


def test_a_join_does_not_wait_for_a_branch_that_has_ended_elsewhere(draw, drive):
    drawing = chosen(draw)
    drawing.end("left").boundary("gone", "b", drawing.message("gone")).flow("gone", "left")
    case = drive(drawing.load(), restores=True, b=True, c=True).complete("c")
    assert case.waiting == ["b", "gone"]
    assert case.trigger("gone").waiting == ["after"]


def test_a_join_waits_for_a_token_that_can_still_come_by_a_loop_before_it(draw, drive):
    drawing = draw().start().node("inclusiveGateway", "split", default="flow_a").chain("begun", "split")
    drawing.node("exclusiveGateway", "again").node("userTask", "a").node("userTask", "b")
    drawing.node("exclusiveGateway", "more", default="flow_on").node("inclusiveGateway", "join").end()
    drawing.flow("split", "again", flow_id="flow_a").chain("again", "a", "more").flow(
        "more", "again", "=more"
    )
    drawing.flow("more", "join", flow_id="flow_on").flow("split", "b", "=b").flow("split", "c", "=c")
    drawing.node("userTask", "c").flow("c", "join").flow("b", "join").node("userTask", "after")
    definition = drawing.chain("join", "after", "done").load()
    case = drive(definition, restores=True, b=True, c=True)
    assert case.waiting == ["b", "c"]
    assert case.complete("c").waiting == ["b"]
    assert case.complete("b").waiting == ["after"]
    case = drive(definition, restores=True, more=True).complete("a")
    case.answers["more"] = False
    assert case.complete("a").waiting == ["after"]


def test_a_join_in_a_loop_joins_anew_in_each_round(draw, drive):
    drawing = draw().start().node("exclusiveGateway", "again").node("inclusiveGateway", "split")
    drawing.body[-1] = drawing.body[-1].replace(" id=", ' default="flow_a" id=', 1)
    drawing.node("userTask", "a").node("userTask", "b").node("inclusiveGateway", "join").end()
    drawing.node("exclusiveGateway", "more", default="flow_out").chain("begun", "again", "split")
    drawing.flow("split", "a", flow_id="flow_a").flow("split", "b", "=b").chain("a", "join").chain(
        "b", "join"
    )
    drawing.flow("join", "more").flow("more", "again", "=more").flow("more", "done", flow_id="flow_out")
    case = drive(drawing.load(), restores=True, b=True, more=True)
    for _ in range(20):
        assert case.waiting == ["b"]
        case.complete("b")
    case.answers["more"] = False
    assert case.complete("b").stepper.is_ended


def test_a_parallel_split_is_joined_too(draw, drive):
    drawing = draw().start().node("parallelGateway", "split").node("inclusiveGateway", "join").end()
    for name in ("a", "b"):
        drawing.node("userTask", name).chain("split", name, "join")
    case = drive(drawing.chain("begun", "split").chain("join", "done").load(), restores=True)
    assert case.complete("b").waiting == ["a"]
    assert case.complete("a").stepper.end_nodes == ("done",)
