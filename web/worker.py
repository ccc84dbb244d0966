"""What runs beside the web: jobs, timers and messages, and hourly the record's heads outside the database."""

import datetime as dt
import json
import logging
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from engine import Engine, audit, jobs, messages, timed_starts, timers, wakeups
from engine.service_tasks import HANDLERS

SWEEPS = (timers.fire_due, timed_starts.start_due, messages.deliver_kept)
HOUR = dt.timedelta(hours=1)
FINISH_SECONDS = 15.0
log = logging.getLogger("woshou.worker")


class Worker:
    """Threads that do what is due until the block ends; the jobs at hand are finished first.

    A job that takes longer than FINISH_SECONDS from then on is left, and done again after the next start.
    """

    def __init__(
        self, engine: Engine, tenant_id: str, anchors: Path, at_once: int = wakeups.JOBS_AT_ONCE
    ) -> None:
        self._engine, self._tenant_id, self._anchors, self._at_once = engine, tenant_id, anchors, at_once
        self._stop, self._seen_at = threading.Event(), time.monotonic()
        self._threads = [
            threading.Thread(target=self._work, name="jobs", daemon=True),
            threading.Thread(target=self._keep_anchors, name="anchors", daemon=True),
        ]

    def __enter__(self) -> "Worker":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        end = time.monotonic() + FINISH_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                log.warning("the thread of the %s was left at its work", thread.name)

    def is_at_work(self, seconds: float) -> bool:
        """Whether its threads live, and it has looked for what is due within so many seconds."""
        looked = time.monotonic() - self._seen_at < seconds
        return looked and all(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        jobs.run_worker(self._engine, HANDLERS, self._stop, (*SWEEPS, self._note), self._at_once)

    def _note(self, _: Engine) -> int:
        self._seen_at = time.monotonic()
        return 0

    def _keep_anchors(self) -> None:
        while True:
            write_anchors(self._engine, self._tenant_id, self._anchors)
            if self._stop.wait(HOUR.total_seconds()):
                return


def write_anchors(engine: Engine, tenant_id: str, path: Path) -> None:
    """Append the head of each chain that has grown since the last time."""
    known = {chain_id: heads[-1].count for chain_id, heads in read_anchors(path).items()}
    grown = [head for head in audit.anchors_of(engine, tenant_id) if head.count > known.get(head.chain_id, 0)]
    at = engine.now().isoformat()
    lines = "".join(json.dumps({"at": at, **asdict(head)}) + "\n" for head in grown)
    with path.open("a", encoding="utf-8") as file:
        file.write(lines if _ends_whole(path) else f"\n{lines}")


def read_anchors(path: Path) -> dict[str, list[audit.Anchor]]:
    """The anchors of each chain, oldest first; nothing where the file is not there yet.

    A line that a kill or a power cut has torn says nothing; its heads are written again the next time.
    """
    anchors: dict[str, list[audit.Anchor]] = defaultdict(list)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        with suppress(json.JSONDecodeError):
            head = json.loads(line)
            anchors[head["chain_id"]].append(audit.Anchor(head["chain_id"], head["count"], head["head"]))
    return anchors


def _ends_whole(path: Path) -> bool:
    return not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
