"""A timer and somebody else at once: one wins, the other gets 409 or has nothing to do; on both databases."""

import datetime as dt
from collections.abc import Callable

import pytest

from engine import audit, clocks, errors, messages, releases, tasks, timed_starts, timers
from engine.messages import Message
from tests import diagrams
from tests.conftest import TENANT, House, recorded
from tests.engine.test_messages import PAID, declared
from tests.engine.test_start_timers import timed
from tests.engine.test_tasks import begin, the_task
from tests.engine.test_timed_starts import started
from tests.engine.test_timers import LIMITED, armed, caught, names, timer
from tests.reliability.races import race

LATE = dt.timedelta(days=3)
GATE = diagrams.process(
    "gate",
    [
        diagrams.start(),
        '<bpmn:eventBasedGateway id="first_of"/>',
        caught("paid", PAID),
        caught("too_late", timer("P3D")),
        diagrams.user_task("thank"),
        diagrams.user_task("urge"),
        diagrams.end(),
        diagrams.end("urged"),
    ],
    ["begun -> first_of", "first_of -> paid", "first_of -> too_late", "paid -> thank", "too_late -> urge",
     "thank -> ended", "urge -> urged"],
    extra=declared(),
)  # fmt: skip


@pytest.fixture
def limited(house: House) -> tuple[House, str]:
    house.deploy({"limited.bpmn": LIMITED})
    root_id = begin(house, "limited")
    house.clock.moment += LATE
    return house, root_id


@pytest.fixture
def gate(house: House) -> tuple[House, str]:
    house.deploy({"gate.bpmn": GATE})
    root_id = begin(house, "gate", number="A1")
    house.clock.moment += LATE
    return house, root_id


@pytest.fixture
def sweep(house: House) -> House:
    house.deploy({"sweep.bpmn": timed("P3D")})
    house.clock.moment += LATE
    return house


def starting(house: House) -> Callable[[], int]:
    return lambda: timed_starts.start_due(house.engine)


def deploying(house: House) -> Callable[[], str]:
    return lambda: house.deploy({"sweep.bpmn": timed("P9D")})


def started_in(house: House) -> list[str]:
    """The releases of the instances that were started."""
    return [root.release_id for root in started(house)]


def firing(house: House) -> Callable[[], int]:
    return lambda: timers.fire_batch(house.engine, TENANT)


def completing(house: House, task_id: str) -> Callable[[], tasks.TaskDone]:
    return lambda: tasks.complete_task(house.engine, house.mediator, task_id, {}, "k")


def publishing(house: House, message_id: str = "pay-1") -> Callable[[], messages.Published]:
    return lambda: messages.publish(house.engine, house.administrator, Message("paid", "A1", {}, message_id))


def of_sqlite(house: House) -> bool:
    return house.engine.sessions.url.startswith("sqlite")


def test_who_completes_a_task_while_its_time_runs_out_is_refused(limited: tuple[House, str]) -> None:
    house, root_id = limited
    won, lost = race(
        house.engine, "before_commit", firing(house), completing(house, the_task(house, root_id).id)
    )
    assert won.value == 1
    assert isinstance(lost.refused, errors.TaskCancelled)
    assert lost.refused.status == 409
    assert names(house, root_id) == ["close"]
    assert recorded(house, root_id) == ["process.started", "timer.fired"]


def test_a_timer_finds_nothing_to_do_when_its_task_is_completed_first(limited: tuple[House, str]) -> None:
    house, root_id = limited
    won, lost = race(
        house.engine, "before_commit", completing(house, the_task(house, root_id).id), firing(house),
        waits=of_sqlite(house),
    )  # fmt: skip
    assert won.value.root_id == root_id
    assert lost.value == 0
    assert (names(house, root_id), armed(house)) == ([], [])
    assert timers.fire_due(house.engine) == 0
    assert recorded(house, root_id) == ["process.started", "task.completed"]


def test_two_workers_fire_a_timer_once(limited: tuple[House, str]) -> None:
    house, root_id = limited
    one, other = race(house.engine, "before_commit", firing(house), firing(house), waits=of_sqlite(house))
    assert (one.value, other.value) == (1, 0)
    assert recorded(house, root_id) == ["process.started", "timer.fired"]
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_message_that_comes_while_the_timer_fires_finds_nobody_at_the_gateway(
    gate: tuple[House, str],
) -> None:
    house, root_id = gate
    won, lost = race(house.engine, "before_commit", firing(house), publishing(house))
    assert (won.value, lost.value.outcome) == (1, "kept")
    assert names(house, root_id) == ["urge"]
    assert recorded(house, root_id) == ["process.started", "timer.fired"]


def test_a_timer_does_not_fire_at_a_gateway_that_a_message_has_passed(gate: tuple[House, str]) -> None:
    house, root_id = gate
    won, lost = race(house.engine, "before_commit", publishing(house), firing(house), waits=of_sqlite(house))
    assert (won.value.outcome, lost.value) == ("received", 0)
    assert names(house, root_id) == ["thank"]
    assert (armed(house), timers.fire_due(house.engine)) == ([], 0)


def test_of_two_messages_at_once_one_is_received_and_the_other_kept(gate: tuple[House, str]) -> None:
    house, root_id = gate
    one, other = race(house.engine, "before_commit", publishing(house, "pay-1"), publishing(house, "pay-2"))
    assert (one.value.outcome, other.value.outcome) == ("received", "kept")
    assert names(house, root_id) == ["thank"]


def test_a_timer_does_not_fire_once_the_clocks_were_stopped(limited: tuple[House, str]) -> None:
    house, root_id = limited

    def pause() -> None:
        clocks.pause_clocks(house.engine, house.mediator, root_id, clocks.Because("鉴定"))

    _, lost = race(house.engine, "before_commit", pause, firing(house), waits=of_sqlite(house))
    assert lost.value == 0
    assert timers.fire_due(house.engine) == 0
    assert names(house, root_id) == ["answer"]


def test_two_workers_start_a_process_that_is_due_once(sweep: House) -> None:
    one, other = race(sweep.engine, "before_commit", starting(sweep), starting(sweep), waits=of_sqlite(sweep))
    assert (one.value, other.value) == (1, 0)
    assert (len(started_in(sweep)), starting(sweep)()) == (1, 0)


def test_a_timer_that_a_deploy_replaces_starts_nothing(sweep: House) -> None:
    one, other = race(
        sweep.engine, "before_commit", deploying(sweep), starting(sweep), waits=of_sqlite(sweep)
    )
    assert (one.refused, other.value) == (None, 0)
    assert (started_in(sweep), starting(sweep)()) == ([], 0)


def test_a_process_that_starts_while_its_timer_is_replaced_belongs_to_the_release_before(
    sweep: House,
) -> None:
    with sweep.engine.sessions.query(TENANT) as session:
        before = releases.active_release(session)
    one, other = race(sweep.engine, "before_commit", starting(sweep), deploying(sweep))
    assert (one.value, other.refused) == (1, None)
    assert (started_in(sweep), starting(sweep)()) == ([before], 0)
