"""The real server as a child process: started, killed, started again on the same data."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 40


class Server:
    """`woshou serve` with a data folder of its own, on SQLite in it or on the database of a URL."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data, self.database = data, database or f"sqlite:///{data / 'woshou.db'}"
        self.port = _spare_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._run("init", "--demo")

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start it without waiting for it."""
        with (self.data.parent / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("serve"),
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait for the first answer."""
        assert self._process is not None
        end = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.data.parent / "serve.log").read_text()
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it and its children as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def audit_holds(self) -> bool:
        return self._run("audit", "verify", check=False) == 0

    def _run(self, *arguments: str, check: bool = True) -> int:
        done = subprocess.run(
            self._command(*arguments), env=self._environment(), capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.returncode

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "web.cli", *arguments]

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


@contextmanager
def running(data: Path) -> Iterator[Server]:
    """A started server, killed at the end."""
    server = Server(data)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
