"""Photographed sheets are looked at like pages of a PDF."""

from io import BytesIO

import pytest
from PIL import Image

from engine import errors
from web import previews


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photographed_sheet_is_one_page_that_fits_the_screen(kind: str) -> None:
    taken = BytesIO()
    Image.new("RGB", (3000, 4000), "white").save(taken, kind)
    assert previews.page_count(taken.getvalue()) == 1
    shown = Image.open(BytesIO(previews.page_picture(taken.getvalue(), 1)))
    assert (shown.format, shown.width) == ("PNG", previews.WIDEST)
    for number in (0, 2):
        with pytest.raises(errors.NotFound):
            previews.page_picture(taken.getvalue(), number)


def test_a_scan_lies_beside_the_tasks_of_its_sheet() -> None:
    assert "scan" in previews.SHOWN
