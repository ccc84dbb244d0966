"""Recording a guardian from the case page, replacing one, and what the pages show of them."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, policy
from engine.keys import Keys
from engine.mediation import attendants, cases, compartments, guardians, visibility
from engine.mediation.answers import Problems
from engine.mediation.compartments import Compartment
from engine.mediation.contacts import PHONE, contact_of
from engine.mediation.entries import Asked, Entered, enter
from engine.mediation.guardians import UNANSWERED, Person, guardians_of, opened, rows_of
from engine.mediation.guards import require_open, require_unmarked
from engine.mediation.lookup import case_of, visible_case
from engine.mediation.registration_page import REACHING
from engine.models.cases import Case
from engine.models.guardians import Guardian
from engine.models.processes import ProcessInstance
from engine.policy import Actor

RECORDED = "guardian.recorded"
ATTENDS = "Whoever interprets or witnesses marks in the case can't be a guardian in it."
LONGEST = {"name": 200, "relation": 200, "reason": 2000}


@dataclass(frozen=True)
class NewGuardian:
    """A party's guardian from now on; `reason` says why the former one no longer is, where there was one."""

    party_id: str
    name: str
    relation: str
    phone: str = ""
    reason: str = ""


@dataclass(frozen=True)
class FormerGuardian:
    """Who was a party's guardian until `ended_at`, and why no longer."""

    party_name: str
    name: str
    ended_at: dt.datetime
    end_reason: str


def record_guardian(engine: Engine, actor: Actor, case_id: str, new: NewGuardian, key: str) -> str:
    """Put a guardian of a party under age on record, and give the row's id (Civil Code Arts. 20 and 23).

    The former one is ended with the reason; a text that was drafted before names somebody else, so it is
    drafted again. Raises NotFound, Forbidden, KeyReused, InvalidAnswers by field, and LawForbids once the
    agreement binds or the case has ended, or where a guardian stands in a text that bears marks.
    """
    policy.allow(actor, "guardian.record")
    engine.services.refuse_unprintable({name: getattr(new, name) for name in LONGEST})
    person = Person(new.name.strip(), new.relation.strip(), new.phone.strip())
    content = ["guardian.record", case_id, new.party_id, *person, new.reason]

    def record(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        require_open(session, case_id, at)
        compartment, case = compartments.ensure(session, engine.keys, case_id), case_of(session, case_id)
        former = next((one for one in rows_of(session, case_id) if one.party_id == new.party_id), None)
        _check(session, compartment, case, (new, person), former)
        if former is not None:
            require_unmarked(case, at)
            former.ended_at, former.ended_by, former.end_reason = at, actor.id, new.reason.strip()
        made = {"recorded_at": at, "recorded_by": actor.id}
        row = guardians.row_for(compartment, new.party_id, person, made)
        session.add(row)
        session.flush()
        cases.draft_again(session, engine, root, [new.party_id])
        return Entered(RECORDED, row.id, "guardian", row.id)

    return str(enter(engine, actor, Asked(case_id, content, key), record))


def guardians_for(session: Session, keys: Keys, actor: Actor, case: Case) -> dict[str, Person]:
    """Party id → its guardian now, as the case page shows one: the phone only to who reaches parties."""
    reaches = visibility.reader_of(actor, case, case.parties) in REACHING
    found = guardians_of(session, keys, case.id)
    return {one: person if reaches else person._replace(phone="") for one, person in found.items()}


def former_guardians(engine: Engine, actor: Actor, case_id: str) -> list[FormerGuardian]:
    """The guardians who no longer are, the last to end first. NotFound, Forbidden, SealBroken."""
    policy.allow(actor, "guardian.record")
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        ended = select(Guardian).where(Guardian.case_id == case.id, Guardian.ended_at.is_not(None))
        rows = session.scalars(ended.order_by(Guardian.ended_at.desc(), Guardian.id.desc())).all()
        inside = compartments.of_case(session, engine.keys, case.id) if rows else None
        names = {party.id: party.name for party in case.parties}
        return [
            FormerGuardian(names[row.party_id], opened(inside, row).name, row.ended_at, row.end_reason)
            for row in rows
            if inside is not None and row.ended_at is not None
        ]


def _check(
    session: Session,
    compartment: Compartment,
    case: Case,
    said: tuple[NewGuardian, Person],
    former: Guardian | None,
) -> None:
    (new, person), problems = said, Problems()
    by_id = {party.id: party for party in case.parties}
    problems.one_of("party_id", new.party_id, by_id)
    problems.refuse()
    party = by_id[new.party_id]
    if not guardians.may_have_guardian(party):
        problems.add("party_id", "Only a person under 18 who does not live on own earnings has a guardian.")
    for name, longest in LONGEST.items():
        if len(getattr(new, name)) > longest:
            problems.add(name, "At most {count} fit here.", count=longest)
    if person.phone and not PHONE.fullmatch(person.phone):
        problems.add("phone", "This is not a telephone number.")
    if former is not None and not new.reason.strip():
        problems.add("reason", UNANSWERED)
    others = [one for one in case.parties if one.side != party.side]
    opposed = [Person(one.name, "", contact_of(compartment, one).phone) for one in others]
    guardians.check(problems, ("name", "relation"), person, opposed)
    if any(guardians.is_same(person, one) for one in attendants.in_texts(session, compartment)):
        problems.add("name", ATTENDS)
    problems.refuse()
