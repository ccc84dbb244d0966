"""What is signed is seen first: the papers of a task, and pages of a PDF as pictures."""

import threading
from dataclasses import dataclass
from io import BytesIO

import pypdfium2
from cachetools import LRUCache, cached
from PIL import Image, ImageOps

from engine import errors
from engine.mediation import documents
from engine.open_tasks import OpenTask
from web.access import actor, engine

DOTS_PER_POINT = 1.75
WIDEST = 1240  # pixels of a photographed sheet: what a page has at 150 dots per inch
SHOWN = ("agreement", "oral_register", "scan", "joining_scan", "signed_sheet")
OWN = "annex"
FACTS = "fact_sheet"
COUNTED = 10_000  # files whose pages are not counted again
ONE_AT_A_TIME = threading.Lock()  # PDFium is not safe to use from two threads


@dataclass(frozen=True)
class Paper:
    """A document beside a task, with the number of its pages."""

    id: str
    kind: str
    pages: int


def of_task(opened: OpenTask) -> list[Paper]:
    """The agreement as it is now and its scanned sheet, beside the tasks that check, sign, seal or serve.

    Beside those of the undisputed facts their last sheet. A household of a group sees its own copy, too: that
    is what it signs.
    """
    properties = opened.node.properties
    is_of_facts = properties.get("document") == FACTS
    if not opened.may_act or not (properties.get("stage") == "agreement" or is_of_facts):
        return []
    listed = documents.list_documents(engine(), actor(), opened.task.root_id)
    if is_of_facts:
        return [_paper(row) for row in listed if row.kind == FACTS][-1:]
    shown = (*SHOWN, OWN) if actor().party_id else SHOWN
    return [_paper(row) for row in listed if row.kind in shown]


def page_count(file: bytes) -> int:
    """How many pages the file has; a photograph is one."""
    if not _is_pdf(file):
        return 1
    with ONE_AT_A_TIME, pypdfium2.PdfDocument(file) as document:
        return len(document)


def page_picture(file: bytes, number: int) -> bytes:
    """A page, counted from 1, as PNG, of a PDF at 126 dots per inch; NotFound beyond the last."""
    picture = _pdf_page(file, number) if _is_pdf(file) else _photograph(file, number)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _is_pdf(file: bytes) -> bool:
    return file.startswith(b"%PDF-")


def _pdf_page(pdf: bytes, number: int) -> Image.Image:
    with ONE_AT_A_TIME, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= number <= len(document):
            raise errors.NotFound
        document.init_forms()
        picture: Image.Image = document[number - 1].render(scale=DOTS_PER_POINT, may_draw_forms=True).to_pil()
    return picture


def _photograph(file: bytes, number: int) -> Image.Image:
    if number != 1:
        raise errors.NotFound
    with Image.open(BytesIO(file), formats=("JPEG", "PNG")) as found:
        picture = ImageOps.exif_transpose(found).convert("RGB")
    picture.thumbnail((WIDEST, WIDEST * 2))
    return picture


def _paper(row: documents.DocumentRow) -> Paper:
    return Paper(row.id, row.kind, _pages(row))


@cached(LRUCache(COUNTED), key=lambda row: row.sha256, lock=threading.Lock())
def _pages(row: documents.DocumentRow) -> int:
    """The pages of a file, which never changes; the reader was told of the document, so may read it."""
    return page_count(documents.read_document(engine(), actor(), row.id).content)
