"""What a played case needs from the world outside: a drawn signature, a scanned sheet, a photograph."""

import base64
import io
import zlib
from collections.abc import Sequence

import pypdfium2
from PIL import Image, ImageDraw

PAD = (600, 200)
INK = (20, 30, 90)


def drawn_signature(name: str) -> str:
    """A stroke that differs from name to name, as the data URL of a PNG such as the signing page sends."""
    image = Image.new("RGBA", PAD, (0, 0, 0, 0))
    ImageDraw.Draw(image).line(_stroke(name, PAD), fill=(*INK, 255), width=6, joint="curve")
    return f"data:image/png;base64,{base64.b64encode(_png(image)).decode()}"


def photograph(name: str) -> bytes:
    """A picture that differs from name to name, as a PNG such as somebody brings as evidence."""
    image = Image.new("RGB", PAD, (235, 230, 220))
    ImageDraw.Draw(image).line(_stroke(name, PAD), fill=INK, width=12, joint="curve")
    return _png(image)


def signed_sheet(printed: bytes, names: Sequence[str]) -> bytes:
    """The last page of a printed PDF as a PNG, a stroke for each name on it, as a scanner brings it."""
    document = pypdfium2.PdfDocument(printed)
    page = document[len(document) - 1].render(scale=1.5).to_pil().convert("RGB")
    document.close()
    pen = ImageDraw.Draw(page)
    for number, name in enumerate(names):
        left, top = 80 + 220 * (number % 3), page.height - 260 + 70 * (number // 3)
        pen.line([(left + x // 4, top + y // 4) for x, y in _stroke(name, PAD)], fill=INK, width=3)
    return _png(page)


def _stroke(name: str, size: tuple[int, int]) -> list[tuple[int, int]]:
    width, height = size
    seeds = [zlib.crc32(f"{name}{turn}".encode()) for turn in range(16)]
    step = width // (len(seeds) + 1)
    return [(step * (turn + 1), 20 + seed % (height - 40)) for turn, seed in enumerate(seeds)]


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
