"""The annexes of a group's agreement: what it says for each household, and which households it binds."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.mediation import parties
from engine.mediation.answers import Problems
from engine.models.agreements import Agreement, Annex
from engine.models.base import new_id
from engine.models.cases import Case, Party

JOINS, ABSTAINS = "joins", "abstains"
Place = tuple[str, str]


def check(problems: Problems, rows: Sequence[Mapping[str, Any]], case: Case) -> None:
    """Note what is wrong with a draft's annexes: each household has one line, found by name and address."""
    wanted, seen = {_place(one) for one in parties.households(case)}, set[Place]()
    for index, row in enumerate(rows):
        place = (row["name"].strip(), row["address"].strip())
        if place not in wanted:
            problems.add(f"annexes.{index}.name", "No household has this name and address.")
        elif place in seen:
            problems.add(f"annexes.{index}.name", "The same household is listed twice.")
        seen.add(place)
    if missing := wanted - seen:
        problems.add("annexes", "{count} households are missing from the list.", count=len(missing))


def annexes_of(rows: Sequence[Mapping[str, Any]], case: Case) -> list[Annex]:
    """A new annex for each household, in the order of the parties."""
    by_place = {(row["name"].strip(), row["address"].strip()): row for row in rows}
    return [
        _annex(one, position, by_place[_place(one)])
        for position, one in enumerate(parties.households(case), 1)
    ]


def joined(agreement: Agreement) -> set[str]:
    """The ids of the households that said they join; each is bound by its own mark only (PML Art. 29)."""
    if agreement.join_until is None:
        return set()
    return {annex.party_id for annex in agreement.annexes if annex.answer == JOINS}


def readers(agreement: Agreement) -> list[str]:
    """The ids of all parties who read the text: those who sign it and a group's households."""
    if agreement.join_until is None:
        return agreement.party_ids
    return [*agreement.party_ids, *(annex.party_id for annex in agreement.annexes)]


def bound(case: Case, agreement: Agreement | None) -> list[Party]:
    """Those whom the agreement binds: its signers, and of a group the households that joined."""
    members = joined(agreement) if case.is_group and agreement is not None else set()
    return [
        one
        for one in parties.active(case.parties)
        if not parties.is_household(case, one) or one.id in members
    ]


def asked(case: Case, agreement: Agreement | None) -> list[Party]:
    """The households that have not said whether they join."""
    return _answering(case, agreement, None)


def abstaining(case: Case, agreement: Agreement | None) -> list[Party]:
    """The households that do not join, until they were told of the other routes."""
    return _answering(case, agreement, ABSTAINS)


def _answering(case: Case, agreement: Agreement | None, answer: str | None) -> list[Party]:
    if not case.is_group or agreement is None:
        return []
    said = {annex.party_id for annex in agreement.annexes if annex.answer == answer}
    return [one for one in parties.households(case) if one.id in said]


def _place(party: Party) -> Place:
    return (party.name, party.address)


def _annex(party: Party, position: int, row: Mapping[str, Any]) -> Annex:
    return Annex(
        tenant_id=party.tenant_id, id=new_id(), party_id=party.id, position=position,
        amount=row.get("amount"), note=row.get("note") or "",
    )  # fmt: skip
