"""Before an online mediation: each party's consent to it and to electronic service, and its identity."""

from collections.abc import Mapping
from typing import Any

from engine.calendar import day_of
from engine.mediation import agents, compartments
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.compartments import Compartment
from engine.mediation.notes import written
from engine.mediation.online import case_of_mediator, parties_to_ask, unidentified
from engine.models.cases import Party
from engine.models.online import IdentityCheck, OnlineConsent
from engine.services import Step


def online_consented(step: Step) -> None:
    """What each party says of online mediation; one that refuses sends the case to talks face to face.

    Electronic service and recording are consents of their own (Online Rules Arts. 4, 16 and 17).
    """
    case = case_of_mediator(step)
    rows = one_row_each(step, "consents", "party_id", parties_to_ask(step.session, case.id))
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    for row in rows:
        step.session.merge(_consent(step, compartment, row))
    if any(row["online"] != "yes" for row in rows):
        case.path = "face_to_face"
    step.session.flush()


def identities_checked(step: Step) -> None:
    """How each party was identified (Online Rules Art. 17); one that does not match is checked on site."""
    case = case_of_mediator(step)
    rows = one_row_each(step, "identities", "party_id", unidentified(step.session, case.id))
    known, problems = {party.id: party for party in case.parties}, Problems()
    for index, row in enumerate(rows):
        _check_person(problems, f"identities.{index}", known[row["party_id"]], row)
        problems.not_after(f"identities.{index}.checked_on", row["checked_on"], today(step))
        problems.not_before(f"identities.{index}.checked_on", row["checked_on"], day_of(case.opened_at))
    problems.refuse()
    for row in rows:
        if row["appears"] == "agent":
            agents.require_authority(step, known[row["party_id"]], agents.TAKE_PART)
        step.session.add(_identity(step, row))
    if any(row["matches"] != "yes" for row in rows):
        case.path = "face_to_face"
    step.session.flush()


def address_of(compartment: Compartment, consent: OnlineConsent) -> str:
    """The address for electronic service; empty without consent to it. SealBroken."""
    return compartment.open(consent.sealed, *_place(consent.party_id)) if consent.sealed else ""


def _consent(step: Step, compartment: Compartment, row: Mapping[str, Any]) -> OnlineConsent:
    agrees, e_service = row["online"] == "yes", row.get("e_service") == "yes"
    place = _place(row["party_id"])
    return OnlineConsent(
        tenant_id=compartment.tenant_id, case_id=compartment.case_id, party_id=row["party_id"], agrees=agrees,
        asynchronous=row.get("asynchronous") == "yes", equipment=row.get("equipment") or "",
        e_service=e_service, sealed=compartment.seal(row["e_address"], *place) if e_service else None,
        recording=row.get("recording") == "yes", taken_back="", decided_at=step.at,
        recorded_by=step.actor.id,
    )  # fmt: skip


def _check_person(problems: Problems, path: str, party: Party, row: Mapping[str, Any]) -> None:
    if row["appears"] == "agent" and not party.agent:
        problems.add(f"{path}.appears", "No agent is registered for this party.")
    if row["appears"] == "self" and party.kind == "legal":
        problems.add(f"{path}.appears", "An organisation appears by its representative or an agent.")
    if row["appears"] == "representative" and party.kind != "legal":
        problems.add(f"{path}.appears", "Only an organisation has a legal representative.")


def _identity(step: Step, row: Mapping[str, Any]) -> IdentityCheck:
    return IdentityCheck(
        **written(step), party_id=row["party_id"], appears=row["appears"], level=row["level"],
        checked=row["checked"], checked_on=row["checked_on"], matches=row["matches"] == "yes",
    )  # fmt: skip


def _place(party_id: str) -> tuple[str, str, str]:
    return (OnlineConsent.__tablename__, party_id, "sealed")
