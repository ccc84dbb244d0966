"""What is seen where a signature stands: the drawn name or the round red seal, with name and time below."""

import datetime as dt
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from engine import errors
from engine.documents.fonts import BOLD, REGULAR

_PIXELS_PER_POINT = 4
_CAPTION_POINTS = 7.0
_RED = (200, 22, 29)
_BLACK = (0, 0, 0)
_ZONE = ZoneInfo("Asia/Shanghai")
_MOST_DRAWN_PIXELS = 4_000_000
_STAR_INNER = 0.382


@dataclass(frozen=True)
class Frame:
    """The place of a mark: width and height in points."""

    width: float
    height: float

    @property
    def pixels(self) -> tuple[int, int]:
        """Its size in pixels of the picture."""
        return round(self.width * _PIXELS_PER_POINT), round(self.height * _PIXELS_PER_POINT)


def drawn(
    frame: Frame, drawing_png: bytes | None, caption: str, at: dt.datetime, fonts_dir: Path
) -> Image.Image:
    """A picture for the frame: the drawing (or, without one, the name), under it the caption and the time.

    The time is shown to the minute in Asia/Shanghai. Raises errors.RenderingFailed for an unreadable drawing.
    """
    picture = Image.new("RGBA", frame.pixels, (255, 255, 255, 0))
    below = _write_caption(picture, f"{caption} {at.astimezone(_ZONE):%Y-%m-%d %H:%M}", fonts_dir)
    room = (picture.width, picture.height - below)
    mark = _read_drawing(drawing_png) if drawing_png else _written(caption, room, fonts_dir)
    mark.thumbnail(room)
    picture.alpha_composite(mark, ((room[0] - mark.width) // 2, (room[1] - mark.height) // 2))
    return picture


def seal(frame: Frame, committee: str, at: dt.datetime, fonts_dir: Path) -> Image.Image:
    """The committee's round red seal: its name on the arc, a five-pointed star; the time below it."""
    picture = Image.new("RGBA", frame.pixels, (255, 255, 255, 0))
    below = _write_caption(picture, f"电子印章 {at.astimezone(_ZONE):%Y-%m-%d %H:%M}", fonts_dir)
    size = min(picture.width, picture.height - below)
    stamp = _round_seal(committee, size * 2, fonts_dir / BOLD).resize((size, size), Image.Resampling.LANCZOS)
    picture.alpha_composite(stamp, ((picture.width - size) // 2, (picture.height - below - size) // 2))
    return picture


def _read_drawing(png: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            if image.width * image.height > _MOST_DRAWN_PIXELS:
                raise errors.RenderingFailed(reason="the drawn signature is too large")
            drawing = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as unreadable:
        raise errors.RenderingFailed(reason="the drawn signature is not a readable picture") from unreadable
    return drawing.crop(_ink(drawing))


def _ink(drawing: Image.Image) -> tuple[int, int, int, int]:
    # The pad's picture may be transparent or white where nothing was drawn.
    white = Image.new("RGBA", drawing.size, (255, 255, 255, 255))
    darkness = Image.alpha_composite(white, drawing).convert("L").point(lambda grey: 255 - grey)
    if not (box := darkness.getbbox()):
        raise errors.RenderingFailed(reason="the drawn signature is empty")
    return box


def _write_caption(picture: Image.Image, text: str, fonts_dir: Path) -> int:
    # Returns the height in pixels that the caption takes at the bottom.
    size = _CAPTION_POINTS * _PIXELS_PER_POINT
    font = _font(fonts_dir / REGULAR, size)
    if (width := font.getlength(text)) > picture.width:
        font = _font(fonts_dir / REGULAR, size * picture.width / width)
    brush = ImageDraw.Draw(picture)
    brush.text((picture.width / 2, picture.height - 6), text, font=font, fill=_BLACK, anchor="mb")
    return math.ceil(size * 1.4)


def _written(name: str, room: tuple[int, int], fonts_dir: Path) -> Image.Image:
    probe = _font(fonts_dir / REGULAR, 100.0)
    size = min(room[1] * 0.6, 100.0 * room[0] / max(probe.getlength(name), 1.0))
    image = Image.new("RGBA", room, (255, 255, 255, 0))
    centre = (room[0] / 2, room[1] / 2)
    ImageDraw.Draw(image).text(centre, name, font=_font(fonts_dir / REGULAR, size), fill=_BLACK, anchor="mm")
    return image


@lru_cache(maxsize=4)
def _round_seal(committee: str, size: int, font_path: Path) -> Image.Image:
    image = Image.new("RGBA", (size, size), (*_RED, 0))
    brush = ImageDraw.Draw(image)
    ring = max(2, size // 40)
    brush.ellipse((ring, ring, size - ring, size - ring), outline=_RED, width=ring)
    brush.polygon(_star(size / 2, size / 2, size * 0.15), fill=_RED)
    _write_arc(image, committee, font_path)
    return image


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * _STAR_INNER
        angle = math.pi * corner / 5 - math.pi / 2
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _write_arc(image: Image.Image, text: str, font_path: Path) -> None:
    # From lower left over the top to lower right; a long name gets smaller letters and a wider arc.
    size = image.width
    span = math.radians(min(280, 22 * len(text)))
    height = min(size * 0.15, size * 0.37 * span / max(len(text), 1) * 0.95)
    font = _font(font_path, height)
    radius = size / 2 - size // 40 * 2 - height * 0.62
    for index, letter in enumerate(text):
        turn = span * ((index + 0.5) / len(text) - 0.5)
        tile = Image.new("RGBA", (round(height * 1.5),) * 2, (*_RED, 0))
        middle = tile.width / 2
        ImageDraw.Draw(tile).text((middle, middle), letter, font=font, fill=_RED, anchor="mm")
        turned = tile.rotate(-math.degrees(turn), resample=Image.Resampling.BICUBIC)
        x = size / 2 + radius * math.sin(turn) - middle
        y = size / 2 - radius * math.cos(turn) - middle
        image.alpha_composite(turned, (round(x), round(y)))


@lru_cache(maxsize=16)
def _font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)
