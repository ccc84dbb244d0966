"""The parties of a case: registered, invited, taking part or gone."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine import errors
from engine.mediation import contacts, guardians, traces
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.compartments import Compartment
from engine.mediation.lookup import case_of, parties_of, party_of
from engine.models.base import new_id
from engine.models.cases import Case, Party
from engine.services import Step

SIDES = ("applicant", "respondent")
GONE = frozenset({"refuses", "unreachable"})
LIST_OF = {"applicant": "applicants", "respondent": "respondents"}
HOUSEHOLDS = "households"
GROUP_SIDE = "applicant"
OPTIONAL = ("gender", "ethnicity", "occupation", "representative")


def takes_part(party: Party) -> bool:
    """Whether the party has neither refused, nor withdrawn, nor stayed unreachable."""
    return party.withdrawn_at is None and party.invitation_answer not in GONE and party.consents is not False


def active(parties: Iterable[Party]) -> list[Party]:
    """Those who still take part."""
    return [party for party in parties if takes_part(party)]


def sides_remaining(parties: Iterable[Party]) -> int:
    """How many of the two sides still have somebody in the case."""
    return len({party.side for party in active(parties)})


def households(case: Case) -> list[Party]:
    """The households of a group that still take part, in their order; nobody where it is no group's case."""
    return [one for one in active(case.parties) if is_household(case, one)] if case.is_group else []


def signers(case: Case) -> list[Party]:
    """Those who still take part and sign the agreement itself: all but a group's households."""
    return [one for one in active(case.parties) if not is_household(case, one)]


def is_household(case: Case, party: Party) -> bool:
    """Whether the party belongs to the group of its case."""
    return case.is_group and party.side == GROUP_SIDE


def active_party(session: Session, case_id: str, party_id: str) -> Party:
    """One party who still takes part; NotFound for another case's, PartyGone for one who has left."""
    party = party_of(session, case_id, party_id)
    if not takes_part(party):
        raise errors.PartyGone(name=party.name)
    return party


def register(step: Step, case: Case, compartment: Compartment) -> list[Party]:
    """Write the parties of a registration, applicants first, and what the case is found by from now on."""
    members = [{"kind": "natural", **row} for row in step.answers.get(HOUSEHOLDS) or []]
    lists = {side: step.answers[LIST_OF[side]] for side in SIDES}
    problems = Problems()
    for side in SIDES:
        if not lists[side]:
            problems.add(LIST_OF[side], "Name at least one person.")
    _check_households(problems, lists["applicant"], members)
    problems.refuse()
    lists["applicant"] = [*lists["applicant"], *members]
    _check_guardians(problems, lists)
    problems.refuse()
    rows = [(side, row) for side in SIDES for row in lists[side]]
    parties = [_party(compartment, side, position, row) for position, (side, row) in enumerate(rows, 1)]
    step.session.add_all(parties)
    set_committed_value(case, "parties", [*case.parties, *parties])
    case.search_text = found_by(case, parties)
    step.session.flush()
    _keep_guardians(step, compartment, zip(parties, (row for _, row in rows), strict=True))
    reached = [contacts.contact_in(row) for _, row in rows]
    traces.leave(step.session, step.engine.keys, zip(parties, reached, strict=True))
    return parties


def _check_households(
    problems: Problems, applicants: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]
) -> None:
    seen = {(row["name"].strip(), row.get("address")) for row in applicants}
    for index, row in enumerate(members):
        place = (row["name"].strip(), row["address"])
        if place in seen:
            problems.add(f"{HOUSEHOLDS}.{index}.name", "The same household is listed twice.")
        seen.add(place)


def _check_guardians(problems: Problems, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    for side, other in (SIDES, SIDES[::-1]):
        opposed = [guardians.Person(row["name"], "", row.get("phone") or "") for row in lists[other]]
        for index, row in enumerate(lists[side]):
            if (person := guardians.person_in(row)).name:
                here = f"{LIST_OF[side]}.{index}"
                guardians.check(problems, (f"{here}.guardian", f"{here}.guardian_relation"), person, opposed)


def _keep_guardians(
    step: Step, compartment: Compartment, registered: Iterable[tuple[Party, Mapping[str, Any]]]
) -> None:
    made = {"recorded_at": step.at, "recorded_by": step.actor.id}
    for party, row in registered:
        if (person := guardians.person_in(row)).name and guardians.needs_guardian(party):
            step.session.add(guardians.row_for(compartment, party.id, person, made))


def found_by(case: Case, parties: Iterable[Party]) -> str:
    """What a case is found by: its number and the names of its parties."""
    return "\n".join([case.number or "", *(party.name for party in parties)])


def to_invite(case: Case, parties: Sequence[Party]) -> list[Party]:
    """Those who still take part and did not come by themselves (PML Art. 17)."""
    return [party for party in active(parties) if case.source == "proactive" or party.side == "respondent"]


def invitation_answered(step: Step) -> None:
    """What each invited party answered; a clear refusal ends mediation for it (PML Art. 17)."""
    case = case_of(step.session, step.root.id)
    parties = parties_of(step.session, case.id)
    invited = {party.id: party for party in to_invite(case, parties)}
    rows = one_row_each(step, "answers", "party_id", invited)
    problems = Problems()
    for index, row in enumerate(rows):
        problems.not_after(f"answers.{index}.contacted_on", row["contacted_on"], today(step))
    problems.refuse()
    for row in rows:
        _note_answer(invited[row["party_id"]], row)
    case.status = "invited"
    if sides_remaining(parties) < len(SIDES):
        answers = {party.invitation_answer for party in invited.values()}
        case.end_code = "refused" if "refuses" in answers else "unreachable"


def _note_answer(party: Party, row: Mapping[str, Any]) -> None:
    party.invitation_answer = row["answer"]
    party.invitation_channel = row["channel"]
    party.contacted_on = row["contacted_on"]
    party.invitation_note = row.get("note") or ""


def _party(compartment: Compartment, side: str, position: int, row: Mapping[str, Any]) -> Party:
    optional = {name: row.get(name) or "" for name in OPTIONAL}
    party_id = new_id()
    return Party(
        tenant_id=compartment.tenant_id, id=party_id, case_id=compartment.case_id,
        side=side, position=position,
        sealed=contacts.sealed(compartment, party_id, contacts.contact_in(row)),
        kind=row["kind"], name=row["name"].strip(), age=row.get("age"), address=row.get("address") or "",
        agent=(row.get("agent") or "").strip(), agent_scope=list(row.get("agent_scope") or []),
        agent_until=row.get("agent_until"), own_living=row.get("own_living") == "yes", **optional,
    )  # fmt: skip
