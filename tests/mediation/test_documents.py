import pytest

from engine import errors
from engine.mediation import documents

from ..conftest import MORNING
from .conftest import Desk, add_case

PNG = b"\x89PNG\r\n\x1a\nrest"
JPEG = b"\xff\xd8\xff\xe0rest"


def put(desk: Desk, kind: str, content: bytes, audience: list[str]) -> None:
    with desk.command() as session:
        sha256 = documents.put_file(session, documents.NewFile(kind, documents.PDF, content), "x", MORNING)
        documents.put_document(session, (desk.case_id, kind), sha256, audience, MORNING)


@pytest.mark.parametrize("content", [b"%PDF-1.7", PNG, JPEG])
def test_pdf_jpeg_and_png_are_stored_once_under_their_hash(desk: Desk, content: bytes) -> None:
    stored = [
        documents.store_file(desk.house.engine, actor, name, content)
        for actor, name in ((desk.house.reception, "a"), (desk.house.mediator, "b"))
    ]
    assert stored[0] == stored[1]
    with desk.query() as session:
        assert documents.content_of(session, stored[0]) == content


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"MZ", b"GIF89a", b" %PDF-1.7"])
def test_other_kinds_are_refused_whatever_their_name(desk: Desk, content: bytes) -> None:
    with pytest.raises(errors.UnsuitableFile):
        documents.store_file(desk.house.engine, desk.house.reception, "扫描.pdf", content)


def test_a_file_that_is_too_large_is_refused(desk: Desk) -> None:
    large = b"%PDF-" + bytes(documents.MEGABYTES * 1024 * 1024)
    with pytest.raises(errors.UnsuitableFile):
        documents.store_file(desk.house.engine, desk.house.reception, "a.pdf", large)
    with pytest.raises(errors.Forbidden):
        documents.store_file(desk.house.engine, desk.house.administrator, "a.pdf", b"%PDF-")


def test_a_party_reads_only_its_own_copies(desk: Desk) -> None:
    desk.register()
    put(desk, "receipt", b"%PDF-receipt", desk.party_ids[:1])
    put(desk, "agreement", b"%PDF-agreement", [])
    engine, applicant, respondent = desk.house.engine, desk.party(0), desk.party(1)
    staff = documents.list_documents(engine, desk.house.reception, desk.case_id)
    assert [row.kind for row in staff] == ["receipt", "agreement"]
    assert [row.kind for row in documents.list_documents(engine, applicant, desk.case_id)] == ["receipt"]
    assert documents.list_documents(engine, respondent, desk.case_id) == []
    read = documents.read_document(engine, applicant, staff[0].id)
    assert (read.name, read.content) == ("调解申请受理回执.pdf", b"%PDF-receipt")
    for actor, row in ((respondent, staff[0]), (applicant, staff[1]), (desk.house.mediator, staff[0])):
        with pytest.raises(errors.NotFound):
            documents.read_document(engine, actor, row.id)


def test_a_party_does_not_read_its_copy_of_another_case(desk: Desk) -> None:
    desk.register()
    other = Desk(desk.house, add_case(desk.house)).register()
    put(other, "receipt", b"%PDF-receipt", [*desk.party_ids, *other.party_ids])
    row = documents.list_documents(desk.house.engine, desk.house.reception, other.case_id)[0]
    with pytest.raises(errors.NotFound):
        documents.read_document(desk.house.engine, desk.party(0), row.id)


def test_a_newer_file_takes_the_place_of_a_document_s_file(desk: Desk) -> None:
    desk.register()
    put(desk, "agreement", b"%PDF-one", [])
    put(desk, "agreement", b"%PDF-two", desk.party_ids)
    rows = documents.list_documents(desk.house.engine, desk.party(1), desk.case_id)
    assert [documents.read_document(desk.house.engine, desk.party(1), row.id).content for row in rows] == [
        b"%PDF-two"
    ]


def test_parties_read_the_agreement_once_it_is_approved(desk: Desk) -> None:
    desk.register().consent().appoint().draft()
    assert documents.list_documents(desk.house.engine, desk.party(1), desk.case_id) == []
    desk.approve()
    rows = documents.list_documents(desk.house.engine, desk.party(1), desk.case_id)
    assert [row.kind for row in rows] == ["agreement"]
