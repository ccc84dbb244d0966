import io
import shutil
import subprocess

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.documents.verify import verify

from .conftest import AT, COMMITTEE

MARKS = ("mark-party-1", "mark-party-2", "mark-mediator", "mark-seal")


@pytest.fixture(scope="module")
def signed(revisions):
    return revisions[-1]


@pytest.fixture(scope="module")
def trusted(authority):
    return [authority.certificate_pem]


def test_each_signature_tells_who_when_and_what_it_covers(signed, trusted):
    report = verify(signed, trusted, AT)

    assert report.ok
    assert [(s.field, s.signer, s.role) for s in report.signatures] == [
        ("certification", "文书制作 Document preparation", "preparer"),
        ("mark-party-1", "张三", "party"),
        ("mark-party-2", "李四", "party"),
        ("mark-mediator", "王五", "mediator"),
        ("mark-seal", COMMITTEE, "seal"),
    ]
    assert {s.signed_at for s in report.signatures} == {AT}
    assert [s.revision for s in report.signatures] == [2, 3, 4, 5, 6]
    assert [s.covers for s in report.signatures] == ["revision"] * 4 + ["file"]
    assert report.signatures[1].added_after == MARKS[1:]
    assert report.signatures[-1].covered_bytes == len(signed)
    assert (report.unsigned, report.revisions) == ((), 6)


def test_a_document_waiting_for_marks_is_valid_and_names_the_empty_fields(revisions, trusted):
    assert verify(revisions[0], trusted, AT).unsigned == MARKS
    half = verify(revisions[2], trusted, AT)
    assert half.ok
    assert half.unsigned == MARKS[2:]


def test_without_the_committee_s_certificate_no_signature_is_trusted(signed):
    report = verify(signed, [], AT)

    assert not report.ok
    assert all(s.intact and not s.trusted for s in report.signatures)


def test_a_certificate_is_not_valid_before_it_was_issued(signed, trusted):
    assert not verify(signed, trusted, AT.replace(year=2020)).ok


@pytest.mark.parametrize("garbage", [b"", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"hello" * 1000])
def test_what_is_no_pdf_fails_without_an_exception(garbage, trusted):
    assert not verify(garbage, trusted, AT).ok


def test_an_unsigned_pdf_is_not_valid(trusted):
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(target)

    assert [str(p) for p in verify(target.getvalue(), trusted, AT).problems] == [
        "There is no signature in this file"
    ]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_flipped_bit_anywhere_is_found(signed, trusted, data):
    _assert_found(signed, trusted, data.draw(st.integers(0, len(signed) - 1)), data.draw(st.integers(0, 7)))


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_one_flipped_bit_in_the_last_signature_s_own_value_is_found(signed, trusted, data):
    start, end = _value_of_last_signature(signed)
    # Its own digest leaves this place out, and no later signature covers it.
    position = data.draw(st.integers(start, start + 2700) | st.integers(start, end - 1))
    _assert_found(signed, trusted, position, data.draw(st.sampled_from([0, 1, 5])))


def _assert_found(signed, trusted, position, bit):
    changed = bytearray(signed)
    changed[position] ^= 1 << bit
    assert not verify(bytes(changed), trusted, AT).ok


def _value_of_last_signature(pdf):
    last = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)[-1]
    _, start, end, _ = (int(n) for n in last.byte_range)
    return start, end


def test_a_change_is_placed_between_the_signatures_that_still_hold(revisions, trusted):
    changed = bytearray(revisions[-1])
    changed[len(revisions[1]) + 500] ^= 1

    report = verify(bytes(changed), trusted, AT)

    assert [s.intact for s in report.signatures] == [True, True, False, False, False]
    assert f"The change lies between byte {len(revisions[1])} and byte {len(revisions[2])}" in map(
        str, report.problems
    )
    assert "mark-party-2: bytes that it covers were changed (in revision 4 or before)" in map(
        str, report.problems
    )


def test_text_added_to_a_page_in_a_later_revision_is_found_and_placed(signed, trusted):
    report = verify(_with_later_text(signed), trusted, AT)

    assert not report.ok
    problems = [str(p) for p in report.problems]
    assert "mark-seal: after revision 6 something other than signatures was added" in problems
    added = f"Something was added after the last signature: bytes {len(signed)} to"
    assert problems[-1].startswith(added)
    assert problems[-1].endswith("from revision 7")


def test_an_annotation_added_in_a_later_revision_is_found(signed, trusted):
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 200, 50))),
            pdf_name("/Contents"): generic.TextStringObject("另付一万元"),
        }
    )
    first_page = writer.root["/Pages"]["/Kids"][0]
    first_page["/Annots"].append(writer.add_object(note))
    writer.mark_update(first_page["/Annots"].container_ref)

    assert not verify(_written(writer), trusted, AT).ok


def test_an_addition_between_two_signatures_is_found(revisions, trusted, authority, fonts_dir, drawing):
    from_there = _with_later_text(revisions[1])

    assert not verify(from_there, trusted, AT).ok


def test_bytes_after_the_end_are_found(signed, trusted):
    assert not verify(signed + b"\n", trusted, AT).ok


def _with_later_text(pdf):
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    stream = generic.StreamObject(stream_data=b"0 0 1 rg 50 50 300 40 re f")
    first_page = writer.root["/Pages"]["/Kids"].raw_get(0)
    writer.add_stream_to_page(0, writer.add_object(stream))
    assert first_page
    return _written(writer)


def _written(writer):
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils is absent")
def test_poppler_finds_all_signatures_valid(signed, tmp_path):
    """Without an NSS store of the committee's authority: the signatures, not the certificates' issuer."""
    (tmp_path / "signed.pdf").write_bytes(signed)
    told = _run("pdfsig", "-nocert", tmp_path / "signed.pdf")

    assert told.count("Signature is Valid") == 5
    assert told.count("Total document signed") == 1


@pytest.mark.skipif(not shutil.which("certutil"), reason="libnss3-tools is absent")
def test_poppler_trusts_the_certificates_with_the_committee_s_authority(signed, authority, tmp_path):
    (tmp_path / "signed.pdf").write_bytes(signed)
    (tmp_path / "authority.pem").write_bytes(authority.certificate_pem)
    store = tmp_path / "nss"
    store.mkdir()
    _run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
    _run("certutil", "-A", "-d", f"sql:{store}", "-n", "ca", "-t", ",C,", "-i", tmp_path / "authority.pem")

    told = _run("pdfsig", "-nssdir", f"sql:{store}", tmp_path / "signed.pdf")

    assert told.count("Certificate is Trusted") == 5


@pytest.mark.skipif(not shutil.which("qpdf"), reason="qpdf is absent")
def test_qpdf_finds_no_fault_in_the_structure(signed, tmp_path):
    (tmp_path / "signed.pdf").write_bytes(signed)

    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", tmp_path / "signed.pdf")


def _run(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout
