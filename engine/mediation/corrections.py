"""Corrections from the case page: what was written wrongly of a party, and a text that nobody has signed."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import Engine, errors, policy
from engine.mediation import cases, compartments, contacts, traces
from engine.mediation.annexes import readers
from engine.mediation.answers import Problems
from engine.mediation.contacts import PHONE, Contact
from engine.mediation.entries import Asked, Entered, enter
from engine.mediation.guards import require_open, require_unmarked
from engine.mediation.lookup import case_of, parties_of, party_of
from engine.mediation.parties import found_by
from engine.models.cases import Case, Party
from engine.models.processes import ProcessInstance
from engine.policy import Actor

UNANSWERED = "Answer this question."
IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]|[0-9A-HJ-NPQRTUWXY]{18}")
LONGEST = {"name": 100, "address": 200}


@dataclass(frozen=True)
class Correction:
    """How a party's details are written rightly; what stays as it is is empty."""

    party_id: str
    name: str = ""
    address: str = ""
    phone: str = ""
    id_number: str = ""


def correct_party(engine: Engine, actor: Actor, case_id: str, right: Correction, key: str) -> None:
    """Put right what was written wrongly of a party (PML Art. 27: records are true).

    A text that names the party and bears no mark is drafted again, so that it says the same. Raises NotFound,
    Forbidden, KeyReused, InvalidAnswers by field, and LawForbids once the agreement binds or the case has
    ended, or where the party stands in a text that bears marks.
    """
    policy.allow(actor, "party.correct")
    engine.services.refuse_unprintable({"name": right.name, "address": right.address})
    numbers = Contact(_plain(right.id_number), _plain(right.phone))
    content = ["party.correct", case_id, right.party_id, right.name, right.address, *numbers]

    def record(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        require_open(session, case_id, at)
        _check(right, numbers)
        case, party = case_of(session, case_id), party_of(session, case_id, right.party_id)
        named_in = case.agreement if case.agreement and party.id in readers(case.agreement) else None
        if named_in is not None:
            require_unmarked(case, at)
        _write(session, engine, case, party, (right, numbers))
        # A household's own copy is printed with the text that its representatives sign.
        cases.draft_again(session, engine, root, named_in.party_ids if named_in else ())
        return Entered("party.corrected", party.id, "records")

    enter(engine, actor, Asked(case_id, content, key), record)


def return_text(engine: Engine, actor: Actor, case_id: str, key: str) -> None:
    """Have the case's text drafted again by its mediator, as long as nobody has signed it (PML Art. 29).

    Raises NotFound (without a text too), Forbidden for whoever is neither this case's mediator nor a chief
    mediator, KeyReused, and LawForbids once the text bears marks, the agreement binds or the
    case has ended.
    """
    policy.allow(actor, "agreement.return")

    def record(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        case = case_of(session, case_id)
        if actor.id != case.mediator_id and "chief_mediator" not in actor.roles:
            raise errors.Forbidden(action="agreement.return")
        require_open(session, case_id, at)
        require_unmarked(case, at)
        if case.agreement is None:
            raise errors.NotFound
        cases.draft_again(session, engine, root, case.agreement.party_ids)
        return Entered("agreement.returned", case_id, "effect")

    enter(engine, actor, Asked(case_id, ["agreement.return", case_id], key), record)


def _check(right: Correction, numbers: Contact) -> None:
    problems = Problems()
    if not any((right.name, right.address, *numbers)):
        problems.add("name", UNANSWERED)
    for name in ("name", "address"):
        if len(getattr(right, name)) > LONGEST[name]:
            problems.add(name, "At most {count} fit here.", count=LONGEST[name])
    if numbers.phone and not PHONE.fullmatch(numbers.phone):
        problems.add("phone", "This is not a telephone number.")
    if numbers.id_number and not IDENTITY.fullmatch(numbers.id_number):
        problems.add("id_number", "This is not an identity number or credit code; either has 18 characters.")
    problems.refuse()


def _write(
    session: Session, engine: Engine, case: Case, party: Party, given: tuple[Correction, Contact]
) -> None:
    (right, numbers), keys = given, engine.keys
    compartment = compartments.ensure(session, keys, case.id)
    known = contacts.contact_of(compartment, party)
    numbers = Contact(numbers.id_number or known.id_number, numbers.phone or known.phone)
    party.name, party.address = right.name or party.name, right.address or party.address
    party.sealed = contacts.sealed(compartment, party.id, numbers)
    case.search_text = found_by(case, parties_of(session, case.id))
    session.flush()
    of_party = (traces.TRACES.c.tenant_id == party.tenant_id, traces.TRACES.c.party_id == party.id)
    session.execute(delete(traces.TRACES).where(*of_party))
    traces.leave(session, keys, [(party, numbers)])


def _plain(number: str) -> str:
    return unicodedata.normalize("NFKC", number).strip()
