"""What the parties were told and agreed to: rights notice, mediation itself, the way of signing."""

from collections.abc import Iterable

from engine.mediation import attendants, guardians, law, parties
from engine.mediation.answers import Problems, one_row_each
from engine.mediation.lookup import case_of, drafted_agreement, parties_of
from engine.mediation.parties import SIDES
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.services import Step

# Electronic Signature Law Art. 3: inheritance and status (1), cutting off public utilities (2).
PAPER_ONLY = frozenset({"inheritance", "status", "utility_cut"})
# What can't be electronic has to be on paper, so it can't be oral; of titles see the rule `written_only`.
WRITTEN_ONLY = PAPER_ONLY | {"real_right"}
WITNESSED = "A witness to this party's fingerprint is on record, so it signs on paper: answer no."


def rights_notice_served(step: Step) -> None:
    """Each party was told what mediation is, its rights and duties, before it begins (Rules Art. 30)."""
    known = {party.id: party for party in parties.active(parties_of(step.session, step.root.id))}
    for row in one_row_each(step, "consents", "party_id", known):
        if row["notice_served"]:
            known[row["party_id"]].notice_served_at = step.at


def consent_given(step: Step) -> None:
    """Each party says whether it wants mediation, in open or closed session (PML Arts. 17 and 23)."""
    case, everybody = case_of(step.session, step.root.id), parties_of(step.session, step.root.id)
    known = {party.id: party for party in parties.active(everybody)}
    for row in one_row_each(step, "consents", "party_id", known):
        party = known[row["party_id"]]
        if row["consents"] == "yes" and party.notice_served_at is None:
            raise law.forbids("notice", step.at, "the rights notice comes before the consent")
        if row["consents"] == "yes":
            guardians.require_guardians(step, [party])
        party.consents = row["consents"] == "yes"
        party.session_choice = row.get("session")
    if any(party.invitation_answer is None for party in parties.to_invite(case, everybody)):
        raise law.forbids("refusal", step.at, "not every party has been invited and was free to refuse")
    case.status = "consented"
    if parties.sides_remaining(everybody) < len(SIDES):
        case.end_code = "refused"


def require_consent(step: Step, case: Case) -> None:
    """The guard before sessions, agreements and marks: two sides, all told, willing and able to act."""
    everybody = parties_of(step.session, case.id)
    if parties.sides_remaining(everybody) < len(SIDES):
        raise law.forbids("refusal", step.at, "fewer than two sides take part in mediation")
    if any(party.notice_served_at is None for party in parties.active(everybody)):
        raise law.forbids("notice", step.at, "not every party has been told of its rights and duties")
    if any(party.consents is not True for party in parties.active(everybody)):
        raise law.forbids("refusal", step.at, "not every party has agreed to mediation")
    guardians.require_guardians(step, parties.active(everybody))


def signing_method_agreed(step: Step) -> None:
    """Each party says whether the committee may keep its signing key (Electronic Signature Law Art. 13)."""
    require_electronic_form(step, drafted_agreement(step.session, step.root.id))
    known = {party.id: party for party in parties.signers(case_of(step.session, step.root.id))}
    problems, witnessed = Problems(), attendants.mark_witnessed(step.session, step.root.id)
    for index, row in enumerate(one_row_each(step, "methods", "party_id", known)):
        if row["agrees"] == "yes" and row["party_id"] in witnessed:
            problems.add(f"methods.{index}.agrees", WITNESSED)
        known[row["party_id"]].agrees_to_method = row["agrees"] == "yes"
    problems.refuse()


def is_paper_only(agreement: Agreement) -> bool:
    """Whether one of the agreement's subjects can't be settled in electronic form."""
    return bool(PAPER_ONLY & set(agreement.subjects))


def signing_mode(taking_part: Iterable[Party], agreement: Agreement) -> str:
    """electronic or paper: paper if the law or one of the parties wants it so."""
    unwilling = any(party.agrees_to_method is False for party in taking_part)
    return "paper" if unwilling or is_paper_only(agreement) else "electronic"


def is_electronic(case: Case) -> bool:
    """Whether all who sign the text have agreed to do so electronically, and may."""
    text, people = case.agreement, parties.signers(case)
    return text is not None and not is_paper_only(text) and all(one.agrees_to_method for one in people)


def require_electronic_form(step: Step, agreement: Agreement) -> None:
    """The guard of every electronic mark, whatever the diagram says (Electronic Signature Law Art. 3)."""
    if is_paper_only(agreement):
        raise law.forbids(
            "paper_only",
            step.at,
            "agreements on inheritance, status or cutting off utilities are signed on paper",
        )


def require_method(step: Step, case: Case) -> None:
    """The guard of every electronic mark: all parties agreed to the way of signing beforehand."""
    if any(party.agrees_to_method is not True for party in parties.signers(case)):
        raise law.forbids("method", step.at, "not every party has agreed to this way of signing")
