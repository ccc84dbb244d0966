"""What the inbox and the search cost among very many cases on PostgreSQL, against among a thousand."""

import contextlib
import time
from collections.abc import Callable, Iterator

from engine.mediation import inbox
from tests.bench import district, house
from tests.bench.district import District
from tests.bench.figures import Figure, median_ms
from tests.bench.timing import seconds_of

FEW = district.STREET
ROUNDS = 25
# What is thrown away waits for no disk; the memory is that of a small server.
SETTINGS = {
    "fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
    "max_wal_size": "2GB", "autovacuum": "off", "shared_buffers": "512MB", "maintenance_work_mem": "256MB",
}  # fmt: skip
Page = inbox.TaskPage | inbox.CasePage


def measured(many: int, rounds: int = ROUNDS) -> Iterator[Figure]:
    """Each list and search of somebody who sees one street's cases, in turn in both databases."""
    if not many:
        return
    with contextlib.ExitStack() as open_:
        small = district.fill(open_.enter_context(house.at("postgresql", **SETTINGS)), FEW)
        place = open_.enter_context(house.at("postgresql", **SETTINGS))
        begun = time.perf_counter()
        large = district.fill(place, many)
        yield Figure("lists.fill", time.perf_counter() - begun, note=f"{many:,} cases")
        pairs = [open_.enter_context(_pages(one)) for one in (small, large)]
        for key in pairs[0]:
            few_ms, many_ms = _in_turn((pairs[0][key], pairs[1][key]), rounds)
            told = f"{many_ms:.1f} ms among {many:,} cases, {few_ms:.1f} ms among {FEW:,}"
            yield Figure(key, many_ms / few_ms, note=told)


@contextlib.contextmanager
def _pages(found: District) -> Iterator[dict[str, Callable[[], Page]]]:
    engine, reception, mediator = found.place.engine(), found.reception, found.mediator
    name = district.given_name()
    yield {
        "lists.mine": lambda: inbox.list_tasks(engine, mediator, "mine"),
        "lists.role": lambda: inbox.list_tasks(engine, reception, "role"),
        "lists.overdue": lambda: inbox.list_tasks(engine, reception, "overdue"),
        "lists.search_tasks": lambda: inbox.list_tasks(engine, reception, "role", name),
        "lists.cases": lambda: inbox.list_cases(engine, reception),
        "lists.search_cases": lambda: inbox.list_cases(engine, reception, name),
        "lists.search_own_cases": lambda: inbox.list_cases(engine, mediator, name),
    }
    engine.sessions.dispose()


def _in_turn(pages: tuple[Callable[[], Page], Callable[[], Page]], rounds: int) -> tuple[float, float]:
    """Median ms of both; the street is the same, so that both show the same page."""
    few, many = (page() for page in pages)
    assert few == many, "the same street shows other cases"
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(rounds):
        for page, seconds in zip(pages, taken, strict=True):
            seconds.append(seconds_of(page))
    return median_ms(taken[0]), median_ms(taken[1])
