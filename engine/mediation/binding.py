"""The sheet signed on paper: its scan is bound to the text by hash; the committee's seal goes over both."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import audit
from engine.documents import sign
from engine.documents.scan import Scan, Sheet, bind
from engine.mediation import wording
from engine.mediation.annexes import readers
from engine.mediation.documents import PDF, TITLES, NewFile, content_of, put_document, put_file
from engine.mediation.lookup import case_of, drafted_agreement
from engine.mediation.marks import require_valid, text_marks
from engine.mediation.office import Office
from engine.models.documents import File
from engine.models.people import Body
from engine.models.processes import ProcessInstance
from engine.services import Call, Result, ServiceTask

SYSTEM = "system"
MOST_PAGES = 40
MOST_PIXELS = 60_000_000
REASON = "扫描件与文本绑定 Scan bound to its text"
TEMPLATE, STYLE = "signed_sheet.html", "print.css"


def seal_signed_sheet(office: Office) -> ServiceTask:
    """Bind and seal what came back on paper; the day of effect stays that of the marks (PML Art. 29)."""
    return ServiceTask(
        partial(_bind, office), _keep, effects=frozenset({"signed_sheet_sealed"}), variables=frozenset()
    )


def _bind(office: Office, call: Call) -> bytes:
    with call.engine.sessions.query(call.tenant_id) as session:
        sheet = _sheet(session, call)
    rendered, at = bind(office.renderer, sheet), call.engine.now()
    boxes = {"seal": rendered.boxes["seal"]}
    prepared = sign.prepare(rendered.pdf, boxes, office.authority.preparer(at=at), at)
    seal = sign.Mark("seal", office.authority.seal(at=at), REASON, None, at, str(sheet.context["committee"]))
    sealed = sign.sign(prepared, seal, office.renderer.fonts_dir)
    require_valid(office, sealed, at)
    return sealed


def _sheet(session: Session, call: Call) -> Sheet:
    root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == call.root_id)).one()
    agreement, definitions = drafted_agreement(session, root.id), call.engine.definitions
    return Sheet(
        definitions.template(session, root.release_id, TEMPLATE),
        definitions.style(session, root.release_id, STYLE),
        _context(session, root),
        content_of(session, agreement.text_sha256 or ""),
        scans_of(session, agreement.scans),
    )


def _keep(result: Result) -> Mapping[str, Any]:
    agreement = drafted_agreement(result.session, result.root.id)
    sha256 = put_file(result.session, NewFile(TITLES["signed_sheet"], PDF, result.value), SYSTEM, result.at)
    agreement.file_sha256 = sha256
    put_document(result.session, (result.root.id, "signed_sheet"), sha256, readers(agreement), result.at)
    return {}


def _context(session: Session, root: ProcessInstance) -> dict[str, Any]:
    case, agreement = case_of(session, root.id), drafted_agreement(session, root.id)
    return {
        "committee": session.scalars(select(Body.name).where(Body.id == case.body_id)).one(),
        "number": case.number,
        "record": audit.head_of(root),
        "effective_on": wording.day_of_moment(agreement.effective_at),
        "marks": [
            {"name": mark.name, "kind": wording.MARKS[mark.kind], "made_on": wording.day(mark.made_on)}
            for mark in text_marks(agreement)
        ],
    }


def scans_of(session: Session, hashes: Sequence[str]) -> list[Scan]:
    """The uploaded files of these hashes, in this order; those that nobody uploaded are left out."""
    found = select(File.sha256, File.name, File.media_type).where(File.sha256.in_(hashes))
    files = {row.sha256: row for row in session.execute(found)}
    return [
        Scan(files[one].name, files[one].media_type, content_of(session, one))
        for one in hashes
        if one in files
    ]


def pages_of(office: Office, scan: Scan) -> list[bytes]:
    """The pages of a scan as JPEG; RenderingFailed if it can't be read or is too large."""
    kind = "pdf" if scan.media_type == PDF else "image"
    found = office.renderer.page_images(scan.content, kind, pages=MOST_PAGES, pixels=MOST_PIXELS)
    return [page.jpeg for page in found]
