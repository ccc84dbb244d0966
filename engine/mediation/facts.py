"""Facts: what diagrams and forms may know of a case, each computed when an expression names it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import annexes, groups, joining, law, parties
from engine.mediation.agreements import TEXTS
from engine.mediation.broadcasts import broadcast_fact
from engine.mediation.consents import WRITTEN_ONLY, is_paper_only, signing_mode
from engine.mediation.consultations import consultation_fact
from engine.mediation.extensions import unwilling
from engine.mediation.fact_sheets import fact_sheet_fact
from engine.mediation.guardians import MAJORITY
from engine.mediation.lookup import agreement_of, case_of, find_case
from engine.mediation.mediators import mediators_of
from engine.mediation.online_fact import online_fact
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.services import Fact
from engine.sessions import moment_of


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
        "has_minor": any(party.age is not None and party.age < MAJORITY for party in here),
        "amount": case.amount,
        "parties": _listed(here),
        "applicants": [party.name for party in here if party.side == "applicant"],
        "respondents": [party.name for party in here if party.side == "respondent"],
        "party_options": _options(here),
        "mediator": case.mediator_id or case.proposed_mediator_id,
        "sides_remaining": parties.sides_remaining(everybody),
        "conflict_disclosed": case.conflict_disclosed,
        "oral_wished": case.oral_wished,
        "facts_wanted": case.facts_wanted,
        "written_only": sorted(WRITTEN_ONLY),
        "path": case.path,
        "is_group": case.is_group,
        "representatives_wanted": groups.representatives_wanted(session, case),
        "extension_missing": len(unwilling(everybody)),
    } | _agreement_part(case, case.agreement)


def mediator_options(session: Session, root_id: str) -> list[dict[str, str]]:
    """The mediators of the case's body who are in the register now, to choose from."""
    found = mediators_of(session, case_of(session, root_id).body_id, day_of(moment_of(session)))
    return [{"value": account.id, "label": account.name} for account in found]


def drafted_texts(session: Session, root_id: str) -> dict[str, Any]:
    """What the agreement's last draft says, so that a returned one is not written anew."""
    case, agreement = case_of(session, root_id), agreement_of(session, root_id)
    texts = {"facts": case.facts or None} if agreement is None else _draft(agreement)
    return texts | _annexes(case, agreement) if case.is_group else texts


FACTS: Mapping[str, Fact] = {
    "case": case_fact,
    "mediator_options": mediator_options,
    "drafted_texts": drafted_texts,
    "fact_sheet": fact_sheet_fact,
    "broadcast": broadcast_fact,
    "consultation": consultation_fact,
    "online": online_fact,
}


def _agreement_part(case: Case, agreement: Agreement | None) -> dict[str, Any]:
    signers = parties.signers(case)
    return _group_part(case, agreement, signers) | _signing_part(signers, agreement)


def _group_part(case: Case, agreement: Agreement | None, signers: Sequence[Party]) -> dict[str, Any]:
    bound, asked = annexes.bound(case, agreement), annexes.asked(case, agreement)
    return {
        "signers": _listed(signers),
        "signer_options": _options(signers),
        "household_options": _options(parties.households(case)),
        "bound": _listed(bound),
        "households_asked": _listed(asked),
        "households_joined": sum(parties.is_household(case, one) for one in bound),
        "households_abstaining": len(annexes.abstaining(case, agreement)),
        "households_to_confirm": len(joining.on_paper(agreement)) if case.is_group and agreement else 0,
        "join_until": agreement.join_until if agreement else None,
    }


def _signing_part(here: Sequence[Party], agreement: Agreement | None) -> dict[str, Any]:
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


def _annexes(case: Case, agreement: Agreement | None) -> dict[str, Any]:
    said = {annex.party_id: annex for annex in agreement.annexes} if agreement is not None else {}
    rows = [(party, said.get(party.id)) for party in parties.households(case)]
    return {
        "join_until": agreement.join_until if agreement is not None else None,
        "annexes": [
            {
                "name": party.name, "address": party.address, "amount": annex.amount if annex else None,
                "note": annex.note if annex else "",
            }
            for party, annex in rows
        ],
    }  # fmt: skip


def _listed(rows: Sequence[Party]) -> list[dict[str, str]]:
    return [{"id": party.id, "name": party.name, "side": party.side} for party in rows]


def _options(rows: Sequence[Party]) -> list[dict[str, str]]:
    return [{"value": party.id, "label": party.name} for party in rows]
