import io
import signal
import threading
import time

import pikepdf
import pytest

from engine import errors
from engine.documents.fonts import FontsAbsent
from engine.documents.render import Enclosure, Limits, Renderer

from .conftest import CSS, page

OUTSIDE = [
    "<img src='file:///etc/passwd'>",
    "<link rel=attachment href='file:///etc/passwd'>",
    "<a rel=attachment href='file:///etc/passwd'>x</a>",
    "<img src='http://127.0.0.1:9/x.png'>",
    "<style>@import 'http://127.0.0.1:9/x.css'</style>",
    "<style>@font-face { font-family: x; src: url(file:///etc/passwd) } p { font-family: x }</style><p>字",
    "<p style='background: url(http://127.0.0.1:9/x)'>字",
    "<object data='ftp://127.0.0.1/x'></object>",
]


def test_a_document_becomes_tagged_pdf_a_with_the_places_of_its_marks(renderer):
    rendered = renderer.render(
        page("<p>一</p><div id=a></div><p style='break-before: page'>二</p><div id=b></div>"), CSS
    )

    assert rendered.pages == 2
    with pikepdf.open(io.BytesIO(rendered.pdf)) as pdf:
        assert pdf.open_metadata().pdfa_status == "3U"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "zh"
    first, second = rendered.boxes["a"], rendered.boxes["b"]
    assert (first.page, second.page) == (0, 1)
    assert (first.x2 - first.x1, first.y2 - first.y1) == pytest.approx((160, 60), abs=0.05)
    # 20 mm from the left edge, plus the body's own margin; y counts from the lower edge.
    assert 56 < first.x1 < 70
    assert 600 < first.y2 < 842


UNPRINTABLE = {
    "😀": "😀",
    "ᠠ": "ᠠ",
    "\u202e": "U+202E",
    "葛\U000e0101": "葛 U+E0101",
    "\U0002a6d6": "\U0002a6d6",
}


@pytest.mark.parametrize(("text", "shown"), UNPRINTABLE.items())
def test_a_character_without_a_glyph_is_named_with_its_field(renderer, text, shown):
    with pytest.raises(errors.MissingGlyph) as raised:
        renderer.render(page(f"<section data-field='party.name'><p>张<b>{text}</b></p></section>"), CSS)

    assert raised.value.params == {"character": shown, "field": "party.name"}


@pytest.mark.parametrize("text", ["𠮷野家", "㐂", "O’Brien é", "１２３ ℃ ¥ ②", "a\u200bb\ufeff"])
def test_rare_names_and_latin_print(renderer, text):
    assert renderer.render(page(f"<p>{text}"), CSS).pages == 1


def test_a_missing_glyph_made_by_the_style_is_found_too(renderer):
    with pytest.raises(errors.MissingGlyph):
        renderer.render(page("<p>字"), CSS + "p::before { content: '😀' }")


@pytest.mark.parametrize("body", OUTSIDE)
def test_a_document_reaches_nothing_outside_itself(renderer, body):
    with pytest.raises(errors.RenderingFailed, match="outside itself"):
        renderer.render(page(body), CSS)


def test_a_picture_that_cannot_be_read_is_an_error(renderer):
    with pytest.raises(errors.RenderingFailed, match="picture"):
        renderer.render(page("<img src='data:image/png;base64,AAAA'>"), CSS)


@pytest.mark.slow
def test_a_hostile_table_is_stopped_by_its_processor_time_and_the_next_document_prints(fonts_dir):
    rows = "".join(f"<tr><td>{row}</td><td>{'文字' * 100}</td></tr>" for row in range(4000))
    with Renderer(fonts_dir, Limits(seconds=2)) as renderer:
        renderer.warm()
        began = time.monotonic()
        with pytest.raises(errors.RenderingFailed, match="longer than the time"):
            renderer.render(page(f"<table>{rows}</table>"), CSS)
        assert time.monotonic() - began < 6
        renderer.limits = Limits(seconds=60)
        assert renderer.render(page("<p>下一份"), CSS).pages == 1


