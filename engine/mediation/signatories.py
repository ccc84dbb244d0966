"""The parties as papers name them where they make their marks, with who stands beside each of them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import attendants, wording
from engine.mediation.attendants import AttendantView
from engine.mediation.compartments import Compartment
from engine.mediation.contacts import identity_of
from engine.mediation.guardians import Person, beside, guardians_of
from engine.models.cases import Party


class Beside(NamedTuple):
    """Who acts for the parties of a case (party id → guardian), and who interprets or witnesses now."""

    guardians: Mapping[str, Person]
    attending: list[AttendantView]


def beside_of(session: Session, keys: Keys, case_id: str) -> Beside:
    """Who stands beside the parties of a case; SealBroken."""
    acting = guardians_of(session, keys, case_id)
    return Beside(acting, attendants.attendants_of(session, keys, case_id))


def signatory(party: Party, field: str, people: Beside) -> dict[str, Any]:
    """A party above the field of its mark: guardian and witnesses are names, empty for none."""
    return {
        "field": field,
        "side": wording.SIDES[party.side],
        "kind": party.kind,
        "name": party.name,
        "representative": party.representative,
        "guardian": beside(people.guardians.get(party.id)),
        "witnesses": attendants.witnesses_of(people.attending, party.id),
    }


def identified(compartment: Compartment | None, party: Party, field: str, people: Beside) -> dict[str, Any]:
    """As `signatory`, with all by which a text that binds names the party; SealBroken."""
    return {
        **signatory(party, field, people),
        **identity_of(compartment, party),
        "age": "" if party.age is None else str(party.age),
        "occupation": party.occupation,
        "agent": party.agent,
    }


def interpreters(people: Beside, signing: Iterable[Party]) -> list[dict[str, str]]:
    """Who interprets for these parties: name, language, and the names of those of the parties."""
    return attendants.interpreters_in(people.attending, {party.id: party.name for party in signing})


def is_witnessed(people: Beside, signing: Iterable[Party]) -> bool:
    """Whether one of these parties makes its mark before a witness, which is done on paper (PML Art. 29)."""
    return any(attendants.witnesses_of(people.attending, party.id) for party in signing)
