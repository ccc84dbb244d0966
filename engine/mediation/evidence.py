"""The evidence of a case: listed with its hash, shown to those whom it may be shown, handed back."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy, service_tasks
from engine.calendar import day_of
from engine.idempotency import Request
from engine.mediation import compartments, law
from engine.mediation.answers import Problems
from engine.mediation.compartments import Compartment
from engine.mediation.documents import checked_file, put_file
from engine.mediation.guards import require_open
from engine.mediation.lookup import case_of, parties_of
from engine.models.base import dump_json, load_json, new_id
from engine.models.cases import Case
from engine.models.evidence import EvidenceItem
from engine.models.processes import ProcessInstance
from engine.policy import Actor

KIND = "evidence_list"
ADDED, CHANGED = "evidence.added", "evidence.changed"
KINDS = ("paper", "photo", "file", "object")
PRIVATE, MAY_SHOW = "private", "may_show"
DISCLOSURES = (PRIVATE, MAY_SHOW)
NEEDS_FILE = ("file",)
MOST = 500
LONGEST = {"name": 200, "description": 2000}


@dataclass(frozen=True)
class NewEvidence:
    """An item as it is brought; `party_id` is empty for the committee's own, `file` is (name, bytes)."""

    name: str
    party_id: str
    brought_on: dt.date
    kind: str
    disclosure: str
    description: str = ""
    original: bool = False
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class HandedBack:
    """An item that was handed back: on which day, and to whom or how."""

    item_id: str
    on: dt.date
    note: str = ""


def add_evidence(engine: Engine, actor: Actor, case_id: str, new: NewEvidence, key: str) -> str:
    """Put an item on the list of a case that goes on, and give its id (PML Arts. 22 and 27).

    Raises NotFound, Forbidden, KeyReused, UnsuitableFile, InvalidAnswers by field, and LawForbids once the
    agreement binds or the case has ended.
    """
    policy.allow(actor, "evidence.keep")
    engine.services.refuse_unprintable({"name": new.name, "description": new.description})
    file = checked_file(*new.file) if new.file else None
    said = [new.name, new.description, new.party_id, new.brought_on.isoformat(), new.kind, new.disclosure]
    sha256 = hashlib.sha256(file.content).hexdigest() if file else None
    content = ["evidence.add", case_id, *said, new.original, sha256]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        if (seen := idempotency.recall(session, request)) is not None:
            return str(seen)
        at = engine.now()
        require_open(session, case_id, at)
        case = case_of(session, case_id)
        _check(session, case, new, at)
        item = _item(session, engine, case, new)
        item.added_at, item.added_by = at, actor.id
        item.file_sha256 = put_file(session, file, actor.id, at) if file else None
        session.add(item)
        _note(session, engine, root, actor, audit.Entry(ADDED, item.id, at, content=content))
        idempotency.remember(session, request, item.id, at)
        return item.id


def hand_back(engine: Engine, actor: Actor, case_id: str, given: HandedBack, key: str) -> None:
    """Record that an item was handed back, also after the case has ended.

    Raises NotFound, Forbidden, KeyReused, and InvalidAnswers for an item that is back already, or a day
    before it was brought or after today.
    """
    content = ["evidence.hand_back", case_id, given.item_id, given.on.isoformat(), given.note]
    engine.services.refuse_unprintable({"note": given.note})

    def change(item: EvidenceItem, at: dt.datetime) -> None:
        problems = Problems()
        if item.returned_on is not None:
            problems.add("on", "This was handed back already.")
        problems.not_before("on", given.on, item.brought_on)
        problems.not_after("on", given.on, day_of(at))
        problems.refuse()
        item.returned_on, item.returned_note, item.returned_by = given.on, given.note, actor.id

    _change(
        engine,
        actor,
        (case_id, given.item_id),
        Request(actor, key, audit.digest(engine.keys, content)),
        change,
    )


