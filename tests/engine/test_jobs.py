"""Jobs: enqueued in a command, done once after it, in order, and never forgotten by a crash."""

import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine import Engine, jobs
from engine.models.records import Job
from tests.conftest import TENANT, House, settle

SOMEBODY = "罗小琴 13900000000"
OTHER = "00000000-0000-7000-8000-000000000002"


@dataclass
class Desk:
    """A handler that notes what it was asked to do, and can be told to fail."""

    done: list[Any] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    seconds: float = 0

    def __call__(self, engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        if payload["name"] in self.failing:
            raise OSError("the disk is away")
        time.sleep(self.seconds)
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


def test_a_job_costs_its_step_one_statement_and_on_postgresql_the_wake_up_too(
    house: House, statements: list[str]
) -> None:
    with house.engine.sessions.command(TENANT) as session:
        session.connection()
        statements.clear()
        jobs.enqueue(session, "print", "a", house.clock(), {"name": "a"})
        # The wake-up goes past SQLAlchemy, which does not see it.
        assert len(statements) == 1
        assert wakeups_of(session) == (session.get_bind().dialect.name == "postgresql")


def wakeups_of(session: Session) -> int:
    if session.get_bind().dialect.name == "sqlite":
        return 0
    found = text("SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'tenant_id' = :tenant_id")
    return int(session.execute(found, {"tenant_id": TENANT}).scalar_one())


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
    with house.engine.sessions.query(TENANT) as session:
        assert wakeups_of(session) == 0


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


def test_what_a_lost_worker_had_begun_is_taken_again_when_its_lease_is_over(house: House, desk: Desk) -> None:
    enqueue(house, "begun", "waiting")
    assert jobs.take(house.engine, TENANT)
    run(house, desk)
    assert desk.names == ["waiting"]
    assert stored(house) == {"begun": ("doing", 1), "waiting": ("done", 1)}
    house.clock.forward(seconds=jobs.LEASE.total_seconds() - 1)
    assert run(house, desk) == 0
    house.clock.forward(seconds=1)
    assert run(house, desk) == 1
    assert stored(house)["begun"] == ("done", 2)


@pytest.mark.slow
def test_a_job_that_lasts_longer_than_a_lease_keeps_it(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LEASE", dt.timedelta(seconds=0.3))
    engine = replace(house.engine, now=lambda: dt.datetime.now(dt.UTC))
    taken: list[Any] = []

    def slow(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            taken.append(jobs.take(engine, TENANT))
            time.sleep(0.05)
        desk(engine, tenant_id, payload)

    enqueue(house, "a")
    jobs.run_due(engine, {"print": slow})
    assert set(taken) == {None}
    assert stored(house) == {"a": ("done", 1)}


def test_a_worker_that_lost_its_lease_can_not_undo_what_the_next_one_did(house: House, desk: Desk) -> None:
    def beaten(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        house.clock.forward(seconds=jobs.LEASE.total_seconds())
        assert run(house, desk) == 1
        raise OSError("the disk is away")

    enqueue(house, "a")
    jobs.run_due(house.engine, {"print": beaten})
    assert desk.names == ["a"]
    assert stored(house) == {"a": ("done", 2)}


def test_being_cut_off_does_not_count_as_failing(house: House, desk: Desk) -> None:
    enqueue(house, "a")
    for _ in range(jobs.ATTEMPTS + 1):
        assert jobs.take(house.engine, TENANT)
        house.clock.forward(minutes=1)
    desk.failing = {"a"}
    run(house, desk)
    assert stored(house) == {"a": ("waiting", jobs.ATTEMPTS + 2)}


def test_a_job_that_kills_its_workers_is_given_up(house: House, desk: Desk) -> None:
    enqueue(house, "a")
    for _ in range(jobs.LOST):
        assert jobs.take(house.engine, TENANT)
        house.clock.forward(minutes=1)
    run(house, desk)
    assert desk.names == []
    assert stored(house) == {"a": ("failed", jobs.LOST + 1)}


def test_a_job_begun_by_one_worker_is_not_begun_by_another(house: House, desk: Desk) -> None:
    enqueue(house, "a", "b")
    first, second = (jobs.take(house.engine, TENANT) for _ in range(2))
    assert first is not None
    assert second is not None
    assert {first["key"], second["key"]} == {"a", "b"}
    assert jobs.take(house.engine, TENANT) is None


def test_the_log_says_where_a_job_failed_and_nothing_of_anybody(
    house: House, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError(SOMEBODY)

    enqueue(house, "a")
    jobs.run_due(house.engine, {"print": breaks})
    assert "RuntimeError" in caplog.text
    assert "in breaks" in caplog.text
    assert SOMEBODY not in caplog.text


@contextmanager
def working(engine: Engine, desk: Desk) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=jobs.run_worker, args=(engine, {"print": desk}, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def wait_for(desk: Desk, *names: str) -> None:
    deadline = time.monotonic() + 20
    while sorted(desk.names) != sorted(names) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sorted(desk.names) == sorted(names)


def test_a_worker_does_jobs_as_they_come_and_stops_when_it_is_told(house: House, desk: Desk) -> None:
    with working(house.engine, desk):
        enqueue(house, "a")
        wait_for(desk, "a")
    enqueue(house, "b")
    assert stored(house)["b"] == ("waiting", 0)


def test_a_worker_does_what_was_enqueued_before_it_came(house: House, desk: Desk) -> None:
    enqueue(house, "a", "b", "c")
    with working(house.engine, desk):
        wait_for(desk, "a", "b", "c")


@pytest.mark.slow
def test_a_worker_does_a_job_after_its_pause_and_after_a_lost_worker(house: House, desk: Desk) -> None:
    desk.failing = {"a"}
    enqueue(house, "a", "b")
    with working(house.engine, desk):
        wait_for(desk, "b")
        while stored(house)["a"] != ("waiting", 1):
            time.sleep(0.05)
        desk.failing = set()
        house.clock.forward(minutes=1)
        wait_for(desk, "a", "b")
    enqueue(house, "c")
    assert jobs.take(house.engine, TENANT)
    with working(house.engine, desk):
        time.sleep(1.5)
        assert stored(house)["c"] == ("doing", 1)
        house.clock.forward(seconds=jobs.LEASE.total_seconds())
        wait_for(desk, "a", "b", "c")


@pytest.mark.slow
def test_two_workers_share_the_jobs_and_do_none_twice(house: House) -> None:
    desks = [Desk(seconds=0.03), Desk(seconds=0.03)]
    names = [f"job {number}" for number in range(40)]
    with working(house.engine, desks[0]), working(house.engine, desks[1]):
        for name in names:
            enqueue(house, name)
        deadline = time.monotonic() + 30
        while set(stored(house).values()) != {("done", 1)} and time.monotonic() < deadline:
            time.sleep(0.05)
    assert set(stored(house).values()) == {("done", 1)}
    assert sorted(desks[0].names + desks[1].names) == sorted(names)
    assert all(desk.names for desk in desks)


def test_a_worker_survives_a_database_that_is_away_for_a_moment(house: House, desk: Desk) -> None:
    troubles = [OSError("away"), OSError("still away")]

    def now() -> Any:
        if troubles:
            raise troubles.pop()
        return house.clock()

    with working(replace(house.engine, now=now), desk):
        enqueue(house, "a")
        wait_for(desk, "a")
    assert not troubles
