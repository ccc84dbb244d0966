"""What one user task costs on both databases, late in a long case, and what starting and deploying cost."""

from collections.abc import Iterator
from functools import partial

from engine import releases, tasks
from tests import diagrams
from tests.bench import baseline, house, watch
from tests.bench.figures import Figure, median_ms
from tests.bench.house import ANSWERS, LENGTH, Place
from tests.bench.timing import seconds_of

WALKS = 30
LATE, EARLY, LATE_STEPS = 1_000, 10, 60
STARTS, DEPLOYS, LARGE = 60, 5, 200


def measured() -> Iterator[Figure]:
    """A user task submitted in process, beside the bare durable transaction; the growth of a long case."""
    for database in ("sqlite", "postgresql"):
        with house.at(database) as place, baseline.transactions(place.bare_url) as bare:
            steps, bares, seen = side_by_side(place, bare)
            yield Figure(f"bare.{database}", bares)
            yield Figure(f"step.{database}", steps, bares, _where(seen))
            if database == "sqlite":
                yield Figure("step.statements", len(seen.statements) / LENGTH)
                yield Figure("step.commits", seen.commits / LENGTH)
                late, early = growth(place)
                yield Figure("step.late", late / early, note=f"{late:.2f} ms against {early:.2f} ms")
                yield Figure("start.instance", median_ms(starts(place)), bares)


def deployed() -> Iterator[Figure]:
    """A release with one diagram of 200 user tasks: parsed, checked and stored."""
    with house.at("sqlite") as place:
        yield Figure("deploy.200_tasks", median_ms(deploys(place)))


def side_by_side(
    place: Place, bare: baseline.Transaction, walks: int = WALKS
) -> tuple[float, float, watch.Watch]:
    """Median ms of a step and of as many bare transactions after each case; what ten more steps asked."""
    engine, steps, bares = place.engine(), [], []
    for number in range(walks):
        walked = list(house.walk(engine, place, "line", f"walk {number}"))
        steps += walked
        bares += [bare() for _ in walked]
    task_id = house.begin(engine, place, "line")
    with watch.watching(engine.sessions) as seen:
        for number in range(LENGTH):
            done = tasks.complete_task(engine, place.mediator, task_id, ANSWERS, f"seen {number}")
            task_id = "".join(done.next_task_ids)
    engine.sessions.dispose()
    warm = len(steps) // 6
    return median_ms(steps[warm:]), median_ms(bares[warm:]), seen


def growth(place: Place, late: int = LATE) -> tuple[float, float]:
    """Median ms of a case's steps near the thousandth and of other cases' near the tenth, in turn."""
    engine = place.engine()
    old = house.walk(engine, place, "round", "old")
    for _ in range(late - LATE_STEPS // 2):
        next(old)
    late_steps, early_steps = [], []
    for number in range(LATE_STEPS // EARLY):
        young = house.walk(engine, place, "round", f"young {number}")
        for _ in range(EARLY // 2):
            next(young)
        for _ in range(EARLY):
            late_steps.append(next(old))
            early_steps.append(next(young))
    engine.sessions.dispose()
    return median_ms(late_steps), median_ms(early_steps)


def starts(place: Place) -> list[float]:
    """Seconds of each start of a case that runs to its first user task."""
    engine = place.engine()
    taken = [seconds_of(partial(house.begin, engine, place, "line")) for _ in range(STARTS)]
    engine.sessions.dispose()
    return taken[STARTS // 4 :]


def deploys(place: Place, size: int = LARGE) -> list[float]:
    """Seconds of each deployment of a diagram with so many user tasks, a different one each time."""
    engine, taken = place.engine(), []
    for number in range(DEPLOYS):
        line = [diagrams.user_task(f"task_{number}_{n}", "ask") for n in range(size)]
        drawn = diagrams.in_line("line", line)
        files = {"line.bpmn": drawn}
        taken.append(seconds_of(partial(releases.deploy, engine, place.administrator, files)))
    engine.sessions.dispose()
    return taken


def _where(seen: watch.Watch) -> str:
    count, spent = len(seen.statements) / LENGTH, seen.seconds / LENGTH * 1e3
    return f"{count:.0f} statements take {spent:.2f} ms of a step; the rest is the commit and Python"
