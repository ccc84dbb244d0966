"""Agreements: drafted with what each side owes, checked for legality, served on the parties."""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from engine import errors
from engine.calendar import day_of
from engine.mediation import annexes, law, parties
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.consents import require_consent
from engine.mediation.documents import remove_documents, show_to
from engine.mediation.lookup import case_of, drafted_agreement
from engine.mediation.mediators import require_mediator
from engine.models.agreements import Agreement, Instalment, Obligation
from engine.models.base import new_id
from engine.models.cases import Case
from engine.services import Step

FEN = Decimal("0.01")
MOST = Decimal(10**12)
TEXTS = {
    "facts": "facts",
    "disputed": "disputed_matters",
    "responsibility": "responsibility",
    "content": "content",
}


def agreement_drafted(step: Step) -> None:
    """Write the agreement anew with its obligations (PML Art. 29: facts, disputed matters, duties).

    Refused once a mark was made for those who still take part. Paths of errors follow the form.
    """
    write(step, oral=False)


def write(step: Step, *, oral: bool) -> Agreement:
    """Write the text and obligations of a written or an oral agreement, in the place of an earlier one."""
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    taking_part = parties.active(case.parties)
    party_ids = [party.id for party in parties.signers(case)]
    _check(step, case, party_ids)
    agreement = case.agreement or Agreement(
        tenant_id=case.tenant_id, id=new_id(), case_id=case.id, party_ids=[]
    )
    if set(agreement.party_ids) == set(party_ids) and agreement.marks:
        raise law.forbids("effect", step.at, "the agreement already bears marks")
    _clear(agreement)
    # One row a household: the earlier ones must be gone before the new ones come.
    step.session.flush()
    agreement.party_ids, agreement.join_until = party_ids, step.answers.get("join_until")
    if case.is_group:
        agreement.annexes = annexes.annexes_of(step.answers["annexes"], case)
        remove_documents(step.session, (case.id, "annex"))
    agreement.oral, agreement.subjects = oral, list(step.answers["subjects"])
    for column, name in TEXTS.items():
        setattr(agreement, column, step.answers.get(name) or "")
    agreement.drafted_at, agreement.drafted_by = step.at, step.actor.id
    agreement.obligations = [
        _obligation(case.tenant_id, position, row)
        for position, row in enumerate(step.answers["obligations"], 1)
    ]
    step.session.add(agreement)
    set_committed_value(case, "agreement", agreement)
    for party in taking_part:
        party.agrees_to_method = None
    case.status = "agreed_drafting"
    return agreement


def legality_checked(step: Step) -> None:
    """The head mediator approves the text for signing, or gives it back with a reason.

    Neither a party, nor the mediator, nor whoever drafted it checks it.
    """
    case, agreement = case_of(step.session, step.root.id), drafted_agreement(step.session, step.root.id)
    require_outsider(step, case, agreement)
    if agreement.text_sha256 is None:
        raise errors.NotReady
    approved = step.answers["decision"] == "approved"
    if approved and not all(step.answers[name] is True for name in ("lawful", "clear", "voluntary")):
        raise law.forbids("effect", step.at, "only a lawful, clear and voluntary agreement can be signed")
    agreement.legality, agreement.checked_by = step.answers["decision"], step.actor.id
    agreement.legality_reason = step.answers.get("reason") or ""
    if approved:
        case.status = "signing"
        show_to(step.session, case.id, "agreement", annexes.readers(agreement))


def copies_served(step: Step) -> None:
    """Each party got its copy of the effective agreement; the committee keeps one (PML Art. 29)."""
    agreement = drafted_agreement(step.session, step.root.id)
    if agreement.effective_at is None:
        raise law.forbids("effect", step.at, "not all marks have been made")
    known = {party.id: party for party in annexes.bound(case_of(step.session, step.root.id), agreement)}
    rows, problems = one_row_each(step, "copies", "party_id", known), Problems()
    for index, row in enumerate(rows):
        problems.not_before(f"copies.{index}.served_on", row["served_on"], day_of(agreement.effective_at))
        problems.not_after(f"copies.{index}.served_on", row["served_on"], today(step))
    problems.refuse()
    for row in rows:
        known[row["party_id"]].copy_manner = row["manner"]
        known[row["party_id"]].copy_served_on = row["served_on"]


def require_outsider(step: Step, case: Case, agreement: Agreement) -> None:
    """The guard of checks: neither a party, nor the case's mediator, nor the drafter of the text."""
    if step.actor.party_id is not None:
        raise errors.Forbidden(action="agreement.check")
    if step.actor.id in (case.mediator_id, agreement.drafted_by):
        raise errors.ChecksOwnCase


