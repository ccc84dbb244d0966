"""Which texts the document fonts can print: asked while somebody can still write them in another way."""

import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from engine.documents.fonts import REGULAR

_INVISIBLE = frozenset("\t\n\r\u200b\u2060\ufeff")
_VARIATION_SELECTORS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))


class Glyphs:
    """The characters of one font, and the ideographic variants that it really draws."""

    def __init__(self, font_file: Path) -> None:
        with TTFont(font_file, lazy=True) as font:
            characters = map(chr, font.getBestCmap())
            self._variants = _variants(font)
            self._plain = frozenset(one for one in characters if unicodedata.category(one) != "Cf")

    def missing(self, text: str) -> str:
        """The first character that would be printed as an empty box, as it can be shown; else ""."""
        if self._plain.issuperset(text):
            return ""
        for position, character in enumerate(text):
            if character in self._plain:
                continue
            if character in _VARIATION_SELECTORS and text[position - 1 : position + 1] in self._variants:
                continue
            if character not in _INVISIBLE:
                return _shown(text, position)
        return ""


@cache
def glyphs_of(fonts_dir: Path) -> Glyphs:
    """The glyphs of the documents' regular weight in this folder; read once."""
    return Glyphs(fonts_dir / REGULAR)


def _variants(font: TTFont) -> frozenset[str]:
    tables = [table for table in font["cmap"].tables if table.format == 14]
    return frozenset(
        chr(code) + chr(selector)
        for table in tables
        for selector, codes in table.uvsDict.items()
        for code, _ in codes
    )


def _shown(text: str, position: int) -> str:
    character = text[position]
    if character in _VARIATION_SELECTORS:
        return f"{text[position - 1 : position]} U+{ord(character):04X}"
    return character if character.isprintable() else f"U+{ord(character):04X}"
