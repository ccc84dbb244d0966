"""The committee that is measured: its database, its diagrams, and steps taken in them one after the other."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

import forms
from engine import Engine, definitions, instances, keys, migrations, tasks
from engine.models.processes import UserTask
from engine.policy import Actor
from engine.services import Services, ServiceTask
from engine.sessions import Sessions
from tests import conftest, diagrams, postgres, small_forms

LENGTH = 10
SHORT = [
    diagrams.user_task(f"task_{n}", "ask", groups)
    for n, groups in enumerate(("mediator", "reception", "mediator"))
]
ANSWERS = {f"answer_{n}": "双方都同意" for n in range(5)}


@dataclass(frozen=True)
class Place:
    """What a process needs to make its own Engine and take steps; goes to other processes."""

    url: str
    keys: Path
    body_id: str
    reception: Actor
    mediator: Actor
    administrator: Actor

    @property
    def bare_url(self) -> str:
        """Where bare transactions go: beside the place's database, on the same disk."""
        return self.url if self.url.startswith("postgresql") else f"sqlite:///{self.keys.parent / 'bare.db'}"

    def engine(self) -> Engine:
        """An Engine on the place's database."""
        return _engine(self.url, self.keys)


@contextmanager
def at(database: str, **more: str) -> Iterator[Place]:
    """A place on SQLite or on a private PostgreSQL, both waiting for the disk; gone with the block.

    `more` are settings of PostgreSQL.
    """
    with TemporaryDirectory(prefix="woshou-bench-") as folder:
        if database == "sqlite":
            yield prepare(Path(folder), f"sqlite:///{folder}/woshou.db")
        else:
            with postgres.server(durable=True, more=more) as url:
                yield prepare(Path(folder), url)


def prepare(folder: Path, url: str) -> Place:
    """A committee with its diagrams: ten tasks in line, tasks and services in turn, one task for ever."""
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
        "round.bpmn": _round(), "short.bpmn": diagrams.in_line("short", SHORT), "ask.form": asked,
    })  # fmt: skip
    engine.sessions.dispose()
    return Place(url, folder / "keys", house.body_id, house.reception, house.mediator, house.administrator)


def begin(engine: Engine, place: Place, process_id: str) -> str:
    """Start a case in which the mediator has a part; gives its first task's id."""
    with engine.sessions.command(place.mediator.tenant_id) as session:
        new = instances.NewProcess(process_id, place.body_id, {})
        root = instances.start(session, engine, place.reception, new, lambda _: None)
        instances.add_member(session, root.id, place.mediator.id)
        session.flush()
        return session.scalars(select(UserTask.id).where(UserTask.root_id == root.id)).one()


def walk(engine: Engine, place: Place, process_id: str, name: str) -> Iterator[float]:
    """Take every step of a new case; gives the seconds of each."""
    task_ids: tuple[str, ...] = (begin(engine, place, process_id),)
    number = 0
    while task_ids:
        number += 1
        begun = time.perf_counter()
        done = tasks.complete_task(engine, place.mediator, task_ids[0], ANSWERS, f"{name}-{number}")
        yield time.perf_counter() - begun
        task_ids = done.next_task_ids


def _round() -> bytes:
    """One task that comes again until its answer says that it is over."""
    task, over = diagrams.user_task("ask_again", "ask"), diagrams.choice("over")
    flows = ["begun -> ask_again", "ask_again -> over", 'over -> ended: answer_0 = "完"', "over => ask_again"]
    return diagrams.process("round", [diagrams.start(), task, over, diagrams.end()], flows)


def _engine(url: str, directory: Path) -> Engine:
    counted = ServiceTask(lambda _: 1, _stored)
    return Engine(
        sessions=Sessions(url), definitions=definitions.Definitions(forms), forms=forms,
        services=Services(tasks={"count": counted}), keys=keys.load(directory), now=conftest.Clock(),
    )  # fmt: skip


def _stored(result: Any) -> Mapping[str, Any]:
    return {"counted": result.value}
