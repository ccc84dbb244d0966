"""The server is asked to end: what is under way is finished, nothing new begins, and it ends in time."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from engine import Engine, jobs
from tests.conftest import TENANT, House
from tests.journeys.server import Server, running
from web import worker
from web.worker import Worker

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
FORM = urlencode({"username": "nobody", "password": "x"}).encode()
# A server whose pages take as long as the address says, and whose patience is short.
SLOW = """
import sys, time
from flask import Flask
from web import server
server.FINISH_SECONDS = 1.0
app = Flask("slow")
@app.get("/<float:seconds>")
def wait(seconds):
    time.sleep(seconds)
    return "x" * 2_000_000
with server.asked_to_stop() as stop:
    print("ready", flush=True)
    server.serve(app, ("127.0.0.1", int(sys.argv[1])), stop)
print("ended", flush=True)
"""


@contextmanager
def slow_server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [sys.executable, "-P", "-c", SLOW, str(port)]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "ready\n"
            connect(port).close()
            yield child, port
        finally:
            child.kill()


def connect(port: int, seconds: float = 5) -> socket.socket:
    """A connection as soon as the server listens."""
    end = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def asked(port: int, path: str) -> socket.socket:
    connection = connect(port)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    return connection


def answer_of(connection: socket.socket) -> bytes:
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_and_no_new_one_is_accepted(tmp_path: Path, number: int) -> None:
    with running(tmp_path / "data") as server, connect(server.port) as client:
        head = (
            "POST /sign-in HTTP/1.1\r\nHost: here\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(FORM)}\r\n\r\n"
        )
        client.sendall(head.encode() + FORM[:5])
        time.sleep(0.3)
        ended: list[int] = []
        stopping = threading.Thread(target=lambda: ended.append(server.stop(number)))
        stopping.start()
        end = time.monotonic() + 5
        while not refuses(server.port):
            assert time.monotonic() < end, "the server still accepts connections"
            time.sleep(0.02)
        assert not ended
        client.sendall(FORM[5:])
        answer = answer_of(client)
        stopping.join()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.rstrip().endswith(b"</html>")
        assert ended == [0]
        assert_closed(server)


def assert_closed(server: Server) -> None:
    """The last connection to an SQLite database takes its log with it when it is closed."""
    assert not (server.data / "woshou.db-wal").exists()
    with sqlite3.connect(server.data / "woshou.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_long_answer_is_sent_to_its_end() -> None:
    with slow_server() as (child, port), asked(port, "/0.5") as client:
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        assert len(answer_of(client)) > 2_000_000
        assert child.wait(5) == 0
        assert child.stdout is not None
        assert child.stdout.read() == "ended\n"


def test_a_connection_that_is_kept_open_delays_nothing() -> None:
    with slow_server() as (child, port):
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        kept.request("GET", "/0.0")
        kept.getresponse().read()
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.stdout is not None
        assert child.stdout.readline() == "ended\n"
        assert time.monotonic() - begun < 0.9
        assert child.wait(10) == 0
        kept.close()


@pytest.mark.parametrize("path", ["/30.0", ""], ids=["a page that takes long", "a request that never ends"])
def test_what_takes_too_long_is_cut_off(path: str) -> None:
    with slow_server() as (child, port), asked(port, path) if path else connect(port) as client:
        if not path:
            client.sendall(b"POST /0.0 HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234")
        time.sleep(0.2)
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        assert 0.9 < time.monotonic() - begun < 8


def test_a_second_signal_ends_it_at_once() -> None:
    with slow_server() as (child, port), asked(port, "/30.0"):
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        assert child.wait(0.5) == -signal.SIGTERM


class Slow:
    """A handler that begins, and ends when it is let go."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.done: list[str] = []

    def __call__(self, engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
        self.begun.set()
        self.go_on.wait(20)
        self.done.append(payload["name"])
        with engine.sessions.command(tenant_id) as session:
            jobs.finish(session, payload["name"])


@pytest.fixture
def slow(house: House, monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(worker, "HANDLERS", {"slow": slow})
    with house.engine.sessions.command(TENANT) as session:
        for name in ("first", "second"):
            jobs.enqueue(session, "slow", name, house.clock(), {"name": name})
    return slow


def test_the_worker_ends_after_the_job_at_hand_and_begins_no_other(
    house: House, slow: Slow, tmp_path: Path
) -> None:
    with Worker(house.engine, TENANT, tmp_path / "anchors.jsonl"):
        assert slow.begun.wait(5)
        threading.Timer(0.3, slow.go_on.set).start()
    assert slow.done == ["first"]


def test_a_job_that_does_not_end_is_left(
    house: House, slow: Slow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(worker, "FINISH_SECONDS", 0.3)
    begun = time.monotonic()
    with Worker(house.engine, TENANT, tmp_path / "anchors.jsonl"):
        assert slow.begun.wait(5)
    assert time.monotonic() - begun < 5
    assert slow.done == []
    assert "jobs was left" in caplog.text
    end_thread(slow)


def end_thread(slow: Slow) -> None:
    wait_until: Callable[[], bool] = lambda: not any(one.name == "jobs" for one in threading.enumerate())  # noqa: E731
    slow.go_on.set()
    end = time.monotonic() + 5
    while not wait_until():
        assert time.monotonic() < end
        time.sleep(0.02)
