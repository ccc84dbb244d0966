"""Agreements signed on paper: the sheet comes back, its dates are entered by one and confirmed by another."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from engine import errors
from engine.calendar import day_of
from engine.documents.scan import Scan
from engine.mediation import guardians
from engine.mediation.agreements import require_approved, text_to_mark
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.binding import pages_of, scans_of
from engine.mediation.consents import require_consent
from engine.mediation.documents import SCAN, is_used, put_scans
from engine.mediation.lookup import account_name, case_of, drafted_agreement, parties_of
from engine.mediation.marks import require_members, require_seal_keeper, settle, text_marks
from engine.mediation.mediators import require_mediator
from engine.mediation.office import Office
from engine.models.agreements import Agreement, Mark
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.documents import File
from engine.models.people import Body
from engine.services import Step

USED = "A file has been used elsewhere, or somebody else brought it. Please scan the signed sheet again."
ONLY_KIND = {"mediator": "signature", "committee": "seal"}


def signed_sheet_received(office: Office, step: Step) -> None:
    """Keep the scans of the signed sheet; receiving them never moves the day of effect.

    They are read here, so that what can't be bound later is refused while somebody can scan it again.
    """
    case, agreement = _ready(step)
    require_mediator(step, case)
    require_members(step, case, agreement)
    hashes, problems = list(dict.fromkeys(step.answers["scan"])), Problems()
    note_scans(office, step, case, (hashes, problems))
    problems.refuse()
    agreement.scans = hashes
    put_scans(step.session, (case.id, SCAN), hashes, step.at)


def note_scans(office: Office, step: Step, case: Case, brought: tuple[list[str], Problems]) -> None:
    """Note what is wrong with the scans that somebody brought for this case: hashes and problems."""
    hashes, problems = brought
    agreement = drafted_agreement(step.session, case.id)
    scans = scans_of(step.session, hashes)
    if not hashes or len(scans) < len(hashes):
        problems.add("scan", "Upload the scan of the signed sheet.")
    if not all(_is_own(step, case, agreement, one) for one in hashes):
        problems.add("scan", USED)
    if not all(is_readable(office, scan) for scan in scans):
        problems.add("scan", "A file can't be read, or has too many pages. Please scan the sheet again.")


def marks_entered(step: Step) -> None:
    """The seal-keeper enters who marked the sheet, how, and on which day; earlier entries are replaced."""
    case, agreement = _ready(step)
    require_seal_keeper(step, case, agreement)
    if not agreement.scans:
        raise errors.NotReady
    signers = _signers(step, case, agreement)
    rows = one_row_each(step, "marks", "signer", signers)
    _check(step, agreement, rows)
    forget_marks(agreement)
    # A signer may have one mark only: the earlier ones must be gone before the new ones come.
    step.session.flush()
    agreement.marks.extend(_row(step, row, signers[row["signer"]]) for row in rows)


def marks_confirmed(step: Step) -> None:
    """Somebody else compares the dates with the sheet; with that the day of effect is known (PML Art. 29)."""
    case, agreement = _ready(step)
    marks = text_marks(agreement)
    if any(mark.entered_by == step.actor.id for mark in marks):
        raise errors.SamePersonConfirms
    if step.answers["confirm"] != "yes":
        return
    for mark in marks:
        mark.confirmed_by = step.actor.id
    settle(step, case, agreement)


def forget_marks(agreement: Agreement) -> None:
    """Take the marks off the text; those of a group's households on their own copies stay."""
    for mark in text_marks(agreement):
        agreement.marks.remove(mark)


def _ready(step: Step) -> tuple[Case, Agreement]:
    case = case_of(step.session, step.root.id)
    agreement = text_to_mark(step)
    require_consent(step, case)
    require_approved(step, agreement)
    for mark in text_marks(agreement):
        if mark.medium == "electronic":
            raise errors.AlreadyMarked(name=mark.name)
    return case, agreement


def _is_own(step: Step, case: Case, agreement: Agreement, sha256: str) -> bool:
    # The empty printed text, or a paper of another case, must not pass for what the parties signed.
    if sha256 in (agreement.text_sha256, agreement.file_sha256):
        return False
    if is_used(step.session, sha256, but_as_scan_of=case.id):
        return False
    brought = select(File.stored_by).where(File.sha256 == sha256)
    return step.session.scalars(brought).one_or_none() in (None, step.actor.id)


def is_readable(office: Office, scan: Scan) -> bool:
    """Whether a scan can be read and has no more pages than can be bound."""
    try:
        return bool(pages_of(office, scan))
    except errors.RenderingFailed:
        return False


def _signers(step: Step, case: Case, agreement: Agreement) -> dict[str, tuple[str, str, str]]:
    everybody = parties_of(step.session, case.id)
    acting = guardians.signing_names(step.session, step.engine.keys, case.id, everybody)
    by_id = {party.id: party.name for party in everybody} | acting
    signers = {party_id: ("party", party_id, by_id[party_id]) for party_id in agreement.party_ids}
    mediator_id = case.mediator_id or ""
    signers["mediator"] = ("mediator", mediator_id, account_name(step.session, mediator_id))
    committee = step.session.scalars(select(Body.name).where(Body.id == case.body_id)).one()
    signers["committee"] = ("seal", case.body_id, committee)
    return signers


def _check(step: Step, agreement: Agreement, rows: list[Mapping[str, Any]]) -> None:
    problems = Problems()
    for index, row in enumerate(rows):
        problems.not_after(f"marks.{index}.made_on", row["made_on"], today(step))
        problems.not_before(f"marks.{index}.made_on", row["made_on"], day_of(agreement.drafted_at))
        if row["kind"] != ONLY_KIND.get(row["signer"], row["kind"]):
            problems.add(f"marks.{index}.kind", "The mediator signs, and the committee puts its seal.")
    problems.refuse()


def _row(step: Step, row: Mapping[str, Any], signer: tuple[str, str, str]) -> Mark:
    signer_kind, signer_id, name = signer
    return Mark(
        tenant_id=step.root.tenant_id, id=new_id(), medium="paper",
        signer_kind=signer_kind, signer_id=signer_id, name=name, kind=row["kind"],
        made_on=row["made_on"], entered_by=step.actor.id,
    )  # fmt: skip
