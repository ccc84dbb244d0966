"""The dossier of a case that is over: cover, list, registration and records, with every paper enclosed."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.definitions import has_item
from engine.documents.render import Enclosure
from engine.documents.templates import fill
from engine.mediation import compartments, evidence, law, wording
from engine.mediation.contexts import heading_of
from engine.mediation.documents import (
    FACT_SCAN,
    JOINING_SCAN,
    SCAN,
    content_of,
    file_name,
)
from engine.mediation.finished import finished_documents
from engine.mediation.lookup import account_name, case_of, find_case, parties_of
from engine.mediation.office import Office
from engine.mediation.online_records import confirmations_of
from engine.mediation.papers import certified, issue, template_of
from engine.models.cases import Case, JointSession, Party
from engine.models.documents import Document, File
from engine.models.online import OnlineRecord
from engine.models.processes import ProcessInstance
from engine.services import Call, ServiceTask

KIND, COMPILED = "dossier", "dossier_compiled"
TEMPLATE = f"{KIND}.html"
ORDER = (
    "receipt", "rights_notice", "investigation_record", evidence.KIND, "fact_sheet", FACT_SCAN, "agreement",
    "signed_sheet", SCAN, "oral_register", "annex", JOINING_SCAN, "confirmation_application",
    "abstention_notice", "routes_notice", "result_notice",
)  # fmt: skip
"""The kinds of papers in the Ministry's order of a file (domain 1.3); evidence itself follows its list."""
ITEMS = ("application", "investigation", "evidence_list", "undisputed_facts", "agreement")
LACKING = {
    "rights_notice": "the file lacks the notice of rights and duties",
    "routes_notice": "the file lacks the notice of other ways",
    "agreement": "the file lacks the agreement",
    "oral_register": "the file lacks the register of the oral agreement",
}
"""The papers that a file must hold where they apply (domain 1.3, 必须), and how it is said that one lacks.

Registration and records stand in the dossier itself.
"""
MOST = 100 * 1024 * 1024
"""Bytes that are enclosed at most; what is left out is named with its hash."""


NO_NAME = re.compile(r'[/\\:*?"<>|]')


class Paper(NamedTuple):
    """A file for the dossier: what the list calls it, its hash and media type, its size in bytes."""

    title: str
    sha256: str
    media_type: str
    size: int


def compile_dossier(office: Office) -> ServiceTask:
    """Print and keep the dossier of a case that is over (PML Art. 27); for the staff alone (annex A4).

    LawForbids while a paper is missing that the file must hold.
    """
    work, none = partial(_compile, office), frozenset[str]()
    return ServiceTask(work, issue, effects=frozenset((COMPILED,)), variables=none)


def require_compiled(session: Session, root: ProcessInstance, at: dt.datetime) -> None:
    """LawForbids for a registered case that has no dossier yet (PML Art. 27).

    A case under a release from before there were dossiers knows no step that compiles one, and owes none.
    """
    case = find_case(session, root.id)
    if case is None or case.number is None or not has_item(session, root.release_id, "template", TEMPLATE):
        return
    found = select(Document.id).where(Document.case_id == case.id, Document.kind == KIND)
    if session.scalars(found).first() is None:
        raise law.forbids("records", at, "the papers of the case are not in a dossier yet")


def missing(case: Case, kinds: Iterable[str]) -> list[str]:
    """The kinds in LACKING that a case must have papers of and has not, in their order."""
    text, here = case.agreement, set(kinds)
    binds = text is not None and text.effective_at is not None
    must = {
        # Who refuses, or leaves before there is a mediator, was told without a paper.
        "rights_notice": case.mediator_id is not None or text is not None,
        "routes_notice": not binds,
        "agreement": binds and text is not None and not text.oral,
        "oral_register": binds and text is not None and text.oral,
    }
    return [kind for kind in LACKING if must[kind] and kind not in here]


def _compile(office: Office, call: Call) -> bytes:
    at = call.engine.now()
    with call.engine.sessions.query(call.tenant_id) as session:
        case = case_of(session, call.root_id)
        documents = _documents(session, case)
        for kind in missing(case, (one.kind for one in documents)):
            raise law.forbids("records", at, LACKING[kind])
        template, css, root = template_of(session, call, KIND)
        papers = _papers(session, call, case, documents)
        enclosed = _fitting(papers)
        context = _context(session, root, case, (papers, enclosed, at))
        enclosures = [_enclosure(session, number, one) for one, number in enclosed.items()]
    return certified(office, call, office.renderer.render(fill(template, context), css, enclosures), ())


def _documents(session: Session, case: Case) -> list[Document]:
    binds = case.agreement is not None and case.agreement.effective_at is not None
    found = finished_documents(session, case, (*ITEMS, "scan") if binds else ITEMS)
    return sorted(found, key=lambda one: ORDER.index(one.kind))


def _papers(session: Session, call: Call, case: Case, documents: Sequence[Document]) -> list[Paper]:
    named = list(_named(session, call, case, documents))
    hashes = {sha256 for _, sha256 in named}
    rows = session.execute(select(File.sha256, File.media_type, File.size).where(File.sha256.in_(hashes)))
    files = {row.sha256: (row.media_type, row.size) for row in rows}
    return [Paper(title, sha256, *files[sha256]) for title, sha256 in named]


def _named(
    session: Session, call: Call, case: Case, documents: Sequence[Document]
) -> Iterator[tuple[str, str]]:
    for document in documents:
        yield document.title, document.file_sha256
        if document.kind == evidence.KIND:
            yield from _evidence(session, call, case)


