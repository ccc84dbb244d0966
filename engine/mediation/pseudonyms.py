"""Texts in which the parties stand by their role only: names, numbers and addresses are taken out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from engine.mediation import wording
from engine.mediation.compartments import Compartment
from engine.mediation.contacts import contact_of
from engine.mediation.guardians import Person
from engine.models.cases import Party

NOBODY: Mapping[str, Sequence[Person]] = MappingProxyType({})
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
    acting: Mapping[str, Sequence[Person]] = NOBODY,
) -> str:
    """The text with what is personal of the `hidden` parties replaced by their roles, longest first.

    `compartment` is the case's: in it are their numbers. `acting` are their guardians, by the party's id.
    """
    personal = {party.id: _personal(party, compartment) for party in hidden}
    found = _of_guardians(words, {one: acting.get(one, ()) for one in personal}) | {
        values[field]: said.format(role=words[party_id])
        for field, said in reversed(PERSONAL.items())
        for party_id, values in personal.items()
    }
    found.pop("", None)
    if not found:
        return text
    pattern = "|".join(re.escape(one) for one in sorted(found, key=lambda one: (-len(one), one)))
    return re.sub(pattern, lambda match: found[match[0]], text)


def _personal(party: Party, compartment: Compartment | None) -> Mapping[str, str]:
    told = {name: getattr(party, name) for name in ("name", "representative", "agent", "address")}
    return told | contact_of(compartment, party)._asdict()


def _of_guardians(words: Mapping[str, str], acting: Mapping[str, Sequence[Person]]) -> dict[str, str]:
    people = [(words[party_id], person) for party_id, found in acting.items() for person in found]
    phones = {person.phone: PERSONAL["phone"] for _, person in people}
    return phones | {person.name: GUARDIAN.format(role=role) for role, person in people}