def text_to_mark(step: Step) -> Agreement:
    """The case's agreement; LawForbids before anybody drafted what is to be marked (PML Art. 3)."""
    agreement = case_of(step.session, step.root.id).agreement
    if agreement is None:
        raise law.forbids("legality", step.at, "no agreement was drafted that could be checked and signed")
    return agreement


def require_approved(step: Step, agreement: Agreement) -> None:
    """The guard of every mark: an approved text that names just those who still take part."""
    if agreement.legality != "approved":
        raise law.forbids("legality", step.at, "nobody has checked this text for legality")
    if agreement.file_sha256 is None:
        raise errors.NotReady
    still_here = {party.id for party in parties.signers(case_of(step.session, agreement.case_id))}
    if still_here != set(agreement.party_ids):
        raise errors.TextOutdated


def _check(step: Step, case: Case, party_ids: Collection[str]) -> None:
    problems = Problems()
    if case.is_group:
        _check_group(step, problems, case)
    if not step.answers["subjects"]:
        problems.add("subjects", "Choose at least one subject.")
    if not step.answers["obligations"]:
        problems.add("obligations", "Name at least one obligation.")
    for index, row in enumerate(step.answers["obligations"]):
        _check_obligation(step, problems, f"obligations.{index}", row, party_ids)
    problems.refuse()


def _check_group(step: Step, problems: Problems, case: Case) -> None:
    problems.not_before("join_until", step.answers["join_until"], today(step))
    annexes.check(problems, step.answers["annexes"], case)
    for index, row in enumerate(step.answers["annexes"]):
        if row.get("amount") is not None:
            _check_amount(problems, f"annexes.{index}.amount", row["amount"])


def _check_obligation(
    step: Step, problems: Problems, path: str, row: Mapping[str, Any], party_ids: Collection[str]
) -> None:
    problems.one_of(f"{path}.debtor", row["debtor"], party_ids)
    if row.get("creditor"):
        problems.one_of(f"{path}.creditor", row["creditor"], party_ids)
        if row["creditor"] == row["debtor"]:
            problems.add(f"{path}.creditor", "Nobody owes anything to themselves.")
    if row.get("amount") is not None:
        _check_amount(problems, f"{path}.amount", row["amount"])
    problems.not_before(f"{path}.due_on", row["due_on"], today(step))
    if row.get("instalments"):
        check_instalments(problems, path, row, today(step))


def check_instalments(problems: Problems, path: str, row: Mapping[str, Any], first: dt.date) -> None:
    """Note in `problems` what is wrong with an obligation's instalments, none of them due before `first`.

    They come in the order of their days, and the last one's is that of the obligation.
    """
    for index, part in enumerate(row["instalments"]):
        here = f"{path}.instalments.{index}"
        _check_amount(problems, f"{here}.amount", part["amount"])
        problems.not_before(f"{here}.due_on", part["due_on"], first)
        problems.not_after(f"{here}.due_on", part["due_on"], row["due_on"])
        first = max(first, part["due_on"])
    if first < row["due_on"]:
        problems.add(f"{path}.due_on", "The last instalment is due on {day}.", day=first.isoformat())
    total = sum((part["amount"] for part in row["instalments"]), Decimal(0))
    if total != row.get("amount"):
        problems.add(f"{path}.amount", "The instalments add up to {total} yuan.", total=f"{total:f}")


def _check_amount(problems: Problems, path: str, amount: Decimal) -> None:
    if not 0 < amount < MOST:
        problems.add(path, "An amount must be more than zero and less than {most} yuan.", most=f"{MOST:,}")
    elif amount % FEN:
        problems.add(path, "An amount has at most two decimals.")


def _clear(agreement: Agreement) -> None:
    agreement.obligations.clear()
    agreement.marks.clear()
    agreement.annexes.clear()
    agreement.rendering_error = agreement.text_sha256 = agreement.file_sha256 = None
    agreement.legality = agreement.checked_by = agreement.effective_at = None
    agreement.legality_reason, agreement.scans = "", []


def _obligation(tenant_id: str, position: int, row: Mapping[str, Any]) -> Obligation:
    return Obligation(
        tenant_id=tenant_id, id=new_id(), position=position, debtor_id=row["debtor"],
        creditor_id=row.get("creditor") or None, action=row["action"], amount=row.get("amount"),
        manner=row["manner"], place=row.get("place") or "", due_on=row["due_on"],
        instalments=[
            Instalment(
                tenant_id=tenant_id, id=new_id(), position=number, amount=part["amount"],
                due_on=part["due_on"],
            )
            for number, part in enumerate(row.get("instalments") or [], 1)
        ],
    )  # fmt: skip
