"""Facts: what diagrams and forms may know of a case, each computed when an expression names it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine.mediation import law, parties
from engine.mediation.agreements import TEXTS
from engine.mediation.consents import is_paper_only, signing_mode
from engine.mediation.lookup import agreement_of, case_of, find_case
from engine.mediation.mediators import mediators_of
from engine.models.agreements import Agreement
from engine.models.cases import Party
from engine.services import Fact


def case_fact(session: Session, root_id: str) -> dict[str, Any] | None:
    """The context of a case; None before the case was opened."""
    case = find_case(session, root_id)
    if case is None:
        return None
    everybody = case.parties
    here = parties.active(everybody)
    return {
        "number": case.number,
        "status": case.status,
        "end_code": case.end_code,
        "source": case.source,
        "dispute_type": case.dispute_type,
        "people_count": case.people_count,
        "amount": case.amount,
        "parties": [{"id": party.id, "name": party.name, "side": party.side} for party in here],
        "applicants": [party.name for party in here if party.side == "applicant"],
        "respondents": [party.name for party in here if party.side == "respondent"],
        "party_options": _options(here),
        "mediator": case.mediator_id or case.proposed_mediator_id,
        "sides_remaining": parties.sides_remaining(everybody),
        "conflict_disclosed": case.conflict_disclosed,
    } | _agreement_part(here, case.agreement)


def mediator_options(session: Session, root_id: str) -> list[dict[str, str]]:
    """The mediators of the case's body, to choose from."""
    case = case_of(session, root_id)
    return [{"value": account.id, "label": account.name} for account in mediators_of(session, case.body_id)]


def drafted_texts(session: Session, root_id: str) -> dict[str, Any]:
    """What the agreement's last draft says, so that a returned one is not written anew."""
    agreement = agreement_of(session, root_id)
    return {"facts": case_of(session, root_id).facts or None} if agreement is None else _draft(agreement)


FACTS: Mapping[str, Fact] = {
    "case": case_fact,
    "mediator_options": mediator_options,
    "drafted_texts": drafted_texts,
}


def _agreement_part(here: Sequence[Party], agreement: Agreement | None) -> dict[str, Any]:
    if agreement is None:
        return {
            "signing_mode": "electronic", "signing_refusal": None, "marks_missing": len(here),
            "unsigned_parties": _options(here), "effective": False, "rendering_error": None,
            "returned_reason": None,
        }  # fmt: skip
    signed = {mark.signer_id for mark in agreement.marks}
    unsigned = [party for party in here if party.id not in signed]
    refusal = law.rule("paper_only", agreement.drafted_at.date()).law_ref_zh
    return {
        "signing_mode": signing_mode(here, agreement),
        "signing_refusal": refusal if is_paper_only(agreement) else None,
        "marks_missing": len(unsigned),
        "unsigned_parties": _options(unsigned),
        "effective": agreement.effective_at is not None,
        "rendering_error": agreement.rendering_error,
        "returned_reason": agreement.legality_reason if agreement.legality == "returned" else None,
    }


def _draft(agreement: Agreement) -> dict[str, Any]:
    texts = {name: getattr(agreement, column) for column, name in TEXTS.items()}
    obligations = [
        {
            "debtor": row.debtor_id, "creditor": row.creditor_id, "action": row.action, "amount": row.amount,
            "manner": row.manner, "place": row.place, "due_on": row.due_on,
            "instalments": [{"amount": part.amount, "due_on": part.due_on} for part in row.instalments],
        }
        for row in agreement.obligations
    ]  # fmt: skip
    return texts | {"subjects": agreement.subjects, "obligations": obligations}


def _options(rows: Sequence[Party]) -> list[dict[str, str]]:
    return [{"value": party.id, "label": party.name} for party in rows]
