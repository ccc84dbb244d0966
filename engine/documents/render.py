"""Filled HTML to PDF/A in a child process with limits, replaced when it passes them or dies."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from engine import errors
from engine.documents.fonts import BOLD, PACKAGE, REGULAR, FontsAbsent
from engine.documents.wire import Closed, Line, Message

_ROOT = Path(__file__).resolve().parents[2]
_TOO_SLOW = "it takes longer than the time allowed"
_REASONS = {
    "memory": "it needs more memory than is allowed",
    "outside": "it refers to something outside itself",
    "picture": "a picture in it can't be read",
    "pages": "it has too many pages",
    "pixels": "a page of it is too large",
    "unreadable": "it is not a readable PDF, JPEG or PNG file",
}
_STOPPED = "the renderer stopped"
PATIENCE = 3  # for a machine that does other work too
_FONT_CONFIGURATION = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"""


@dataclass(frozen=True)
class Limits:
    """What one document may use: bytes of address space, seconds of processor time, pages.

    Of the clock it may take `PATIENCE` times as long; one child prints so many `documents`.
    """

    memory: int = 1 << 30
    seconds: float = 10.0
    pages: int = 100
    documents: int = 200
    starting_seconds: float = 60.0


@dataclass(frozen=True)
class Box:
    """A rectangle on a page: page index from 0; points from the page's lower left corner."""

    page: int
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Rendered:
    """A PDF/A-3u file, the boxes of the elements that have an id, and the number of pages."""

    pdf: bytes
    boxes: Mapping[str, Box]
    pages: int


@dataclass(frozen=True)
class Enclosure:
    """A file that goes into the PDF byte for byte: its file name and what it is."""

    name: str
    description: str
    content: bytes


@dataclass(frozen=True)
class PageImage:
    """One page of a scan as JPEG; width and height in pixels."""

    jpeg: bytes
    width: int
    height: int


class Renderer:
    """Prints documents; start one for each server process, share it between threads, close it at the end.

    Only the fonts in `fonts_dir` are used, whatever else is installed. The child is started by the first job.
    """

    def __init__(self, fonts_dir: Path, limits: Limits | None = None) -> None:
        if absent := [name for name in (REGULAR, BOLD) if not (fonts_dir / name).exists()]:
            raise FontsAbsent(f"{fonts_dir / absent[0]} is absent: it is made from the package {PACKAGE}")
        self.fonts_dir = fonts_dir.resolve()
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="woshou-fonts-")
        self._write_font_configuration()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the child and remove what was written for it."""
        with self._lock:
            self._stop()
            self._folder.cleanup()

    def warm(self) -> None:
        """Start the child now, so that the first document is as quick as the others."""
        with self._lock:
            self._running()

    def render(self, html: str, css: str, enclosures: Sequence[Enclosure] = ()) -> Rendered:
        """Print a filled template, with the enclosures as its associated files (ISO 19005-3 6.8).

        Raises errors.MissingGlyph, errors.RenderingFailed (limits, links).
        """
        head = {"job": "print", "enclosed": [[one.name, one.description] for one in enclosures]}
        texts = [html.encode(), css.encode()]
        answer = self._ask(Message(head, [*texts, *(one.content for one in enclosures)]))
        boxes: Mapping[str, Sequence[float]] = answer.head["boxes"]  # type: ignore[assignment]
        named = {name: Box(int(box[0]), *box[1:]) for name, box in boxes.items()}
        return Rendered(answer.parts[0], named, int(str(answer.head["pages"])))

    def page_images(self, data: bytes, kind: str, *, pages: int, pixels: int) -> list[PageImage]:
        """The pages of a foreign file, kind "pdf" or "image" (JPEG, PNG), at 200 dots an inch.

        Raises errors.RenderingFailed for more pages, more pixels a page, or what can't be read.
        """
        arguments = {"kind": kind, "pages": pages, "pixels": pixels}
        answer = self._ask(Message({"job": "page_images", "arguments": arguments}, [data]))
        sizes: Sequence[Sequence[int]] = answer.head["sizes"]  # type: ignore[assignment]
        return [PageImage(jpeg, *size) for jpeg, size in zip(answer.parts, sizes, strict=True)]

    def _ask(self, message: Message) -> Message:
        with self._lock:
            child = self._running()
            try:
                answer = child.ask(message, time.monotonic() + PATIENCE * self.limits.seconds)
            except TimeoutError:
                self._stop()
                raise errors.RenderingFailed(reason=_TOO_SLOW) from None
            except Closed:
                reason = _TOO_SLOW if child.ran_out_of_time else _STOPPED
                self._stop()
                raise errors.RenderingFailed(reason=reason) from None
        if "problem" in answer.head:
            _refuse(answer.head)
        return answer

    def _running(self) -> "_Child":
        if self._child and (self._child.is_dead or self._child.jobs >= self.limits.documents):
            self._stop()
        if not self._child:
            self._child = _Child(self._folder.name, self.fonts_dir, self.limits)
        return self._child

    def _stop(self) -> None:
        if self._child:
            self._child.stop()
            self._child = None

    def _write_font_configuration(self) -> None:
        folder = Path(self._folder.name)
        text = _FONT_CONFIGURATION.format(fonts=self.fonts_dir, cache=folder / "cache")
        (folder / "fonts.conf").write_text(text, encoding="utf-8")


class _Child:
    def __init__(self, folder: str, fonts_dir: Path, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        self.line = Line(ours)
        self.jobs = 0
        arguments = [theirs.fileno(), limits.memory, limits.seconds, limits.pages, fonts_dir / REGULAR]
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.documents.press", *map(str, arguments)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(folder),
                cwd=folder,
            )
        try:
            self.line.receive(time.monotonic() + limits.starting_seconds)
        except (TimeoutError, Closed):
            self.stop()
            raise errors.RenderingFailed(reason=_STOPPED) from None

    @property
    def is_dead(self) -> bool:
        return self.process.poll() is not None

    @property
    def ran_out_of_time(self) -> bool:
        """Whether a child that is gone ended by its limit of processor time."""
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=10) == -signal.SIGPROF
        return False

    def ask(self, message: Message, deadline: float) -> Message:
        self.jobs += 1
        self.line.send(message, deadline)
        answer = self.line.receive(deadline)
        if answer.head.get("problem") in ("memory", "failed"):
            self.process.wait(timeout=10)
        return answer

    def stop(self) -> None:
        self.line.end.close()
        self.process.kill()
        self.process.wait()


def _environment(folder: str) -> dict[str, str]:
    # Nothing of the server's own environment: it may hold keys.
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    fonts = str(Path(folder) / "fonts.conf")
    return {**kept, "LANG": "C.UTF-8", "PYTHONPATH": str(_ROOT), "FONTCONFIG_FILE": fonts, "HOME": folder}


def _refuse(head: Mapping[str, object]) -> NoReturn:
    if head["problem"] == "glyph":
        raise errors.MissingGlyph(character=head["character"], field=head["field"])
    raise errors.RenderingFailed(reason=_REASONS.get(str(head["problem"]), _STOPPED))
