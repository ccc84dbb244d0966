"""The packet for a court: the documents that annex A4 lets it have, and never what was said in confidence."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, idempotency, instances, policy
from engine.idempotency import Request
from engine.mediation import compartments, law, wording
from engine.mediation.documents import content_of, file_name
from engine.mediation.finished import finished_documents
from engine.mediation.happenings import KINDS, opened
from engine.mediation.joint_sessions import sessions_of
from engine.mediation.lookup import case_of
from engine.mediation.notes import last
from engine.mediation.visibility import ALL, BY_LAW, COURT, TABLE
from engine.models.base import dump_json
from engine.models.cases import Case
from engine.models.documents import File
from engine.models.happenings import Happening
from engine.models.online import OnlineRecord
from engine.policy import Actor

INDEX = "目录.txt"
WITHOUT = "单独谈话、让步和方案不在其中（《人民法院在线调解规则》第十八条）。"
EARLIEST = (1980, 1, 1, 0, 0, 0)
Paper = tuple[str, bytes]
"""A file's name in the packet and its bytes."""


@dataclass(frozen=True)
class Packet:
    """A ZIP file, and the names of what is in it beside the index."""

    content: bytes
    names: list[str]


def make_packet(engine: Engine, actor: Actor, case_id: str, demand: str, key: str) -> Packet:
    """Put together what a court may get of a case; the record keeps who did it and the digest of each file.

    A report is in it only where the law demands it: `demand` names the court's demand, empty for none.
    Raises NotFound, Forbidden, KeyReused.
    """
    policy.allow(actor, "packet.make")
    content = ["packet.make", case_id, demand.strip()]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        papers = _numbered(_papers(session, engine, case_of(session, case_id), demand.strip()))
        if idempotency.recall(session, request) is None:
            at = engine.now()
            law_ref = law.rule("online_offers", at.date()).law_ref_zh
            entry = audit.Entry(
                "packet.made", case_id, at, law_ref=law_ref, content=[*content, *_sums(papers)]
            )
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)
    return _packet(papers)


def packed(papers: Iterator[Paper]) -> Packet:
    """The papers numbered in their order, in one ZIP file with an index of their digests."""
    return _packet(_numbered(papers))


def _packet(papers: list[Paper]) -> Packet:
    return Packet(_zipped(papers), [name for name, _ in papers])


def _papers(session: Session, engine: Engine, case: Case, demand: str) -> Iterator[Paper]:
    given = [item for item, row in TABLE.items() if row[COURT] == ALL]
    for document in finished_documents(session, case, given):
        file = session.get_one(File, (document.tenant_id, document.file_sha256))
        yield file_name(document.title, file.media_type), content_of(session, file.sha256)
    if "joint_record" in given:
        for one in sessions_of(session, case.id):
            yield "调解记录.txt", f"{one.held_on} {one.place}\n{one.text}\n".encode()
    record = last(session, OnlineRecord, case.id) if "online_record" in given else None
    if record is not None:
        yield "电子笔录.txt", f"{record.text}\n".encode()
    if demand and TABLE["report"][COURT] == BY_LAW:
        yield from _reports(session, engine, case)


def _reports(session: Session, engine: Engine, case: Case) -> Iterator[Paper]:
    found = select(Happening).where(Happening.case_id == case.id).order_by(Happening.id)
    inside = compartments.of_case(session, engine.keys, case.id)
    for one in session.scalars(found):
        if inside is not None and KINDS[one.kind].item == "report":
            said = inside.open(one.sealed, *compartments.happening_place(one.id, "sealed"))
            result = dump_json(opened(inside, one)) if one.result else ""
            yield "报告情况.txt", f"{wording.HAPPENINGS[one.kind]}\n{said}\n{result}\n".encode()


def _numbered(papers: Iterator[Paper]) -> list[Paper]:
    return [(f"{number:02d} {name}", content) for number, (name, content) in enumerate(papers, 1)]


def _sums(papers: list[Paper]) -> list[str]:
    return [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in papers]


def _zipped(papers: list[Paper]) -> bytes:
    written, index = io.BytesIO(), "\n".join([*_sums(papers), "", WITHOUT, ""])
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packet:
        for name, content in [(INDEX, index.encode()), *papers]:
            # One moment for all, so that the same documents make the same packet.
            packet.writestr(zipfile.ZipInfo(name, EARLIEST), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
