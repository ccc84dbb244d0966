"""Files that were brought or made, the documents of a case, and who may read them."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, delete, select, update
from sqlalchemy.orm import Session, undefer

from engine import Engine, errors, policy
from engine.mediation import visibility
from engine.mediation.lookup import case_of, visible_case
from engine.models.base import new_id, table
from engine.models.documents import Document, File
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.sessions import HOT, OF_TENANT, insert_into, tenant_of

DOCUMENTS, FILES = table(Document), table(File)
CONTENT = select(FILES.c.content).where(
    FILES.c.tenant_id == OF_TENANT, FILES.c.sha256 == bindparam("of_file")
)
CHANGE = update(DOCUMENTS).where(
    DOCUMENTS.c.tenant_id == OF_TENANT,
    DOCUMENTS.c.case_id == bindparam("of_case"),
    DOCUMENTS.c.kind == bindparam("of_kind"),
)
MEGABYTES = 20
PDF = "application/pdf"
SCAN = "scan"
FACT_SCAN = "fact_scan"
JOINING_SCAN = "joining_scan"
MAGIC = {b"%PDF-": PDF, b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
TITLES = {
    "receipt": "调解申请受理回执",
    "rights_notice": "当事人权利义务告知书",
    "agreement": "人民调解协议书",
    "signed_sheet": "人民调解协议书（纸质签字扫描件）",
    "oral_register": "口头协议登记表",
    "fact_sheet": "无争议事实记录",
    FACT_SCAN: "无争议事实记录（签字扫描件）",
    "investigation_record": "调查记录",
    "evidence_list": "证据材料清单",
    SCAN: "签字扫描件",
    "annex": "加入协议书",
    JOINING_SCAN: "各户签字扫描件",
    "abstention_notice": "未加入协议告知书",
    "routes_notice": "终止调解及其他途径告知书",
    "payment_order": "支付令申请书",
    "result_notice": "移送案件调解结果告知书",
    "dossier": "人民调解卷宗",
    "confirmation_application": "司法确认申请书",
}


class NewFile(NamedTuple):
    """A file to be stored: its name, media type and bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class DocumentRow:
    """A document in a list; size in bytes."""

    id: str
    kind: str
    title: str
    made_at: dt.datetime
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class FileView:
    """A document's file as it is sent."""

    name: str
    media_type: str
    content: bytes


def store_file(engine: Engine, actor: Actor, name: str, content: bytes) -> str:
    """Store what somebody brought and give its SHA-256; the kind is read from the bytes, not from the name.

    Raises Forbidden, and UnsuitableFile for anything but PDF, JPEG and PNG up to 20 MB.
    """
    policy.allow(actor, "file.store")
    new = checked_file(name, content)
    with engine.sessions.command(actor.tenant_id) as session:
        return put_file(session, new, actor.id, engine.now())


def checked_file(name: str, content: bytes) -> NewFile:
    """What somebody brought, its kind read from the bytes; UnsuitableFile."""
    media_type = next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)
    if media_type is None or len(content) > MEGABYTES * 1024 * 1024:
        raise errors.UnsuitableFile(megabytes=MEGABYTES)
    return NewFile(name[:200], media_type, content)


def list_documents(engine: Engine, actor: Actor, case_id: str) -> list[DocumentRow]:
    """The documents of a case that the actor may read, oldest first; NotFound."""
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        return documents_for(session, actor, case_id)


def documents_for(session: Session, actor: Actor, case_id: str) -> list[DocumentRow]:
    """The same inside somebody's transaction, for a case that the actor sees."""
    this = {"of_tenant": actor.tenant_id, "of_case": case_id}
    rows = session.execute(_of_case(actor), this).all()
    return [
        DocumentRow(row.id, row.kind, row.title, row.made_at, file.media_type, file.size, file.sha256)
        for row, file in rows
        if _may_read(session, actor, row)
    ]


def read_document(engine: Engine, actor: Actor, document_id: str) -> FileView:
    """A document's file; NotFound for what the actor may not read."""
    with engine.sessions.query(actor.tenant_id) as session:
        this = {"of_tenant": actor.tenant_id, "of_document": document_id}
        row = session.execute(_of_id(actor), this).one_or_none()
        if row is None or not _may_read(session, actor, row[0]):
            raise errors.NotFound
        document, file = row
        return FileView(file_name(document.title, file.media_type), file.media_type, file.content)


def file_name(title: str, media_type: str) -> str:
    """The name under which a document is saved."""
    return f"{title}.{media_type.rsplit('/', 1)[1].replace('jpeg', 'jpg')}"


def put_file(session: Session, new: NewFile, stored_by: str, at: dt.datetime) -> str:
    """Store bytes under their SHA-256, once."""
    sha256 = hashlib.sha256(new.content).hexdigest()
    row = {
        "tenant_id": tenant_of(session), "sha256": sha256, "media_type": new.media_type, "name": new.name,
        "content": new.content, "size": len(new.content), "stored_at": at, "stored_by": stored_by,
    }  # fmt: skip
    session.connection().execute(insert_into(session, FILES).on_conflict_do_nothing(), row)
    return sha256


