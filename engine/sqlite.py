"""SQLite as Woshou opens it: durable, with foreign keys, and locked from the beginning of a command."""

from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection

DRIVER = "sqlite+woshou"
BUSY_MS = 10_000
STATEMENTS = 500  # kept prepared on each connection, as many as SQLAlchemy keeps compiled; Python keeps 128


class Dialect(SQLiteDialect_pysqlite):
    """SQLAlchemy's own, but a transaction begins with the words of `begins`.

    Python's driver begins one at the first writing statement only, when others may have written already. A
    listener to SQLAlchemy's event does the same, but then each statement asks for listeners of its own.
    """

    supports_statement_cache = True

    def __init__(self, begins: str = "BEGIN", **rest: Any) -> None:
        super().__init__(**rest)
        self._begins = begins

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin a transaction."""
        dbapi_connection.cursor().execute(self._begins)


registry.register(DRIVER.replace("+", "."), __name__, Dialect.__name__)


def opened(url: str, *, read_only: bool) -> Database:
    """A database file for commands, each of which locks it at its beginning, or only to be read."""
    begins = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    address = make_url(url).set(drivername=DRIVER)
    prepared = {"cached_statements": STATEMENTS}
    database = create_engine(
        address, isolation_level=None, begins=begins, pool_use_lifo=True, connect_args=prepared
    )

    @event.listens_for(database, "connect")
    def set_pragmas(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_MS}",
            "foreign_keys=ON",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return database
