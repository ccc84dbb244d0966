"""What identifies and reaches a party: identity number and phone number, encrypted with the case's key."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.mediation import wording
from engine.mediation.compartments import Compartment
from engine.models.base import dump_json, load_json
from engine.models.cases import Party

PHONE = re.compile(r"[+]?[0-9][0-9 -]{4,19}")


class Contact(NamedTuple):
    """A party's numbers, empty where they are not known; a company's identity number is its credit code."""

    id_number: str
    phone: str


def contact_in(row: Mapping[str, Any]) -> Contact:
    """The numbers in a row of the registration."""
    return Contact(row.get("id_number") or "", row.get("phone") or "")


def sealed(compartment: Compartment, party_id: str, contact: Contact) -> bytes:
    """The numbers as the party's row keeps them."""
    return compartment.seal(dump_json(contact._asdict()), *_place(party_id))


def contact_of(compartment: Compartment | None, party: Party) -> Contact:
    """A party's numbers; SealBroken where they can't be opened."""
    if compartment is None or party.sealed is None:
        return Contact(party.id_number, party.phone)
    return Contact(**load_json(compartment.open(party.sealed, *_place(party.id))))


def identity_of(compartment: Compartment | None, party: Party) -> Mapping[str, str]:
    """Who a party is and how it is reached, as the papers name it that bind it or that a court gets."""
    contact = contact_of(compartment, party)
    return {
        "name": party.name,
        "gender": wording.GENDERS.get(party.gender, party.gender),
        "ethnicity": party.ethnicity,
        "id_number": contact.id_number,
        "phone": contact.phone,
        "address": party.address,
        "representative": party.representative,
    }


def _place(party_id: str) -> tuple[str, str, str]:
    return (Party.__tablename__, party_id, "sealed")
