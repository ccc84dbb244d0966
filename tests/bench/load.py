"""How many steps a second many clients get done on different cases, and whether memory stays flat."""

import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

import forms
from engine import Engine, definitions, instances, jobs, keys, migrations, service_tasks, tasks
from engine.models.processes import UserTask
from engine.policy import Actor
from engine.services import Services, ServiceTask
from engine.sessions import Sessions
from tests import conftest, diagrams, postgres, small_forms

CLIENTS = 8
SECONDS = 10.0
WARM_SECONDS = 1.0
LENGTH = 10
ANSWERS = {f"answer_{n}": "双方都同意" for n in range(5)}
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


@dataclass(frozen=True)
class Place:
    """What a process needs to make its own Engine and take steps; goes to other processes."""

    url: str
    keys: Path
    body_id: str
    reception: Actor
    mediator: Actor

    def engine(self) -> Engine:
        """An Engine on the place's database."""
        return _engine(self.url, self.keys)


def sqlite_load(seconds: float = SECONDS) -> Load:
    """Eight clients in one process on one SQLite database; any refusal or busy error is raised."""
    with tempfile.TemporaryDirectory() as folder:
        place = prepare(Path(folder), f"sqlite:///{folder}/load.db")
        return _together(place, 1, CLIENTS, seconds)


def postgresql_load(processes: int, clients: int, seconds: float = SECONDS) -> Load:
    """So many processes with so many clients each on a private PostgreSQL that waits for the disk."""
    with tempfile.TemporaryDirectory() as folder, postgres.server(durable=True) as url:
        place = prepare(Path(folder), url)
        return _together(place, processes, clients, seconds)


def memory() -> list[float]:
    """Megabytes of a process after each tenth of 10,000 steps of user tasks and service tasks."""
    with tempfile.TemporaryDirectory() as folder:
        place = prepare(Path(folder), f"sqlite:///{folder}/memory.db")
        with ProcessPoolExecutor(1) as pool:
            return pool.submit(_grow, place).result()


def measured() -> Iterator[tuple[str, float, float, bool]]:
    """Each figure with its name, its aim, and whether more is better."""
    sqlite = sqlite_load()
    yield "SQLite, 8 clients in one process: steps/s", sqlite.a_second, 350, True
    yield "SQLite, 99th percentile of a step: ms", sqlite.slow_ms, 1_000, False
    for processes, clients in SHAPES:
        found = postgresql_load(processes, clients)
        name = f"PostgreSQL, {processes} processes of {clients} clients: steps/s"
        yield name, found.a_second, 300, True
    looks = memory()
    print("memory of a worker, MB:", " ".join(f"{look:.1f}" for look in looks))
    yield "memory gained in the last 8,000 of 10,000 steps: MB", looks[-1] - looks[1], 10, False


def main() -> int:
    """Print the figures; 1 if an aim is missed."""
    missed = 0
    for name, value, aim, more_is_better in measured():
        is_missed = value < aim if more_is_better else value > aim
        missed += is_missed
        sign = ">=" if more_is_better else "<="
        print(f"{name:56}{value:9.1f}   aim {sign} {aim:5.0f}{'  MISSED' if is_missed else ''}", flush=True)
    return int(missed > 0)


def prepare(folder: Path, url: str) -> Place:
    """A committee with a line of ten tasks, and a line of tasks and services in turn."""
    migrations.upgrade(url)
    keys.create(folder / "keys")
    engine = _engine(url, folder / "keys")
    house = conftest.settle(engine, conftest.Clock())
    asked = small_forms.form("ask", *[small_forms.field("textfield", name) for name in ANSWERS])
    line = [diagrams.user_task(f"task_{n}", "ask") for n in range(LENGTH)]
    mixed = [
        node for n in range(LENGTH // 2) for node in (line[n], diagrams.service_task(f"count_{n}", "count"))
    ]
    house.deploy({
        "line.bpmn": diagrams.in_line("line", line), "mixed.bpmn": diagrams.in_line("mixed", mixed),
        "ask.form": asked,
    })  # fmt: skip
    engine.sessions.dispose()
    return Place(url, folder / "keys", house.body_id, house.reception, house.mediator)


def walk(engine: Engine, place: Place, process_id: str, name: str) -> Iterator[float]:
    """Take steps in one case after the other for ever; gives the seconds of each."""
    number = 0
    while True:
        task_ids = (_begin(engine, place, process_id),)
        while task_ids:
            begun = time.perf_counter()
            number += 1
            done = tasks.complete_task(engine, place.mediator, task_ids[0], ANSWERS, f"{name}-{number}")
            yield time.perf_counter() - begun
            task_ids = done.next_task_ids


def _together(place: Place, processes: int, clients: int, seconds: float) -> Load:
    with ProcessPoolExecutor(processes) as pool:
        parts = [pool.submit(_some, place, f"p{n}", clients, seconds) for n in range(processes)]
        taken = [step for part in parts for step in part.result()]
    slow = statistics.quantiles(taken, n=100)[-1] * 1e3
    return Load(len(taken), seconds, processes, clients, slow)


def _some(place: Place, name: str, clients: int, seconds: float) -> list[float]:
    engine, over = place.engine(), threading.Event()
    begun = time.monotonic() + WARM_SECONDS

    def client(number: int) -> list[float]:
        taken = []
        for step in walk(engine, place, "line", f"{name}-{number}"):
            if over.is_set():
                return taken
            if time.monotonic() > begun:
                taken.append(step)
        raise AssertionError("a walk never ends")

    with ThreadPoolExecutor(clients) as pool:
        parts = [pool.submit(client, number) for number in range(clients)]
        over.wait(WARM_SECONDS + seconds)
        over.set()
    engine.sessions.dispose()
    return [step for part in parts for step in part.result()]


def _grow(place: Place) -> list[float]:
    engine, looked = place.engine(), []
    steps = 0
    while len(looked) < MEMORY_LOOKS:
        root_task = _begin(engine, place, "mixed")
        found: str | None = root_task
        while found is not None:
            tasks.complete_task(engine, place.mediator, found, ANSWERS, f"{steps}")
            steps += 1 + jobs.run_due(engine, service_tasks.HANDLERS)
            found = _open_task(engine, place)
            if steps >= (len(looked) + 1) * MEMORY_STEPS // MEMORY_LOOKS:
                looked.append(_resident_mb())
    engine.sessions.dispose()
    return looked


def _begin(engine: Engine, place: Place, process_id: str) -> str:
    with engine.sessions.command(place.mediator.tenant_id) as session:
        new = instances.NewProcess(process_id, place.body_id, {})
        root = instances.start(session, engine, place.reception, new, lambda _: None)
        instances.add_member(session, root.id, place.mediator.id)
        session.flush()
        return session.scalars(select(UserTask.id).where(UserTask.root_id == root.id)).one()


def _open_task(engine: Engine, place: Place) -> str | None:
    with engine.sessions.query(place.mediator.tenant_id) as session:
        return session.scalars(select(UserTask.id).where(UserTask.status == "open")).one_or_none()


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _engine(url: str, directory: Path) -> Engine:
    counted = ServiceTask(lambda _: 1, _stored)
    return Engine(
        sessions=Sessions(url), definitions=definitions.Definitions(forms), forms=forms,
        services=Services(tasks={"count": counted}), keys=keys.load(directory), now=conftest.Clock(),
    )  # fmt: skip


def _stored(result: Any) -> Mapping[str, Any]:
    return {"counted": result.value}
