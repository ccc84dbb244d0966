"""Each construct runs as its trace says, on SQLite kept in memory, on PostgreSQL restored after each step."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import bpmn
from engine.bpmn import lint_nodes, nodes
from tests.conftest import House
from tests.dialect.constructs import CONSTRUCTS
from tests.dialect.player import Player, services

pytestmark = pytest.mark.slow

TRACES = Path(__file__).with_name("traces.txt")


def traces() -> dict[str, list[str]]:
    """The lines of each trace by the name of its construct."""
    found: dict[str, list[str]] = {}
    for block in TRACES.read_text(encoding="utf-8").strip().split("\n\n"):
        name, *lines = block.splitlines()
        found[name.removeprefix("# ")] = lines
    return found


EXPECTED = traces()


@pytest.mark.parametrize(
    ("url", "restores"),
    [("sqlite", False), ("postgresql", True)],
    ids=["sqlite, kept", "postgresql, restored"],
    indirect=["url"],
)
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_runs_as_its_trace_says(
    url: str, make_house: Callable[..., House], name: str, restores: bool
) -> None:
    construct, expected = CONSTRUCTS[name], EXPECTED[name]
    house = make_house(url, services())
    house.deploy(construct.files)
    player = Player(house, construct.variables, restores=restores)
    actions = [line.partition(" | ")[0] for line in expected]
    assert list(player.trace(actions)) == expected


def test_every_trace_has_its_construct() -> None:
    assert list(EXPECTED) == list(CONSTRUCTS)


def traits(node: bpmn.Node, around: bpmn.Node | None) -> Iterator[str]:
    """What of the dialect a node shows."""
    place = node.kind if around is None or node.kind != "start_event" else f"start of {around.kind}"
    reacts = node.kind == "boundary_event" or place == "start of event_sub_process"
    manner = ("" if node.interrupting else " beside") if reacts else ""
    yield f"{place} {node.event or 'none'}{manner}" if place not in PLAIN else place
    if node.loop is not None:
        yield f"{node.loop.kind} loop"
    if node.timer_kind:
        yield f"{place} by {node.timer_kind}"


GATEWAYS = {f"{kind}_gateway" for kind in ("exclusive", "parallel", "inclusive", "event_based")}
PLAIN = {*nodes.ACTIVITIES, *nodes.SUB_PROCESSES, *GATEWAYS}
LOOPS = {f"{kind} loop" for kind in ("parallel", "sequential", "standard")}
TIMERS = {
    "intermediate_catch_event by date", "intermediate_catch_event by duration", "boundary_event by duration",
    "boundary_event by cycle", "start_event by date", "start_event by duration", "start_event by cycle",
    "start of event_sub_process by duration", "start of event_sub_process by cycle",
}  # fmt: skip


def wanted() -> set[str]:
    """All that the lint lets pass: each kind of node with each kind of event that it may have."""
    begun = {f"start_event {event}" for event in ("none", "message", "timer")} | {"start of sub_process none"}
    thrown = {f"{kind} none" for kind in ("intermediate_throw_event", "end_event")}
    events = {f"{kind} {event}" for kind, allowed in lint_nodes.EVENTS.items() for event in allowed}
    reacting = {
        f"{place} {event}{manner}"
        for place in ("boundary_event", "start of event_sub_process")
        for event in lint_nodes.EVENTS["boundary_event"]
        for manner in ("", " beside")
        if event != "error" or not manner
    }
    return PLAIN | LOOPS | TIMERS | begun | thrown | events | reacting


def test_the_constructs_show_all_that_the_lint_lets_pass() -> None:
    seen = {
        trait
        for construct in CONSTRUCTS.values()
        for name, source in construct.files.items()
        if name.endswith(".bpmn")
        for held in [bpmn.load(source).nodes]
        for node in held.values()
        for trait in traits(node, held.get(node.scope))
    }
    assert wanted() - seen == set()
    assert seen - wanted() == set()
