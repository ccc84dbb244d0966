"""Marks on an agreement: made electronically in its file; and the moment from which it binds."""

import base64
import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import CursorResult, bindparam, select, update

from engine import errors
from engine.calendar import start_of
from engine.documents import sign, verify
from engine.documents.authority import Signer
from engine.mediation import annexes, guardians, law, parties, referrals
from engine.mediation.agreements import require_approved, text_to_mark
from engine.mediation.consents import require_consent, require_electronic_form, require_method
from engine.mediation.documents import PDF, TITLES, NewFile, content_of, put_document, put_file
from engine.mediation.lookup import account_name, case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.mediation.office import Office
from engine.models.agreements import Agreement, Mark
from engine.models.base import new_id, table
from engine.models.cases import Case, Party
from engine.models.people import Body
from engine.services import Step
from engine.sessions import OF_TENANT

SEAL_ROLE = "seal_keeper"
DATA_URL = "data:image/png;base64,"
BODIES = table(Body)
PLACE = select(BODIES.c.name).where(BODIES.c.tenant_id == OF_TENANT, BODIES.c.id == bindparam("of_body"))


@dataclass(frozen=True)
class NewMark:
    """A mark about to be made: kind and id of its signer, the field in the file, certificate, reason."""

    signer_kind: str
    signer_id: str
    field: str
    signer: Signer
    reason: str


def party_mark_made(office: Office, step: Step) -> None:
    """A party signs for itself: who it is comes from its link, never from the answers."""
    case, agreement = _ready(step)
    if step.actor.party_id is None:
        raise errors.Forbidden(action="agreement.sign")
    party = parties.active_party(step.session, case.id, step.actor.party_id)
    if party.id not in agreement.party_ids:
        raise law.forbids(
            "representatives", step.at, "a household joins by its own annex, nobody signs for it"
        )
    signer = office.authority.issue(signing_name(step, party), "party", at=step.at)
    field = party_field(agreement, party.id)
    _mark(office, step, agreement, NewMark("party", party.id, field, signer, "当事人签名 Party"))


def mediator_mark_made(office: Office, step: Step) -> None:
    """The case's mediator signs after all parties (PML Art. 29)."""
    case, agreement = _ready(step)
    require_mediator(step, case)
    require_marks_of(step, case, agreement, ("party",))
    signer = office.authority.issue(account_name(step.session, step.actor.id), "mediator", at=step.at)
    reason = "人民调解员签名 Mediator"
    _mark(office, step, agreement, NewMark("mediator", step.actor.id, "mediator", signer, reason))


def agreement_sealed(office: Office, step: Step) -> None:
    """A seal-keeper, who is not the mediator, puts the committee's seal on it last (PML Art. 29)."""
    case, agreement = _ready(step)
    require_seal_keeper(step, case, agreement)
    require_marks_of(step, case, agreement, ("party", "mediator"))
    signer, reason = office.authority.seal(at=step.at), "人民调解委员会印章 Committee's seal"
    _mark(office, step, agreement, NewMark("seal", case.body_id, "seal", signer, reason))


def effective_at(marks: Iterable[Mark], required: Collection[tuple[str, str]]) -> dt.datetime | None:
    """The moment of the last required mark, None while one is missing (PML Art. 29).

    `required` are (signer kind, signer id). A mark on paper counts from the beginning of its day, once
    its date was confirmed.
    """
    moments = {(mark.signer_kind, mark.signer_id): _moment(mark) for mark in marks}
    found = [moments.get(signer) for signer in required]
    made = [moment for moment in found if moment is not None]
    return max(made) if made and len(made) == len(found) else None


def required_signers(case: Case, agreement: Agreement) -> set[tuple[str, str]]:
    """All parties of the text, of a group each household that joins, the mediator, the committee's seal."""
    signers = {("party", party_id) for party_id in {*agreement.party_ids, *annexes.joined(agreement)}}
    return signers | {("mediator", case.mediator_id or ""), ("seal", case.body_id)}


def is_fully_marked(case: Case, agreement: Agreement) -> bool:
    """Whether every required mark was made or entered, even if its date was not confirmed yet."""
    return required_signers(case, agreement) <= _signers_of(agreement)


def require_marks_of(step: Step, case: Case, agreement: Agreement, kinds: Collection[str]) -> None:
    """The guard of the order of marks; MarksMissing names the signers of these kinds who come first."""
    wanted = required_signers(case, agreement) - _signers_of(agreement)
    due = {signer for signer in wanted if signer[0] in kinds}
    missing = [one.name for one in parties_of(step.session, case.id) if ("party", one.id) in due]
    if ("mediator", case.mediator_id or "") in due:
        missing.append(account_name(step.session, case.mediator_id))
    if missing:
        raise errors.MarksMissing(law.rule("effect", step.at.date()).law_ref, "、".join(missing))


def require_members(step: Step, case: Case, agreement: Agreement) -> None:
    """The guard of a group's agreement: each household has answered, some joined, and those are confirmed."""
    if not case.is_group:
        return
    if annexes.asked(case, agreement) or annexes.abstaining(case, agreement):
        raise law.forbids("representatives", step.at, "not every household has been heard to its end")
    if not annexes.joined(agreement):
        raise law.forbids("representatives", step.at, "no household has joined the agreement")


def text_marks(agreement: Agreement) -> list[Mark]:
    """The marks on the text itself: all but those of a group's households on their own copies."""
    members = annexes.joined(agreement)
    return [mark for mark in agreement.marks if mark.signer_id not in members]


