"""How many steps a second many clients get done on different cases, and whether memory stays flat."""

import itertools
import resource
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from engine import Engine, jobs, service_tasks, tasks
from engine.models.processes import UserTask
from tests.bench import baseline, house
from tests.bench.figures import Figure
from tests.bench.house import ANSWERS, Place

CLIENTS = 8
SECONDS = 10.0
WARM_SECONDS = 1.0
BARE_SECONDS = 3.0
# Processes and clients in each: which serve best depends on the machine's cores.
SHAPES = ((1, 8), (2, 4), (4, 2))
MEMORY_STEPS, MEMORY_LOOKS = 10_000, 10


@dataclass(frozen=True)
class Load:
    """Steps done in so many seconds by so many processes and clients; `slow_ms` is the 99th percentile."""

    steps: int
    seconds: float
    processes: int
    clients: int
    slow_ms: float

    @property
    def a_second(self) -> float:
        """Steps a second of all together."""
        return self.steps / self.seconds


def measured() -> Iterator[Figure]:
    """Steps a second of 8 clients on SQLite, and on PostgreSQL with as many processes as serve best."""
    with house.at("sqlite") as place:
        bare, found = bare_rate(place), together(place, 1, CLIENTS)
    yield Figure("load.sqlite", found.a_second, bare)
    yield Figure("load.sqlite_p99", found.slow_ms)
    with house.at("postgresql") as place:
        bare = bare_rate(place)
        shapes = [together(place, processes, clients) for processes, clients in SHAPES]
    told = ", ".join(f"{one.processes} x {one.clients} clients {one.a_second:.0f}" for one in shapes)
    yield Figure("load.postgresql", max(one.a_second for one in shapes), bare, told)


def grown() -> Iterator[Figure]:
    """What a worker's memory gains over the last 8,000 of 10,000 steps."""
    looks = memory()
    told = "MB after each tenth: " + " ".join(f"{look:.1f}" for look in looks)
    yield Figure("memory.gained", looks[-1] - looks[1], note=told)


def bare_rate(place: Place, seconds: float = BARE_SECONDS) -> float:
    """Bare durable transactions a second of as many clients in one process."""
    end = time.monotonic() + seconds
    with baseline.transactions(place.bare_url) as bare, ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(lambda case: _until(end, bare, case), range(CLIENTS))) / seconds


def memory(steps: int = MEMORY_STEPS) -> list[float]:
    """Megabytes of a process after each tenth of so many steps of user tasks and service tasks."""
    with house.at("sqlite") as place, ProcessPoolExecutor(1) as pool:
        return pool.submit(_grow, place, steps).result()


def together(place: Place, processes: int, clients: int, seconds: float = SECONDS) -> Load:
    """So many processes with so many clients each on one database; a refusal or busy error is raised."""
    with ProcessPoolExecutor(processes) as pool:
        parts = [pool.submit(_some, place, f"{n} of {processes}", clients, seconds) for n in range(processes)]
        taken = [step for part in parts for step in part.result()]
    slow = statistics.quantiles(taken, n=100)[-1] * 1e3
    return Load(len(taken), seconds, processes, clients, slow)


def _until(end: float, bare: baseline.Transaction, case: int) -> int:
    count = 0
    while time.monotonic() < end:
        bare(case)
        count += 1
    return count


def _some(place: Place, name: str, clients: int, seconds: float) -> list[float]:
    engine, over = place.engine(), threading.Event()
    begun = time.monotonic() + WARM_SECONDS

    def client(number: int) -> list[float]:
        taken: list[float] = []
        walks = (house.walk(engine, place, "line", f"{name}-{number}-{n}") for n in itertools.count())
        for step in itertools.chain.from_iterable(walks):
            if time.monotonic() > begun:
                taken.append(step)
            if over.is_set():
                break
        return taken

    with ThreadPoolExecutor(clients) as pool:
        parts = [pool.submit(client, number) for number in range(clients)]
        over.wait(WARM_SECONDS + seconds)
        over.set()
    engine.sessions.dispose()
    return [step for part in parts for step in part.result()]


def _grow(place: Place, total: int) -> list[float]:
    engine, looked, steps = place.engine(), list[float](), 0
    while len(looked) < MEMORY_LOOKS:
        found: str | None = house.begin(engine, place, "mixed")
        while found is not None:
            tasks.complete_task(engine, place.mediator, found, ANSWERS, f"{steps}")
            steps += 1 + jobs.run_due(engine, service_tasks.HANDLERS)
            found = _open_task(engine, place)
            if steps >= (len(looked) + 1) * total // MEMORY_LOOKS:
                looked.append(_resident_mb())
    engine.sessions.dispose()
    return looked


def _open_task(engine: Engine, place: Place) -> str | None:
    with engine.sessions.query(place.mediator.tenant_id) as session:
        return session.scalars(select(UserTask.id).where(UserTask.status == "open")).one_or_none()


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
