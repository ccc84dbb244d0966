"""Whether a tenant's tables still hold what was stored in them: record, answers, files, definitions."""

import hashlib
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from engine import Engine, audit
from engine.keys import Keys
from engine.models.documents import Document, File
from engine.models.processes import Definition, UserTask
from engine.models.records import AuditRow

AT_ONCE = 8


@dataclass(frozen=True)
class Flaw:
    """Something that does not hold.

    Its kind is `changed`, `removed`, `inserted` or `cut_off` for a row of the record (subject: its chain,
    row: its number), else `answers` (a task's id), `file` (its hash), `document` (its id; its file is not
    there) or `definition` (its hash).
    """

    kind: str
    subject: str
    row: int = 0


def flaws(
    engine: Engine, tenant_id: str, anchors: Mapping[str, list[audit.Anchor]]
) -> Generator[Flaw, None, None]:
    """What does not hold in one tenant, the record against the anchors first.

    Close it if it is not read to its end.
    """
    for found in audit.verify(engine, tenant_id, anchors):
        yield Flaw(found.kind, found.chain_id, found.seq)
    with engine.sessions.query(tenant_id) as session:
        yield from _answers(session, engine.keys)
        yield from _files(session)
        yield from _documents(session)
        yield from _definitions(session)


def _answers(session: Session, keys: Keys) -> Iterator[Flaw]:
    same = and_(UserTask.tenant_id == AuditRow.tenant_id, UserTask.id == AuditRow.subject)
    found = (
        select(AuditRow.subject, AuditRow.digest, UserTask.answers, UserTask.kept_seal)
        .outerjoin(UserTask, same)
        .where(AuditRow.action == "task.completed")
        .order_by(AuditRow.at, AuditRow.subject)
    )
    with session.execute(found.execution_options(yield_per=500)) as rows:
        for task_id, digest, answers, seal in rows:
            if not audit.proves(keys, digest, task_id, answers, seal):
                yield Flaw("answers", task_id)


def _files(session: Session) -> Iterator[Flaw]:
    found = select(File.sha256, File.size, File.content).order_by(File.sha256)
    with session.execute(found.execution_options(yield_per=AT_ONCE)) as rows:
        for sha256, size, content in rows:
            if hashlib.sha256(content).hexdigest() != sha256 or len(content) != size:
                yield Flaw("file", sha256)


def _documents(session: Session) -> Iterator[Flaw]:
    same = and_(File.tenant_id == Document.tenant_id, File.sha256 == Document.file_sha256)
    lost = select(Document.id).outerjoin(File, same).where(File.sha256.is_(None)).order_by(Document.id)
    for document_id in session.scalars(lost):
        yield Flaw("document", document_id)


def _definitions(session: Session) -> Iterator[Flaw]:
    found = select(Definition.hash, Definition.content).order_by(Definition.hash)
    with session.execute(found.execution_options(yield_per=AT_ONCE)) as rows:
        for stored, content in rows:
            if hashlib.sha256(content).hexdigest() != stored:
                yield Flaw("definition", stored)
