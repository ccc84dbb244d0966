"""What the steps of the tricycle case cost, with all that it calls: in process and by HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
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
WALKS = 2
Seen = tuple[str, watch.Watch]


def measured() -> Iterator[Figure]:
    """The steps of the whole case, what they ask of the database, and the same by HTTP."""
    in_process, bare, seen = in_the_process()
    counts = sorted(len(found.statements) for _, found in seen)
    yield Figure("case.step", in_process, bare, _where(seen))
    yield Figure("case.statements_median", counts[len(counts) // 2])
    yield Figure("case.statements_most", counts[-1], note=_beyond(seen))
    yield Figure("case.commits_most", max(found.commits for _, found in seen))
    posts, pages, bare = by_http()
    yield Figure("http.submit", posts, bare)
    yield Figure("http.submit_extra", posts - in_process)
    yield Figure("http.page", pages, bare)


def in_the_process(rounds: int = ROUNDS) -> tuple[float, float, list[Seen]]:
    """Median ms of a step and of as many bare transactions after each case; what each step asks."""
    steps: list[float] = []
    bares: list[float] = []
    complete = tasks.complete_task
    with _stage() as (stage, played, folder), baseline.transactions(f"sqlite:///{folder}/bare.db") as bare:

        def timed(*arguments: Any) -> tasks.TaskDone:
            begun = time.perf_counter()
            done = complete(*arguments)
            steps.append(time.perf_counter() - begun)
            return done

        list(Player(stage, played, "warm").play())
        with mock.patch.object(tasks, "complete_task", timed):
            for number in range(rounds):
                taken = list(Player(stage, played, f"case {number}").play())
                bares += [bare() for _ in taken]
        seen = watched(stage, played)
    return median_ms(steps), median_ms(bares), seen


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


def by_http() -> tuple[float, float, float]:
    """Median ms of a completing POST at a real server, of a task's page, and of bare transactions.

    A case is walked through before, as in the process: a server answers many.
    """
    posts: list[float] = []
    pages: list[float] = []
    bares: list[float] = []
    with (
        TemporaryDirectory(prefix="woshou-bench-") as folder,
        running(Path(folder) / "data") as server,
        baseline.transactions(f"sqlite:///{folder}/bare.db") as bare,
    ):
        for visitor, task, answers in _walk(server.address):
            visitor.fill(task, answers)
        for visitor, task, answers in chain.from_iterable(_walk(server.address) for _ in range(WALKS)):
            pages += [visitor.seconds_of(task) for _ in range(PAGES)]
            visitor.fill(task, answers)
            posts.append(visitor.post_seconds[-1])
            bares += [bare() for _ in range(PAGES)]
    return median_ms(posts), median_ms(pages), median_ms(bares)


def _walk(address: str) -> Iterator[tuple[Visitor, str, dict[str, Any]]]:
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
