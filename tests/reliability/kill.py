"""`python -m tests.reliability.kill --kills N --database sqlite|postgresql [--seed S] [--workers W]`.

The server and its workers are killed with SIGKILL at random moments under clients that walk cases, and
nothing may be lost, halved or doubled.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.services import Services
from tests import postgres
from tests.journeys.server import Server
from tests.reliability.ledger import Ledger, Verdict
from tests.reliability.walker import Acknowledged, Walker
from web import settings

CLIENTS = 8
# Most lives are short; in the others there is time to start the renderer and to print.
SHORT, LONG, LONG_LIVES = 1.0, 6.0, 0.3
KILLED_STARTING = 0.1
WORKER_KILLED = 0.5
READY_AIM = 5.0
FINISH_SECONDS, LOOK_AGAIN = 300, 0.5


@dataclass
class Outcome:
    """What a run found: seconds from each start to the first answer, and what the database says after it."""

    seed: int
    kills: int
    walked: int
    told: Acknowledged
    verdict: Verdict
    record_holds: bool
    ready: list[float] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be."""
        return (
            self.verdict.holds
            and self.record_holds
            and not self.told.troubles
            and max(self.ready) < READY_AIM
        )

    def lines(self) -> Iterator[str]:
        """The figures, and each thing that is wrong."""
        told, verdict = self.told, self.verdict
        yield f"seed {self.seed}, kills {self.kills}, clients {CLIENTS}, cases walked {self.walked}"
        yield f"acked {len(told.tasks) + len(told.cases)} (aim: as many as were asked)"
        for name in ("lost", "halved", "doubled", "unfinished"):
            yield f"{name} {len(getattr(verdict, name))} (aim 0)"
        yield f"refused {len(told.troubles)} (aim 0)"
        yield f"record holds: {'yes' if self.record_holds else 'NO'}"
        middle, worst = statistics.median(self.ready), max(self.ready)
        yield f"seconds to ready p50 {middle:.2f} max {worst:.2f} (aim < {READY_AIM:.0f})"
        for name in ("lost", "halved", "doubled", "unfinished"):
            yield from (f"  {name}: {text}" for text in getattr(verdict, name)[:20])
        yield from (f"  refused: {text}" for text in told.troubles)


def run(folder: Path, database: str, kills: int, seed: int, workers: int = 0) -> Outcome:
    """Kill the server so many times on the database of a URL (none: SQLite in the folder).

    With workers beside it, every other kill on average ends one of these instead of all.
    """
    # Two runs at once on two databases are not to kill in step.
    chance = random.Random(f"{seed} {database.partition(':')[0]}")
    server = Server(folder / "data", database, workers)
    told, stop = Acknowledged(), threading.Event()
    ready = [_started(server)]
    walkers = [Walker(server.address, number, told, stop) for number in range(CLIENTS)]
    for walker in walkers:
        walker.start()
    for _ in range(kills):
        time.sleep(chance.uniform(SHORT, LONG) if chance.random() < LONG_LIVES else chance.uniform(0, SHORT))
        if workers and chance.random() < WORKER_KILLED:
            server.kill_worker(chance.randrange(workers))
        else:
            server.kill()
            ready += _again(server, chance)
    stop.set()
    end = time.monotonic() + FINISH_SECONDS
    for walker in walkers:
        walker.join(max(0.0, end - time.monotonic()))
    # A case ends with its dossier, which is made after the last thing that a client asked for.
    while _judged(server, told).unfinished and time.monotonic() < end:
        time.sleep(LOOK_AGAIN)
    server.kill()
    verdict = _judged(server, told)
    walked = sum(walker.walked for walker in walkers)
    return Outcome(seed, kills, walked, told, verdict, server.audit_holds(), ready)


def _again(server: Server, chance: random.Random) -> Iterator[float]:
    """Start the server again; now and then it is killed before it is ready."""
    while chance.random() < KILLED_STARTING:
        server.launch()
        time.sleep(chance.uniform(0, 2 * SHORT))
        server.kill()
    yield _started(server)


def _started(server: Server) -> float:
    begun = time.monotonic()
    server.start()
    return time.monotonic() - begun


def _judged(server: Server, told: Acknowledged) -> Verdict:
    chosen = settings.read({"WOSHOU_DATA": str(server.data), "WOSHOU_DATABASE": server.database})
    engine = settings.make_engine(chosen, Services())
    try:
        with engine.sessions.query(chosen.tenant_id) as session:
            return Ledger(session, engine).verdict(told)
    finally:
        engine.sessions.dispose()


@contextmanager
def database_url(kind: str) -> Iterator[str]:
    """The URL of an empty database of a private PostgreSQL server; nothing for SQLite."""
    if kind == "sqlite":
        yield ""
    else:
        with postgres.server() as url:
            yield url


def main(arguments: list[str]) -> int:
    """Run and print; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.kill")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--workers", type=int, default=0, help="processes that do the jobs, not the server")
    asked = parser.parse_args(arguments)
    print(f"{asked.kills} kills on {asked.database}, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder, database_url(asked.database) as url:
        outcome = run(Path(folder), url, asked.kills, asked.seed, asked.workers)
    print("\n".join(outcome.lines()))
    return int(not outcome.holds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
