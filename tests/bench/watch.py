"""Counts the statements and commits that the code makes, and how long the database takes over them."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import event


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
def watching() -> Iterator[Watch]:
    """Watch every database of this process until the block ends."""
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
    for name, listener in heard.items():
        event.listen(Database, name, listener)
    try:
        yield seen
    finally:
        for name, listener in heard.items():
            event.remove(Database, name, listener)
