"""What each document's template is given: text only, in Chinese, from the rows of one case."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import audit
from engine.keys import Keys
from engine.mediation import (
    confirmations,
    evidence,
    fact_sheets,
    parties,
    receipts,
    referrals,
    site_visits,
    wording,
)
from engine.mediation.compartments import Compartment, of_case
from engine.mediation.consents import is_paper_only
from engine.mediation.contacts import contact_of
from engine.mediation.lookup import account_name, case_of, drafted_agreement, parties_of
from engine.mediation.marks import party_field
from engine.mediation.oral_agreements import reached_on
from engine.mediation.signatories import beside_of, identified, interpreters, is_witnessed, signatory
from engine.models.agreements import Annex, Obligation
from engine.models.cases import Case, Party, SiteVisit
from engine.models.evidence import EvidenceItem
from engine.models.people import Body
from engine.models.processes import ProcessInstance

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """What a context is read from: the case, the keys for what is encrypted in it, the web's address."""

    session: Session
    keys: Keys
    case: Case
    address: str = ""


def context_of(session: Session, keys: Keys, root: ProcessInstance, kind: str, address: str = "") -> Context:
    """The context of a document of this kind; NotFound where the case has not come so far, SealBroken."""
    case = case_of(session, root.id)
    return {**heading_of(session, root, case), **CONTEXTS[kind](Source(session, keys, case, address))}


def heading_of(session: Session, root: ProcessInstance, case: Case) -> Context:
    """What stands on every paper of a case: the committee, the case's number, the head of its record."""
    committee = session.scalars(select(Body.name).where(Body.id == case.body_id)).one()
    return {"committee": committee, "number": case.number or "", "record": audit.head_of(root)}


def annexes_of(session: Session, keys: Keys, root: ProcessInstance) -> list[tuple[str, Context]]:
    """The context of each household's own copy of a group's agreement, by the annex's id; SealBroken."""
    case, text = case_of(session, root.id), drafted_agreement(session, root.id)
    common = {
        **heading_of(session, root, case),
        "text_sha256": text.text_sha256,
        "mediator": account_name(session, case.mediator_id),
        "signers": wording.names(party.name for party in parties.signers(case)),
        "join_until": wording.day(text.join_until),
        "households": str(len(text.annexes)),
    }
    by_id, compartment = {party.id: party for party in case.parties}, of_case(session, keys, case.id)
    return [
        (annex.id, {**common, **_annex(annex, by_id[annex.party_id], compartment)}) for annex in text.annexes
    ]


def agreement(source: Source) -> Context:
    """The Ministry's form: parties, facts, disputed matters, responsibility, content, duties, copies."""
    session, case = source.session, source.case
    text, everybody = drafted_agreement(session, case.id), parties_of(session, case.id)
    by_id = {party.id: party for party in everybody}
    people = beside_of(session, source.keys, case.id)
    compartment = of_case(session, source.keys, case.id)
    signing = [by_id[one] for one in text.party_ids]
    return {
        "parties": [identified(compartment, one, party_field(text, one.id), people) for one in signing],
        "interpreters": interpreters(people, signing),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "facts": text.facts,
        "disputed_matters": text.disputed,
        "responsibility": text.responsibility,
        "content": text.content,
        "obligations": [_obligation(row, by_id, case) for row in text.obligations],
        "copies": str(len(text.party_ids) + 1),
        "households": [
            {"name": by_id[annex.party_id].name, "address": by_id[annex.party_id].address}
            for annex in (text.annexes if case.is_group else [])
        ],
        "representatives": wording.names(party.name for party in everybody if party.represents),
        "join_until": wording.day(text.join_until),
        "mediator": account_name(session, case.mediator_id),
        "drafted_on": wording.day_of_moment(text.drafted_at),
        "method": "paper" if is_paper_only(text) or is_witnessed(people, signing) else "",
        "court": session.scalars(select(Body.court).where(Body.id == case.body_id)).one(),
    }


def oral_register(source: Source) -> Context:
    """As the agreement, of what was agreed orally, and the day on which it was reached (PML Art. 30)."""
    reached = reached_on(source.session, source.case.id)
    return {**agreement(source), "reached_on": wording.day(reached)}


def receipt(source: Source) -> Context:
    """Proof of the application and its day, which interrupts limitation (SPC Provisions Art. 12)."""
    case, everybody = source.case, parties_of(source.session, source.case.id)
    return {
        "applicants": wording.names(party.name for party in everybody if party.side == "applicant"),
        "respondents": wording.names(party.name for party in everybody if party.side == "respondent"),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "requests": list(case.requests),
        "applied_on": wording.day(case.applied_on),
        "issued_on": wording.day(case.applied_on),
        **receipts.printed(case, source.address),
    }


