"""Checks the signatures of a document: who, when, intact, what each covers, what came after, where it broke.

Needs no database: only the file and the certificates one trusts. Whatever a tampered file makes the libraries
raise is a failed check.
"""

import datetime as dt
import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from asn1crypto import algos, cms, parser, pem  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko_certvalidator import ValidationContext

_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_ECDSA_SHA256 = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Problem:
    """What is wrong: an English message id with named places, and their values."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message.format_map(self.params)


@dataclass(frozen=True)
class SignatureReport:
    """One signature. `revision` counts from 1; `covers`: "file" or "revision"; `added_after`: fields."""

    field: str
    signer: str
    role: str
    signed_at: dt.datetime | None
    reason: str
    intact: bool
    trusted: bool
    revision: int
    covers: str
    covered_bytes: int
    added_after: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class Report:
    """The signatures in the order they were made, the fields still empty, the revisions, all problems."""

    signatures: tuple[SignatureReport, ...]
    unsigned: tuple[str, ...]
    revisions: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether every signature holds and nothing stands beside them; empty fields are not a fault."""
        return bool(self.signatures) and not self.problems


def verify(pdf: bytes, trusted: Sequence[bytes], at: dt.datetime | None = None) -> Report:
    """Check all signatures against trusted certificates (PEM or DER), as of `at` (aware; default now)."""
    moment = at or dt.datetime.now(dt.UTC)
    roots = [_certificate(data) for data in trusted]
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        embedded = list(reader.embedded_signatures)
        unsigned = tuple(name for name, _, _ in enumerate_sig_fields(reader, filled_status=False))
        revisions = reader.xrefs.total_revisions
    except Exception as failure:
        return Report((), (), 0, (_unreadable(failure),))
    reports = [_check(signature, pdf, roots, moment) for signature in embedded]
    reports = _with_what_followed(sorted(reports, key=lambda report: report.covered_bytes))
    problems = [report.problem for report in reports if report.problem]
    problems += _around(reports, len(pdf))
    return Report(tuple(reports), unsigned, revisions, tuple(problems))


def _certificate(data: bytes) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(pem.unarmor(data)[2] if pem.detect(data) else data)


def _unreadable(failure: Exception) -> Problem:
    return Problem("The file can't be read as a PDF: {detail}", {"detail": f"{failure}"[:200]})


def _check(
    embedded: EmbeddedPdfSignature,
    pdf: bytes,
    roots: Sequence[asn1_x509.Certificate],
    moment: dt.datetime,
) -> SignatureReport:
    report = SignatureReport(
        str(embedded.field_name), "", "", None, "", False, False, 0, "revision", _covered(embedded)
    )
    try:
        report = _described(report, embedded)
        context = ValidationContext(trust_roots=list(roots), moment=moment, allow_fetching=False)
        status = validate_pdf_signature(embedded, context)
        problem = _broken(status, report) or _loose_encoding(embedded, pdf, report.field)
    except Exception as failure:
        details = {"field": report.field, "detail": f"{failure}"[:200]}
        return replace(report, problem=Problem("{field}: the signature can't be read: {detail}", details))
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return replace(
        report,
        intact=status.intact and status.valid,
        trusted=status.trusted,
        covers="file" if whole else "revision",
        problem=problem,
    )


def _described(report: SignatureReport, embedded: EmbeddedPdfSignature) -> SignatureReport:
    subject = embedded.signer_cert.subject.native
    return replace(
        report,
        signer=str(subject.get("name") or subject.get("common_name", "")),
        role=str(subject.get("title", "")),
        signed_at=embedded.self_reported_timestamp,
        reason=str(embedded.sig_object.get("/Reason", "")),
        revision=embedded.signed_revision + 1,
    )


def _covered(embedded: EmbeddedPdfSignature) -> int:
    _, _, start, length = (int(number) for number in embedded.byte_range)
    return start + length


def _broken(status: PdfSignatureStatus, report: SignatureReport) -> Problem | None:
    params = {"field": report.field, "revision": report.revision}
    if not (status.intact and status.valid):
        return Problem(
            "{field}: bytes that it covers were changed (in revision {revision} or before)", params
        )
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        return Problem("{field}: it does not cover the whole of revision {revision}", params)
    if not status.trusted:
        return Problem("{field}: its certificate is not from a trusted authority", params)
    if not status.docmdp_ok or status.modification_level is ModificationLevel.OTHER:
        return Problem("{field}: after revision {revision} something other than signatures was added", params)
    if not status.bottom_line:
        return Problem("{field}: the signature does not hold", params)
    return None


def _loose_encoding(embedded: EmbeddedPdfSignature, pdf: bytes, name: str) -> Problem | None:
    """A signature's own digest leaves out its value: there, only one spelling is allowed."""
    _, start, end, _ = (int(number) for number in embedded.byte_range)
    value = embedded.pkcs7_content
    length = parser.peek(value)
    signed = cms.ContentInfo.load(value)["content"]
    info = signed["signer_infos"][0]
    spelt = b"<" + value.hex().upper().encode() + b">"
    strict = (
        pdf[start:end] == spelt
        and _is_der(value[:length])
        and not value[length:].strip(b"\0")
        and signed["version"].native == "v1"
        and [algorithm.dump() for algorithm in signed["digest_algorithms"]] == [_SHA256]
        and len(signed["certificates"]) == 1
        and info["version"].native == "v1"
        and info["digest_algorithm"].dump() == _SHA256
        and info["signature_algorithm"].dump() == _ECDSA_SHA256
    )
    return None if strict else Problem("{field}: bytes of the signature itself were changed", {"field": name})


def _is_der(data: bytes) -> bool:
    # Each element in its shortest form, nothing between them: what a parser that is lenient would pass over.
    while data:
        kind, method, tag, header, content, trailer = parser.parse(data)
        if trailer or parser.emit(kind, method, tag, content) != header + content:
            return False
        if method == 1 and not _is_der(content):
            return False
        data = data[len(header) + len(content) :]
    return True


def _with_what_followed(reports: Sequence[SignatureReport]) -> list[SignatureReport]:
    names = [report.field for report in reports]
    return [replace(report, added_after=tuple(names[index + 1 :])) for index, report in enumerate(reports)]


def _around(reports: Sequence[SignatureReport], size: int) -> list[Problem]:
    """What no single signature tells: nothing signed, something after the last, where a change lies."""
    if not reports:
        return [Problem("There is no signature in this file")]
    problems = []
    if (end := reports[-1].covered_bytes) != size:
        text = "Something was added after the last signature: bytes {start} to {end}, from revision {first}"
        places = {"start": end, "end": size, "first": reports[-1].revision + 1}
        problems.append(Problem(text, places))
    broken = next((index for index, report in enumerate(reports) if not report.intact), None)
    if broken is not None:
        start = reports[broken - 1].covered_bytes if broken else 0
        places = {"start": start, "end": reports[broken].covered_bytes}
        problems.append(Problem("The change lies between byte {start} and byte {end}", places))
    return problems
