"""Whole databases copied out of and into SQLite and PostgreSQL, while others work on them."""

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url, pool

from engine import migrations
from web.archive import Unsound
from web.texts import text

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FILES = {SQLITE: "woshou.db", POSTGRESQL: "woshou.dump"}

OTHERS = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND usename = current_user AND backend_type = 'client backend' LIMIT 1"
)
EMPTY = """
SET LOCAL client_min_messages = warning;
DO $$ BEGIN EXECUTE (SELECT coalesce(string_agg(statement, ';' ORDER BY place), '') FROM (
SELECT 1 AS place, format('DROP TABLE %I.%I CASCADE', schemaname, tablename) AS statement
FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user
UNION ALL SELECT 2, format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
UNION ALL SELECT 3, format('DROP TYPE IF EXISTS %s CASCADE', pg_type.oid::regtype)
FROM pg_type LEFT JOIN pg_class ON pg_class.oid = typrelid
WHERE typnamespace = 'public'::regnamespace AND typowner = current_user::regrole
AND (typtype IN ('e', 'd') OR relkind = 'c')
) AS known); END $$
"""


def kind_of(url: str) -> str:
    """sqlite or postgresql."""
    return make_url(url).get_backend_name()


def sqlite_path(url: str) -> Path:
    """Where an SQLite database lies."""
    return Path(make_url(url).database or "")


def schema_of(url: str) -> str:
    """The revision of a database's schema; empty where there is none."""
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        return migrations.revision_of(connection) or ""


def copy_out(url: str, target: Path) -> None:
    """Write one consistent copy of a database to a new file, while it is written to.

    Raises Unsound where the program that copies PostgreSQL is not there or fails.
    """
    if kind_of(url) == SQLITE:
        with closing(sqlite3.connect(sqlite_path(url))) as database:
            database.execute("VACUUM INTO ?", [str(target)])
        target.chmod(0o600)
    else:
        shown, secret = _for_libpq(url)
        written = ["--format=custom", "--compress=0", f"--file={target}"]
        _run("pg_dump", [*written, "--no-owner", "--no-privileges", f"--dbname={shown}"], secret)


def copy_in(dump: Path, url: str) -> None:
    """Put a PostgreSQL dump into a database in one transaction, in place of all that its account has there.

    Also of tables that the dump knows nothing of: a newer version has them, and they hold on to the others.
    """
    shown, secret = _for_libpq(url)
    script = dump.with_suffix(".sql")
    _run("pg_restore", ["--no-owner", "--no-privileges", f"--file={script}", str(dump)], secret)
    whole = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    try:
        _run("psql", [*whole, f"--command={EMPTY}", f"--file={script}", f"--dbname={shown}"], secret)
    finally:
        script.unlink()


def is_empty(url: str) -> bool:
    """Whether there is no database yet, or one without tables."""
    if kind_of(url) == SQLITE:
        return not sqlite_path(url).exists()
    with _connected(url) as connection:
        found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return found.fetchone() is None


def is_in_use(url: str) -> bool:
    """Whether another process has a database open, with the same account where there are accounts.

    An SQLite database that is not there is not in use.
    """
    if kind_of(url) != SQLITE:
        with _connected(url) as connection:
            return connection.execute(OTHERS).fetchone() is not None
    return sqlite_path(url).exists() and _is_locked(sqlite_path(url))


def _is_locked(path: Path) -> bool:
    """Whether an SQLite database is open elsewhere: then its journal mode can't be changed."""
    with closing(sqlite3.connect(path, timeout=0)) as database:
        try:
            database.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:
            # Damaged: no server can work with it, and it is what shall be replaced.
            return False
    return False


def require_whole(path: Path) -> None:
    """Unsound unless SQLite finds its file whole and each reference in it leads somewhere."""
    with closing(sqlite3.connect(path)) as database:
        try:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            lost = database.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as damaged:
            found, lost = str(damaged), None
    if found != "ok":
        raise Unsound(text("The database is damaged: {problem}", problem=found))
    if lost:
        raise Unsound(text("A row of {table} refers to one that is missing.", table=lost[0]))


@contextmanager
def scratch(url: str) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database beside another one, gone at the end.

    Unsound where the account may not make one.
    """
    name = f"woshou_verify_{secrets.token_hex(6)}"
    with _connected(url) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as refused:
            raise Unsound(
                text("Verifying needs an account that may create databases: ALTER ROLE … CREATEDB.")
            ) from refused
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _connected(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(_plain(url).render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def _plain(url: str) -> URL:
    return make_url(url).set(drivername="postgresql")


def _for_libpq(url: str) -> tuple[str, dict[str, str]]:
    """The address without the password, which goes by the environment: everybody sees arguments."""
    found = make_url(url)
    shown = URL.create(
        "postgresql", found.username, None, found.host, found.port, found.database, found.query
    )
    return shown.render_as_string(), {"PGPASSWORD": str(found.password or "")}


def _run(program: str, arguments: list[str], secret: dict[str, str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise Unsound(
            text("{program} is not installed here; it comes with postgresql-client.", program=program)
        )
    done = subprocess.run([found, *arguments], env=os.environ | secret, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise Unsound(text("{program} failed: {problem}", program=program, problem=said[0]))
