"""Signals, escalations, errors and messages that go between instances and cases, on both databases."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select

from engine import definitions, errors, instances, jobs, messages, service_tasks, tasks
from engine.models.processes import ProcessInstance, SignalSubscription
from tests import diagrams
from tests.conftest import TENANT, House, recorded
from tests.engine.test_instances import Printer
from tests.engine.test_tasks import begin, open_tasks

SIGNAL = '<bpmn:signal id="s" name="office closes"/>'
ESCALATION = '<bpmn:escalation id="late" escalationCode="late"/>'
ERROR = '<bpmn:error id="e" errorCode="broken"/>'
MESSAGE = """<bpmn:message id="m" name="agreed"><bpmn:extensionElements>
<zeebe:subscription correlationKey="=kept"/></bpmn:extensionElements></bpmn:message>"""
OF_SIGNAL = '<bpmn:signalEventDefinition signalRef="s"/>'
OF_ESCALATION = '<bpmn:escalationEventDefinition escalationRef="late"/>'
OF_ERROR = '<bpmn:errorEventDefinition errorRef="e"/>'
OF_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'


def thrower(definition: str, extra: str, process_id: str = "thrower") -> bytes:
    """`decide`, then an event is told, then `after`."""
    told = diagrams.event("intermediateThrowEvent", "told", definition)
    return diagrams.process(
        process_id,
        [diagrams.start(), diagrams.user_task("decide"), told, diagrams.user_task("after"), diagrams.end()],
        ["begun -> decide", "decide -> told", "told -> after", "after -> ended"],
        extra=extra,
    )


def caller(
    process_id: str, called: str, event: str = "", extra: str = "", interrupting: bool = True
) -> bytes:
    """A call, perhaps with an event on it that leads to `react`."""
    nodes = [diagrams.start(), diagrams.call_activity("call", called), diagrams.end()]
    flows = ["begun -> call", "call -> ended"]
    if event:
        caught = diagrams.boundary("caught", "call", event)
        marked = caught.replace(
            " attachedToRef", f' cancelActivity="{str(interrupting).lower()}" attachedToRef'
        )
        nodes += [marked, diagrams.user_task("react"), diagrams.end("reacted")]
        flows += ["caught -> react", "react -> reacted"]
    return diagrams.process(process_id, nodes, flows, extra=extra)


LISTENER = diagrams.process(
    "listener",
    [
        diagrams.start(),
        diagrams.user_task("work"),
        diagrams.end(),
        diagrams.sub_process(
            "closing",
            [
                diagrams.event("startEvent", "closed", OF_SIGNAL, isInterrupting="false"),
                diagrams.user_task("tell"),
                diagrams.end("told_all"),
            ],
            ["closed -> tell", "tell -> told_all"],
            by_event=True,
        ),
    ],
    ["begun -> work", "work -> ended"],
    extra=SIGNAL,
)


def do(house: House, root_id: str, node_id: str, key: str = "") -> tasks.TaskDone:
    house.engine.definitions.live = definitions.LiveSteppers()
    task = next(task for task in open_tasks(house, root_id) if task.node_id == node_id)
    return tasks.complete_task(house.engine, house.mediator, task.id, {}, key or f"key-{task.id}")


def waiting(house: House, root_id: str) -> list[str]:
    return sorted(task.node_id for task in open_tasks(house, root_id))


def statuses(house: House, root_id: str) -> dict[str, str]:
    with house.engine.sessions.query(TENANT) as session:
        found = select(ProcessInstance).where(ProcessInstance.root_id == root_id)
        return {row.process_id: row.status for row in session.scalars(found)}


def subscriptions(house: House) -> list[str]:
    with house.engine.sessions.query(TENANT) as session:
        found = select(SignalSubscription.root_id).order_by(SignalSubscription.root_id)
        return list(session.scalars(found))


def test_a_signal_reaches_every_case_that_waits_each_in_a_transaction_of_its_own(house: House) -> None:
    house.deploy({"listener.bpmn": LISTENER, "thrower.bpmn": thrower(OF_SIGNAL, SIGNAL)})
    listening = [begin(house, "listener") for _ in range(3)]
    telling = begin(house, "thrower")
    assert subscriptions(house) == sorted(listening)
    do(house, telling, "decide")
    assert waiting(house, telling) == ["after"]
    assert [waiting(house, root_id) for root_id in listening] == [["work"]] * 3
    assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 3
    assert [waiting(house, root_id) for root_id in listening] == [["tell", "work"]] * 3
    assert recorded(house, listening[0]) == ["process.started", "signal.received"]


def test_a_signal_within_the_case_arrives_in_the_same_transaction(house: House) -> None:
    both = diagrams.process(
        "both",
        [
            diagrams.start(),
            diagrams.fork("split"),
            diagrams.call_activity("listen", "listener"),
            diagrams.call_activity("throw", "thrower"),
            diagrams.end("heard"),
            diagrams.end("thrown"),
        ],
        ["begun -> split", "split -> listen", "split -> throw", "listen -> heard", "throw -> thrown"],
    )
    told = thrower(OF_SIGNAL, SIGNAL)
    house.deploy({"both.bpmn": both, "listener.bpmn": LISTENER, "thrower.bpmn": told})
    root_id = begin(house, "both")
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["after", "tell", "work"]
    assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 0


def test_a_case_that_began_to_wait_after_the_signal_does_not_get_it(house: House) -> None:
    house.deploy({"listener.bpmn": LISTENER, "thrower.bpmn": thrower(OF_SIGNAL, SIGNAL)})
    early, telling = begin(house, "listener"), begin(house, "thrower")
    do(house, telling, "decide")
    late = begin(house, "listener")
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert waiting(house, early) == ["tell", "work"]
    assert waiting(house, late) == ["work"]


def test_who_no_longer_waits_is_left_alone_and_not_listed(house: House) -> None:
    house.deploy({"listener.bpmn": LISTENER, "thrower.bpmn": thrower(OF_SIGNAL, SIGNAL)})
    listening, telling = begin(house, "listener"), begin(house, "thrower")
    do(house, telling, "decide")
    do(house, listening, "work")
    assert subscriptions(house) == []
    assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 1
    assert statuses(house, listening) == {"listener": "ended"}
    assert recorded(house, listening) == ["process.started", "task.completed"]


def test_one_that_does_not_interrupt_hears_the_next_signal_too(house: House) -> None:
    house.deploy({"listener.bpmn": LISTENER, "thrower.bpmn": thrower(OF_SIGNAL, SIGNAL)})
    listening = begin(house, "listener")
    for _ in range(2):
        do(house, begin(house, "thrower"), "decide")
        assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 1
    assert waiting(house, listening) == ["tell", "tell", "work"]


def with_event_sub_process(process_id: str, activity: str, event: str, extra: str) -> bytes:
    """An activity beside an event sub-process with the task `react`."""
    reacting = diagrams.sub_process(
        "reacting",
        [diagrams.event("startEvent", "caught", event), diagrams.user_task("react"), diagrams.end("reacted")],
        ["caught -> react", "react -> reacted"],
        by_event=True,
    )
    nodes = [diagrams.start(), activity, diagrams.end(), reacting]
    name = activity.split('id="', 1)[1].split('"', 1)[0]
    return diagrams.process(process_id, nodes, [f"begun -> {name}", f"{name} -> ended"], extra=extra)


def deploy_chain(house: House, inner: bytes, event: str, extra: str, interrupting: bool = True) -> str:
    """`top` catches on its call of `middle`, which calls `thrower`."""
    house.deploy(
        {
            "thrower.bpmn": inner,
            "middle.bpmn": caller("middle", "thrower"),
            "top.bpmn": caller("top", "middle", event, extra, interrupting),
        }
    )
    return begin(house, "top", kept=1)


def test_an_escalation_climbs_through_the_calls_and_the_thrower_goes_on(house: House) -> None:
    inner = thrower(OF_ESCALATION, ESCALATION)
    root_id = deploy_chain(house, inner, OF_ESCALATION, ESCALATION, interrupting=False)
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["after", "react"]
    do(house, root_id, "after")
    do(house, root_id, "react")
    assert statuses(house, root_id) == dict.fromkeys(["top", "middle", "thrower"], "ended")


def test_an_escalation_that_interrupts_cancels_the_calls_before_they_go_on(house: House) -> None:
    root_id = deploy_chain(house, thrower(OF_ESCALATION, ESCALATION), OF_ESCALATION, ESCALATION)
    done = do(house, root_id, "decide")
    assert waiting(house, root_id) == ["react"]
    assert len(done.next_task_ids) == 1
    assert statuses(house, root_id) == {"top": "active", "middle": "cancelled", "thrower": "cancelled"}


def test_an_escalation_that_nobody_hears_changes_nothing(house: House) -> None:
    house.deploy({"thrower.bpmn": thrower(OF_ESCALATION, ESCALATION)})
    root_id = begin(house, "thrower")
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["after"]


def failing() -> bytes:
    return diagrams.process(
        "thrower",
        [diagrams.start(), diagrams.user_task("decide"), diagrams.event("endEvent", "failed", OF_ERROR)],
        ["begun -> decide", "decide -> failed"],
        extra=ERROR,
    )


def test_an_error_climbs_through_the_calls_to_the_first_that_catches_it(house: House) -> None:
    root_id = deploy_chain(house, failing(), OF_ERROR, ERROR)
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["react"]
    assert statuses(house, root_id) == {"top": "active", "middle": "cancelled", "thrower": "ended"}


def test_an_error_that_nobody_catches_is_refused_and_nothing_has_happened(house: House) -> None:
    house.deploy({"thrower.bpmn": failing(), "middle.bpmn": caller("middle", "thrower")})
    root_id = begin(house, "middle")
    with pytest.raises(errors.ErrorUncaught):
        do(house, root_id, "decide")
    assert waiting(house, root_id) == ["decide"]


def test_an_error_of_a_called_service_begins_an_event_sub_process_of_the_caller(
    url: str, make_house: Callable[..., House], printer_failing: Printer
) -> None:
    house = make_house(url, printer_failing.services(error_code="broken"))
    called = diagrams.in_line("called", [diagrams.service_task("print", "printer")])
    top = with_event_sub_process("top", diagrams.call_activity("call", "called"), OF_ERROR, ERROR)
    house.deploy({"called.bpmn": called, "top.bpmn": top})
    root_id = begin(house, "top")
    assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 1
    assert waiting(house, root_id) == ["react"]
    assert statuses(house, root_id) == {"top": "active", "called": "cancelled"}


@pytest.fixture
def printer_failing() -> Printer:
    printer = Printer()
    printer.problem = errors.RenderingFailed(reason="too long")
    return printer


def test_a_thrown_message_goes_to_one_place_of_the_same_case(house: House) -> None:
    told = diagrams.event("intermediateThrowEvent", "told", OF_MESSAGE)
    heard = diagrams.event("intermediateCatchEvent", "heard", OF_MESSAGE)
    both = diagrams.process(
        "both",
        [
            diagrams.start(),
            diagrams.fork("split"),
            heard,
            diagrams.user_task("read"),
            diagrams.user_task("decide"),
            told,
            diagrams.end("read_it"),
            diagrams.end("told_it"),
        ],
        ["begun -> split", "split -> heard", "heard -> read", "read -> read_it",
         "split -> decide", "decide -> told", "told -> told_it"],
        extra=MESSAGE,
    )  # fmt: skip
    house.deploy({"both.bpmn": both})
    root_id = begin(house, "both", kept=1)
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["read"]


def beside_a_call(*beside: str, flows: Sequence[str] = ()) -> bytes:
    """`decide`, then at once a call of `inner` and beside it the event `last`."""
    nodes = [diagrams.start(), diagrams.user_task("decide"), diagrams.fork("split")]
    nodes += [diagrams.call_activity("call", "inner"), diagrams.end(), *beside]
    own = ["begun -> decide", "decide -> split", "split -> call", "call -> ended"]
    return diagrams.process("outer", nodes, [*own, "split -> last", "last -> told_it", *flows], extra=MESSAGE)


def test_a_message_reaches_a_process_that_the_same_step_has_called(house: House) -> None:
    heard = diagrams.event("intermediateCatchEvent", "heard", OF_MESSAGE)
    nodes = [diagrams.start(), heard, diagrams.user_task("read"), diagrams.end()]
    inner = diagrams.process(
        "inner", nodes, ["begun -> heard", "heard -> read", "read -> ended"], extra=MESSAGE
    )
    told = diagrams.event("intermediateThrowEvent", "last", OF_MESSAGE)
    house.deploy({"inner.bpmn": inner, "outer.bpmn": beside_a_call(told, diagrams.end("told_it"))})
    root_id = begin(house, "outer", kept=1)
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["read"]


def test_an_event_on_a_call_also_ends_what_the_same_step_has_called(house: House) -> None:
    inner = diagrams.in_line("inner", [diagrams.user_task("read")])
    told = diagrams.event("intermediateThrowEvent", "last", OF_MESSAGE)
    caught = diagrams.boundary("caught", "call", OF_MESSAGE)
    outer = beside_a_call(
        told, diagrams.end("told_it"), caught, diagrams.user_task("react"), diagrams.end("reacted"),
        flows=["caught -> react", "react -> reacted"],
    )  # fmt: skip
    house.deploy({"inner.bpmn": inner, "outer.bpmn": outer})
    root_id = begin(house, "outer", kept=1)
    do(house, root_id, "decide")
    assert waiting(house, root_id) == ["react"]
    assert statuses(house, root_id) == {"outer": "active", "inner": "cancelled"}


def test_an_event_sub_process_begins_by_a_message_to_the_case(house: House) -> None:
    source = with_event_sub_process("guarded", diagrams.user_task("work"), OF_MESSAGE, MESSAGE)
    house.deploy({"guarded.bpmn": source})
    root_id = begin(house, "guarded", kept=1)
    with house.engine.sessions.command(TENANT) as session:
        root = instances.lock(session, root_id)
        assert messages.throw(session, house.engine, root, "agreed")
    assert waiting(house, root_id) == ["react"]


def test_a_condition_on_a_task_is_looked_at_after_each_step(house: House) -> None:
    much = "<bpmn:conditionalEventDefinition><bpmn:condition>=amount &gt; 10</bpmn:condition>"
    source = diagrams.process(
        "guarded",
        [
            diagrams.start(),
            diagrams.fork("split"),
            diagrams.user_task("work"),
            diagrams.user_task("count", outputs="amount=amount + 10"),
            diagrams.boundary("much", "work", f"{much}</bpmn:conditionalEventDefinition>"),
            diagrams.user_task("react"),
            *(diagrams.end(name) for name in ("worked", "counted", "reacted")),
        ],
        ["begun -> split", "split -> work", "split -> count", "work -> worked", "count -> counted",
         "much -> react", "react -> reacted"],
    )  # fmt: skip
    house.deploy({"guarded.bpmn": source})
    root_id = begin(house, "guarded", amount=5)
    assert waiting(house, root_id) == ["count", "work"]
    do(house, root_id, "count")
    assert waiting(house, root_id) == ["react"]


def test_every_inclusive_way_is_joined_over_the_database(house: House) -> None:
    names = ("a", "b", "c")
    gateways = [f'<bpmn:inclusiveGateway id="{name}"/>' for name in ("split", "join")]
    flows = ["begun -> split", "split => a", "split -> b: kept = 1", "split -> c: kept > 0", "join -> after"]
    source = diagrams.process(
        "chosen",
        [diagrams.start(), *gateways, *map(diagrams.user_task, (*names, "after")), diagrams.end()],
        [*flows, *(f"{name} -> join" for name in names), "after -> ended"],
    )
    house.deploy({"chosen.bpmn": source})
    root_id = begin(house, "chosen", kept=1)
    assert waiting(house, root_id) == ["b", "c"]
    do(house, root_id, "b")
    assert waiting(house, root_id) == ["c"]
    do(house, root_id, "c")
    assert waiting(house, root_id) == ["after"]
