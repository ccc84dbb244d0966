"""Guests on the panel of a broadcast: lawyer, judge, psychologist, their ties and everybody's consent."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.mediation import law, parties
from engine.mediation.answers import Problems
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.models.base import new_id
from engine.models.broadcasts import PanelGuest
from engine.services import Step


def guests_consented(step: Step) -> None:
    """Keep each guest with its ties; it comes only if each party agrees to this one (PML Art. 20).

    A judge is marked: who sat on the panel neither confirms the agreement nor tries the case.
    """
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    everybody = {party.id for party in parties.active(parties_of(step.session, case.id))}
    guests = list(step.answers.get("guests") or [])
    problems = Problems()
    for index, guest in enumerate(guests):
        for party_id in guest["agreed"]:
            problems.one_of(f"guests.{index}.agreed", party_id, everybody)
        if guest["tie"] == "exists" and not guest.get("disclosure"):
            problems.add(f"guests.{index}.disclosure", "Say what tie there is.")
    problems.refuse()
    if any(everybody - set(guest["agreed"]) for guest in guests):
        raise law.forbids("guests", step.at, "guests need the consent of the parties")
    step.session.add_all(_guest(step, guest) for guest in guests)


def guests_of(session: Session, case_id: str) -> Sequence[PanelGuest]:
    """The guests whom all parties agreed to, oldest first."""
    found = select(PanelGuest).where(PanelGuest.case_id == case_id)
    return session.scalars(found.order_by(PanelGuest.id)).all()


def barred_judges(session: Session, case_id: str) -> list[str]:
    """The names of judges who sat on the panel, and so may neither confirm nor try this case."""
    return [guest.name for guest in guests_of(session, case_id) if guest.may_not_try]


def _guest(step: Step, guest: Mapping[str, Any]) -> PanelGuest:
    return PanelGuest(
        tenant_id=step.root.tenant_id, id=new_id(), case_id=step.root.id, name=guest["name"],
        role=guest["role"], employer=guest.get("employer") or "", has_tie=guest["tie"] == "exists",
        disclosure=guest.get("disclosure") or "", agreed=sorted(guest["agreed"]),
        may_not_try=guest["role"] == "judge", made_at=step.at, made_by=step.actor.id,
    )  # fmt: skip
