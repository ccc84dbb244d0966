"""The private PostgreSQL server that the tests use."""

import pwd
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import postgres

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent


def _connect(url: str) -> psycopg.Connection:
    parts = make_url(url)
    return psycopg.connect(
        host=parts.host, port=parts.port, user=parts.username, password=parts.password, dbname=parts.database
    )


def _shown(connection: psycopg.Connection, setting: str) -> str:
    row = connection.execute(f"SHOW {setting}").fetchone()
    assert row is not None
    return str(row[0])


def _server_of(connection: psycopg.Connection) -> tuple[Path, int]:
    """The server's data folder and its process."""
    data = Path(_shown(connection, "data_directory"))
    return data, int((data / "postmaster.pid").read_text().splitlines()[0])


def _ends(pid: int, seconds: float = 20) -> bool:
    """Whether the process ends in time; one that nobody has waited for yet counts as ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if ") Z " in Path(f"/proc/{pid}/stat").read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_the_server_keeps_what_sqlalchemy_writes_and_is_gone_afterwards():
    with postgres.server() as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE greetings (tenant_id text, name text)"))
            connection.execute(text("INSERT INTO greetings (tenant_id, name) VALUES ('合川', '沈立山')"))
        with engine.connect() as connection:
            found = connection.execute(text("SELECT name FROM greetings WHERE tenant_id = '合川'"))
            assert found.scalar_one() == "沈立山"
        engine.dispose()
        with _connect(url) as connection:
            data, pid = _server_of(connection)
    assert _ends(pid, seconds=0.5)
    assert not data.parent.exists()


def test_a_failing_test_and_an_open_transaction_do_not_keep_the_server_alive():
    held: list[psycopg.Connection] = []

    def a_test_that_fails() -> None:
        with postgres.server() as url:
            held.append(_connect(url))
            held[0].execute("CREATE TABLE greetings (name text)")
            raise RuntimeError("the test fails")

    with pytest.raises(RuntimeError, match="the test fails"):
        a_test_that_fails()
    with pytest.raises(psycopg.OperationalError):
        held[0].execute("SELECT 1")
    held[0].close()


def test_the_server_listens_on_loopback_only_wants_the_password_and_is_not_run_by_root():
    with postgres.server() as url, _connect(url) as connection:
        assert _shown(connection, "listen_addresses") == "127.0.0.1"
        assert _shown(connection, "server_encoding") == "UTF8"
        _, pid = _server_of(connection)
        assert pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name != "root"
        wrong = make_url(url).set(password="guessed").render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            _connect(wrong)


def test_a_killed_test_run_takes_its_server_with_it():
    program = (
        "import time\nfrom tests import postgres\n"
        "with postgres.server() as url:\n    print(url, flush=True)\n    time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert run.stdout is not None
    try:
        with _connect(run.stdout.readline().strip()) as connection:
            data, pid = _server_of(connection)
    finally:
        run.kill()
        run.wait()
        run.stdout.close()
    assert _ends(pid)
    shutil.rmtree(data.parent)


def test_an_emptied_database_is_as_new_and_nobody_is_connected(postgres_server):
    left = _connect(postgres_server)
    left.execute("INSERT INTO tenants (id, name, zone, audit_count, audit_head) VALUES ('t', '', '', 0, '')")
    left.commit()
    left.execute("SELECT id FROM tenants WHERE id = 't' /* tenant_id */ FOR UPDATE")
    postgres.empty(postgres_server)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()
    with _connect(postgres_server) as connection:
        assert connection.execute("SELECT count(*) FROM tenants").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_two_servers_at_once_do_not_meet():
    with postgres.server() as one, postgres.server() as other:
        assert make_url(one).port != make_url(other).port
        with _connect(one) as connection:
            connection.execute("CREATE TABLE greetings (name text)")
        with _connect(other) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM greetings")


def test_without_postgresql_the_message_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres.Path, "glob", lambda self, pattern: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres.ServerFailed, match="make setup-test"), postgres.server():
        pass


def test_a_server_that_does_not_start_says_why(monkeypatch):
    monkeypatch.setitem(postgres.SETTINGS, "shared_buffers", "a lot")
    with pytest.raises(postgres.ServerFailed, match="shared_buffers"), postgres.server():
        pass