def content_of(session: Session, sha256: str) -> bytes:
    """The bytes of a file; NotFound."""
    this = {"of_tenant": tenant_of(session), "of_file": sha256}
    content = session.connection().scalars(CONTENT, this).one_or_none()
    if content is None:
        raise errors.NotFound
    return bytes(content)


def put_document(
    session: Session, where: tuple[str, str], sha256: str, audience: Sequence[str], at: dt.datetime
) -> None:
    """Make a case's document of a kind (`where` is both), or put the newer file in its place."""
    values = {"file_sha256": sha256, "audience": list(audience), "made_at": at}
    if not _changed(session, where, values):
        add_document(session, where, sha256, audience, at)
        session.flush()


def renew_document(session: Session, document_id: str, sha256: str, at: dt.datetime) -> None:
    """Put a newer file in the place of a document's."""
    document = document_of(session, document_id)
    document.file_sha256, document.made_at = sha256, at
    session.flush()


def put_scans(session: Session, where: tuple[str, str], hashes: Sequence[str], at: dt.datetime) -> None:
    """Make these files the case's scans of a kind (`where` is both), for the staff only, and no others."""
    remove_documents(session, where)
    for sha256 in hashes:
        add_document(session, where, sha256, [], at)
    session.flush()


def remove_documents(session: Session, where: tuple[str, str]) -> None:
    """Take a case's documents of a kind (`where` is both) away; the files stay."""
    case_id, kind = where
    this = (DOCUMENTS.c.tenant_id == tenant_of(session), DOCUMENTS.c.case_id == case_id)
    session.execute(delete(DOCUMENTS).where(*this, DOCUMENTS.c.kind == kind))


def add_document(
    session: Session, where: tuple[str, str], sha256: str, audience: Sequence[str], at: dt.datetime
) -> Document:
    """Make one more document of a kind (`where` is case and kind)."""
    document = _new_document(session, where)
    document.file_sha256, document.audience, document.made_at = sha256, list(audience), at
    session.add(document)
    return document


def document_of(session: Session, document_id: str) -> Document:
    """A document by its id; NotFound."""
    document = session.scalars(select(Document).where(Document.id == document_id)).one_or_none()
    if document is None:
        raise errors.NotFound
    return document


def is_used(session: Session, sha256: str, *, but_as_scan_of: str) -> bool:
    """Whether a file is a document already, other than a scan of this case."""
    found = select(Document.id).where(
        Document.file_sha256 == sha256,
        (Document.case_id != but_as_scan_of) | Document.kind.not_in((SCAN, JOINING_SCAN)),
    )
    return session.scalars(found.limit(1)).first() is not None


def show_to(session: Session, case_id: str, kind: str, party_ids: Sequence[str]) -> None:
    """Let these parties, and no others, read the document of a kind, if there is one."""
    _changed(session, (case_id, kind), {"audience": list(party_ids)})


def _new_document(session: Session, where: tuple[str, str]) -> Document:
    case_id, kind = where
    return Document(tenant_id=tenant_of(session), id=new_id(), case_id=case_id, kind=kind, title=TITLES[kind])


def _changed(session: Session, where: tuple[str, str], values: Mapping[str, Any]) -> bool:
    """Change a case's document of a kind; False if there is none."""
    this = {"of_tenant": tenant_of(session), "of_case": where[0], "of_kind": where[1]}
    return session.connection().execute(CHANGE, {**this, **values}).rowcount > 0


@lru_cache(1_000)
def _of_case(actor: Actor) -> Select[Document, File]:
    return _readable(actor).where(Document.case_id == bindparam("of_case"))


@lru_cache(1_000)
def _of_id(actor: Actor) -> Select[Document, File]:
    return _readable(actor).where(Document.id == bindparam("of_document")).options(undefer(File.content))


def _readable(actor: Actor) -> Select[Document, File]:
    tenant = Document.tenant_id
    root = and_(ProcessInstance.tenant_id == tenant, ProcessInstance.id == Document.case_id)
    return (
        select(Document, File)
        .join(File, and_(File.tenant_id == tenant, File.sha256 == Document.file_sha256))
        .join(ProcessInstance, root)
        .where(tenant == OF_TENANT, policy.visible_roots(actor))
        .order_by(Document.made_at, Document.id)
        .execution_options(**HOT)
    )


def _may_read(session: Session, actor: Actor, document: Document) -> bool:
    case = case_of(session, document.case_id)
    how = visibility.reading(visibility.ITEM_OF[document.kind], actor, case, case.parties)
    return how == visibility.ALL or (how == visibility.SERVED and actor.party_id in document.audience)
