"""Two threads of which the first is paused in the middle of its transaction while the second comes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from engine import Engine, errors

PATIENCE_SECONDS = 20
BLOCKED_SECONDS = 0.15
FIRST = "first"


@dataclass(frozen=True)
class Ended:
    """How a command ended: with a value, or refused."""

    value: Any = None
    refused: errors.Refusal | None = None


class Runner(threading.Thread):
    """A thread with one command; what it raises beside refusals is raised by `ended`."""

    def __init__(self, name: str, command: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self._command = command
        self._ended: Ended | BaseException | None = None

    def run(self) -> None:
        try:
            self._ended = Ended(self._command())
        except errors.Refusal as refused:
            self._ended = Ended(refused=refused)
        except BaseException as failed:
            self._ended = failed

    def ended(self) -> Ended:
        """Wait for the end."""
        self.join(PATIENCE_SECONDS)
        assert self._ended is not None, f"{self.name} does not end"
        if isinstance(self._ended, BaseException):
            raise self._ended
        return self._ended


@dataclass
class Pause:
    """Where the first thread stands still: `reached` when it does, `over` when it may go on."""

    reached: threading.Event
    over: threading.Event

    def wait(self, *_: Any) -> None:
        """Stand still, once, if this is the first thread."""
        if threading.current_thread().name == FIRST and not self.reached.is_set():
            self.reached.set()
            assert self.over.wait(PATIENCE_SECONDS)


@contextmanager
def paused(engine: Engine, where: str) -> Iterator[Pause]:
    """Pause the first thread just after it has locked, or with everything written just before it commits."""
    pause = Pause(threading.Event(), threading.Event())
    target: Any = engine.sessions.writer if where == "locked" else Session
    name = "after_cursor_execute" if where == "locked" else "before_commit"
    event.listen(target, name, pause.wait)
    try:
        yield pause
    finally:
        event.remove(target, name, pause.wait)


def race(
    engine: Engine, where: str, one: Callable[[], Any], other: Callable[[], Any], *, waits: bool = True
) -> tuple[Ended, Ended]:
    """The first is paused in its transaction while the second comes; how both ended.

    The second must wait until the first has ended, or must not.
    """
    first, second = Runner(FIRST, one), Runner("second", other)
    with paused(engine, where) as pause:
        first.start()
        assert pause.reached.wait(PATIENCE_SECONDS), "the first does not come to its pause"
        second.start()
        second.join(BLOCKED_SECONDS if waits else PATIENCE_SECONDS)
        waited = second.is_alive()
        pause.over.set()
        ended = first.ended(), second.ended()
    assert waited == waits, "the second waited" if waited else "the second did not wait"
    return ended
