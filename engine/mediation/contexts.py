"""What each document's template is given: text only, in Chinese, from the rows of one case."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import audit
from engine.mediation import parties, wording
from engine.mediation.consents import is_paper_only
from engine.mediation.lookup import account_name, case_of, drafted_agreement, parties_of
from engine.mediation.marks import party_field
from engine.models.agreements import Agreement, Obligation
from engine.models.cases import Case, Party
from engine.models.people import Body
from engine.models.processes import ProcessInstance

Context = Mapping[str, Any]


def context_of(session: Session, root: ProcessInstance, kind: str) -> Context:
    """The context of a document of this kind; NotFound where the case has not come so far."""
    case = case_of(session, root.id)
    committee = session.scalars(select(Body.name).where(Body.id == case.body_id)).one()
    common = {"committee": committee, "number": case.number or "", "record": audit.head_of(root)}
    return {**common, **CONTEXTS[kind](session, case)}


def agreement(session: Session, case: Case) -> Context:
    """The Ministry's form: parties, facts, disputed matters, responsibility, content, duties, copies."""
    text, everybody = drafted_agreement(session, case.id), parties_of(session, case.id)
    by_id = {party.id: party for party in everybody}
    return {
        "parties": [_party(by_id[party_id], text) for party_id in text.party_ids],
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "facts": text.facts,
        "disputed_matters": text.disputed,
        "responsibility": text.responsibility,
        "content": text.content,
        "obligations": [_obligation(row, by_id) for row in text.obligations],
        "copies": str(len(text.party_ids) + 1),
        "mediator": account_name(session, case.mediator_id),
        "drafted_on": wording.day_of_moment(text.drafted_at),
        "method": "paper" if is_paper_only(text) else "",
        "court": session.scalars(select(Body.court).where(Body.id == case.body_id)).one(),
    }


def receipt(session: Session, case: Case) -> Context:
    """Proof of the application and its day, which interrupts limitation (SPC Provisions Art. 12)."""
    everybody = parties_of(session, case.id)
    return {
        "applicants": wording.names(party.name for party in everybody if party.side == "applicant"),
        "respondents": wording.names(party.name for party in everybody if party.side == "respondent"),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "requests": list(case.requests),
        "applied_on": wording.day(case.applied_on),
        "issued_on": wording.day(case.applied_on),
    }


def rights_notice(session: Session, case: Case) -> Context:
    """What mediation is, and the rights and duties of the parties (PML Arts. 23 and 24)."""
    here = parties.active(parties_of(session, case.id))
    return {
        "parties": wording.names(party.name for party in here),
        "issued_on": wording.day_of_moment(case.accepted_at),
    }


def routes_notice(session: Session, case: Case) -> Context:
    """The end of mediation and the other ways that are open (PML Art. 26)."""
    told = case.routes
    return {
        "parties": wording.names(party.name for party in parties_of(session, case.id)),
        "end_code": wording.END_CODES.get(case.end_code or "", case.end_code or ""),
        "reason": case.end_reason,
        "routes": [wording.ROUTES.get(route, route) for route in told["routes"]],
        "manner": wording.MANNERS.get(told["manner"], told["manner"]),
        "told_on": wording.day(dt.date.fromisoformat(told["told_on"])),
        "mediator": account_name(session, case.mediator_id),
    }


CONTEXTS: Mapping[str, Callable[[Session, Case], Context]] = {
    "agreement": agreement,
    "receipt": receipt,
    "rights_notice": rights_notice,
    "routes_notice": routes_notice,
}


def _party(party: Party, text: Agreement) -> Context:
    return {
        "field": party_field(text, party.id),
        "side": wording.SIDES[party.side],
        "kind": party.kind,
        "name": party.name,
        "gender": wording.GENDERS.get(party.gender, party.gender),
        "ethnicity": party.ethnicity,
        "age": "" if party.age is None else str(party.age),
        "id_number": party.id_number,
        "occupation": party.occupation,
        "phone": party.phone,
        "address": party.address,
        "representative": party.representative,
    }


def _obligation(row: Obligation, by_id: Mapping[str, Party]) -> Context:
    return {
        "number": str(row.position),
        "debtor": by_id[row.debtor_id].name,
        "creditor": by_id[row.creditor_id].name if row.creditor_id else "",
        "action": row.action,
        "amount": wording.amount(row.amount),
        "manner": row.manner,
        "place": row.place,
        "due_on": wording.day(row.due_on),
        "instalments": [
            {
                "number": str(part.position),
                "amount": wording.amount(part.amount),
                "due_on": wording.day(part.due_on),
            }
            for part in row.instalments
        ],
    }
