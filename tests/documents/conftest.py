import datetime as dt
import io

import pytest
from PIL import Image, ImageDraw

from engine.documents import authority as authorities
from engine.documents.authority import Authority
from engine.documents.fonts import write_fonts
from engine.documents.render import Limits, Renderer
from engine.documents.sign import Mark, prepare, sign

AT = dt.datetime(2026, 11, 3, 6, 5, tzinfo=dt.UTC)
COMMITTEE = "和川区清溪街道人民调解委员会"
CSS = """@page { size: A4; margin: 20mm } body { font-family: 'Noto Sans CJK SC' }
div { height: 60pt; width: 160pt }"""


@pytest.fixture(scope="session")
def fonts_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fonts")
    write_fonts(folder)
    return folder


@pytest.fixture(scope="session")
def renderer(fonts_dir):
    # Two loaded cores must not fail a test of something else.
    with Renderer(fonts_dir, Limits(seconds=60)) as renderer:
        yield renderer


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    return authorities.create(tmp_path_factory.mktemp("authority"), COMMITTEE, at=AT)


@pytest.fixture(scope="session")
def drawing() -> bytes:
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(50, 150), (200, 40), (300, 160), (500, 60)], fill=(0, 0, 80, 255), width=8)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def page(body: str) -> str:
    return f"<html lang=zh><head><title>协议</title></head><body>{body}</body></html>"


@pytest.fixture(scope="session")
def revisions(renderer, authority, fonts_dir, drawing) -> list[bytes]:
    """A document prepared, then signed by two parties, the mediator and the seal: five files."""
    places = ("party-1", "party-2", "mediator", "seal")
    printed = renderer.render(page("<p>协议内容" + "".join(f"<div id=mark-{p}></div>" for p in places)), CSS)
    files = [prepare(printed.pdf, printed.boxes, authority.preparer(at=AT), AT)]
    signers = [authority.issue(name, "party", at=AT) for name in ("张三", "李四")]
    signers += [authority.issue("王五", "mediator", at=AT), authority.seal(at=AT)]
    for place, signer in zip(places, signers, strict=True):
        image = drawing if signer.role != "seal" else None
        mark = Mark(f"mark-{place}", signer, "同意本协议", image, AT, "清溪街道")
        files.append(sign(files[-1], mark, fonts_dir))
    return files
