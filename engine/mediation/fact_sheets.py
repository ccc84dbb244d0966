"""Undisputed facts, signed apart from the agreement; no offer or concession stands in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors
from engine.calendar import day_of
from engine.mediation import compartments, law, parties
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.binding import scans_of
from engine.mediation.compartments import statement_place
from engine.mediation.consents import require_consent
from engine.mediation.documents import (
    FACT_SCAN,
    PDF,
    TITLES,
    NewFile,
    add_document,
    content_of,
    is_used,
    put_file,
    renew_document,
)
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.marks import NewMark, require_valid, signed, signing_name
from engine.mediation.mediators import require_mediator
from engine.mediation.office import Office
from engine.mediation.sheets import USED, is_readable
from engine.models.base import new_id
from engine.models.cases import Case, JointSession, Statement
from engine.models.documents import File
from engine.models.fact_sheets import FactSheet, FactSheetAnswer
from engine.services import Step

KIND = "fact_sheet"
SIGN, DECLINE, PAPER = "sign", "decline", "paper"
SIGNING = "sign_fact_sheet"
SHORTEST = 4
CONFIDED = "This was said in a separate talk and may not stand here: “{text}”."


def fact_sheet_drafted(step: Step) -> None:
    """Write the sheet from what the sessions left undisputed (Online Rules Art. 22).

    What somebody said in a separate talk is refused word for word: a concession must not become evidence
    (Art. 18).
    """
    case, answers = case_of(step.session, step.root.id), step.answers
    require_mediator(step, case)
    require_consent(step, case)
    _require_session(step)
    _check(step, case)
    sheet = sheet_of(step.session, case.id)
    if sheet is None or sheet.answers:
        sheet = FactSheet(tenant_id=case.tenant_id, id=new_id(), case_id=case.id)
        step.session.add(sheet)
    sheet.party_ids = [party.id for party in parties.active(parties_of(step.session, case.id))]
    sheet.facts, sheet.paper_only = answers["facts"], answers["paper"] == "yes"
    sheet.paper, sheet.rendering_error, sheet.file_sha256 = sheet.paper_only, None, None
    sheet.made_at, sheet.made_by = step.at, step.actor.id
    step.session.flush()


def fact_sheet_signed(office: Office, step: Step) -> None:
    """A party signs the sheet in its file, declines, or wants paper; the mediator may end the waiting.

    A mediator who declines notes that those who are left do not sign; nobody signs for somebody else.
    """
    case, sheet, decision = case_of(step.session, step.root.id), _printed(step), step.answers["decision"]
    require_consent(step, case)
    if step.actor.party_id is None:
        require_mediator(step, case)
        if decision == SIGN:
            raise errors.Forbidden(action="agreement.sign")
    elif step.actor.party_id not in to_sign(step.session, sheet):
        raise errors.AlreadyMarked(name=step.actor.name)
    if decision == PAPER:
        sheet.paper = True
    elif decision == SIGN:
        _sign(office, step, sheet)
    else:
        declining = [step.actor.party_id] if step.actor.party_id else to_sign(step.session, sheet)
        sheet.answers.extend(_answer(step, party_id, DECLINE) for party_id in declining)


def fact_sheet_received(office: Office, step: Step) -> None:
    """The sheet came back on paper: who signed it and when, and its scan beside the printed sheet."""
    case, sheet = case_of(step.session, step.root.id), _printed(step)
    require_mediator(step, case)
    require_consent(step, case)
    rows = one_row_each(step, "answers", "party_id", to_sign(step.session, sheet))
    hashes, problems = list(dict.fromkeys(step.answers.get("scan") or ())), Problems()
    for index, row in enumerate(rows):
        if row["decision"] == SIGN:
            if row.get("signed_on") is None:
                problems.add(f"answers.{index}.signed_on", "Answer this question.")
            problems.not_before(f"answers.{index}.signed_on", row.get("signed_on"), day_of(sheet.made_at))
            problems.not_after(f"answers.{index}.signed_on", row.get("signed_on"), today(step))
    if any(row["decision"] == SIGN for row in rows) or hashes:
        _check_scans(office, step, hashes, problems)
    problems.refuse()
    for row in rows:
        answer = _answer(step, row["party_id"], row["decision"])
        answer.signed_on = row.get("signed_on") if row["decision"] == SIGN else None
        sheet.answers.append(answer)
    for sha256 in hashes:
        add_document(step.session, (case.id, FACT_SCAN), sha256, [], step.at)


def fact_sheet_fact(session: Session, root_id: str) -> dict[str, Any]:
    """What diagrams and forms know of the last sheet; `facts` is what the next one begins with."""
    sheet = sheet_of(session, root_id)
    is_open = sheet is not None and not sheet.answers
    return {
        "facts": sheet.facts if sheet and is_open else undisputed(session, root_id),
        "paper": sheet is not None and sheet.paper,
        "to_sign": to_sign(session, sheet) if sheet else [],
        "rendering_error": sheet.rendering_error if sheet and is_open else None,
    }


def sheet_of(session: Session, case_id: str) -> FactSheet | None:
    """The case's last sheet; None before there was one."""
    found = select(FactSheet).where(FactSheet.case_id == case_id)
    return session.scalars(found.order_by(FactSheet.made_at.desc(), FactSheet.id.desc()).limit(1)).first()


