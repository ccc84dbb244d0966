"""A corpus of small diagrams, each with what the play of tokens must say of it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import bpmn
from engine.bpmn import lint_tokens

from .conftest import Drawing

TAGS = {
    "and": "parallelGateway",
    "xor": "exclusiveGateway",
    "or": "inclusiveGateway",
    "race": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "end": "endEvent",
    "stop": "endEvent",
}
STYLE = {"label", "nobody", "gateway-default", "superfluous-gateway", "implicit-merge"}


def drawn(text):
    """A diagram from lines such as `begun > and_1 > a > and_2 > end`; a node's first word is its kind."""
    drawing, ways = Drawing().start(), [line.split(" > ") for line in text.splitlines()]
    flows = [(a, b) for way in ways for a, b in zip(way, way[1:], strict=False)]
    numbers = {flow: f"f_{number}" for number, flow in enumerate(flows)}
    last = {source: numbers[source, target] for source, target in flows}
    for node_id in dict.fromkeys(node_id for way in ways for node_id in way if node_id != "begun"):
        kind = node_id.split("_")[0]
        inside = {"catch": drawing.timer(), "stop": "<bpmn:terminateEventDefinition />"}.get(kind, "")
        default = {"default": last[node_id]} if kind in ("xor", "or") and node_id in last else {}
        drawing.node(TAGS.get(kind, "userTask"), node_id, inside, **default)
    for (source, target), flow_id in numbers.items():
        chosen = source.startswith(("xor", "or")) and flow_id != last[source]
        drawing.flow(source, target, f"=way = {flow_id[2:]}" if chosen else None, flow_id)
    return drawing.xml()


def found(source):
    return {(one.rule, one.element_id) for one in bpmn.lint(source) if one.rule not in STYLE}


