from pathlib import Path

import pytest

from engine.documents.fonts import write_fonts
from engine.documents.glyphs import Glyphs, glyphs_of


@pytest.fixture(scope="module")
def glyphs(tmp_path_factory: pytest.TempPathFactory) -> Glyphs:
    folder: Path = tmp_path_factory.mktemp("fonts")
    write_fonts(folder)
    assert glyphs_of(folder) is glyphs_of(folder)
    return glyphs_of(folder)


@pytest.mark.parametrize(
    "text", ["", "罗小琴，1,200.00 元\r\n\t（二）", "㭎", "𠮷", "、\ufe00", "罗\u200b小琴"]
)
def test_what_the_font_draws_or_nobody_sees_is_not_missing(glyphs: Glyphs, text: str) -> None:
    assert glyphs.missing(text) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("还我钱😀𰻝", "😀"), ("陈\U00030010勇", "\U00030010"), ("a\u202eb", "U+202E"), ("a\x00", "U+0000"),
        ("\ud800", "U+D800"), ("人\U000e01ef", "人 U+E01EF"),
    ],
)  # fmt: skip
def test_the_first_character_without_a_glyph_is_named(glyphs: Glyphs, text: str, shown: str) -> None:
    assert glyphs.missing(text) == shown
