"""A database that can't do its work for one moment: PostgreSQL ends the connection, SQLite's disk is full."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from tests.conftest import House

FILL = "CREATE TABLE filled AS SELECT zeroblob(10000000)"
NO_ROOM, ROOM = 1, 1 << 30


@contextmanager
def away_at(house: House, beginning: str) -> Iterator[list[str]]:
    """Lose the database at the first statement that begins so; gives the statements that were lost."""
    sessions, lost = house.engine.sessions, []
    is_sqlite = sessions.url.startswith("sqlite")

    def lose(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        if is_sqlite and lost:
            cursor.execute(f"PRAGMA max_page_count={ROOM}")
        if lost or not statement.startswith(beginning):
            return statement, parameters
        lost.append(statement)
        if is_sqlite:
            cursor.execute(f"PRAGMA max_page_count={NO_ROOM}")
            return FILL, ()
        pid = connection.connection.driver_connection.info.backend_pid
        with psycopg.connect(sessions.url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        return statement, parameters

    event.listen(sessions.writer, "before_cursor_execute", lose, retval=True)
    try:
        yield lost
    finally:
        event.remove(sessions.writer, "before_cursor_execute", lose)