SOUND = {
    "a line": "begun > a > b > end",
    "a choice": "begun > xor_1 > a > xor_2 > end\nxor_1 > b > xor_2",
    "a fork": "begun > and_1 > a > and_2 > end\nand_1 > b > and_2",
    "a fork of ends": "begun > and_1 > a > end_1\nand_1 > b > end_2",
    "a fork of branches that meet in one end": "begun > and_1 > a > end\nand_1 > b > end",
    "a choice in a branch": (
        "begun > and_1 > xor_1 > a > xor_2 > and_2 > end\nxor_1 > b > xor_2\nand_1 > c > and_2"
    ),
    "a fork in a choice": (
        "begun > xor_1 > and_1 > a > and_2 > xor_2 > end\nand_1 > b > and_2\nxor_1 > c > xor_2"
    ),
    "a loop": "begun > xor_1 > a > xor_2 > end\nxor_2 > xor_1",
    "a loop around a fork": (
        "begun > xor_1 > and_1 > a > and_2 > xor_2 > xor_1\nand_1 > b > and_2\nxor_2 > end"
    ),
    "a loop in a branch": (
        "begun > and_1 > xor_1 > a > xor_2 > xor_1\nxor_2 > and_2 > end\nand_1 > b > and_2"
    ),
    "two loops beside each other": (
        "begun > and_1 > xor_1 > a > xor_2 > xor_1\nxor_2 > and_2 > end\n"
        "and_1 > xor_3 > b > xor_4 > xor_3\nxor_4 > and_2"
    ),
    "a fork in a fork": (
        "begun > and_1 > and_3 > a > and_4 > and_2 > end\nand_3 > b > and_4\nand_1 > c > and_2"
    ),
    "a gateway that joins and forks": (
        "begun > and_1 > a > and_2 > c > and_3 > end\nand_1 > b > and_2 > d > and_3"
    ),
    "a race of events": "begun > race > catch_1 > xor_1 > end\nrace > catch_2 > xor_1",
    "an inclusive choice": "begun > or_1 > a > or_2 > end\nor_1 > b > or_2\nor_1 > c > or_2",
    "an inclusive choice in a branch": (
        "begun > and_1 > or_1 > a > or_2 > and_2 > end\nor_1 > b > or_2\nand_1 > c > and_2"
    ),
    "an inclusive join behind a fork": "begun > and_1 > a > or_1 > c > end\nand_1 > b > or_1",
    "an inclusive join behind a choice": "begun > xor_1 > a > or_1 > c > end\nxor_1 > b > or_1",
    "an inclusive branch that ends elsewhere": (
        "begun > or_1 > a > xor_1 > or_2 > c > end\nxor_1 > end_2\nor_1 > b > or_2"
    ),
    "a fork in an inclusive branch": (
        "begun > or_1 > and_1 > a > and_2 > or_2 > end\nand_1 > b > and_2\nor_1 > c > or_2"
    ),
    "a stop in a branch": "begun > and_1 > xor_1 > a > and_2 > end\nxor_1 > stop\nand_1 > b > and_2",
}
DEADLOCKS = {
    "a choice into a join": ("begun > xor_1 > a > and_1 > end\nxor_1 > b > and_1", "and_1"),
    "a choice in a branch that leaves": (
        "begun > and_1 > xor_1 > a > and_2 > end\nxor_1 > end_2\nand_1 > b > and_2",
        "and_2",
    ),
    "a race into a join": ("begun > race > catch_1 > and_1 > end\nrace > catch_2 > and_1", "and_1"),
    "a join in a loop": ("begun > and_1 > a > xor_1 > and_1\nxor_1 > end", "and_1"),
    "a fork that needs one of two choices": (
        "begun > and_1 > xor_1 > a > and_2 > end\nxor_1 > b > and_3 > end_2\n"
        "and_1 > and_4 > and_2\nand_4 > and_3",
        "and_2",
    ),
    "an inclusive choice into a join": ("begun > or_1 > a > and_1 > end\nor_1 > b > and_1", "and_1"),
    "a join of two out of three": (
        "begun > or_1 > a > and_1 > or_2 > end\nor_1 > b > and_1\nor_1 > c > or_2",
        "and_1",
    ),
    "a deadlock beside an inclusive choice": (
        "begun > and_1 > or_1 > a > or_2 > and_2 > end\nor_1 > b > or_2\nand_1 > xor_1 > c > and_2\n"
        "xor_1 > end_2",
        "and_2",
    ),
    "a deadlock behind a long choice": (
        "begun > xor_1 > a > b > c > xor_2 > d > and_1 > end\nxor_1 > xor_2 > e > and_1",
        "and_1",
    ),
}
CROWDED = {
    "a fork into a merge": ("begun > and_1 > a > xor_1 > c > end\nand_1 > b > xor_1", "xor_1"),
    "a fork into a task": ("begun > and_1 > a > c > end\nand_1 > b > c", "c"),
    "a fork of which two of three are joined": (
        "begun > and_1 > a > and_2 > xor_1 > d > end\nand_1 > b > and_2\nand_1 > c > xor_1",
        "xor_1",
    ),
    "an inclusive choice into a merge": (
        "begun > or_1 > a > xor_1 > d > end\nor_1 > b > xor_1\nor_1 > c > xor_1",
        "xor_1",
    ),
    "a fork in a choice into its merge": (
        "begun > xor_1 > and_1 > a > xor_2 > d > end\nand_1 > b > xor_2\nxor_1 > c > xor_2",
        "xor_2",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_diagram_is_not_named(name):
    assert found(drawn(SOUND[name])) == set()


@pytest.mark.parametrize("name", DEADLOCKS)
def test_a_join_that_can_wait_for_ever_is_named(name):
    text, join = DEADLOCKS[name]
    assert ("join-deadlock", join) in found(drawn(text))


@pytest.mark.parametrize("name", CROWDED)
def test_branches_that_meet_without_a_join_are_named(name):
    text, merge = CROWDED[name]
    assert found(drawn(text)) == {("join-missing", merge)}


def test_an_event_that_does_not_interrupt_makes_a_second_token():
    drawing = Drawing().start().node("userTask", "a").node("userTask", "b").end()
    drawing.node("exclusiveGateway", "merge").boundary("late", "a", drawing.timer(), interrupting=False)
    drawing.chain("begun", "a", "merge", "b", "done").chain("late", "merge")
    assert found(drawing.xml()) == {("join-missing", "merge")}
    assert found(drawing.xml().replace(b'cancelActivity="false"', b'cancelActivity="true"')) == set()


def block(choices):
    """A fork of branches, each a choice that comes together again."""
    lines = ["begun > and_1 > w > and_2 > end"]
    for number in range(choices):
        lines += [
            f"and_1 > xor_a{number} > a{number} > xor_b{number} > and_2",
            f"xor_a{number} > b{number} > xor_b{number}",
        ]
    return drawn("\n".join(lines))


@pytest.mark.parametrize("width", [3, 7, 60])
def test_an_inclusive_choice_of_many_branches_is_played_in_time(width):
    lines = [f"or_1 > t{number} > or_2" for number in range(width)]
    before = time.process_time()
    assert found(drawn("\n".join(["begun > or_1 > w > or_2 > end", *lines]))) == set()
    assert time.process_time() - before < 2


@pytest.mark.parametrize("width", [2, 10, 60])
def test_a_wide_block_is_played_to_the_end(width):
    source = block(width)
    before = time.process_time()
    assert found(source) == set()
    assert time.process_time() - before < 2


def test_a_loop_around_a_wide_block_is_given_up_in_time():
    lines = ["begun > xor_in > and_1 > w > and_2 > x > xor_out > end", "xor_out > xor_in"]
    for number in range(60):
        lines += [
            f"and_1 > xor_a{number} > xor_b{number} > and_2",
            f"xor_a{number} > t{number} > xor_b{number}",
        ]
    source = drawn("\n".join(lines))
    before = time.process_time()
    assert found(source) <= {("play-limit", "process_1")}
    assert time.process_time() - before < 4


def test_a_play_that_is_stopped_says_so_and_names_what_it_found_until_then(monkeypatch):
    monkeypatch.setattr(lint_tokens, "MAX_MARKINGS", 5)
    assert found(block(5)) == {("play-limit", "process_1")}
    (stopped,) = [one for one in bpmn.lint(block(5)) if one.rule == "play-limit"]
    assert (stopped.severity, stopped.params) == ("warning", {"limit": 5})


def blocks(depth):
    """Nested blocks of tasks, forks and choices: sound as they are built."""
    leaf = st.just(("task",))
    return st.recursive(
        leaf,
        lambda inner: st.tuples(st.sampled_from(["and", "xor", "or", "line"]), inner, inner),
        max_leaves=depth,
    )


def laid(block, numbers, ways, entry):
    """Draw a block behind an entry; gives its exit."""
    number = next(numbers)
    if block[0] == "task":
        ways.append(f"{entry} > t{number}")
        return f"t{number}"
    kind, left, right = block
    if kind == "line":
        return laid(right, numbers, ways, laid(left, numbers, ways, entry))
    split, join = f"{kind}_{number}", f"{kind}_{number}x"
    ways.append(f"{entry} > {split}")
    for branch in (left, right):
        ways.append(f"{laid(branch, numbers, ways, split)} > {join}")
    return join


@given(blocks(12), st.data())
def test_nested_blocks_are_sound_and_a_wrong_join_is_always_named(block, data):
    ways = []
    last = laid(block, iter(range(1_000)), ways, "begun")
    text = "\n".join([*ways, f"{last} > end"])
    assert found(drawn(text)) == set()
    joins = sorted({word for word in text.split() if word.endswith("x")})
    if joins:
        join = data.draw(st.sampled_from(joins))
        kind, _, rest = join.partition("_")
        other = ("xor" if kind == "and" else "and") + f"_{rest}"
        rule = "join-missing" if kind == "and" else "join-deadlock"
        assert (rule, other) in found(drawn(text.replace(join, other)))