@pytest.mark.slow
def test_the_time_in_which_the_machine_does_other_work_does_not_count(fonts_dir):
    with Renderer(fonts_dir, Limits(seconds=1.5)) as renderer:
        renderer.warm()
        child = renderer._child.process
        child.send_signal(signal.SIGSTOP)
        threading.Timer(2, child.send_signal, [signal.SIGCONT]).start()
        began = time.monotonic()
        assert renderer.render(page("<p>等了很久"), CSS).pages == 1
        assert time.monotonic() - began > 1.5


@pytest.mark.slow
def test_a_child_that_does_nothing_is_given_up_by_the_clock_and_the_next_document_prints(fonts_dir):
    with Renderer(fonts_dir, Limits(seconds=1.5)) as renderer:
        renderer.warm()
        renderer._child.process.send_signal(signal.SIGSTOP)
        renderer.limits = Limits(seconds=0.2)
        began = time.monotonic()
        with pytest.raises(errors.RenderingFailed, match="longer than the time"):
            renderer.render(page("<p>没有人印"), CSS)
        assert 0.6 <= time.monotonic() - began < 5
        renderer.limits = Limits(seconds=60)
        assert renderer.render(page("<p>下一份"), CSS).pages == 1


@pytest.mark.slow
def test_a_document_of_too_many_pages_is_refused(fonts_dir):
    with Renderer(fonts_dir, Limits(seconds=60, pages=3)) as renderer:
        with pytest.raises(errors.RenderingFailed, match="too many pages"):
            renderer.render(page("<p style='break-before: page'>字" * 5), CSS)
        assert renderer.render(page("<p style='break-before: page'>字" * 2), CSS).pages <= 3


@pytest.mark.slow
def test_a_document_that_needs_too_much_memory_is_stopped_and_the_next_prints(fonts_dir):
    big = "<p>" + "文" * 20_000_000
    with Renderer(fonts_dir, Limits(memory=400 << 20, seconds=60)) as renderer:
        with pytest.raises(errors.RenderingFailed, match="memory|stopped"):
            renderer.render(page(big), CSS)
        assert renderer.render(page("<p>下一份"), CSS).pages == 1


@pytest.mark.slow
def test_a_dead_child_is_replaced(fonts_dir):
    with Renderer(fonts_dir, Limits(seconds=60)) as renderer:
        renderer.warm()
        renderer._child.process.kill()
        renderer._child.process.wait()
        assert renderer.render(page("<p>字"), CSS).pages == 1


@pytest.mark.slow
def test_a_child_is_renewed_after_its_number_of_documents(fonts_dir):
    with Renderer(fonts_dir, Limits(seconds=60, documents=1)) as renderer:
        renderer.render(page("<p>字"), CSS)
        first = renderer._child.process
        renderer.render(page("<p>字"), CSS)
        assert renderer._child.process is not first
        assert first.returncode is not None


def test_threads_share_one_renderer(renderer):
    made = {}

    def work(number):
        made[number] = renderer.render(page("<p style='break-before: page'>字</p>" * number), CSS).pages

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [2, 3, 4, 5]
    assert [made[number] - made[2] for number in range(2, 6)] == [0, 1, 2, 3]


def test_without_fonts_no_renderer_begins(tmp_path):
    with pytest.raises(FontsAbsent, match="fonts-noto-cjk"):
        Renderer(tmp_path)


def test_closing_ends_the_child(fonts_dir):
    with Renderer(fonts_dir) as renderer:
        renderer.warm()
        process = renderer._child.process
    assert process.returncode is not None


def test_files_are_enclosed_byte_for_byte_under_their_names(renderer):
    files = [
        Enclosure("001 协议.pdf", "人民调解协议书", b"%PDF-1.7\x00\xff"),
        Enclosure("002 a.png", "", b"\x89PNG"),
    ]
    with pikepdf.open(io.BytesIO(renderer.render(page("<p>字"), CSS, files).pdf)) as pdf:
        specs = list(pdf.attachments.values())
        told = [(spec.filename, spec.description, str(spec.relationship)) for spec in specs]

        assert [spec.get_file().read_bytes() for spec in specs] == [one.content for one in files]
        assert told == [(one.name, one.description, "/Source") for one in files]
        assert pdf.open_metadata().pdfa_status == "3U"
