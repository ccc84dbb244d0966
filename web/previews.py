"""What is signed is seen first: the papers of a task, and pages of a PDF as pictures."""

import threading
from dataclasses import dataclass
from io import BytesIO

import pypdfium2

from engine import errors
from engine.mediation import documents
from engine.tasks import OpenTask
from web.access import actor, engine

DOTS_PER_POINT = 1.75
SHOWN = ("agreement", "signed_sheet")
ONE_AT_A_TIME = threading.Lock()  # PDFium is not safe to use from two threads


@dataclass(frozen=True)
class Paper:
    """A document beside a task, with the number of its pages."""

    id: str
    kind: str
    pages: int


def of_task(opened: OpenTask) -> list[Paper]:
    """The agreement as it is now, beside the tasks that check, sign, seal or serve it."""
    task = opened.task
    if opened.node.properties.get("stage") != "agreement" or not opened.may_act:
        return []
    listed = documents.list_documents(engine(), actor(), task.root_id)
    return [_paper(row) for row in listed if row.kind in SHOWN]


def page_count(pdf: bytes) -> int:
    """How many pages the file has."""
    with ONE_AT_A_TIME, pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def page_picture(pdf: bytes, number: int) -> bytes:
    """A page, counted from 1, as PNG at 126 dots per inch; NotFound beyond the last."""
    with ONE_AT_A_TIME, pypdfium2.PdfDocument(pdf) as document:
        if not 1 <= number <= len(document):
            raise errors.NotFound
        document.init_forms()
        picture = document[number - 1].render(scale=DOTS_PER_POINT, may_draw_forms=True).to_pil()
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _paper(row: documents.DocumentRow) -> Paper:
    file = documents.read_document(engine(), actor(), row.id)
    return Paper(row.id, row.kind, page_count(file.content))