def settle(step: Step, case: Case, agreement: Agreement) -> bool:
    """Compute from the marks whether and since when the agreement binds; never typed by anybody."""
    required = required_signers(case, agreement)
    if agreement.join_until is None or annexes.joined(agreement):
        agreement.effective_at = effective_at(agreement.marks, required)
    if agreement.effective_at is not None:
        case.status, case.ended_at, case.end_code = "effective", step.at, "agreed_written"
        referrals.result_known(step.session, case, step.at)
    return agreement.effective_at is not None


def require_seal_keeper(step: Step, case: Case, agreement: Agreement) -> None:
    """The guard of the seal: its keeper, and never a mediator of the same agreement.

    That is who mediates the case now, and also who did when the text was drafted or signed.
    """
    if step.actor.party_id is not None or SEAL_ROLE not in step.actor.roles:
        raise errors.Forbidden(action="agreement.seal")
    signed = {mark.signer_id for mark in agreement.marks if mark.signer_kind == "mediator"}
    if step.actor.id in {case.mediator_id, agreement.drafted_by, *signed}:
        raise errors.MediatorSeals


def party_field(agreement: Agreement, party_id: str) -> str:
    """The name of a party's signature field, by its place in the text."""
    return f"party_{agreement.party_ids.index(party_id) + 1}"


def signing_name(step: Step, party: Party) -> str:
    """The name in a party's certificate; for an organisation with the one who signs for it.

    For a party under age it is the guardian's, who signs as its legal representative (Civil Code Art. 23).
    """
    acting = guardians.signing_names(step.session, step.engine.keys, party.case_id, [party])
    if party.id in acting:
        return acting[party.id]
    return f"{party.name}（{party.representative}）" if party.representative else party.name


def _ready(step: Step) -> tuple[Case, Agreement]:
    case = case_of(step.session, step.root.id)
    agreement = text_to_mark(step)
    require_electronic_form(step, agreement)
    require_consent(step, case)
    require_approved(step, agreement)
    require_members(step, case, agreement)
    require_method(step, case)
    return case, agreement


def _signers_of(agreement: Agreement) -> set[tuple[str, str]]:
    return {(mark.signer_kind, mark.signer_id) for mark in agreement.marks}


def _mark(office: Office, step: Step, agreement: Agreement, new: NewMark) -> None:
    pdf = add_mark(office, step, agreement, new)
    if settle(step, case_of(step.session, agreement.case_id), agreement):
        require_valid(office, pdf, step.at)
    keep_marked(step, agreement, pdf, "agreement")


def add_mark(office: Office, step: Step, agreement: Agreement, new: NewMark) -> bytes:
    """Make the mark in the file as it is now, and its row; gives the new file. AlreadyMarked."""
    if (new.signer_kind, new.signer_id) in _signers_of(agreement):
        raise errors.AlreadyMarked(name=new.signer.name)
    pdf = signed(office, step, content_of(step.session, agreement.file_sha256 or ""), new)
    agreement.marks.append(row_of(step, new))
    return pdf


def keep_marked(step: Step, agreement: Agreement, pdf: bytes, kind: str) -> None:
    """Put the file with its new mark in the place of the one before it, as the case's document of a kind."""
    sha256 = put_file(step.session, NewFile(TITLES[kind], PDF, pdf), step.actor.id, step.at)
    _swap(step, agreement, agreement.file_sha256 or "", sha256)
    readers = annexes.readers(agreement)
    put_document(step.session, (agreement.case_id, kind), sha256, readers, step.at)


def require_valid(office: Office, pdf: bytes, at: dt.datetime) -> None:
    """Check a signed file before it is stored; RenderingFailed if a signature in it does not hold."""
    if not verify.verify(pdf, [office.authority.certificate_pem], at).ok:
        raise errors.RenderingFailed(reason="the signed file does not pass its own check")


def signed(office: Office, step: Step, pdf: bytes, new: NewMark) -> bytes:
    """The file with the mark, and the drawing where answers have one; the caller holds the case's lock."""
    drawing = step.answers.get("signature")
    image = base64.b64decode(drawing.removeprefix(DATA_URL)) if drawing else None
    this = {"of_tenant": step.root.tenant_id, "of_body": step.root.body_id}
    place = step.session.connection().scalars(PLACE, this).one()
    mark = sign.Mark(new.field, new.signer, new.reason, image, step.at, place)
    return sign.sign(pdf, mark, office.renderer.fonts_dir)


def row_of(step: Step, new: NewMark) -> Mark:
    """The row of an electronic mark."""
    return Mark(
        tenant_id=step.root.tenant_id, id=new_id(), medium="electronic",
        signer_kind=new.signer_kind, signer_id=new.signer_id, name=new.signer.name,
        kind="seal" if new.signer_kind == "seal" else "signature", made_at=step.at,
        entered_by=step.actor.id,
    )  # fmt: skip


def _swap(step: Step, agreement: Agreement, head: str, sha256: str) -> None:
    # The belt beside the case's lock: two files signed from one head would be a fork.
    this = (Agreement.tenant_id == agreement.tenant_id, Agreement.id == agreement.id)
    changed = step.session.execute(
        update(Agreement).where(*this, Agreement.file_sha256 == head).values(file_sha256=sha256)
    )
    if cast(CursorResult[object], changed).rowcount != 1:
        raise errors.ConcurrentChange


def _moment(mark: Mark) -> dt.datetime | None:
    if mark.made_on is not None:
        return start_of(mark.made_on) if mark.confirmed_by is not None else None
    return mark.made_at
