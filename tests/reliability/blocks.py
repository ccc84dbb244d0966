"""Random diagrams of our dialect for hypothesis: blocks in blocks, ways across them, and called processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests import diagrams, small_forms

NAMES = ("v_0", "v_1", "v_2", "v_3")
CONDITIONS = (
    "v_0 > 4", "v_1 < 3 or v_2 > 6", "modulo(v_3, 2) = 0", "v_0 >= v_1", "v_2 in [2..5]",
    "v_3 = max(v_0, v_1)",
)  # fmt: skip
ASK = small_forms.form("ask", small_forms.field("number", "n"))
SERVICE, ERROR, FRAGILE = "count", "failed", "fragile"
DEPTH = 3
CALLED = 2
MIDDLE = (2_500, 20_000)
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
DECLARED = (
    f'<bpmn:error id="error_1" name="{ERROR}" errorCode="{ERROR}"/>'
    '<bpmn:message id="message_1" name="told"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=1"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:signal id="signal_1" name="called"/>'
    '<bpmn:escalation id="escalation_1" name="urgent" escalationCode="urgent"/>'
)
MESSAGE = '<bpmn:messageEventDefinition messageRef="message_1"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="signal_1"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="escalation_1"/>'
CAUGHT = '<bpmn:errorEventDefinition errorRef="error_1"/>'

Draw = Callable[[st.SearchStrategy[Any]], Any]
Ends = tuple[str, str]


@dataclass
class Scope:
    """The nodes and flows drawn so far in a process or sub-process; `fails` if an error can leave it."""

    prefix: str
    depth: int
    callable: tuple[str, ...]
    failing: frozenset[str] = frozenset()
    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    defaults: set[str] = field(default_factory=set)
    number: int = 0
    forked: int = 0
    looped: int = 0
    fails: bool = False

    def next_number(self) -> int:
        """A number for an id."""
        self.number += 1
        return self.number

    def add(self, kind: str, make: Callable[[str], str]) -> str:
        """A node with an id of its own."""
        node_id = f"{self.prefix}{kind}_{self.next_number()}"
        self.nodes.append(make(node_id))
        return node_id

    def flow(self, source: str, target: str, condition: str = "") -> None:
        """A flow; one without a condition out of a choice is its default."""
        arrow = "=>" if source in self.defaults and not condition else "->"
        self.flows.append(f"{source} {arrow} {target}" + (f": {condition}" if condition else ""))

    def choice(self) -> str:
        """An exclusive gateway that splits: its flow without a condition is the default."""
        node_id = self.add("choice", diagrams.choice)
        self.defaults.add(node_id)
        return node_id


@st.composite
def releases(draw: Draw) -> Mapping[str, bytes]:
    """Files of one to three processes: `p_0` may call `p_1` and `p_2`, `p_1` may call `p_2`."""
    names = [f"p_{n}" for n in range(draw(st.integers(1, 1 + CALLED)))]
    files = {"ask.form": ASK}
    failing: set[str] = set()
    for at in reversed(range(len(names))):
        scope = Scope("", DEPTH - (at > 0), tuple(names[at + 1 :]), frozenset(failing))
        _whole(draw, scope, may_fail=at > 0)
        if scope.fails:
            failing.add(names[at])
        files[f"{names[at]}.bpmn"] = diagrams.process(names[at], scope.nodes, scope.flows, DECLARED)
    return files


def _whole(draw: Draw, scope: Scope, *, may_fail: bool) -> None:
    begun, ended = scope.add("begun", diagrams.start), scope.add("ended", diagrams.end)
    first = scope.add("task", _task(draw))
    entry, leave = _sequence(draw, scope)
    if may_fail and draw(st.booleans()):
        entry, leave = _failing(draw, scope, (entry, leave))
    scope.flow(begun, first)
    scope.flow(first, entry)
    scope.flow(leave, ended)
    if draw(st.integers(0, 3)) == 0:
        _whenever(draw, scope)


def _whenever(draw: Draw, scope: Scope) -> None:
    """An event sub-process: an event that can begin it at any time, and a task."""
    node_id, interrupts = f"{scope.prefix}whenever", draw(st.booleans())
    attributes = {} if interrupts else {"isInterrupting": "false"}
    event = draw(st.sampled_from([TIMER, MESSAGE, SIGNAL, _conditional(draw)]))
    begun, task, ended = f"{node_id}_begun", f"{node_id}_task", f"{node_id}_ended"
    nodes = [diagrams.event("startEvent", begun, event, **attributes), _task(draw)(task), diagrams.end(ended)]
    flows = [f"{begun} -> {task}", f"{task} -> {ended}"]
    scope.nodes.append(diagrams.sub_process(node_id, nodes, flows, by_event=True))


def _conditional(draw: Draw) -> str:
    condition = escape(draw(st.sampled_from(CONDITIONS)))
    inside = f"<bpmn:condition>={condition}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inside}</bpmn:conditionalEventDefinition>"


def _sequence(draw: Draw, scope: Scope, longest: int = 3) -> Ends:
    blocks = [_block(draw, scope) for _ in range(draw(st.integers(1, longest)))]
    for (_, leave), (entry, _) in zip(blocks, blocks[1:], strict=False):
        scope.flow(leave, entry)
    return blocks[0][0], blocks[-1][1]


def _block(draw: Draw, scope: Scope) -> Ends:
    kinds: tuple[Callable[[Draw, Scope], Ends], ...] = (_activity, _activity)
    if scope.depth > 0:
        kinds += (
            _exclusive,
            _parallel,
            _loop,
            _events,
            _sub_process,
            _guarded,
            _tangle,
            _repeated,
            _escalating,
        )
        kinds += (_link,) if scope.looped else (_link, _inclusive)
    scope.depth -= 1
    made = draw(st.sampled_from(kinds))(draw, scope)
    scope.depth += 1
    return made


def _task(draw: Draw) -> Callable[[str], str]:
    name = draw(st.sampled_from(NAMES))
    return lambda node_id: diagrams.user_task(node_id, "ask", outputs=f"{name}=n")


def _script(draw: Draw) -> Callable[[str], str]:
    source, target = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
    inside = f'<zeebe:script expression="=modulo({source} + 3, 10)" resultVariable="{target}"/>'
    extension = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
    return lambda node_id: f'<bpmn:scriptTask id="{node_id}">{extension}</bpmn:scriptTask>'


def _activity(draw: Draw, scope: Scope) -> Ends:
    kind = draw(st.sampled_from(["task", "task", "task", "manual", "service", "script", "call"]))
    if kind == "manual":
        node_id = scope.add("manual", lambda node_id: f'<bpmn:manualTask id="{node_id}"/>')
    elif kind == "service":
        node_id = scope.add("service", lambda node_id: diagrams.service_task(node_id, SERVICE))
    elif kind == "script":
        node_id = scope.add("script", _script(draw))
    elif kind == "call" and (sound := [name for name in scope.callable if name not in scope.failing]):
        called = draw(st.sampled_from(sound))
        node_id = scope.add("call", lambda node_id: diagrams.call_activity(node_id, called))
    else:
        node_id = scope.add("task", _task(draw))
    return node_id, node_id


def _exclusive(draw: Draw, scope: Scope) -> Ends:
    split, merge = scope.choice(), scope.add("merge", diagrams.choice)
    for condition in (*draw(_conditions(1, 2)), ""):
        if draw(st.booleans()) or not condition:
            entry, leave = _sequence(draw, scope, 2)
            scope.flow(split, entry, condition)
            scope.flow(leave, merge)
        else:
            _stop(draw, scope, split, condition)
    return split, merge


def _stop(draw: Draw, scope: Scope, split: str, condition: str) -> None:
    """A way that ends early: by a terminate end, or by a plain one where no join waits for its token."""
    terminates = scope.forked > 0 or draw(st.booleans())
    event = "<bpmn:terminateEventDefinition/>" if terminates else ""
    node_id = scope.add("stop", lambda node_id: f'<bpmn:endEvent id="{node_id}">{event}</bpmn:endEvent>')
    scope.flow(split, node_id, condition)


def _parallel(draw: Draw, scope: Scope) -> Ends:
    split, join = scope.add("fork", diagrams.fork), scope.add("join", diagrams.fork)
    scope.forked += 1
    for _ in range(draw(st.integers(2, 3))):
        entry, leave = _sequence(draw, scope, 2)
        scope.flow(split, entry)
        scope.flow(leave, join)
    scope.forked -= 1
    return split, join


def _inclusive(draw: Draw, scope: Scope) -> Ends:
    """Not inside a loop: two joins in one circle could wait for each other, and are refused."""
    split, join = scope.add("some", _any_of), scope.add("all", _any_of)
    scope.defaults.add(split)
    scope.forked += 1
    for condition in (*draw(_conditions(1, 2)), ""):
        entry, leave = _sequence(draw, scope, 2)
        scope.flow(split, entry, condition)
        scope.flow(leave, join)
    scope.forked -= 1
    return split, join


def _any_of(node_id: str) -> str:
    return f'<bpmn:inclusiveGateway id="{node_id}"/>'


def _repeated(draw: Draw, scope: Scope) -> Ends:
    """A task or sub-process for each item of a collection at once or in turn, or in rounds."""
    kind = draw(st.sampled_from(["parallel", "sequential", "standard"]))
    if scope.depth > 0 and draw(st.booleans()):
        node_id = _inside(draw, scope, may_fail=False)[0]
    else:
        node_id = scope.add("task", _task(draw))
    if kind == "standard":
        head, tag, tail = scope.nodes[-1].rpartition("</bpmn:")
        marker = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
        scope.nodes[-1] = f"{head}{marker}{tag}{tail}"
        return node_id, node_id
    items = draw(st.sampled_from(["[]", "[1]", "[1, 2, 3]"]))
    until = draw(st.sampled_from(["", "numberOfCompletedInstances >= 2"]))
    output = "listed=loopCounter"
    repeated = diagrams.for_each(scope.nodes[-1], "item", items, until, kind=kind, output=output)
    scope.nodes[-1] = repeated
    return node_id, node_id


def _link(draw: Draw, scope: Scope) -> Ends:
    """Two link events: no flow leads from one to the other."""
    name = f"{scope.prefix}link_{scope.next_number()}"
    event = f'<bpmn:linkEventDefinition name="{name}"/>'
    gone = scope.add("gone", lambda node_id: diagrams.event("intermediateThrowEvent", node_id, event))
    come = scope.add("come", lambda node_id: diagrams.event("intermediateCatchEvent", node_id, event))
    return gone, come


def _escalating(draw: Draw, scope: Scope) -> Ends:
    """A sub-process in which something is escalated, caught at its border, which goes on or is cancelled."""
    prefix = f"{scope.prefix}e{scope.next_number()}_"
    first, say, second = f"{prefix}first", f"{prefix}say", f"{prefix}second"
    nodes = [
        diagrams.start(f"{prefix}begun"), _task(draw)(first),
        diagrams.event("intermediateThrowEvent", say, ESCALATION), _task(draw)(second),
        diagrams.end(f"{prefix}ended"),
    ]  # fmt: skip
    names = [f"{prefix}begun", first, say, second, f"{prefix}ended"]
    flows = [f"{a} -> {b}" for a, b in zip(names, names[1:], strict=False)]
    host = f"{prefix}sub"
    scope.nodes.append(diagrams.sub_process(host, nodes, flows))
    if draw(st.booleans()):
        return _caught(draw, scope, host, ESCALATION)
    _beside(draw, scope, host, ESCALATION)
    return host, host


def _loop(draw: Draw, scope: Scope) -> Ends:
    again, enough = scope.add("again", diagrams.choice), scope.choice()
    task = scope.add("task", _task(draw))
    scope.looped += 1
    entry, leave = _sequence(draw, scope, 2)
    scope.looped -= 1
    scope.flow(again, task)
    scope.flow(task, entry)
    scope.flow(leave, enough)
    scope.flow(enough, again, draw(st.sampled_from(CONDITIONS)))
    return again, enough


def _events(draw: Draw, scope: Scope) -> Ends:
    gateway = scope.add("events", lambda node_id: f'<bpmn:eventBasedGateway id="{node_id}"/>')
    merge = scope.add("merge", diagrams.choice)
    for event in draw(st.sampled_from([(TIMER, MESSAGE), (TIMER, TIMER, SIGNAL), (MESSAGE, TIMER)])):
        catch = scope.add("catch", _catching(event))
        entry, leave = _sequence(draw, scope, 1)
        scope.flow(gateway, catch)
        scope.flow(catch, entry)
        scope.flow(leave, merge)
    return gateway, merge


def _catching(event: str) -> Callable[[str], str]:
    tag = "bpmn:intermediateCatchEvent"
    return lambda node_id: f'<{tag} id="{node_id}">{event}</{tag}>'


def _sub_process(draw: Draw, scope: Scope) -> Ends:
    node_id, fails = _inside(draw, scope, may_fail=True)
    return _caught(draw, scope, node_id) if fails else (node_id, node_id)


def _inside(draw: Draw, scope: Scope, *, may_fail: bool) -> tuple[str, bool]:
    """A sub-process, and whether an error can leave it."""
    inner = Scope(f"{scope.prefix}s{scope.next_number()}_", scope.depth, scope.callable, scope.failing)
    _whole(draw, inner, may_fail=may_fail)
    node_id = f"{inner.prefix}sub"
    scope.nodes.append(diagrams.sub_process(node_id, inner.nodes, inner.flows))
    return node_id, inner.fails


def _failing(draw: Draw, scope: Scope, block: Ends) -> Ends:
    """The block, and behind it a choice to end with an error."""
    split = scope.choice()
    node_id = scope.add("failed", lambda node_id: f'<bpmn:endEvent id="{node_id}">{CAUGHT}</bpmn:endEvent>')
    scope.flow(block[1], split)
    scope.flow(split, node_id, draw(st.sampled_from(CONDITIONS)))
    scope.fails = True
    return block[0], split


def _caught(draw: Draw, scope: Scope, host: str, event: str = CAUGHT) -> Ends:
    """The activity with an interrupting boundary event whose way meets the activity's own again."""
    merge = scope.add("merge", diagrams.choice)
    node_id = scope.add("boundary", lambda node_id: diagrams.boundary(node_id, host, event))
    entry, leave = _sequence(draw, scope, 1)
    scope.flow(host, merge)
    scope.flow(node_id, entry)
    scope.flow(leave, merge)
    return host, merge


