"""Photographed sheets are looked at like pages of a PDF."""

from io import BytesIO

import pytest
from PIL import Image

from engine import errors
from engine.mediation import documents
from tests.conftest import MORNING
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


def test_the_pages_of_a_file_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    photograph = BytesIO()
    Image.new("RGB", (8, 8)).save(photograph, "PNG")
    read: list[str] = []

    def read_document(_engine: object, _actor: object, document_id: str) -> documents.FileView:
        read.append(document_id)
        return documents.FileView("a.png", "image/png", photograph.getvalue())

    monkeypatch.setattr(documents, "read_document", read_document)
    for name in ("engine", "actor"):
        monkeypatch.setattr(previews, name, lambda: None)
    rows = [
        documents.DocumentRow(id_, "scan", "", MORNING, "image/png", 8, sha256)
        for id_, sha256 in (("a", "counted-1"), ("b", "counted-1"), ("a", "counted-2"))
    ]
    assert [previews._paper(row).id for row in rows] == ["a", "b", "a"]
    assert read == ["a", "a"]
