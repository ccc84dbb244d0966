"""Online mediation: who has agreed to it and was identified, and what may only then be done."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.mediation import agents, law, parties
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.models.cases import Case
from engine.models.online import IdentityCheck, OnlineConsent
from engine.services import Step
from engine.sessions import HOT, OF_TENANT, tenant_of

PATH = "online"
CONSENTS = (
    select(OnlineConsent)
    .where(OnlineConsent.tenant_id == OF_TENANT, OnlineConsent.case_id == bindparam("of_case"))
    .execution_options(**HOT)
)


def case_of_mediator(step: Step) -> Case:
    """The case, for its mediator, with the consent of both sides to mediation. Forbidden, LawForbids."""
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    return case


def online_case(step: Step) -> Case:
    """The same, once all parties agreed to mediate online and were identified (Online Rules Arts. 4, 17)."""
    case = case_of_mediator(step)
    if parties_to_ask(step.session, case.id):
        raise law.forbids("online_consent", step.at, "not every party has agreed to online mediation")
    if unidentified(step.session, case.id):
        raise law.forbids("online_identity", step.at, "the identity of a party has not been checked")
    return case


def require_asynchronous(step: Step, case: Case) -> None:
    """The guard of what is written at different times: all parties agreed to that (Online Rules Art. 16)."""
    said, here = consents_of(step.session, case.id), parties.active(case.parties)
    if not all(said[party.id].asynchronous for party in here):
        raise law.forbids("online_mixed", step.at, "not every party has agreed to write at different times")


def require_scope(step: Step, case: Case, party_id: str, scope: str) -> None:
    """LawForbids where an agent appears for the party whose authority does not reach so far."""
    check = checks_of(step.session, case.id).get(party_id)
    if check is not None and check.appears == "agent":
        agents.require_authority(step, next(one for one in case.parties if one.id == party_id), scope)


def consents_of(session: Session, case_id: str) -> Mapping[str, OnlineConsent]:
    """What each party last said, by its id."""
    this = {"of_tenant": tenant_of(session), "of_case": case_id}
    return {row.party_id: row for row in session.scalars(CONSENTS, this)}


def checks_of(session: Session, case_id: str) -> Mapping[str, IdentityCheck]:
    """The last check of each party's identity, by its id."""
    found = select(IdentityCheck).where(IdentityCheck.case_id == case_id).order_by(IdentityCheck.id)
    return {row.party_id: row for row in session.scalars(found)}


def parties_to_ask(session: Session, case_id: str) -> list[str]:
    """The parties who take part and do not agree to online mediation, or were not asked yet."""
    said = consents_of(session, case_id)
    return [one for one in _here(session, case_id) if one not in said or not said[one].agrees]


def unidentified(session: Session, case_id: str) -> list[str]:
    """The parties who take part and were not identified, or did not match."""
    checks = checks_of(session, case_id)
    return [one for one in _here(session, case_id) if one not in checks or not checks[one].matches]


def _here(session: Session, case_id: str) -> list[Any]:
    return [party.id for party in parties.active(parties_of(session, case_id))]
