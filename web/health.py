"""Whether this process is alive, and whether it should be sent requests; for watchdogs and load balancers."""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from engine import Engine, migrations
from web import databases
from web.access import engine
from web.worker import Worker

SWEEP_SECONDS = 120.0
LEAST_ROOM = 100 * 2**20
VITALS = "vitals"
log = logging.getLogger("woshou.health")

pages = Blueprint("health", __name__)


@dataclass(frozen=True)
class Vitals:
    """What a process knows of itself: whether it has been asked to end, and the worker beside the web.

    Without a worker here, one is taken to run elsewhere.
    """

    stopping: threading.Event = field(default_factory=threading.Event)
    worker: Worker | None = None


@pages.get("/health")
def alive() -> ResponseReturnValue:
    """200 as long as the process answers at all; if it does not, start it again."""
    return jsonify(status="alive")


@pages.get("/ready")
def ready() -> ResponseReturnValue:
    """200 if requests can be served, 503 with the names of what is missing; why stands in the log only."""
    failing = missing(engine(), cast(Vitals, current_app.extensions[VITALS]))
    if failing:
        return jsonify(status="not ready", failing=failing), 503
    return jsonify(status="ready")


def missing(engine: Engine, vitals: Vitals) -> list[str]:
    """The names of what does not hold: stopping, database, worker, disk."""
    checks: Mapping[str, Callable[[], bool]] = {
        "stopping": lambda: not vitals.stopping.is_set(),
        "database": lambda: _is_current(engine),
        "worker": lambda: vitals.worker is None or vitals.worker.is_at_work(SWEEP_SECONDS),
        "disk": lambda: _has_room(engine.sessions.url),
    }
    return [name for name, holds in checks.items() if not _holds(name, holds)]


def _holds(name: str, holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except Exception:
        log.exception("the check of the %s failed", name)
        return False


def _is_current(engine: Engine) -> bool:
    with engine.sessions.reader.connect() as connection:
        return migrations.is_current(connection)


def _has_room(url: str) -> bool:
    """Whether an SQLite database can grow; the room of another server is looked after there."""
    if databases.kind_of(url) != databases.SQLITE:
        return True
    return shutil.disk_usage(databases.sqlite_path(url).parent).free >= LEAST_ROOM
