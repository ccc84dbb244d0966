"""A private PostgreSQL server for tests: its own folder, a spare loopback port, gone at the end."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

# What is in this server is thrown away, so nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
START_SECONDS = 30
STOP_SECONDS = 20


class ServerFailed(Exception):
    """PostgreSQL can't be started; the text says why."""


@contextmanager
def server(*, durable: bool = False, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start a server, give the `postgresql+psycopg://` URL of its empty database, and stop it by its pid.

    A durable one waits for the disk at each commit, for measurements; `more` are settings beside ours.

    Raises ServerFailed where PostgreSQL is not installed or does not start. The server ends with the thread
    that asked for it, even if that is killed.
    """
    programs = _programs()
    user = _unprivileged_user()
    password = secrets.token_urlsafe(18)
    folder = Path(tempfile.mkdtemp(prefix="woshou-pg-", dir="/tmp"))
    try:
        _make_cluster(programs, folder, user, password)
        port = _spare_port()
        settings = SETTINGS | (DURABLE if durable else {}) | {"port": str(port), **(more or {})}
        process = _start(programs, folder, user, settings)
        try:
            _wait_until_ready(process, folder, port, password)
            yield f"postgresql+psycopg://woshou:{password}@127.0.0.1:{port}/postgres"
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder)


def empty(url: str) -> None:
    """Take every row out of a database and end who is still connected: the next test finds it as new."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        named = "SELECT relname FROM pg_stat_user_tables WHERE relname <> 'alembic_version'"
        tables = [row[0] for row in connection.execute(named)]
        with connection.transaction():
            # The order of foreign keys does not matter to a replica.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in tables:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def _programs() -> Path:
    """The folder of the newest initdb and postgres here."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if shutil.which("pg_config"):
        shown = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        folders.append(Path(shown.stdout.strip()))
    for folder in reversed(folders):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServerFailed("PostgreSQL is not installed here; `make setup-test` installs it.")


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses root, so root lends it another account."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as_user(user: pwd.struct_passwd | None) -> list[str]:
    """The command in front of the server's: gives up root, and ends the server if this thread is killed."""
    given_up = [] if user is None else [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *given_up, "--pdeathsig=INT"]


def _make_cluster(programs: Path, folder: Path, user: pwd.struct_passwd | None, password: str) -> None:
    password_file = folder / "password"
    password_file.write_text(password)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        os.chown(password_file, user.pw_uid, user.pw_gid)
    made = subprocess.run(
        [
            *_as_user(user),
            str(programs / "initdb"),
            f"--pgdata={folder / 'data'}",
            "--username=woshou",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if made.returncode:
        raise ServerFailed(made.stderr)


def _spare_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _start(
    programs: Path, folder: Path, user: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    settings = {**settings, "unix_socket_directories": str(folder)}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*_as_user(user), str(programs / "postgres"), "-D", str(folder / "data"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )


def _wait_until_ready(process: "subprocess.Popen[bytes]", folder: Path, port: int, password: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user="woshou", password=password, dbname="postgres"
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise ServerFailed((folder / "log").read_text(errors="replace"))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the server: first let it roll back what is open, then at once."""
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(ending)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