def _evidence(session: Session, call: Call, case: Case) -> Iterator[tuple[str, str]]:
    """The evidence that both sides may see; of what is private to one side the list tells only the hash."""
    compartment = compartments.of_case(session, call.engine.keys, case.id)
    for item in evidence.items_of(session, case.id):
        if compartment and item.file_sha256 and item.disclosure != evidence.PRIVATE:
            name, _ = evidence.details_of(compartment, item)
            yield f"证据{item.position}：{name}", item.file_sha256


def _fitting(papers: Iterable[Paper]) -> dict[Paper, int]:
    """The papers that fit in, each with its number among them, from 1."""
    room, found = MOST, dict[Paper, int]()
    for paper in papers:
        if paper.size <= room and paper not in found:
            room -= paper.size
            found[paper] = len(found) + 1
    return found


def _enclosure(session: Session, number: int, paper: Paper) -> Enclosure:
    # A name tree is sorted by these names, and a title may hold what a file's name can't.
    name = file_name(f"{number:03d} {NO_NAME.sub('_', paper.title)}", paper.media_type)
    return Enclosure(name, paper.title, content_of(session, paper.sha256))


def _context(
    session: Session,
    root: ProcessInstance,
    case: Case,
    listed: tuple[Sequence[Paper], Mapping[Paper, int], dt.datetime],
) -> Mapping[str, Any]:
    papers, enclosed, at = listed
    text, everybody = case.agreement, parties_of(session, case.id)
    over = text.effective_at if text is not None and text.effective_at is not None else case.ended_at
    return {
        **heading_of(session, root, case),
        "title": f"{_sides(everybody)}{wording.DISPUTE_TYPES.get(case.dispute_type, '')}纠纷",
        "mediator": account_name(session, case.mediator_id),
        "began_on": wording.day_of_moment(case.accepted_at or case.opened_at),
        "ended_on": wording.day_of_moment(over),
        "compiled_on": wording.day(day_of(at)),
        "papers": [_row(number, paper, enclosed) for number, paper in enumerate(papers, 1)],
        "enclosed": str(len(enclosed)),
        **_registration(case, everybody),
        "sessions": [_session(one, everybody) for one in _sessions(session, case)],
        "online_records": [_online(session, one, everybody) for one in _online_records(session, case)],
        "result": _result(case),
    }


def _sides(parties: Sequence[Party]) -> str:
    first = [next((one.name for one in parties if one.side == side), "") for side in wording.SIDES]
    more = "等" if len(parties) > len(wording.SIDES) else ""
    return f"{first[0]}与{first[1]}{more}"


def _row(number: int, paper: Paper, enclosed: Mapping[Paper, int]) -> Mapping[str, str]:
    place = f"附件{enclosed[paper]}" if paper in enclosed else "另存"
    return {"number": str(number), "title": paper.title, "place": place, "sha256": paper.sha256}


def _registration(case: Case, parties: Sequence[Party]) -> Mapping[str, Any]:
    return {
        "registered_on": wording.day_of_moment(case.opened_at),
        "source": wording.SOURCES.get(case.source or "", ""),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "people": str(case.people_count),
        "happened_on": wording.day(case.happened_on),
        "place": case.place,
        "facts": case.facts,
        "requests": list(case.requests),
        "parties": [_party(one) for one in parties],
    }


def _party(party: Party) -> Mapping[str, str]:
    return {
        "side": wording.SIDES[party.side],
        "name": party.name,
        "address": party.address,
        "representative": party.representative,
        "agent": party.agent,
        "left_on": wording.day_of_moment(party.withdrawn_at),
    }


def _sessions(session: Session, case: Case) -> Sequence[JointSession]:
    mine = select(JointSession).where(JointSession.case_id == case.id)
    return session.scalars(mine.order_by(JointSession.held_on, JointSession.made_at)).all()


def _session(held: JointSession, parties: Sequence[Party]) -> Mapping[str, str]:
    return {
        "held_on": wording.day(held.held_on),
        "place": held.place,
        "attendees": wording.names(one.name for one in parties if one.id in held.attendees),
        "guests": wording.names(f"{one['name']}（{one['relation']}）" for one in held.guests),
        "text": held.text,
        "undisputed_facts": held.undisputed_facts,
        "outcome": wording.OUTCOMES.get(held.outcome, held.outcome),
        "reason": held.failure_reason or held.switch_reason,
    }


def _online_records(session: Session, case: Case) -> Sequence[OnlineRecord]:
    mine = select(OnlineRecord).where(OnlineRecord.case_id == case.id)
    return session.scalars(mine.order_by(OnlineRecord.id)).all()


def _online(session: Session, record: OnlineRecord, parties: Sequence[Party]) -> Mapping[str, str]:
    confirming = {one.party_id for one in confirmations_of(session, record) if one.confirms}
    return {
        "written_on": wording.day_of_moment(record.made_at),
        "text": record.text,
        "undisputed_facts": record.undisputed_facts,
        "outcome": wording.OUTCOMES.get(record.outcome, record.outcome),
        "reason": record.failure_reason or record.switch_reason,
        "confirmed_by": wording.names(one.name for one in parties if one.id in confirming),
    }


def _result(case: Case) -> str:
    if case.agreement is not None and case.agreement.effective_at is not None:
        return f"调解协议于{wording.day_of_moment(case.agreement.effective_at)}生效"
    return wording.END_CODES.get(case.end_code or "", case.end_code or "")
