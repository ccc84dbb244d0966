"""Binds the scan of a sheet that was signed on paper to the agreed text: page images, hashes, attachments."""

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf

from engine import errors
from engine.documents.render import PageImage, Rendered, Renderer
from engine.documents.templates import fill

PDF = "application/pdf"
_MOST_BYTES = 20 * 1024 * 1024
_MOST_PAGES = 40
_MOST_PIXELS = 60_000_000
_TEXT_NAME = "agreement-text.pdf"
_EXTENSIONS = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Scan:
    """A file as it was uploaded: PDF, JPEG or PNG."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Sheet:
    """What is bound: the template and its style, its other context, the agreed text's PDF, the scans."""

    template: str
    css: str
    context: Mapping[str, object]
    text_pdf: bytes
    scans: Sequence[Scan]


def bind(renderer: Renderer, sheet: Sheet) -> Rendered:
    """A PDF/A-3: the binding sheet, the scanned pages; text and scans attached byte for byte; box "seal".

    Not yet certified nor sealed (`sign.prepare`, `sign.sign`). Adds `text_sha256` and `scans` to the context.
    Raises errors.RenderingFailed for files that are unreadable or too large, before they are unpacked.
    """
    images = [_pages(renderer, scan) for scan in sheet.scans]
    if sum(map(len, images)) > _MOST_PAGES:
        raise errors.RenderingFailed(reason="it has too many pages")
    shown = [
        {"name": scan.name, "sha256": scan.sha256, "pages": [_data_url(page.jpeg) for page in pages]}
        for scan, pages in zip(sheet.scans, images, strict=True)
    ]
    text_sha256 = hashlib.sha256(sheet.text_pdf).hexdigest()
    html = fill(sheet.template, {**sheet.context, "text_sha256": text_sha256, "scans": shown})
    printed = renderer.render(html, sheet.css)
    return replace(printed, pdf=_attached(printed.pdf, sheet))


def _pages(renderer: Renderer, scan: Scan) -> list[PageImage]:
    if len(scan.content) > _MOST_BYTES or scan.media_type not in _EXTENSIONS:
        raise errors.RenderingFailed(reason="it is not a readable PDF, JPEG or PNG file")
    kind = "pdf" if scan.media_type == PDF else "image"
    return renderer.page_images(scan.content, kind, pages=_MOST_PAGES, pixels=_MOST_PIXELS)


def _data_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _attached(printed: bytes, sheet: Sheet) -> bytes:
    # ISO 19005-3 6.8: each embedded file has a media type, a relationship, and stands in the catalogue's AF.
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        text = Scan("协议文本 Agreed text", PDF, sheet.text_pdf)
        specs = [(_TEXT_NAME, text, pikepdf.Name.Supplement)]
        for number, scan in enumerate(sheet.scans, start=1):
            specs.append((f"scan-{number}.{_EXTENSIONS[scan.media_type]}", scan, pikepdf.Name.Source))
        for filename, file, relationship in specs:
            # pikepdf adds it to the catalogue's AF.
            spec = pikepdf.AttachedFileSpec(
                pdf,
                file.content,
                description=file.name,
                filename=filename,
                mime_type=file.media_type,
                relationship=relationship,
            )
            pdf.attachments[filename] = spec
        pdf.save(target)
    return target.getvalue()