def drafted_sheet(session: Session, case_id: str) -> FactSheet:
    """The case's last sheet; NotFound before there was one."""
    sheet = sheet_of(session, case_id)
    if sheet is None:
        raise errors.NotFound
    return sheet


def to_sign(session: Session, sheet: FactSheet) -> list[str]:
    """The parties of the sheet who still take part and have not answered."""
    answered = {answer.party_id for answer in sheet.answers}
    here = parties.active(parties_of(session, sheet.case_id))
    return [party.id for party in here if party.id in sheet.party_ids and party.id not in answered]


def has_answered(session: Session, case_id: str, party_id: str) -> bool:
    """Whether a party has answered on the last sheet: the task that is still open is then another party's."""
    sheet = sheet_of(session, case_id)
    return sheet is not None and any(answer.party_id == party_id for answer in sheet.answers)


def undisputed(session: Session, case_id: str) -> str | None:
    """What the case's sessions have left undisputed, a paragraph each; None for nothing."""
    found = select(JointSession.undisputed_facts).where(JointSession.case_id == case_id)
    rows = session.scalars(found.order_by(JointSession.made_at, JointSession.id))
    return "\n".join(dict.fromkeys(text.strip() for text in rows if text.strip())) or None


def facts_field(sheet: FactSheet, party_id: str) -> str:
    """The name of a party's signature field, by its place on the sheet."""
    return f"party_{sheet.party_ids.index(party_id) + 1}"


def keep_printed(session: Session, sheet: FactSheet, pdf: bytes, by: str, at: Any) -> None:
    """Put a newer file of the sheet in the place of the one before it, in its own document."""
    sheet.file_sha256 = put_file(session, NewFile(TITLES[KIND], PDF, pdf), by, at)
    sheet.rendering_error = None
    if sheet.document_id is None:
        sheet.document_id = add_document(session, (sheet.case_id, KIND), sheet.file_sha256, [], at).id
        session.flush()
    else:
        renew_document(session, sheet.document_id, sheet.file_sha256, at)


def _check(step: Step, case: Case) -> None:
    problems, facts = Problems(), "".join(step.answers["facts"].split())
    if not facts:
        problems.add("facts", "Answer this question.")
    if step.answers["no_offers"] is not True:
        problems.add("no_offers", "Tick this box to go on.")
    for said in _confided(step, case):
        if len(said) >= SHORTEST and said in facts:
            problems.add("facts", CONFIDED, text=said)
    problems.refuse()


def _require_session(step: Step) -> None:
    held = select(JointSession.id).where(JointSession.case_id == step.root.id).limit(1)
    if step.session.scalars(held).first() is None:
        raise law.forbids("undisputed", step.at, "no session has found what is undisputed")


def _confided(step: Step, case: Case) -> Sequence[str]:
    rows = step.session.scalars(select(Statement).where(Statement.case_id == case.id)).all()
    compartment = compartments.of_case(step.session, step.engine.keys, case.id) if rows else None
    if compartment is None:
        return []
    return [
        "".join(compartment.open(row.sealed, *statement_place(row.id)).split()).rstrip("。.")
        for row in rows
        if row.sealed is not None
    ]


def _printed(step: Step) -> FactSheet:
    sheet = sheet_of(step.session, step.root.id)
    if sheet is None:
        raise law.forbids("undisputed", step.at, "nobody has drafted the sheet of undisputed facts")
    if sheet.file_sha256 is None:
        raise errors.NotReady
    return sheet


def _sign(office: Office, step: Step, sheet: FactSheet) -> None:
    if sheet.paper_only:
        raise law.forbids("paper_only", step.at, "this can't be settled in electronic form")
    party = parties.active_party(step.session, sheet.case_id, step.actor.party_id or "")
    signer = office.authority.issue(signing_name(step, party), "party", at=step.at)
    new = NewMark("party", party.id, facts_field(sheet, party.id), signer, "当事人签名 Party")
    pdf = signed(office, step, content_of(step.session, sheet.file_sha256 or ""), new)
    require_valid(office, pdf, step.at)
    sheet.answers.append(_answer(step, party.id, SIGN))
    keep_printed(step.session, sheet, pdf, step.actor.id, step.at)


def _answer(step: Step, party_id: str, decision: str) -> FactSheetAnswer:
    return FactSheetAnswer(
        tenant_id=step.root.tenant_id, id=new_id(), party_id=party_id, decision=decision,
        made_at=step.at, recorded_by=step.actor.id,
    )  # fmt: skip


def _check_scans(office: Office, step: Step, hashes: Sequence[str], problems: Problems) -> None:
    scans = scans_of(step.session, hashes)
    if not hashes or len(scans) < len(hashes):
        problems.add("scan", "Upload the scan of the signed sheet.")
    mine = select(File.sha256).where(File.sha256.in_(hashes), File.stored_by == step.actor.id)
    brought = set(step.session.scalars(mine))
    if any(one not in brought or is_used(step.session, one, but_as_scan_of="") for one in hashes):
        problems.add("scan", USED)
    if not all(is_readable(office, scan) for scan in scans):
        problems.add("scan", "A file can't be read, or has too many pages. Please scan the sheet again.")
