"""Adding an interpreter or witness to a case, removing one, and what the pages show of them."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bodies, errors, policy
from engine.keys import Keys
from engine.mediation import attendants, cases, compartments, consents, guardians, law, parties, visibility
from engine.mediation.answers import Problems
from engine.mediation.attendants import IN_TEXTS, INTERPRETER, MARK_WITNESS, ROLES, AttendantView, Details
from engine.mediation.compartments import Compartment
from engine.mediation.contacts import PHONE, contact_of
from engine.mediation.entries import Asked, Entered, enter
from engine.mediation.guardians import UNANSWERED, Person
from engine.mediation.guards import require_open, require_unmarked
from engine.mediation.lookup import account_name, case_of, visible_case
from engine.mediation.marks import SEAL_ROLE
from engine.mediation.registration_page import REACHING
from engine.models.attendants import Attendant
from engine.models.cases import Case
from engine.models.people import Account
from engine.models.processes import ProcessInstance
from engine.policy import Actor

ADDED, REMOVED = "attendant.added", "attendant.removed"
LONGEST = {"name": 200, "language": 200}
ARTICLES = {INTERPRETER: "own_language", MARK_WITNESS: "effect"}
TAKEN = "A party or who acts for one, the mediator and the seal-keeper can't interpret or witness marks here."


@dataclass(frozen=True)
class NewAttendant:
    """Who attends from now on: `role` is one of ROLES, `language` an interpreter's, `phone` may be empty."""

    role: str
    name: str
    language: str
    phone: str
    party_ids: tuple[str, ...]


def add_attendant(engine: Engine, actor: Actor, case_id: str, new: NewAttendant, key: str) -> str:
    """Put an interpreter or witness on record, and give the row's id.

    A text that was drafted before and bears no mark is drafted again, so that it names them. Raises NotFound,
    Forbidden, KeyReused, InvalidAnswers by field, and LawForbids once the agreement binds, bears marks or is
    signed electronically where a mark is to be witnessed (PML Art. 29), or the case has ended.
    """
    policy.allow(actor, "attendant.change")
    engine.services.refuse_unprintable({name: getattr(new, name) for name in LONGEST})
    content = ["attendant.add", case_id, *astuple(new)]

    def add(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        require_open(session, case_id, at)
        compartment, case = compartments.ensure(session, engine.keys, case_id), case_of(session, case_id)
        _check(session, engine.keys, compartment, case, new)
        _require_paper(case, new, at)
        language = new.language if new.role == INTERPRETER else ""
        made = {"role": new.role, "party_ids": list(new.party_ids), "added_at": at, "added_by": actor.id}
        row = attendants.row_for(compartment, Details(new.name, language, new.phone), made)
        session.add(row)
        _draft_again(session, engine, root, row)
        return Entered(ADDED, row.id, ARTICLES.get(row.role, ""), row.id)

    return str(enter(engine, actor, Asked(case_id, content, key), add))


def remove_attendant(engine: Engine, actor: Actor, case_id: str, attendant_id: str, key: str) -> None:
    """Note that somebody attends no more; the row stays, and a text that names them is drafted again.

    Raises NotFound, also for who was removed before, Forbidden, KeyReused, and LawForbids as for adding.
    """
    policy.allow(actor, "attendant.change")
    content = ["attendant.remove", case_id, attendant_id]

    def remove(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        require_open(session, case_id, at)
        row = next((one for one in attendants.rows_of(session, case_id) if one.id == attendant_id), None)
        if row is None:
            raise errors.NotFound
        row.removed_at, row.removed_by = at, actor.id
        _draft_again(session, engine, root, row)
        return Entered(REMOVED, row.id, ARTICLES.get(row.role, ""))

    enter(engine, actor, Asked(case_id, content, key), remove)


def attendants_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[AttendantView]:
    """Who attends now, as the case page shows them: the phone only to who reaches parties."""
    reaches = visibility.reader_of(actor, case, case.parties) in REACHING
    found = attendants.attendants_of(session, keys, case.id)
    return found if reaches else [replace(one, phone="") for one in found]


def removed_attendants(engine: Engine, actor: Actor, case_id: str) -> list[AttendantView]:
    """Those who attend no more, the last to be removed first. NotFound, Forbidden, SealBroken."""
    policy.allow(actor, "attendant.change")
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        gone = select(Attendant).where(Attendant.case_id == case.id, Attendant.removed_at.is_not(None))
        rows = session.scalars(gone.order_by(Attendant.removed_at.desc(), Attendant.id.desc())).all()
        inside = compartments.of_case(session, engine.keys, case.id) if rows else None
        return [replace(attendants.opened(inside, row), phone="") for row in rows] if inside else []


def _draft_again(session: Session, engine: Engine, root: ProcessInstance, row: Attendant) -> None:
    session.flush()
    if row.role in IN_TEXTS:
        case = case_of(session, root.id)
        if _stands_in_text(case, row.party_ids):
            require_unmarked(case, engine.now())
        cases.draft_again(session, engine, root, row.party_ids)


def _stands_in_text(case: Case, party_ids: Iterable[str]) -> bool:
    return case.agreement is not None and not set(party_ids).isdisjoint(case.agreement.party_ids)


def _require_paper(case: Case, new: NewAttendant, at: dt.datetime) -> None:
    if new.role == MARK_WITNESS and _stands_in_text(case, new.party_ids) and consents.is_electronic(case):
        raise law.forbids("method", at, "all parties sign electronically, and a mark is witnessed on paper")


def _check(session: Session, keys: Keys, compartment: Compartment, case: Case, new: NewAttendant) -> None:
    problems, known = Problems(), {party.id for party in parties.active(case.parties)}
    if new.role not in ROLES:
        problems.add("role", "Choose one of these.")
    for name in ("name", "language") if new.role == INTERPRETER else ("name",):
        if not getattr(new, name):
            problems.add(name, UNANSWERED)
    for name, longest in LONGEST.items():
        if len(getattr(new, name)) > longest:
            problems.add(name, "At most {count} fit here.", count=longest)
    if new.phone and not PHONE.fullmatch(new.phone):
        problems.add("phone", "This is not a telephone number.")
    if not new.party_ids:
        problems.add("party_ids", UNANSWERED)
    for party_id in new.party_ids:
        problems.one_of("party_ids", party_id, known)
    problems.refuse()
    person = Person(new.name, "", new.phone)
    acting = _acting(session, keys, compartment, case)
    if new.role in IN_TEXTS and any(guardians.is_same(person, other) for other in acting):
        problems.add("name", TAKEN)
    problems.refuse()


def _acting(session: Session, keys: Keys, compartment: Compartment, case: Case) -> Iterator[Person]:
    """Everybody who acts in the case: parties, who acts for them, its mediator, who keeps the seal for it."""
    for party in case.parties:
        yield Person(party.name, "", contact_of(compartment, party).phone)
        yield from (Person(name, "", "") for name in (party.agent, party.representative) if name)
    yield from guardians.guardians_of(session, keys, case.id).values()
    for account_id in filter(None, (case.mediator_id, case.proposed_mediator_id)):
        yield Person(account_name(session, account_id), "", "")
    above = list(bodies.way_up(session, case.body_id))
    for account in session.scalars(select(Account).where(Account.active, Account.body_id.in_(above))):
        if SEAL_ROLE in account.roles:
            yield Person(account.name, "", "")
