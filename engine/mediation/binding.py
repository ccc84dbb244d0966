"""The sheet signed on paper: its scan is bound to the text by hash; the committee's seal goes over both."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.documents import sign
from engine.documents.templates import fill
from engine.mediation import wording
from engine.mediation.agreements import marks_of
from engine.mediation.documents import PDF, TITLES, NewFile, content_of, put_document, put_file
from engine.mediation.lookup import case_of, drafted_agreement
from engine.mediation.marks import require_valid
from engine.mediation.office import Office
from engine.models.documents import File
from engine.models.people import Body
from engine.services import Call, Result, ServiceTask

SYSTEM = "system"
MOST_PAGES = 40
MOST_PIXELS = 60_000_000
REASON = "扫描件与文本绑定 Scan bound to its text"
STYLE = """
@page { size: A4; margin: 20mm; @bottom-center { content: counter(page) "/" counter(pages); } }
@page scan { margin: 0; }
body { font-family: "Noto Sans CJK SC"; font-size: 11pt; line-height: 1.7; }
h1 { font-size: 16pt; text-align: center; }
code { font-size: 8pt; overflow-wrap: anywhere; }
.seal { width: 42mm; height: 42mm; margin: 8mm 0 0 auto; }
.scan { page: scan; break-before: page; }
.scan img { display: block; width: 210mm; height: 297mm; object-fit: contain; }
"""
SHEET = """<!DOCTYPE html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1>
<p>{{ committee }} {{ number }}</p>
<p>以下各页是当事人在纸上签名、盖章或者按指印的协议书的扫描件。协议文本与扫描文件的 SHA-256 摘要：</p>
<p>文本：<code id="text_hash">{{ text_sha256 }}</code></p>
{% for scan in scans %}<p>扫描件{{ loop.index }}：<code>{{ scan.sha256 }}</code></p>{% endfor %}
<p>纸面上的签章（由印章保管员登记，经另一人核对）：</p>
<ul>{% for mark in marks %}<li>{{ mark.name }}：{{ mark.kind }}，{{ mark.made_on }}</li>{% endfor %}</ul>
<p>协议自最后一个签章之日即{{ effective_on }}起生效；扫描、上传和加盖电子印章的日期不影响生效日期。</p>
<div class="seal" id="seal"></div>
{% for scan in scans %}{% for page in scan.pages %}
<div class="scan"><img src="data:image/jpeg;base64,{{ page }}" alt=""></div>
{% endfor %}{% endfor %}
</body></html>"""


@dataclass(frozen=True)
class Scan:
    """A file of the scan as it was uploaded."""

    sha256: str
    media_type: str
    content: bytes


def seal_signed_sheet(office: Office) -> ServiceTask:
    """Bind and seal what came back on paper; the day of effect stays that of the marks (PML Art. 29)."""
    return ServiceTask(partial(_bind, office), _keep)


def _bind(office: Office, call: Call) -> bytes:
    with call.engine.sessions.query(call.tenant_id) as session:
        context = _context(session, call.root_id)
        scans = scans_of(session, drafted_agreement(session, call.root_id).scans)
    context["scans"] = [
        {"sha256": scan.sha256, "pages": [_encoded(page) for page in pages_of(office, scan)]}
        for scan in scans
    ]
    rendered, at = office.renderer.render(fill(SHEET, context), STYLE), call.engine.now()
    boxes = {"seal": rendered.boxes["seal"]}
    prepared = sign.prepare(rendered.pdf, boxes, office.authority.preparer(at=at), at)
    seal = sign.Mark("seal", office.authority.seal(at=at), REASON, None, at, context["committee"])
    sealed = sign.sign(prepared, seal, office.renderer.fonts_dir)
    require_valid(office, sealed, at)
    return sealed


def _keep(result: Result) -> Mapping[str, Any]:
    agreement = drafted_agreement(result.session, result.root.id)
    sha256 = put_file(result.session, NewFile(TITLES["signed_sheet"], PDF, result.value), SYSTEM, result.at)
    agreement.file_sha256 = sha256
    put_document(result.session, (result.root.id, "signed_sheet"), sha256, agreement.party_ids, result.at)
    return {}


def _context(session: Session, case_id: str) -> dict[str, Any]:
    case, agreement = case_of(session, case_id), drafted_agreement(session, case_id)
    return {
        "title": TITLES["signed_sheet"],
        "committee": session.scalars(select(Body.name).where(Body.id == case.body_id)).one(),
        "number": case.number,
        "text_sha256": agreement.text_sha256,
        "effective_on": wording.day_of_moment(agreement.effective_at),
        "marks": [
            {"name": mark.name, "kind": wording.MARKS[mark.kind], "made_on": wording.day(mark.made_on)}
            for mark in marks_of(session, agreement.id)
        ],
    }


def scans_of(session: Session, hashes: Sequence[str]) -> list[Scan]:
    """The uploaded files of these hashes, in this order; those that nobody uploaded are left out."""
    found = select(File.sha256, File.media_type).where(File.sha256.in_(hashes))
    kinds = {row.sha256: row.media_type for row in session.execute(found)}
    return [Scan(one, kinds[one], content_of(session, one)) for one in hashes if one in kinds]


def pages_of(office: Office, scan: Scan) -> list[bytes]:
    """The pages of a scan as JPEG; RenderingFailed if it can't be read or is too large."""
    kind = "pdf" if scan.media_type == PDF else "image"
    found = office.renderer.page_images(scan.content, kind, pages=MOST_PAGES, pixels=MOST_PIXELS)
    return [page.jpeg for page in found]


def _encoded(jpeg: bytes) -> str:
    return base64.b64encode(jpeg).decode()
