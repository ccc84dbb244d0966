"""The real server as a child process: started, killed, started again on the same data."""

import atexit
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

READY_SECONDS = 40


class Server:
    """`woshou serve` with a data folder of its own, on SQLite in it or on the database of a URL.

    With workers, so many `woshou worker` do the jobs, and the server none.
    """

    def __init__(self, data: Path, database: str = "", workers: int = 0) -> None:
        self.data, self.database = data, database or f"sqlite:///{data / 'woshou.db'}"
        self.port = _spare_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes] | None] = [None] * workers
        if database or data.exists():
            self._run("init", "--demo")
        else:
            shutil.copytree(_set_up(), data)

    def start(self) -> None:
        """Start it and wait for its first answer, then its workers without waiting for them."""
        self.launch()
        self.wait_until_ready()
        self._workers = [self._launch("worker") for _ in self._workers]

    def launch(self) -> None:
        """Start it alone, without waiting for it."""
        self._process = self._launch("serve", *(["--no-worker"] if self._workers else []))

    def kill_worker(self, number: int) -> None:
        """End one of the workers as a power cut would, and start another."""
        _kill(self._workers[number])
        self._workers[number] = self._launch("worker")

    def wait_until_ready(self) -> None:
        """Wait for the first answer."""
        assert self._process is not None
        end = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.data.parent / "serve.log").read_text()
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it, its workers and their children as a power cut would."""
        assert self._process is not None
        for process in (self._process, *self._workers):
            _kill(process)
        self._workers = [None] * len(self._workers)

    def _launch(self, *arguments: str) -> "subprocess.Popen[bytes]":
        folder = self.data.parent
        with (folder / "serve.out").open("ab") as said, (folder / "serve.log").open("ab") as log:
            return subprocess.Popen(
                self._command(*arguments),
                env=self._environment(),
                stdout=said,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        """Ask it to end, and give its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(seconds)

    def audit_holds(self) -> bool:
        return self._run("audit", "verify", check=False) == 0

    def _run(self, *arguments: str, check: bool = True) -> int:
        done = subprocess.run(
            self._command(*arguments), env=self._environment(), capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.returncode

    def _command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("woshou")), *arguments]

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "WOSHOU_DATA": str(self.data),
            "WOSHOU_DATABASE": self.database,
            "WOSHOU_PORT": str(self.port),
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/sign-in", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False


@cache
def _set_up() -> Path:
    """A data folder as `woshou init --demo` leaves it, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="woshou-demo-"))
    atexit.register(shutil.rmtree, folder)
    # Of a folder that is there nothing is copied: this one is set up by the command itself.
    return Server(folder).data


@contextmanager
def running(data: Path) -> Iterator[Server]:
    """A started server, killed at the end."""
    server = Server(data)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _kill(process: "subprocess.Popen[bytes] | None") -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _spare_port() -> int:
    """A port that the system gives to no client: one of ours could hold the server's while it is down."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(10_000, lowest)))
            return int(probe.getsockname()[1])