def _guarded(draw: Draw, scope: Scope) -> Ends:
    """An activity with a boundary event, interrupting or not; services and calls may fail."""
    host, event = _host(draw, scope)
    if event != CAUGHT and draw(st.booleans()):
        _beside(draw, scope, host, event)
        return host, host
    return _caught(draw, scope, host, event)


def _beside(draw: Draw, scope: Scope, host: str, event: str) -> None:
    """A boundary event that does not interrupt, and a task behind it."""
    beside, ended = scope.add("task", _task(draw)), scope.add("ended", diagrams.end)
    node_id = scope.add(
        "boundary", lambda node_id: diagrams.boundary(node_id, host, event, interrupting=False)
    )
    scope.flow(node_id, beside)
    scope.flow(beside, ended)


def _host(draw: Draw, scope: Scope) -> tuple[str, str]:
    called = [name for name in scope.callable if name in scope.failing]
    if called and draw(st.booleans()):
        name = draw(st.sampled_from(called))
        return scope.add("call", lambda node_id: diagrams.call_activity(node_id, name)), CAUGHT
    if draw(st.booleans()):
        return scope.add(FRAGILE, lambda node_id: diagrams.service_task(node_id, SERVICE)), CAUGHT
    if scope.depth > 0 and draw(st.booleans()):
        return _inside(draw, scope, may_fail=False)[0], _noticed(draw)
    return scope.add("task", _task(draw)), _noticed(draw)