def rights_notice(source: Source) -> Context:
    """What mediation is, and the rights and duties of the parties (PML Arts. 23 and 24)."""
    here = parties.active(parties_of(source.session, source.case.id))
    return {
        "parties": wording.names(party.name for party in here),
        "issued_on": wording.day_of_moment(source.case.accepted_at),
    }


def routes_notice(source: Source) -> Context:
    """The end of mediation and the other ways that are open (PML Art. 26)."""
    session, case = source.session, source.case
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


def evidence_list(source: Source) -> Context:
    """All items with their hash; what is private to who brought it without its name (annex A4)."""
    session, case = source.session, source.case
    compartment, items = of_case(session, source.keys, case.id), evidence.items_of(session, case.id)
    names = {party.id: party.name for party in parties_of(session, case.id)}
    return {
        "parties": wording.names(names.values()),
        "mediator": account_name(session, case.mediator_id),
        "items": [_evidence(item, names, compartment) for item in items],
    }


def fact_sheet(source: Source) -> Context:
    """What nobody disputes, with a place for each party's signature (Online Rules Art. 22)."""
    case, sheet = source.case, fact_sheets.drafted_sheet(source.session, source.case.id)
    by_id = {party.id: party for party in parties_of(source.session, case.id)}
    people = beside_of(source.session, source.keys, case.id)
    signing = [by_id[one] for one in sheet.party_ids]
    return {
        "parties": [signatory(one, fact_sheets.facts_field(sheet, one.id), people) for one in signing],
        "interpreters": interpreters(people, signing),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "facts": sheet.facts,
        "mediator": account_name(source.session, case.mediator_id),
        "drafted_on": wording.day_of_moment(sheet.made_at),
        "method": "paper" if sheet.paper else "",
    }


def investigation_record(source: Source) -> Context:
    """Every visit: when, where, who took part, who was questioned, what was found, who investigated."""
    session, case = source.session, source.case
    compartment = of_case(session, source.keys, case.id)
    visits = site_visits.visits_of(session, case.id) if compartment else []
    return {
        "parties": wording.names(party.name for party in parties_of(session, case.id)),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "visits": [_visit(visit, compartment) for visit in visits if compartment],
    }


def abstention_notice(source: Source) -> Context:
    """What is open to the households that did not join a group's agreement (PML Art. 26)."""
    told = source.case.routes
    return {
        "routes": [wording.ROUTES.get(route, route) for route in told["routes"]],
        "manner": wording.MANNERS.get(told["manner"], told["manner"]),
        "told_on": wording.day(dt.date.fromisoformat(told["told_on"])),
        "mediator": account_name(source.session, source.case.mediator_id),
    }


CONTEXTS: Mapping[str, Callable[[Source], Context]] = {
    "abstention_notice": abstention_notice,
    "agreement": agreement,
    "confirmation_application": lambda source: confirmations.printed(
        source.session, source.keys, source.case
    ),
    "evidence_list": evidence_list,
    "fact_sheet": fact_sheet,
    "investigation_record": investigation_record,
    "oral_register": oral_register,
    "receipt": receipt,
    "result_notice": lambda source: referrals.notice(source.session, source.case),
    "rights_notice": rights_notice,
    "routes_notice": routes_notice,
}


def _visit(visit: SiteVisit, compartment: Compartment) -> Context:
    questioned, content = site_visits.found_by(compartment, visit)
    return {
        "visited_on": wording.day(visit.visited_on),
        "place": visit.place,
        "participants": visit.participants,
        "questioned": questioned,
        "content": content,
        "investigators": visit.investigators,
    }


def _evidence(item: EvidenceItem, names: Mapping[str, str], compartment: Compartment | None) -> Context:
    hidden = item.disclosure == evidence.PRIVATE or compartment is None
    name, description = ("", "") if hidden or compartment is None else evidence.details_of(compartment, item)
    return {
        "number": str(item.position),
        "private": hidden,
        "name": name,
        "description": description,
        "kind": wording.EVIDENCE[item.kind],
        "original": "原件" if item.original else "复制件",
        "brought_by": names.get(item.party_id or "", "调解委员会"),
        "brought_on": wording.day(item.brought_on),
        "sha256": item.file_sha256 or "",
        "returned_on": wording.day(item.returned_on),
    }


def _annex(annex: Annex, party: Party, compartment: Compartment | None) -> Context:
    contact = contact_of(compartment, party)
    return {
        "position": str(annex.position),
        "name": party.name,
        "address": party.address,
        "id_number": contact.id_number,
        "phone": contact.phone,
        "amount": wording.amount(annex.amount),
        "note": annex.note,
    }


def _obligation(row: Obligation, by_id: Mapping[str, Party], case: Case) -> Context:
    others = wording.JOINED if case.is_group else ""
    return {
        "number": str(row.position),
        "debtor": by_id[row.debtor_id].name,
        "creditor": by_id[row.creditor_id].name if row.creditor_id else others,
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
