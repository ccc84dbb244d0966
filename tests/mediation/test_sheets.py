from functools import partial

import pytest
from sqlalchemy import select

from engine import errors
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import documents, lookup, papers, sheets
from engine.mediation.office import Office
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Result

from ..conftest import MORNING
from .conftest import Desk, add_case, scanned_sheet


class Sheets:
    """An agreement that waits for its signed sheet."""

    def __init__(self, desk: Desk, office: Office) -> None:
        self.desk, self.engine = desk.ready_to_sign(subjects=["inheritance"]), desk.house.engine
        self.printed = papers.render_agreement(office)
        self.effect = partial(sheets.signed_sheet_received, office)

    def upload(self, content: bytes, actor: Actor | None = None) -> str:
        return documents.store_file(self.engine, actor or self.desk.house.mediator, "扫描", content)

    def receive(self, *scans: str) -> None:
        self.desk.perform(self.effect, self.desk.house.mediator, scan=list(scans), complete=True)

    def reprint(self) -> None:
        with self.desk.command() as session:
            root = session.scalars(
                select(ProcessInstance).where(ProcessInstance.id == self.desk.case_id)
            ).one()
            self.printed.store(Result(session, self.engine, root, {}, b"%PDF-new", MORNING))

    def refused(self, *scans: str) -> list[str]:
        with pytest.raises(errors.InvalidAnswers) as refused:
            self.receive(*scans)
        assert list(refused.value.errors) == ["scan"]
        return [message for message, _ in refused.value.errors.values()]

    def kept(self, actor: Actor | None = None) -> list[bytes]:
        reader = actor or self.desk.house.seal_keeper
        rows = documents.list_documents(self.engine, reader, self.desk.case_id)
        return [
            documents.read_document(self.engine, reader, row.id).content
            for row in rows
            if row.kind == documents.SCAN
        ]


@pytest.fixture
def waiting(desk: Desk, renderer: Renderer, issuer: authority.Authority) -> Sheets:
    return Sheets(desk, Office(renderer, issuer))


def test_the_unsigned_text_is_not_its_own_scan(waiting: Sheets) -> None:
    with waiting.desk.query() as session:
        text = lookup.drafted_agreement(session, waiting.desk.case_id).text_sha256
    assert waiting.refused(text or "") == [sheets.USED]


def test_the_paper_of_another_case_is_not_a_scan_of_this_one(waiting: Sheets) -> None:
    other = add_case(waiting.desk.house)
    foreign = waiting.upload(scanned_sheet("red"))
    with waiting.desk.command() as session:
        documents.put_document(session, (other, "receipt"), foreign, [], MORNING)
    assert waiting.refused(waiting.upload(scanned_sheet("white")), foreign) == [sheets.USED]


def test_what_somebody_else_uploaded_is_not_taken(waiting: Sheets) -> None:
    theirs = waiting.upload(scanned_sheet("white"), waiting.desk.house.reception)
    assert waiting.refused(theirs) == [sheets.USED]


def test_the_staff_look_at_the_scan_and_the_parties_do_not(waiting: Sheets) -> None:
    waiting.receive(waiting.upload(scanned_sheet("white")), waiting.upload(scanned_sheet("red")))
    assert (
        waiting.kept()
        == waiting.kept(waiting.desk.house.chief_mediator)
        == [scanned_sheet("white"), scanned_sheet("red")]
    )
    assert waiting.kept(waiting.desk.party(0)) == []


def test_a_later_scan_takes_the_place_of_the_earlier_one(waiting: Sheets) -> None:
    first = waiting.upload(scanned_sheet("white"))
    waiting.receive(first, waiting.upload(scanned_sheet("red")))
    waiting.receive(first)
    assert waiting.kept() == [scanned_sheet("white")]
    waiting.receive(waiting.upload(scanned_sheet("blue")))
    assert waiting.kept() == [scanned_sheet("blue")]


def test_a_file_brought_twice_is_kept_once(waiting: Sheets) -> None:
    scan = waiting.upload(scanned_sheet("white"))
    waiting.receive(scan, scan)
    assert waiting.kept() == [scanned_sheet("white")]


def test_a_new_text_has_no_scan_yet(waiting: Sheets) -> None:
    waiting.receive(waiting.upload(scanned_sheet("white")))
    waiting.reprint()
    assert waiting.kept() == []
