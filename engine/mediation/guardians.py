"""Guardians: who acts for a party under age, and that nothing binds such a party without one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import compartments, law, traces
from engine.mediation.answers import Problems
from engine.mediation.compartments import Compartment
from engine.models.base import dump_json, load_json, new_id
from engine.models.cases import Party
from engine.models.guardians import Guardian
from engine.services import Step

MAJORITY, EARNING = 18, 16
OPPOSED = "A party of the other side can't be the guardian: their interests conflict. Name another guardian."
UNANSWERED = "Answer this question."


class Person(NamedTuple):
    """A guardian; `relation` is free text (father, mother), `phone` empty where it is not known."""

    name: str
    relation: str
    phone: str


def needs_guardian(party: Party) -> bool:
    """Whether a person of a known age lacks full capacity to act (Civil Code Arts. 18 to 20).

    Who is 16 or 17 and lives mainly on own earnings counts as having it.
    """
    if party.kind != "natural" or party.age is None or party.age >= MAJORITY:
        return False
    return party.age < EARNING or not party.own_living


def may_have_guardian(party: Party) -> bool:
    """Whether a guardian may act: for whoever needs one, and for a person whose age nobody has asked."""
    return needs_guardian(party) or (party.kind == "natural" and party.age is None)


def require_guardians(step: Step, people: Iterable[Party]) -> None:
    """The guard of whatever binds: LawForbids while one of these needs a guardian and none is on record."""
    wanted = {party.id for party in people if needs_guardian(party)}
    if wanted and not wanted <= {row.party_id for row in rows_of(step.session, step.root.id)}:
        raise law.forbids("guardian", step.at, "a party under 18 has no guardian on record")


def rows_of(session: Session, case_id: str) -> list[Guardian]:
    """The guardians of a case who are on record now."""
    current = (Guardian.case_id == case_id, Guardian.ended_at.is_(None))
    return list(session.scalars(select(Guardian).where(*current).order_by(Guardian.id)))


def guardians_of(session: Session, keys: Keys, case_id: str) -> dict[str, Person]:
    """Party id → its guardian now. SealBroken where one can't be opened."""
    rows = rows_of(session, case_id)
    compartment = compartments.of_case(session, keys, case_id) if rows else None
    return {row.party_id: opened(compartment, row) for row in rows} if compartment else {}


def named_in(session: Session, compartment: Compartment | None, case_id: str) -> dict[str, list[Person]]:
    """Party id → all who are or were its guardians, for texts in which nobody is to be named. SealBroken."""
    found: dict[str, list[Person]] = {}
    rows = session.scalars(select(Guardian).where(Guardian.case_id == case_id)) if compartment else ()
    for row in rows:
        if compartment is not None:
            found.setdefault(row.party_id, []).append(opened(compartment, row))
    return found


def signing_names(session: Session, keys: Keys, case_id: str, people: Iterable[Party]) -> dict[str, str]:
    """Party id → how its guardian signs as its legal representative, for those of the people who have one."""
    guarded = [party for party in people if may_have_guardian(party)]
    acting = guardians_of(session, keys, case_id) if guarded else {}
    return {
        party.id: f"{acting[party.id].name}（{party.name}的监护人）"
        for party in guarded
        if party.id in acting
    }


def beside(person: Person | None) -> str:
    """A guardian as documents name one beside the party; empty for none."""
    return f"{person.name}（{person.relation}）" if person else ""


def person_in(row: Mapping[str, Any]) -> Person:
    """The guardian in a row of the registration; the name is empty where none was named."""
    said = [(row.get(name) or "").strip() for name in ("guardian", "guardian_relation", "guardian_phone")]
    return Person(*said)


def check(problems: Problems, paths: tuple[str, str], person: Person, others: Collection[Person]) -> None:
    """Note at the paths of name and relation what is wrong with a guardian; `others` are the other side.

    Nobody acts for a child against themselves (Civil Code Art. 168, by analogy): one of the same name is
    refused, unless the phone numbers of both are known and differ.
    """
    for path, said in zip(paths, person, strict=False):
        if not said:
            problems.add(path, UNANSWERED)
    if any(is_same(person, other) for other in others):
        problems.add(paths[0], OPPOSED)


def row_for(compartment: Compartment, party_id: str, person: Person, made: Mapping[str, Any]) -> Guardian:
    """The row of a new guardian; `made` says when and by whom it was recorded."""
    row_id = new_id()
    return Guardian(
        tenant_id=compartment.tenant_id, id=row_id, case_id=compartment.case_id, party_id=party_id,
        sealed=compartment.seal(dump_json(person._asdict()), *_place(row_id)), **made,
    )  # fmt: skip


def opened(compartment: Compartment, row: Guardian) -> Person:
    """Who a row is about; SealBroken."""
    return Person(**load_json(compartment.open(row.sealed, *_place(row.id))))


def is_same(one: Person, other: Person) -> bool:
    """Whether two go by one name, and not by telephone numbers that are both known and differ."""
    if traces.normal("name", one.name) != traces.normal("name", other.name):
        return False
    phones = {traces.normal("phone", phone) for phone in (one.phone, other.phone)}
    return "" in phones or len(phones) == 1


def _place(row_id: str) -> tuple[str, str, str]:
    return (Guardian.__tablename__, row_id, "sealed")
