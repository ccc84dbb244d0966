"""The child process that prints: the only importer of WeasyPrint, and the only reader of foreign scans.

It limits its own memory and processor time before it imports anything large; `render.py` starts it, watches
the clock and replaces it.
"""

import io
import logging
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import weasyprint
from PIL import Image, ImageOps
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from engine.documents.glyphs import Glyphs
from engine.documents.wire import Closed, Line, Message

# Unicode text, tags for screen readers, attachments allowed (ISO 19005-3).
_VARIANT = "pdf/a-3u"
_POINTS_PER_PIXEL = 0.75
_NOT_PRINTED = ("head", "script", "style", "title")
_SCAN_DPI = 200
Enclosed = tuple[str, str, bytes]
"""A file to go into the PDF: its name, what it is, its bytes."""


class Refused(Exception):
    """The job can't be done; `head` tells the parent why."""

    def __init__(self, problem: str, **details: object) -> None:
        super().__init__(problem)
        self.head = {"problem": problem, **details}


class OnlyItself(URLFetcher):  # type: ignore[misc]
    """A fetcher that opens `data:` and nothing else, and remembers what it refused."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> object:
        """Open a `data:` URL; the name and signature are WeasyPrint's."""
        if not url.lower().startswith("data:"):
            self.refused.append(url)
        return super().fetch(url, headers)


class _Record(logging.Handler):
    """WeasyPrint only logs what this project must know."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


class Press:
    """One font configuration, one fetcher and the stylesheets that were met, kept for all documents."""

    def __init__(self, regular: Path, pages: int) -> None:
        self.pages = pages
        self.fonts = FontConfiguration()
        self.fetcher = OnlyItself()
        self.log = _Record()
        logger = logging.getLogger("weasyprint")
        logger.handlers = [self.log]
        logger.propagate = False
        self.glyphs = Glyphs(regular)
        self.stylesheet = cache(self._stylesheet)

    def _stylesheet(self, css: str) -> Any:
        return weasyprint.CSS(string=css, font_config=self.fonts, url_fetcher=self.fetcher)

    def print_document(self, html: str, css: str, enclosed: Sequence[Enclosed] = ()) -> Message:
        """PDF/A and the boxes of all elements with an id: [page from 0, x1, y1, x2, y2] in points."""
        self.fetcher.refused.clear()
        self.log.messages.clear()
        source = weasyprint.HTML(string=html, url_fetcher=self.fetcher)
        for text, field in _texts(source.etree_element):
            if character := self.glyphs.missing(text):
                raise Refused("glyph", character=character, field=field)
        layout = source.render(font_config=self.fonts, stylesheets=[self.stylesheet(css)])
        if len(layout.pages) > self.pages:
            raise Refused("pages", most=self.pages)
        files = [self._attachment(*one) for one in enclosed]
        pdf = layout.write_pdf(pdf_variant=_VARIANT, pdf_tags=True, attachments=files)
        self._check_log()
        return Message({"boxes": _boxes(layout.pages), "pages": len(layout.pages)}, [pdf])

    def _attachment(self, name: str, description: str, content: bytes) -> Any:
        fixed = {"relationship": "Source", "url_fetcher": self.fetcher}
        return weasyprint.Attachment(string=content, name=name, description=description, **fixed)

    def _check_log(self) -> None:
        if self.fetcher.refused:
            raise Refused("outside", url=self.fetcher.refused[0][:200])
        for message in self.log.messages:
            if message.startswith("Failed to load"):
                raise Refused("picture")
            if message.startswith(".notdef"):
                raise Refused("glyph", character=message.partition('"')[2].partition('"')[0], field="?")


def _enclosed(named: Any, files: Sequence[bytes]) -> list[Enclosed]:
    return [(name, description, content) for (name, description), content in zip(named, files, strict=True)]


def _texts(root: Any) -> Iterator[tuple[str, str]]:
    # Each printed text with the name of the field it stands in: a stack, as hostile input nests deeply.
    stack = [(root, "?")]
    while stack:
        element, outer = stack.pop()
        field = element.get("data-field") or element.get("id") or outer
        if element.tag not in _NOT_PRINTED and isinstance(element.tag, str):
            yield element.text or "", field
            stack.extend((child, field) for child in reversed(element))
        yield element.tail or "", outer


def _boxes(pages: Sequence[Any]) -> dict[str, list[float]]:
    boxes: dict[str, list[float]] = {}
    for index, page in enumerate(pages):
        for name, (x1, y1, x2, y2) in page.anchors.items():
            corners = (x1, page.height - y2, x2, page.height - y1)
            boxes.setdefault(name, [index, *(round(c * _POINTS_PER_PIXEL, 2) for c in corners)])
    return boxes


def page_images(data: bytes, kind: str, pages: int, pixels: int) -> Message:
    """The pages of a scan ("pdf" or "image") as JPEG; at most so many pages, of so many pixels each."""
    images = _pdf_pages(data, pages, pixels) if kind == "pdf" else _one_image(data, pixels)
    sizes, parts = [], []
    for image in images:
        target = io.BytesIO()
        image.convert("RGB").save(target, "JPEG", quality=85, dpi=(_SCAN_DPI, _SCAN_DPI))
        sizes.append(list(image.size))
        parts.append(target.getvalue())
    return Message({"sizes": sizes}, parts)


def _pdf_pages(data: bytes, pages: int, pixels: int) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as unreadable:
        raise Refused("unreadable") from unreadable
    with document:
        if len(document) > pages:
            raise Refused("pages", most=pages)
        for page in document:
            width, height = page.get_size()
            scale = _SCAN_DPI / 72
            if width * height * scale**2 > pixels:
                raise Refused("pixels", most=pixels)
            yield page.render(scale=scale).to_pil()


def _one_image(data: bytes, pixels: int) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > pixels:
                raise Refused("pixels", most=pixels)
            upright = ImageOps.exif_transpose(image).convert("RGB")
            # A phone's picture has more pixels than a printed page can show.
            upright.thumbnail((12 * _SCAN_DPI, 12 * _SCAN_DPI))
            yield upright
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as unreadable:
        raise Refused("unreadable") from unreadable


def work(press: Press, message: Message, seconds: float) -> Message:
    """Do one job; more than `seconds` of processor time, or lack of memory, is the end of the process."""
    # By SIGPROF, which `render.py` knows; what else the machine does meanwhile does not count.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    jobs: dict[str, Callable[..., Message]] = {
        "print": lambda html, css, *files: press.print_document(
            html.decode(), css.decode(), _enclosed(message.head["enclosed"], files)
        ),
        "page_images": lambda data: page_images(data, **message.head["arguments"]),  # type: ignore[arg-type]
    }
    try:
        return jobs[str(message.head["job"])](*message.parts)
    except Refused as refused:
        return Message(refused.head)
    except MemoryError:
        return Message({"problem": "memory"})
    except Exception as failed:
        # Only what and where: the message may quote the document.
        print(type(failed).__name__, file=sys.stderr)
        traceback.print_tb(failed.__traceback__)
        return Message({"problem": "failed"})
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main(descriptor: int, memory: int, seconds: float, pages: int, regular: str) -> None:
    """Serve jobs from the inherited socket until the parent goes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # Sent to all processes of a terminal or a service at once; the parent still needs what is being printed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    line = Line(socket.socket(fileno=descriptor))
    press = Press(Path(regular), pages)
    line.send(Message({"ready": True}))
    try:
        while True:
            answer = work(press, line.receive(), seconds)
            line.send(answer)
            if answer.head.get("problem") in ("memory", "failed"):
                return
    except Closed:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
