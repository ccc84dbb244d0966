"""Facts: what diagrams and forms may know of a case, each computed when an expression names it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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

Entry = Callable[[Session, Case], Any]


class CaseFact(Mapping[str, Any]):
    """The context of a case: each entry is computed when an expression names it, and then kept."""

    def __init__(self, session: Session, case: Case) -> None:
        self._session, self._case = session, case
        self._found: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            entry = ENTRIES[name]
            # As with each fact: what the step has moved is written at its end.
            with self._session.no_autoflush:
                self._found[name] = entry(self._session, self._case)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)


def case_fact(session: Session, root_id: str) -> CaseFact | None:
    """The context of a case; None before the case was opened."""
    case = find_case(session, root_id)
    return None if case is None else CaseFact(session, case)


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


def _has_minor(_: Session, case: Case) -> bool:
    return any(one.age is not None and one.age < MAJORITY for one in parties.active(case.parties))


def _names(side: str) -> Entry:
    return lambda _, case: [one.name for one in parties.active(case.parties) if one.side == side]


def _to_confirm(_: Session, case: Case) -> int:
    return len(joining.on_paper(case.agreement)) if case.is_group and case.agreement else 0


def _joined(_: Session, case: Case) -> int:
    return sum(parties.is_household(case, one) for one in annexes.bound(case, case.agreement))


def _unsigned(case: Case) -> list[Party]:
    here, agreement = parties.signers(case), case.agreement
    signed = {mark.signer_id for mark in agreement.marks} if agreement is not None else set()
    return [party for party in here if party.id not in signed]


def _signing_mode(_: Session, case: Case) -> str:
    if case.agreement is None:
        return "electronic"
    return signing_mode(parties.signers(case), case.agreement)


def _signing_refusal(_: Session, case: Case) -> str | None:
    agreement = case.agreement
    if agreement is None or not is_paper_only(agreement):
        return None
    return law.rule("paper_only", agreement.drafted_at.date()).law_ref_zh


def _returned_reason(_: Session, case: Case) -> str | None:
    agreement = case.agreement
    return agreement.legality_reason if agreement is not None and agreement.legality == "returned" else None


def _of_agreement(name: str) -> Entry:
    return lambda _, case: getattr(case.agreement, name) if case.agreement is not None else None


def _of_case(name: str) -> Entry:
    return lambda _, case: getattr(case, name)


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


PLAIN = (
    "number", "status", "end_code", "source", "dispute_type", "people_count", "amount", "conflict_disclosed",
    "oral_wished", "facts_wanted", "path", "is_group",
)  # fmt: skip
ENTRIES: Mapping[str, Entry] = {
    **{name: _of_case(name) for name in PLAIN},
    "has_minor": _has_minor,
    "parties": lambda _, case: _listed(parties.active(case.parties)),
    "applicants": _names("applicant"),
    "respondents": _names("respondent"),
    "party_options": lambda _, case: _options(parties.active(case.parties)),
    "mediator": lambda _, case: case.mediator_id or case.proposed_mediator_id,
    "sides_remaining": lambda _, case: parties.sides_remaining(case.parties),
    "written_only": lambda _, __: sorted(WRITTEN_ONLY),
    "representatives_wanted": groups.representatives_wanted,
    "extension_missing": lambda _, case: len(unwilling(case.parties)),
    "signers": lambda _, case: _listed(parties.signers(case)),
    "signer_options": lambda _, case: _options(parties.signers(case)),
    "household_options": lambda _, case: _options(parties.households(case)),
    "bound": lambda _, case: _listed(annexes.bound(case, case.agreement)),
    "households_asked": lambda _, case: _listed(annexes.asked(case, case.agreement)),
    "households_joined": _joined,
    "households_abstaining": lambda _, case: len(annexes.abstaining(case, case.agreement)),
    "households_to_confirm": _to_confirm,
    "join_until": _of_agreement("join_until"),
    "signing_mode": _signing_mode,
    "signing_refusal": _signing_refusal,
    "marks_missing": lambda _, case: len(_unsigned(case)),
    "unsigned_parties": lambda _, case: _options(_unsigned(case)),
    "effective": lambda _, case: case.agreement is not None and case.agreement.effective_at is not None,
    "rendering_error": _of_agreement("rendering_error"),
    "returned_reason": _returned_reason,
}
