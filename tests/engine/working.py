"""A worker in a process of its own: `python -m tests.engine.working URL FILE SECONDS`.

It notes each job in the file as it begins and as it is done; a job lasts so many seconds.
"""

import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import Engine, jobs
from engine.sessions import Sessions


def main(url: str, file: str, seconds: str) -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def note(what: str, name: str) -> None:
        with Path(file).open("a", encoding="utf-8") as notes:
            notes.write(f"{what} {name} {os.getpid()}\n")

    def work(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        note("begun", payload["name"])
        time.sleep(float(seconds))
        with engine.sessions.command(tenant_id) as session:
            jobs.finish(session, payload["name"])
        note("done", payload["name"])

    absent: Any = None
    engine = Engine(Sessions(url), absent, absent, absent, absent, lambda: dt.datetime.now(dt.UTC))
    jobs.run_worker(engine, {"print": work}, stop)
    engine.sessions.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
