"""`python -m tests.reliability.timers [--count N] [--database sqlite|postgresql]`: N timers are due at once;
each must fire once, in time, while task pages are answered."""

import argparse
import datetime as dt
import gc
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

import forms
from engine import Engine, definitions, instances, keys, migrations, open_tasks, timers
from engine.models.clocks import Timer
from engine.models.processes import UserTask
from engine.models.records import AuditRow
from engine.services import Services
from engine.sessions import Sessions
from tests import diagrams, postgres
from tests.conftest import MORNING, TENANT, Clock, House, settle

# Seconds that the issue allows for 10,000 timers: one embedded process, and four workers.
AIMS = {"sqlite": (1, 12.0), "postgresql": (4, 10.0)}
PAGE_AIM = 1.0
PAGE_PAUSE = 0.01
STARTED_AT_ONCE = 50
LATER = MORNING + dt.timedelta(hours=2)
HOURLY = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
WAITING = diagrams.process(
    "waiting",
    [
        diagrams.start(),
        f'<bpmn:intermediateCatchEvent id="pause">{HOURLY}</bpmn:intermediateCatchEvent>',
        diagrams.user_task("go_on"),
        diagrams.end(),
    ],
    ["begun -> pause", "pause -> go_on", "go_on -> ended"],
)
LINE = diagrams.in_line("line", [diagrams.user_task("ask")])


@dataclass(frozen=True)
class Outcome:
    """What a run found: seconds for all timers, sorted seconds of pages, and what became of the timers."""

    database: str
    workers: int
    count: int
    seconds: float
    pages: list[float]
    once: int
    opened: int
    left: int

    @property
    def p99(self) -> float:
        """Seconds within which 99 of 100 pages were answered."""
        return self.pages[int(len(self.pages) * 0.99)]

    @property
    def holds(self) -> bool:
        """Whether each timer fired once and in time, and the pages were answered meanwhile."""
        exact = (self.once, self.opened, self.left) == (self.count, self.count, 0)
        aim = AIMS[self.database][1] * max(self.count, 1_000) / 10_000
        return exact and self.seconds <= aim and self.p99 < PAGE_AIM

    def line(self) -> str:
        """The figures."""
        return (
            f"{self.database}, {self.workers} workers: {self.count} timers in {self.seconds:.1f} s, "
            f"fired once {self.once}, tasks opened {self.opened}, left {self.left}; "
            f"{len(self.pages)} task pages meanwhile, p99 {self.p99 * 1e3:.0f} ms"
        )


def run(database: str, url: str, folder: Path, count: int) -> Outcome:
    """Arm the timers, let all be due, and fire them with as many workers as the aim speaks of."""
    workers = AIMS[database][0]
    migrations.upgrade(url)
    keys.create(folder)
    house = settle(engine_at(url, folder, Clock()), Clock())
    house.deploy({"waiting.bpmn": WAITING, "line.bpmn": LINE})
    page = _begin_all(house, count)
    later = House(engine_at(url, folder, Clock(LATER)), Clock(LATER), house.body_id, house.actors)
    # What other tests left in this process would be looked through while the pages are timed.
    gc.collect()
    gc.freeze()
    with _pages(later, page) as seconds:
        taken = _fire_all(later.engine, url, folder, workers)
    gc.unfreeze()
    outcome = Outcome(database, workers, count, taken, sorted(seconds), *_found(later))
    for engine in (house.engine, later.engine):
        engine.sessions.dispose()
    return outcome


def engine_at(url: str, folder: Path, clock: Clock) -> Engine:
    """An engine on the database whose clock stands still."""
    return Engine(Sessions(url), definitions.Definitions(forms), Services(), forms, keys.load(folder), clock)


def _begin_all(house: House, count: int) -> str:
    """Start the cases, each with one timer, and one more with a task; gives that task's id."""
    for first in range(0, count, STARTED_AT_ONCE):
        with house.engine.sessions.command(TENANT) as session:
            new = instances.NewProcess("waiting", house.body_id, {})
            for _ in range(min(STARTED_AT_ONCE, count - first)):
                instances.start(session, house.engine, house.reception, new, lambda _: None)
    with house.engine.sessions.command(TENANT) as session:
        new = instances.NewProcess("line", house.body_id, {})
        root = instances.start(session, house.engine, house.reception, new, lambda _: None)
        instances.add_member(session, root.id, house.mediator.id)
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(UserTask.id).where(UserTask.root_id == root.id)).one()


def _fire_all(engine: Engine, url: str, folder: Path, workers: int) -> float:
    """The seconds from when all workers stand ready until nothing is due."""
    if workers == 1:
        begun = time.monotonic()
        _until_nothing_is_due(engine)
        return time.monotonic() - begun
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(workers + 1)
    processes = [context.Process(target=_work, args=(url, folder, gate)) for _ in range(workers)]
    for process in processes:
        process.start()
    gate.wait()
    begun = time.monotonic()
    gate.wait()
    seconds = time.monotonic() - begun
    for process in processes:
        process.join()
        assert process.exitcode == 0, "a worker failed"
    return seconds


def _work(url: str, folder: Path, gate: threading.Barrier) -> None:
    engine = engine_at(url, folder, Clock(LATER))
    gate.wait()
    try:
        _until_nothing_is_due(engine)
    except BaseException:
        gate.abort()
        raise
    # When the last one stands here nothing is due; what a process takes to end is nobody's wait.
    gate.wait()
    engine.sessions.dispose()


def _until_nothing_is_due(engine: Engine) -> None:
    while timers.fire_due(engine):
        pass


@contextmanager
def _pages(house: House, task_id: str) -> Iterator[list[float]]:
    """Open a task's page again and again in another thread; gives the seconds of each."""
    stop, seconds = threading.Event(), list[float]()

    def look() -> None:
        while not stop.wait(PAGE_PAUSE):
            begun = time.monotonic()
            open_tasks.open_task(house.engine, house.mediator, task_id)
            seconds.append(time.monotonic() - begun)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seconds
    finally:
        stop.set()
        thread.join()


def _found(house: House) -> tuple[int, int, int]:
    """Cases whose timer fired just once, tasks opened by that, and timers left."""
    with house.engine.sessions.query(TENANT) as session:
        fired = session.execute(
            select(AuditRow.chain_id, func.count())
            .where(AuditRow.action == "timer.fired")
            .group_by(AuditRow.chain_id)
        ).all()
        opened = select(func.count()).select_from(UserTask).where(UserTask.node_id == "go_on")
        left = select(func.count()).select_from(Timer)
        once = sum(count == 1 for _, count in fired)
        return once, session.scalar(opened) or 0, session.scalar(left) or 0


def main(arguments: list[str]) -> int:
    """Run on one database or both; 1 if anything does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.timers")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--database", choices=list(AIMS), action="append")
    parser.add_argument("--seed", type=int, help="taken and left unused: nothing here is random")
    asked = parser.parse_args(arguments)
    failed = False
    for database in asked.database or list(AIMS):
        with (
            tempfile.TemporaryDirectory() as folder,
            postgres.server(durable=True) if database == "postgresql" else nullcontext("") as url,
        ):
            outcome = run(
                database, url or f"sqlite:///{folder}/woshou.db", Path(folder) / "keys", asked.count
            )
        print(outcome.line(), flush=True)
        failed |= not outcome.holds
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
