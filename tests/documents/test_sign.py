import io
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image

from engine import errors
from engine.documents import appearance
from engine.documents.sign import Mark, sign

from .conftest import AT, COMMITTEE


def test_each_mark_is_an_increment_that_leaves_what_was_there(revisions):
    for earlier, later in zip(revisions, revisions[1:], strict=False):
        assert later.startswith(earlier)


def test_all_fields_are_there_before_the_first_signature(revisions):
    with pikepdf.open(io.BytesIO(revisions[0])) as pdf:
        fields = [str(field.T) for field in pdf.Root.AcroForm.Fields]
        assert str(pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P) == "2"

    assert fields == ["mark-party-1", "mark-party-2", "mark-mediator", "mark-seal", "certification"]


def test_a_field_is_signed_once(revisions, authority, fonts_dir):
    mark = Mark("mark-party-1", authority.issue("李四", "party", at=AT), "", None, AT, "")

    with pytest.raises(ValueError, match="mark-party-1"):
        sign(revisions[1], mark, fonts_dir)
    with pytest.raises(ValueError, match="nowhere"):
        sign(revisions[1], Mark("nowhere", mark.signer, "", None, AT, ""), fonts_dir)


def test_a_key_that_lies_elsewhere_signs_too(revisions, authority, fonts_dir):
    asked = []
    signer = authority.issue("张三", "party", at=AT)
    elsewhere = replace(signer, sign_bytes=lambda data: asked.append(data) or signer.sign_bytes(data))

    sign(revisions[0], Mark("mark-party-1", elsewhere, "", None, AT, ""), fonts_dir)

    assert len(asked) == 1


@pytest.mark.parametrize("drawing", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_an_unreadable_drawing_is_refused(drawing, fonts_dir):
    if drawing:
        with pytest.raises(errors.RenderingFailed, match="readable"):
            appearance.drawn(appearance.Frame(200, 70), drawing, "张三", AT, fonts_dir)
    else:
        assert _ink(appearance.drawn(appearance.Frame(200, 70), drawing, "张三", AT, fonts_dir))


@pytest.mark.parametrize(
    ("size", "colour", "reason"),
    [((60, 20), (255, 255, 255, 255), "empty"), ((60, 20), (0, 0, 0, 0), "empty"), ((9000, 900), 0, "large")],
)
def test_an_empty_or_huge_drawing_is_refused(size, colour, reason, fonts_dir):
    target = io.BytesIO()
    Image.new("RGBA" if reason == "empty" else "1", size, colour).save(target, "PNG")

    with pytest.raises(errors.RenderingFailed, match=reason):
        appearance.drawn(appearance.Frame(200, 70), target.getvalue(), "张三", AT, fonts_dir)


def test_a_drawing_is_seen_with_name_and_time_under_it(fonts_dir, drawing):
    frame = appearance.Frame(200, 70)
    with_caption = appearance.drawn(frame, drawing, "张三", AT, fonts_dir)
    other = appearance.drawn(frame, drawing, "李四", AT, fonts_dir)

    assert with_caption.size == (800, 280)
    assert with_caption.crop((0, 0, 800, 230)) == other.crop((0, 0, 800, 230))
    assert with_caption.crop((0, 235, 800, 280)) != other.crop((0, 235, 800, 280))


@pytest.mark.parametrize("committee", [COMMITTEE, "某村调委会", "清溪街道" * 8 + "人民调解委员会"])
def test_the_seal_is_round_and_red_and_keeps_inside_its_place(committee, fonts_dir):
    picture = appearance.seal(appearance.Frame(125, 136), committee, AT, fonts_dir)

    places = [(x, y) for x in range(picture.width) for y in range(0, 500, 5)]
    red = [at for at in places if picture.getpixel(at)[3] > 128]
    assert all(r > 150 and max(g, b) < 60 for r, g, b, _ in map(picture.getpixel, red))
    middle = picture.width / 2
    assert max(((x - middle) ** 2 + (y - 250) ** 2) ** 0.5 for x, y in red) < 255


def _ink(picture):
    return picture.getbbox()