def _noticed(draw: Draw) -> str:
    """An event that a boundary event waits for."""
    return str(draw(st.sampled_from([TIMER, MESSAGE, SIGNAL, _conditional(draw)])))


def _tangle(draw: Draw, scope: Scope) -> Ends:
    """Tasks in a row with ways from behind each to before any: no blocks."""
    count = draw(st.integers(2, 4))
    rows = [
        (scope.add("into", diagrams.choice), scope.add("task", _task(draw)), scope.choice())
        for _ in range(count)
    ]
    for (into, task, out), following in zip(rows, [*rows[1:], None], strict=True):
        scope.flow(into, task)
        scope.flow(task, out)
        if following:
            scope.flow(out, following[0])
        targets = draw(st.lists(st.integers(0, count - 1), max_size=2, unique=True))
        others = [rows[at][0] for at in targets if following is None or rows[at][0] != following[0]]
        for target, condition in zip(others, draw(_conditions(2, 2)), strict=False):
            scope.flow(out, target, condition)
    return rows[0][0], rows[-1][2]


def _conditions(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(CONDITIONS), min_size=least, max_size=most, unique=True)


def samples(count: int) -> list[bytes]:
    """So many diagrams of middle size, each time the same ones."""
    found: list[bytes] = []

    @seed(1)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(releases())
    def collect(files: Mapping[str, bytes]) -> None:
        found.extend(
            text for name, text in files.items() if name == "p_0.bpmn" and MIDDLE[0] < len(text) < MIDDLE[1]
        )

    collect()
    return found[:count]
