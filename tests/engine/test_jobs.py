"""Jobs: enqueued in a command, done once after it, in order, and never forgotten by a crash."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from engine import Engine, jobs
from engine.models.records import Job
from tests.conftest import TENANT, House, settle

OTHER = "00000000-0000-7000-8000-000000000002"


@dataclass
class Desk:
    """A handler that notes what it was asked to do, and can be told to fail."""

    done: list[Any] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def __call__(self, engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        if payload["name"] in self.failing:
            raise OSError("the disk is away")
        self.done.append((tenant_id, payload["name"]))
        with engine.sessions.command(tenant_id) as session:
            jobs.finish(session, payload["name"])

    @property
    def names(self) -> list[str]:
        return [name for _, name in self.done]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def enqueue(house: House, *names: str, tenant_id: str = TENANT, minutes: float = 0) -> None:
    clock = replace(house.clock)
    clock.forward(minutes=minutes)
    with house.engine.sessions.command(tenant_id) as session:
        for name in names:
            jobs.enqueue(session, "print", name, clock(), {"name": name})


def run(house: House, desk: Desk) -> int:
    return jobs.run_due(house.engine, {"print": desk})


def stored(house: House, tenant_id: str = TENANT) -> dict[str, tuple[str, int]]:
    with house.engine.sessions.query(tenant_id) as session:
        return {job.key: (job.status, job.attempts) for job in session.scalars(select(Job))}


def test_a_job_is_done_once_and_never_again(house: House, desk: Desk) -> None:
    enqueue(house, "a")
    assert run(house, desk) == 1
    assert run(house, desk) == 0
    assert desk.names == ["a"]
    assert stored(house) == {"a": ("done", 1)}


def test_a_key_is_enqueued_once_whatever_became_of_its_job(house: House, desk: Desk) -> None:
    enqueue(house, "a", "a")
    enqueue(house, "a", minutes=5)
    run(house, desk)
    enqueue(house, "a")
    assert run(house, desk) == 0
    assert desk.names == ["a"]


def test_each_tenant_has_keys_of_its_own(house: House, desk: Desk) -> None:
    settle(house.engine, house.clock, OTHER)
    enqueue(house, "a")
    enqueue(house, "a", tenant_id=OTHER)
    with house.engine.sessions.command(TENANT) as session:
        jobs.cancel(session, "a")
    assert run(house, desk) == 1
    assert desk.done == [(OTHER, "a")]
    assert (stored(house), stored(house, OTHER)) == ({"a": ("cancelled", 0)}, {"a": ("done", 1)})


def test_jobs_are_done_in_the_order_in_which_they_come_due(house: House, desk: Desk) -> None:
    enqueue(house, "late", minutes=2)
    enqueue(house, "soon", minutes=1)
    enqueue(house, "first", "second", "third")
    house.clock.forward(minutes=3)
    assert run(house, desk) == 5
    assert desk.names == ["first", "second", "third", "soon", "late"]


def test_a_job_waits_for_its_time(house: House, desk: Desk) -> None:
    enqueue(house, "a", minutes=10)
    house.clock.forward(minutes=9)
    assert run(house, desk) == 0
    house.clock.forward(minutes=1)
    assert run(house, desk) == 1


def test_a_cancelled_job_is_not_done(house: House, desk: Desk) -> None:
    enqueue(house, "a", "b")
    with house.engine.sessions.command(TENANT) as session:
        jobs.cancel(session, "a")
        jobs.cancel(session, "unheard of")
    run(house, desk)
    assert desk.names == ["b"]


def test_a_job_of_a_command_that_was_undone_was_never_asked_for(house: House, desk: Desk) -> None:
    def ask_and_fail() -> None:
        with house.engine.sessions.command(TENANT) as session:
            jobs.enqueue(session, "print", "a", house.clock(), {"name": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert run(house, desk) == 0


def test_a_job_that_fails_lets_the_others_pass_and_pauses_longer_each_time(house: House, desk: Desk) -> None:
    desk.failing = {"bad"}
    enqueue(house, "bad", "good")
    assert run(house, desk) == 2
    assert desk.names == ["good"]
    pauses = []
    for _ in range(jobs.ATTEMPTS - 1):
        begun = house.clock()
        while not run(house, desk):
            house.clock.forward(seconds=1)
        pauses.append(round((house.clock() - begun).total_seconds()))
    assert pauses == sorted(set(pauses))
    assert stored(house)["bad"] == ("failed", jobs.ATTEMPTS)


def test_a_job_of_a_kind_that_nobody_handles_waits_for_somebody(house: House, desk: Desk) -> None:
    enqueue(house, "a")
    assert jobs.run_due(house.engine, {}) == 1
    assert stored(house) == {"a": ("waiting", 1)}
    house.clock.forward(minutes=1)
    run(house, desk)
    assert desk.names == ["a"]


def test_what_a_killed_worker_had_begun_is_put_back_and_the_rest_left_alone(house: House, desk: Desk) -> None:
    enqueue(house, "done", "begun", "waiting")
    run_first = {"print": lambda engine, tenant_id, payload: desk(engine, tenant_id, payload)}
    desk.failing = {"begun", "waiting"}
    jobs.run_due(house.engine, run_first)
    house.clock.forward(minutes=1)
    assert jobs._begin(house.engine, TENANT)
    before = stored(house)
    jobs.recover(house.engine)
    assert before == {"done": ("done", 1), "begun": ("doing", 2), "waiting": ("waiting", 1)}
    assert stored(house) == {"done": ("done", 1), "begun": ("waiting", 2), "waiting": ("waiting", 1)}


def test_a_job_begun_by_one_worker_is_not_begun_by_another(house: House, desk: Desk) -> None:
    enqueue(house, "a", "b")
    first, second = (jobs._begin(house.engine, TENANT) for _ in range(2))
    assert first is not None
    assert second is not None
    assert {first["key"], second["key"]} == {"a", "b"}
    assert jobs._begin(house.engine, TENANT) is None


def start_worker(engine: Engine, desk: Desk) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=jobs.run_worker, args=(engine, {"print": desk}, stop))
    thread.start()
    return thread, stop


def wait_for(desk: Desk, *names: str) -> None:
    deadline = time.monotonic() + 20
    while desk.names != list(names) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert desk.names == list(names)


def test_a_worker_does_jobs_as_they_come_and_stops_when_it_is_told(house: House, desk: Desk) -> None:
    thread, stop = start_worker(house.engine, desk)
    enqueue(house, "a")
    wait_for(desk, "a")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    enqueue(house, "b")
    assert stored(house)["b"] == ("waiting", 0)


def test_a_worker_survives_a_database_that_is_away_for_a_moment(house: House, desk: Desk) -> None:
    troubles = [OSError("away"), OSError("still away")]

    def now() -> Any:
        if troubles:
            raise troubles.pop()
        return house.clock()

    thread, stop = start_worker(replace(house.engine, now=now), desk)
    enqueue(house, "a")
    wait_for(desk, "a")
    stop.set()
    thread.join(10)
    assert not troubles
