"""What the steps of the tricycle case cost, with all that it calls: in process and by HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from urllib.parse import quote

from engine import tasks
from engine.mediation.play import Player, Stage
from tests.bench import baseline, watch
from tests.bench.figures import MEASURES, Figure, median_ms
from tests.journeys import script
from tests.journeys.server import running
from tests.journeys.visitor import Visitor
from web import rehearsal, settings

CASE = Path(__file__).parent.parent / "cases" / "tricycle_accident.json"
ROUNDS = 4
PAGES = 5
Seen = tuple[str, watch.Watch]


@dataclass
class Taken:
    """Seconds, as they were taken."""

    steps: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    bares: list[float] = field(default_factory=list)


def measured() -> Iterator[Figure]:
    """The steps of the whole case, what they ask of the database, and the same by HTTP."""
    with _stage() as (stage, played, folder):
        taken, seen = side_by_side(stage, played, folder), watched(stage, played)
    step, post, bare = median_ms(taken.steps), median_ms(taken.posts), median_ms(taken.bares)
    counts = sorted(len(found.statements) for _, found in seen)
    yield Figure("case.step", step, bare, _where(seen))
    yield Figure("case.statements_median", counts[len(counts) // 2])
    yield Figure("case.statements_most", counts[-1], note=_beyond(seen))
    yield Figure("case.commits_most", max(found.commits for _, found in seen))
    yield Figure("http.submit", post, bare)
    yield Figure("http.submit_extra", post - step)
    yield Figure("http.page", median_ms(taken.pages), bare)


def side_by_side(stage: Stage, played: dict[str, Any], folder: str, rounds: int = ROUNDS) -> Taken:
    """A case in the process, as many bare transactions, and a case at a real server, in turn.

    So the machine's better and worse minutes meet all of them. A case of each kind comes before: a server
    answers many.
    """
    taken = Taken()
    with (
        running(Path(folder) / "served" / "data") as server,
        baseline.transactions(f"sqlite:///{folder}/bare.db") as bare,
    ):
        list(Player(stage, played, "warm").play())
        _walk(server.address, Taken())
        for number in range(rounds):
            taken.steps += _steps(stage, played, f"case {number}")
            taken.bares += [bare() for _ in played["steps"]]
            _walk(server.address, taken)
    return taken


def _steps(stage: Stage, played: dict[str, Any], name: str) -> list[float]:
    """Seconds of each step of one case."""
    complete, steps = tasks.complete_task, list[float]()

    def timed(*arguments: Any) -> tasks.TaskDone:
        begun = time.perf_counter()
        done = complete(*arguments)
        steps.append(time.perf_counter() - begun)
        return done

    with mock.patch.object(tasks, "complete_task", timed):
        list(Player(stage, played, name).play())
    return steps


def watched(stage: Stage, played: dict[str, Any]) -> list[Seen]:
    """Each task of the case with what its step asks of the database, everything being cached already."""
    complete = tasks.complete_task
    found = []

    def seen_by(*arguments: Any) -> tasks.TaskDone:
        with watch.watching(stage.engine.sessions) as seen:
            done = complete(*arguments)
        found.append(seen)
        return done

    with mock.patch.object(tasks, "complete_task", seen_by):
        steps = list(Player(stage, played, "watched").play())
    return list(zip([step.what for step in steps], found, strict=True))


def whole_case() -> list[Seen]:
    """What each step of the case asks of the database."""
    with _stage() as (stage, played, _):
        list(Player(stage, played, "warm").play())
        return watched(stage, played)


def _walk(address: str, taken: Taken) -> None:
    """One case by HTTP: each task's page, and the POST that completes it."""
    for visitor, task, answers in _tasks(address):
        taken.pages += [visitor.seconds_of(task) for _ in range(PAGES)]
        visitor.fill(task, answers)
        taken.posts.append(visitor.post_seconds[-1])


def _tasks(address: str) -> Iterator[tuple[Visitor, str, dict[str, Any]]]:
    """Who stands before which task with which answers, step by step."""
    people: dict[str, Visitor] = {}
    case = ""
    for number, step in enumerate(script.tasks("tricycle_accident")):
        who = step["as"]
        if who not in people:
            people[who] = _arrive(address, who, people, case)
        visitor = people[who]
        yield visitor, visitor.open_case() if number == 0 else _task(visitor, who), step["answers"]
        case = case or _case(people["reception"])


def _arrive(address: str, who: str, people: dict[str, Visitor], case: str) -> Visitor:
    if who in {"reception", "mediator", "chief", "seal"}:
        return Visitor(address).sign_in(who)
    return Visitor(address).enter(*people["mediator"].links(case)[who])


def _task(visitor: Visitor, who: str) -> str:
    return visitor.find_own_task() if who in {"罗小琴", "陈大勇"} else visitor.find_task("罗小琴")


def _case(visitor: Visitor) -> str:
    visitor.get(f"/cases?search={quote('罗小琴')}")
    return str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])


@contextmanager
def _stage() -> Iterator[tuple[Stage, dict[str, Any], str]]:
    played = json.loads(CASE.read_text(encoding="utf-8"))
    # What comes after the last task is no step of a process.
    played["steps"] = [step for step in played["steps"] if "task" in step]
    with TemporaryDirectory(prefix="woshou-bench-") as folder:
        chosen = settings.read({"WOSHOU_DATA": folder})
        with rehearsal.stage_for(chosen, played) as stage:
            yield stage, played, folder


def _where(seen: list[Seen]) -> str:
    spent = sorted(found.seconds * 1e3 for _, found in seen)
    return f"statements take {spent[len(spent) // 2]:.2f} ms of the median step"


def _beyond(seen: list[Seen]) -> str:
    aim = MEASURES["case.statements_most"].aim or 0
    over = {name: len(found.statements) for name, found in seen if len(found.statements) > aim}
    return ", ".join(f"{name} {count}" for name, count in over.items())
