"""Counts the statements and commits that the code makes, and how long the database takes over them."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from engine.sessions import Sessions


@dataclass
class Watch:
    """What was seen: statements without BEGIN, commits, and the seconds that the statements took."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0
    seconds: float = 0.0
    _begun: float = 0.0

    def kinds(self) -> str:
        """The verbs of the statements with their numbers, most frequent first."""
        counted = Counter(statement.split(" ", 1)[0] for statement in self.statements)
        return ", ".join(f"{count} {verb}" for verb, count in counted.most_common())


@contextmanager
def watching(sessions: Sessions) -> Iterator[Watch]:
    """Watch what these sessions ask until the block ends; what they ask later takes longer than before."""
    seen = Watch()

    def before(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.statements.append(statement)
        seen._begun = time.perf_counter()

    def after(*_: Any) -> None:
        seen.seconds += time.perf_counter() - seen._begun

    def commit(_: Any) -> None:
        seen.commits += 1

    heard = {"before_cursor_execute": before, "after_cursor_execute": after, "commit": commit}
    places = [
        (database, name, listener)
        for database in (sessions.writer, sessions.reader)
        for name, listener in heard.items()
    ]
    for place in places:
        event.listen(*place)
    try:
        yield seen
    finally:
        for place in places:
            event.remove(*place)
