"""PAdES signatures on a printed document: every empty field first, the certification, then one mark each."""

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from asn1crypto import x509 as asn1_x509  # type: ignore[import-untyped]
from PIL import Image
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle

from engine.documents import appearance
from engine.documents.authority import Signer
from engine.documents.render import Box

CERTIFICATION = "certification"
# Hexadecimal characters, even; leaves room for a time stamp.
_BYTES_RESERVED = 8192


@dataclass(frozen=True)
class Mark:
    """One signature to be made: into which field, by whom, why, with which drawing, when (aware) and where.

    A signer with the role "seal" leaves the committee's round seal instead of a drawing.
    """

    field: str
    signer: Signer
    reason: str
    image_png: bytes | None
    at: dt.datetime
    place: str


def prepare(pdf: bytes, boxes: Mapping[str, Box], preparer: Signer, at: dt.datetime) -> bytes:
    """Place an empty signature field in each box and certify the document: only signatures may follow.

    Field names are the boxes' names; all of them come before the first signature (ISO 32000-2 12.8.2.2).
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for name, box in boxes.items():
        corners = (round(box.x1), round(box.y1), round(box.x2), round(box.y2))
        fields.append_signature_field(writer, SigFieldSpec(name, on_page=box.page, box=corners))
    fields.append_signature_field(writer, SigFieldSpec(CERTIFICATION))
    metadata = replace(
        _metadata(CERTIFICATION, preparer, reason="Certified before the marks", place=None),
        certify=True,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    return _signed(writer, _DatedSigner(metadata, signer=_KeyElsewhere(preparer), at=at))


def sign(pdf: bytes, mark: Mark, fonts_dir: Path) -> bytes:
    """Add one mark as an incremental update. Signatures are serial: sign the newest revision, under a lock.

    Raises ValueError when there is no such empty field, errors.RenderingFailed for an unreadable drawing.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    frame = _frame_of_empty_field(writer, mark.field)
    if mark.signer.role == "seal":
        picture = appearance.seal(frame, mark.signer.name, mark.at, fonts_dir)
    else:
        picture = appearance.drawn(frame, mark.image_png, mark.signer.name, mark.at, fonts_dir)
    metadata = _metadata(mark.field, mark.signer, mark.reason, mark.place)
    signer = _DatedSigner(metadata, signer=_KeyElsewhere(mark.signer), at=mark.at, picture=picture)
    return _signed(writer, signer)


class _KeyElsewhere(signers.Signer):
    """Puts together the CMS; the signature itself comes from `Signer.sign_bytes`, wherever the key is."""

    def __init__(self, signer: Signer) -> None:
        self.sign_bytes = signer.sign_bytes
        certificate = asn1_x509.Certificate.load(signer.certificate)
        super().__init__(signing_cert=certificate, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise ValueError(digest_algorithm)
        return bytes(72) if dry_run else self.sign_bytes(data)


class _DatedSigner(signers.PdfSigner):
    """Signs at the time it is told: the clock is the engine's."""

    def __init__(
        self,
        metadata: signers.PdfSignatureMetadata,
        *,
        signer: signers.Signer,
        at: dt.datetime,
        picture: Image.Image | None = None,
    ) -> None:
        self.at = at
        super().__init__(metadata, signer=signer, stamp_style=_stamp_style(picture) if picture else None)

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


def _stamp_style(picture: Image.Image) -> StaticStampStyle:
    middle = AxisAlignment.ALIGN_MID
    return StaticStampStyle(
        border_width=0,
        background=PdfImage(picture, writer=None),
        background_opacity=1.0,
        background_layout=SimpleBoxLayoutRule(
            middle, middle, Margins(0, 0, 0, 0), InnerScaling.STRETCH_TO_FIT
        ),
    )


def _metadata(field: str, signer: Signer, reason: str, place: str | None) -> signers.PdfSignatureMetadata:
    return signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        name=signer.name,
        reason=reason,
        location=place,
        subfilter=SigSeedSubFilter.PADES,
    )


def _frame_of_empty_field(writer: IncrementalPdfFileWriter, name: str) -> appearance.Frame:
    for found, value, reference in fields.enumerate_sig_fields(writer.prev, filled_status=False):
        if found == name and value is None:
            x1, y1, x2, y2 = (float(corner) for corner in reference.get_object()["/Rect"])
            return appearance.Frame(x2 - x1, y2 - y1)
    raise ValueError(f"there is no empty signature field {name}")


def _signed(writer: IncrementalPdfFileWriter, signer: _DatedSigner) -> bytes:
    output = signer.sign_pdf(writer, existing_fields_only=True, bytes_reserved=_BYTES_RESERVED)
    return bytes(output.getbuffer())
