"""The log: one line for each request and each trouble, in JSON or as text, with nobody's data in it.

What may hold somebody's data never gets in: the messages of exceptions (a database quotes the row that it
refuses), the words of libraries (a server quotes the address, and that may be a party's link), addresses and
forms. Instead stand the kinds of the exceptions and the places in the code.
"""

import datetime as dt
import json
import logging
import secrets
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request

OURS = "woshou"
QUIET = frozenset(("static", "health.alive", "health.ready", "metrics.show"))
log = logging.getLogger("woshou.web")


class Plain(logging.Formatter):
    """A line of names and values for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The moment, the level, who says what, and the rest as name=value."""
        facts = facts_of(record)
        first = [_inline(facts.pop(name)) for name in ("at", "level", "logger", "message")]
        return " ".join([*first, *(f"{name}={_inline(value)}" for name, value in facts.items())])


class AsJson(logging.Formatter):
    """A JSON object for each line."""

    def format(self, record: logging.LogRecord) -> str:
        """The facts of the line."""
        return json.dumps(facts_of(record), ensure_ascii=False)


def begin(kind: str) -> None:
    """Let this process log to the error output as `json` or `text`, also what would end it."""
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if kind == "json" else Plain())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(OURS).setLevel(logging.INFO)
    logging.captureWarnings(True)
    # A line that can't be made would be told with all its values.
    logging.raiseExceptions = False
    sys.excepthook = _broken
    sys.unraisablehook = _unraisable
    threading.excepthook = lambda thread: _broken(thread.exc_type, thread.exc_value, thread.exc_traceback)


def usual() -> str:
    """Text on a terminal, else JSON."""
    return "text" if sys.stderr.isatty() else "json"


def prepare(app: Flask) -> None:
    """Log each answer of the application, and give it an id that people can name."""
    app.before_request(_begin)
    app.after_request(_end)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says: moment, level, logger, message, the request it belongs to, its facts, the error."""
    place = f"{_short(record.pathname)}:{record.lineno}"
    ours = record.name.split(".")[0] == OURS
    facts = {
        "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage() if ours else place,
        **(_of_request() if has_request_context() else {}),
        **getattr(record, "facts", {}),
    }
    if record.exc_info and record.exc_info[1]:
        facts["error"] = list(_error(record.exc_info[1]))
    return facts


def _begin() -> None:
    g.request_id, g.begun = secrets.token_hex(8), time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint not in QUIET or response.status_code >= 500:
        ms = round((time.perf_counter() - g.begun) * 1000, 1)
        log.info("answered", extra={"facts": {"status": response.status_code, "ms": ms}})
    return response


def _of_request() -> dict[str, Any]:
    actor = g.get("actor")
    return {
        "request": g.get("request_id"),
        "route": request.endpoint or "unknown",
        "tenant": current_app.extensions["tenant_id"],
        "actor": actor and actor.id,
    }


def _error(raised: BaseException) -> Iterator[str]:
    """The kinds of an exception and of those behind it, each with its frames, the innermost first."""
    seen: set[int] = set()
    found: BaseException | None = raised
    while found and id(found) not in seen:
        seen.add(id(found))
        yield type(found).__qualname__
        frames = traceback.extract_tb(found.__traceback__)
        yield from (f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        found = found.__cause__ or found.__context__


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-3:])


def _inline(value: object) -> str:
    return " < ".join(value) if isinstance(value, list) else " ".join(str(value).split())


def _unraisable(failed: Any) -> None:
    """Python tells such a failure, as of a `__del__`, with its words and with what failed."""
    log.error("something failed that could not be told", exc_info=failed.exc_value)


def _broken(kind: type[BaseException], raised: BaseException | None, trace: TracebackType | None) -> None:
    if raised is not None and not issubclass(kind, KeyboardInterrupt):
        log.critical("something ended that should not", exc_info=(kind, raised, trace))
