import hashlib
import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from engine import errors
from engine.documents.scan import PDF, Scan, Sheet, bind
from engine.documents.sign import Mark, prepare, sign
from engine.documents.verify import verify

from .conftest import AT, CSS, page
from .samples import COMMON

DOCUMENTS = Path(__file__).resolve().parents[2] / "processes" / "documents"
MARKS = [{"name": "张三", "kind": "按指印", "made_on": "2026年11月2日"}]
CONTEXT = {**COMMON, "effective_on": "2026年11月2日", "marks": MARKS}


def _picture(kind, size=(800, 600), **save):
    target = io.BytesIO()
    Image.new("RGB", size, (240, 238, 230)).save(target, kind, **save)
    return target.getvalue()


@pytest.fixture(scope="module")
def text_pdf(renderer):
    return renderer.render(page("<p>协议文本</p>"), CSS).pdf


@pytest.fixture(scope="module")
def sheet(text_pdf):
    scans = [
        Scan("照片.jpg", "image/jpeg", _picture("JPEG")),
        Scan("扫描.png", "image/png", _picture("PNG")),
        Scan("扫描.pdf", PDF, text_pdf),
    ]
    template, css = (DOCUMENTS / name for name in ("signed_sheet.html", "print.css"))
    return Sheet(template.read_text("utf-8"), css.read_text("utf-8"), CONTEXT, text_pdf, scans)


def test_the_scan_is_bound_to_the_text_and_sealed(renderer, authority, fonts_dir, sheet):
    bound = bind(renderer, sheet)
    prepared = prepare(bound.pdf, {"seal": bound.boxes["seal"]}, authority.preparer(at=AT), AT)
    sealed = sign(prepared, Mark("seal", authority.seal(at=AT), "", None, AT, ""), fonts_dir)

    assert verify(sealed, [authority.certificate_pem], AT).ok
    assert bound.pages == 4
    said = _text(sealed)
    for content in (sheet.text_pdf, *(scan.content for scan in sheet.scans)):
        assert hashlib.sha256(content).hexdigest() in said
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        assert pdf.open_metadata().pdfa_status == "3U"
        attached = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
        kinds = [str(spec.AFRelationship) for spec in pdf.Root.AF]
    contents = [scan.content for scan in sheet.scans]
    names = ["agreement-text.pdf", "scan-1.jpg", "scan-2.png", "scan-3.pdf"]
    assert attached == dict(zip(names, [sheet.text_pdf, *contents], strict=True))
    assert kinds == ["/Supplement", "/Source", "/Source", "/Source"]


def _text(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        read = document[0].get_textpage().get_text_range()
    return "".join(read.split())


def test_a_photo_is_turned_upright_and_brought_to_the_size_of_a_page(renderer):
    sideways = Image.Exif()
    sideways[274] = 6
    [image] = renderer.page_images(
        _picture("JPEG", (4000, 1000), exif=sideways), "image", pages=1, pixels=10**7
    )

    assert (image.width, image.height) == (600, 2400)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 nothing", b"\xff\xd8\xff" + b"x" * 100, b"GIF89a" + b"x" * 50]
)
@pytest.mark.parametrize("kind", ["pdf", "image"])
def test_what_is_no_scan_is_refused(renderer, content, kind):
    with pytest.raises(errors.RenderingFailed, match="not a readable"):
        renderer.page_images(content, kind, pages=5, pixels=10**7)


def test_a_picture_bomb_is_refused_before_it_is_unpacked(renderer):
    # A PNG that claims 60,000 x 60,000 pixels in a few bytes.
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 10_000))

    with pytest.raises(errors.RenderingFailed):
        renderer.page_images(bomb + _chunk(b"IEND", b""), "image", pages=1, pixels=10**8)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_too_many_pages_or_a_page_as_large_as_a_house_are_refused(renderer, text_pdf):
    with pytest.raises(errors.RenderingFailed, match="too many pages"):
        renderer.page_images(text_pdf, "pdf", pages=0, pixels=10**7)
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_000, 14_000))
        pdf.save(target)
    with pytest.raises(errors.RenderingFailed, match="too large"):
        renderer.page_images(target.getvalue(), "pdf", pages=1, pixels=6 * 10**7)


def test_an_unknown_or_oversized_file_never_reaches_the_child(sheet):
    for scan in (Scan("x.gif", "image/gif", b"GIF89a"), Scan("x.pdf", PDF, bytes(21 * 1024 * 1024))):
        with pytest.raises(errors.RenderingFailed):
            bind(None, Sheet(sheet.template, sheet.css, CONTEXT, sheet.text_pdf, [scan]))