def set_disclosure(engine: Engine, actor: Actor, item: tuple[str, str], disclosure: str, key: str) -> None:
    """Let an item (case id, its id) be shown to the other side, or to it no longer, as who brought it wants.

    Raises NotFound, Forbidden, KeyReused, InvalidAnswers.
    """
    content = ["evidence.disclose", *item, disclosure]

    def change(row: EvidenceItem, _at: dt.datetime) -> None:
        problems = Problems()
        if disclosure not in DISCLOSURES:
            problems.add("disclosure", "Choose one of these.")
        if disclosure == PRIVATE and row.party_id is None:
            problems.add("disclosure", "Only what a party brought can be private to it.")
        problems.refuse()
        row.disclosure = disclosure

    _change(engine, actor, item, Request(actor, key, audit.digest(engine.keys, content)), change)


def details_of(compartment: Compartment, item: EvidenceItem) -> tuple[str, str]:
    """The name and the description of an item."""
    name, description = load_json(compartment.open(item.sealed, *_place(item.id)))
    return str(name), str(description)


def items_of(session: Session, case_id: str) -> list[EvidenceItem]:
    """All items of a case, in the order in which they were listed."""
    found = select(EvidenceItem).where(EvidenceItem.case_id == case_id)
    return list(session.scalars(found.order_by(EvidenceItem.position)))


def _change(
    engine: Engine,
    actor: Actor,
    where: tuple[str, str],
    request: Request,
    change: Callable[[EvidenceItem, dt.datetime], None],
) -> None:
    policy.allow(actor, "evidence.keep")
    case_id, item_id = where
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            this = (EvidenceItem.id == item_id, EvidenceItem.case_id == case_id)
            item = session.scalars(select(EvidenceItem).where(*this)).one_or_none()
            if item is None:
                raise errors.NotFound
            change(item, at)
            entry = audit.Entry(CHANGED, item_id, at, content=[request.digest])
            _note(session, engine, root, actor, entry)
            idempotency.remember(session, request, True, at)


def _check(session: Session, case: Case, new: NewEvidence, at: dt.datetime) -> None:
    problems = Problems()
    if not new.name.strip():
        problems.add("name", "Answer this question.")
    for name, longest in LONGEST.items():
        if len(getattr(new, name)) > longest:
            problems.add(name, "At most {count} fit here.", count=longest)
    for name, known in (("kind", KINDS), ("disclosure", DISCLOSURES)):
        if getattr(new, name) not in known:
            problems.add(name, "Choose one of these.")
    if new.party_id:
        problems.one_of("party_id", new.party_id, {party.id for party in parties_of(session, case.id)})
    elif new.disclosure == PRIVATE:
        problems.add("disclosure", "Only what a party brought can be private to it.")
    if new.kind in NEEDS_FILE and new.file is None:
        problems.add("file", "Choose the file.")
    problems.not_after("brought_on", new.brought_on, day_of(at))
    problems.refuse()


def _item(session: Session, engine: Engine, case: Case, new: NewEvidence) -> EvidenceItem:
    found = select(func.max(EvidenceItem.position)).where(EvidenceItem.case_id == case.id)
    last = session.scalars(found).one() or 0
    if last >= MOST:
        raise errors.InvalidAnswers({"": ("At most {count} fit here.", {"count": MOST})})
    item_id = new_id()
    details = dump_json([new.name.strip(), new.description.strip()])
    compartment = compartments.ensure(session, engine.keys, case.id)
    return EvidenceItem(
        tenant_id=case.tenant_id, id=item_id, case_id=case.id, position=last + 1,
        party_id=new.party_id or None, brought_on=new.brought_on, kind=new.kind, original=new.original,
        disclosure=new.disclosure, sealed=compartment.seal(details, *_place(item_id)),
    )  # fmt: skip


def _place(item_id: str) -> tuple[str, str, str]:
    return (EvidenceItem.__tablename__, item_id, "sealed")


def _note(session: Session, engine: Engine, root: ProcessInstance, actor: Actor, entry: audit.Entry) -> None:
    """Record it, and have the list printed anew."""
    session.flush()
    law_ref = law.rule("records", entry.at.date()).law_ref_zh
    audit.record(session, engine.keys, root, actor, replace(entry, law_ref=law_ref))
    service_tasks.ask_alone(session, root.id, "issue_document", {"document": KIND}, entry.at)
