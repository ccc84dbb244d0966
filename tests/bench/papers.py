"""What it takes to print an agreement, sign it four times and check it, beside the bare libraries."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.documents import authority, sign, verify
from engine.documents.render import Renderer
from engine.documents.templates import fill
from tests.bench import baseline
from tests.bench.figures import Figure, median_ms
from tests.bench.timing import seconds_of
from web import settings


def measured() -> Iterator[Figure]:
    """Print, four signatures and their check; with Woshou and with the bare libraries in turn."""
    ours, theirs = (median_ms(taken) for taken in agreement())
    yield Figure("agreement.bare", theirs)
    yield Figure("agreement.woshou", ours, theirs)
    yield Figure("agreement.ratio", ours / theirs)


def agreement(rounds: int = 7) -> tuple[list[float], list[float]]:
    """Seconds to print, sign four times and check; with Woshou and with the bare libraries, in turn."""
    names = ["party_1", "party_2", "mediator", "seal"]
    html = _filled_agreement(names)
    css = (settings.ROOT / "processes" / "documents" / "print.css").read_text(encoding="utf-8")
    bare = baseline.print_and_sign(html, css, names)
    ours, theirs = [], []
    with TemporaryDirectory() as folder, Renderer(settings.ROOT / "build" / "fonts") as renderer:
        office = authority.create(Path(folder) / "authority", "花滩街道人民调解委员会", at=settings.LONG_AGO)
        for number in range(rounds + 1):
            ours.append(seconds_of(lambda: _print_and_sign(renderer, office, (html, css), names)))
            theirs.append(seconds_of(bare))
            if number == 0:
                ours.clear()
                theirs.clear()
    return ours, theirs


def _filled_agreement(names: list[str]) -> str:
    person = {"kind": "natural", "gender": "女", "ethnicity": "汉族", "age": "46", "id_number": ""}
    person |= {"occupation": "职员", "phone": "139-0000-0000", "address": "书院路18号"}
    person |= {"representative": "", "agent": "", "guardian": "", "witnesses": ""}
    parties = [
        person | {"field": field, "side": side, "name": name}
        for field, side, name in zip(names, ("申请人", "被申请人"), ("罗小琴", "陈大勇"), strict=False)
    ]
    owed = {
        "number": "1", "debtor": "陈大勇", "creditor": "罗小琴", "action": "支付赔偿款", "amount": "2,561.00",
        "manner": "转账", "place": "调解室", "due_on": "2026年10月20日", "instalments": [],
    }  # fmt: skip
    context = {
        "committee": "花滩街道人民调解委员会", "number": "（2026）花滩人调字第0001号", "parties": parties,
        "dispute_type": "道路交通事故", "facts": "两车相撞。" * 12, "disputed_matters": "赔偿数额。" * 6,
        "responsibility": "主要责任、次要责任。" * 4, "content": "一次付清。" * 8, "obligations": [owed],
        "interpreters": [],
        "copies": "3", "mediator": "陈国安", "drafted_on": "2026年10月13日", "record": "17-abcdef",
    }  # fmt: skip
    template = (settings.ROOT / "processes" / "documents" / "agreement.html").read_text(encoding="utf-8")
    return fill(template, context)


def _print_and_sign(
    renderer: Renderer, office: authority.Authority, text: tuple[str, str], names: list[str]
) -> None:
    at = dt.datetime.now(dt.UTC)
    printed = renderer.render(*text)
    boxes = {name: printed.boxes[name] for name in names}
    pdf = sign.prepare(printed.pdf, boxes, office.preparer(at=at), at)
    for name in names:
        mark = sign.Mark(name, office.issue(name, "party", at=at), "", None, at, "")
        pdf = sign.sign(pdf, mark, renderer.fonts_dir)
    report = verify.verify(pdf, [office.certificate_pem])
    assert report.ok, report.problems
