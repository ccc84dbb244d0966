"""The fact `case`: what diagrams and forms may know of a case, computed when an expression names it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.mediation import law, parties
from engine.mediation.agreements import TEXTS, marks_of, obligations_of
from engine.mediation.consents import is_paper_only, signing_mode
from engine.mediation.lookup import agreement_of, parties_of
from engine.mediation.mediators import mediators_of
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party


def case_fact(session: Session, root_id: str) -> dict[str, Any] | None:
    """The context of a case; None before the case was opened."""
    case = session.scalars(select(Case).where(Case.id == root_id)).one_or_none()
    if case is None:
        return None
    everybody, agreement = parties_of(session, root_id), agreement_of(session, root_id)
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
        "mediator_options": [
            {"value": account.id, "label": account.name} for account in mediators_of(session, case.body_id)
        ],
        "mediator": case.mediator_id or case.proposed_mediator_id,
        "sides_remaining": parties.sides_remaining(everybody),
        "conflict_disclosed": case.conflict_disclosed,
    } | _agreement_part(session, case, here, agreement)


def _agreement_part(
    session: Session, case: Case, here: Sequence[Party], agreement: Agreement | None
) -> dict[str, Any]:
    if agreement is None:
        draft = {"facts": case.facts} if case.facts else None
        return {
            "signing_mode": "electronic", "signing_refusal": None, "marks_missing": len(here),
            "unsigned_parties": _options(here), "effective": False, "rendering_error": None, "draft": draft,
            "returned_reason": None,
        }  # fmt: skip
    signed = {mark.signer_id for mark in marks_of(session, agreement.id)}
    unsigned = [party for party in here if party.id not in signed]
    refusal = law.rule("paper_only", agreement.drafted_at.date()).law_ref_zh
    return {
        "signing_mode": signing_mode(session, agreement),
        "signing_refusal": refusal if is_paper_only(agreement) else None,
        "marks_missing": len(unsigned),
        "unsigned_parties": _options(unsigned),
        "effective": agreement.effective_at is not None,
        "rendering_error": agreement.rendering_error,
        "returned_reason": agreement.legality_reason if agreement.legality == "returned" else None,
        "draft": _draft(session, agreement),
    }


def _draft(session: Session, agreement: Agreement) -> dict[str, Any]:
    texts = {name: getattr(agreement, column) for column, name in TEXTS.items()}
    obligations = [
        {
            "debtor": row.debtor_id, "creditor": row.creditor_id, "action": row.action, "amount": row.amount,
            "manner": row.manner, "place": row.place, "due_on": row.due_on,
            "instalments": [{"amount": part.amount, "due_on": part.due_on} for part in parts],
        }
        for row, parts in obligations_of(session, agreement.id)
    ]  # fmt: skip
    return texts | {"subjects": agreement.subjects, "obligations": obligations}


def _options(rows: Sequence[Party]) -> list[dict[str, str]]:
    return [{"value": party.id, "label": party.name} for party in rows]
