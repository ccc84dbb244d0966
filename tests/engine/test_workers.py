"""Workers in processes of their own, killed and side by side, on both databases."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import jobs, wakeups
from engine.models.records import Job
from tests.conftest import TENANT, House

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
# What a lost worker's job waits for: its lease on SQLite, on PostgreSQL the end of its worker's heartbeats.
TAKEN_AGAIN = max(jobs.LEASE.total_seconds(), wakeups.STALLED_SECONDS + 2 * wakeups.HEARTBEAT_SECONDS) + 5


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes"
    path.touch()
    return path


@contextmanager
def worker(house: House, notes: Path, seconds: float) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker whose jobs last so long; told to stop at the end unless it was killed."""
    url = house.engine.sessions.url
    arguments = [sys.executable, "-m", "tests.engine.working", url, str(notes), str(seconds)]
    process = subprocess.Popen(arguments, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def enqueue(house: House, *names: str, lock: str | None = None) -> None:
    with house.engine.sessions.command(TENANT) as session:
        for name in names:
            given = {"name": name} | ({"root_id": lock} if lock else {})
            jobs.enqueue(session, "print", name, house.clock(), given)


def noted(notes: Path, what: str) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in notes.read_text().splitlines() if line.startswith(what)]


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> float:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return time.monotonic() - begun


def stored(house: House) -> dict[str, tuple[str, int]]:
    with house.engine.sessions.query(TENANT) as session:
        return {job.key: (job.status, job.attempts) for job in session.scalars(select(Job))}


def test_a_job_whose_worker_is_killed_is_done_by_another_when_the_lease_is_over(
    house: House, notes: Path
) -> None:
    enqueue(house, "a", lock="case")
    with worker(house, notes, seconds=600) as killed:
        wait_until(lambda: bool(noted(notes, "begun")))
        killed.kill()
        killed.wait()
    assert stored(house) == {"a": ("doing", 1)}
    enqueue(house, "b", lock="case")
    with worker(house, notes, seconds=0):
        wait_until(lambda: len(noted(notes, "done")) == 2, TAKEN_AGAIN)
    assert stored(house) == {"a": ("done", 2), "b": ("done", 1)}
    assert Counter(line.split()[0] for line in noted(notes, "begun")) == {"a": 2, "b": 1}


def test_a_worker_that_is_told_to_stop_finishes_the_job_at_hand(house: House, notes: Path) -> None:
    enqueue(house, "a")
    with worker(house, notes, seconds=1.5) as told:
        wait_until(lambda: bool(noted(notes, "begun")))
        told.terminate()
        assert told.wait(20) == 0
    assert stored(house) == {"a": ("done", 1)}


def test_workers_side_by_side_share_the_jobs_and_do_each_once(house: House, notes: Path) -> None:
    names = [f"job_{number}" for number in range(60)]
    with worker(house, notes, 0.05), worker(house, notes, 0.05), worker(house, notes, 0.05):
        for name in names:
            enqueue(house, name)
        wait_until(lambda: len(noted(notes, "done")) >= len(names), 40)
    assert Counter(line.split()[0] for line in noted(notes, "begun")) == dict.fromkeys(names, 1)
    assert set(stored(house).values()) == {("done", 1)}
    assert len({line.split()[1] for line in noted(notes, "done")}) > 1


def test_jobs_of_one_case_are_done_one_after_the_other(house: House, notes: Path) -> None:
    names = [f"job_{number}" for number in range(8)]
    enqueue(house, *names, lock="case")
    with worker(house, notes, 0.05), worker(house, notes, 0.05):
        wait_until(lambda: len(noted(notes, "done")) >= len(names), 40)
    what = [line.split()[0] for line in notes.read_text().splitlines()]
    if not house.engine.sessions.url.startswith("sqlite"):
        assert what == ["begun", "done"] * len(names)
    assert Counter(what) == {"begun": len(names), "done": len(names)}
