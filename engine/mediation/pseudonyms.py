"""Texts in which the parties stand by their role only: names, numbers and addresses are taken out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy.orm import Session

from engine.mediation import attendants, guardians, wording
from engine.mediation.compartments import Compartment
from engine.mediation.contacts import contact_of
from engine.models.cases import Party

NOBODY: Mapping[str, Mapping[str, str]] = MappingProxyType({})
PERSONAL = {
    "name": "{role}",
    "representative": "{role}的代表人",
    "agent": "{role}的代理人",
    "phone": "（略）",
    "id_number": "（略）",
    "address": "（略）",
}
GUARDIAN = "{role}的监护人"


def roles_of(everybody: Sequence[Party]) -> Mapping[str, str]:
    """What a case sheet calls each party (id → 申请人1): its side, counted in the order of registration."""
    sides = [party.side for party in everybody]
    return {
        party.id: f"{wording.SIDES[party.side]}{sides[: at + 1].count(party.side)}"
        for at, party in enumerate(everybody)
    }


def without_names(
    text: str,
    hidden: Iterable[Party],
    words: Mapping[str, str],
    compartment: Compartment | None = None,
    beside: Mapping[str, Mapping[str, str]] = NOBODY,
) -> str:
    """The text with what is personal of the `hidden` parties replaced by their roles, longest first.

    `compartment` is the case's: in it are their numbers. `beside` is what `beside_parties` gives.
    """
    personal = {party.id: _personal(party, compartment) for party in hidden}
    found = {
        said: word.format(role=words[party_id])
        for party_id in personal
        for said, word in beside.get(party_id, {}).items()
    } | {
        values[field]: said.format(role=words[party_id])
        for field, said in reversed(PERSONAL.items())
        for party_id, values in personal.items()
    }
    found.pop("", None)
    if not found:
        return text
    pattern = "|".join(re.escape(one) for one in sorted(found, key=lambda one: (-len(one), one)))
    return re.sub(pattern, lambda match: found[match[0]], text)


def beside_parties(
    session: Session, compartment: Compartment | None, case_id: str
) -> Mapping[str, Mapping[str, str]]:
    """Party id → name or number of who acts or acted for it, interprets or witnesses → what is said instead.

    SealBroken.
    """
    found: dict[str, dict[str, str]] = {}
    for one in attendants.named_in(session, compartment, case_id):
        words = {one.phone: PERSONAL["phone"], one.name: wording.ATTENDANTS[one.role]}
        for party_id in one.party_ids:
            found.setdefault(party_id, {}).update(words)
    for party_id, people in guardians.named_in(session, compartment, case_id).items():
        for person in people:
            words = {person.phone: PERSONAL["phone"], person.name: GUARDIAN}
            found.setdefault(party_id, {}).update(words)
    return found


def _personal(party: Party, compartment: Compartment | None) -> Mapping[str, str]:
    told = {name: getattr(party, name) for name in ("name", "representative", "agent", "address")}
    return told | contact_of(compartment, party)._asdict()
