import pytest
from fontTools.ttLib import TTFont

from engine.documents import fonts


def test_the_second_time_nothing_is_written(tmp_path, capsys):
    assert fonts.main([str(tmp_path / "fonts")]) == 0
    assert capsys.readouterr().out.count("wrote") == 2
    assert fonts.main([str(tmp_path / "fonts")]) == 0
    assert capsys.readouterr().out == ""


def test_the_faces_are_the_simplified_chinese_ones(fonts_dir):
    for name in (fonts.REGULAR, fonts.BOLD):
        with TTFont(fonts_dir / name, lazy=True) as font:
            assert font["name"].getDebugName(1).startswith(fonts.FAMILY)
            assert ord("复") in font.getBestCmap()


def test_an_absent_package_is_named(tmp_path):
    with pytest.raises(fonts.FontsAbsent, match="fonts-noto-cjk"):
        fonts.write_fonts(tmp_path / "fonts", tmp_path)
    assert not (tmp_path / "fonts").exists()


def test_the_command_needs_a_destination(capsys):
    assert fonts.main([]) == 2
    assert "DEST" in capsys.readouterr().err
