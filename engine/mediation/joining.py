"""Joining a group's agreement: each household for itself, by its own mark, until the last day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from engine import errors
from engine.calendar import day_of
from engine.mediation import annexes, guardians, law, marks, parties
from engine.mediation.agreements import require_approved, text_to_mark
from engine.mediation.annexes import ABSTAINS, JOINS
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.consents import require_consent, require_electronic_form
from engine.mediation.documents import (
    JOINING_SCAN,
    PDF,
    TITLES,
    NewFile,
    content_of,
    document_of,
    put_file,
    put_scans,
)
from engine.mediation.lookup import case_of
from engine.mediation.office import Office
from engine.mediation.sheets import note_scans
from engine.models.agreements import Agreement, Annex, Mark
from engine.models.base import new_id
from engine.models.cases import Case, Party
from engine.services import Step

REASON = "加入协议 Joining the agreement"
FIELD = "household"
NO_ANSWER = "no_answer"


def household_answered(office: Office, step: Step) -> None:
    """A household joins by signing its own copy, or abstains; who it is comes from its link (PML Art. 29)."""
    case, agreement = _ready(step)
    if step.actor.party_id is None:
        raise errors.Forbidden(action="agreement.join")
    party = parties.active_party(step.session, case.id, step.actor.party_id)
    annex, joins = annex_of(agreement, party), step.answers["answer"] == JOINS
    if annex.answer == JOINS:
        raise errors.AlreadyMarked(name=party.name)
    problems = Problems()
    problems.not_after("answer", today(step), _last_day(agreement))
    problems.refuse()
    if joins:
        _sign(office, step, agreement, (party, annex))
    _answer(annex, JOINS if joins else ABSTAINS, step.at)


def joining_closed(office: Office, step: Step) -> None:
    """Enter what came on paper and who said nothing; before the last day's end nobody is passed over."""
    case, agreement = _ready(step)
    if step.actor.party_id is not None:
        raise errors.Forbidden(action="agreement.join")
    by_id = {party.id: party for party in annexes.asked(case, agreement)}
    rows = one_row_each(step, "households", "party_id", by_id)
    hashes, problems = list(dict.fromkeys(step.answers.get("scan") or [])), Problems()
    _check(step, agreement, rows, problems)
    if any(row["answer"] == JOINS for row in rows):
        note_scans(office, step, case, (hashes, problems))
    problems.refuse()
    acting = guardians.signing_names(step.session, step.engine.keys, case.id, by_id.values())
    for row in rows:
        party = by_id[row["party_id"]]
        _enter(step, agreement, (party, acting.get(party.id, party.name)), row)
    put_scans(step.session, (case.id, JOINING_SCAN), hashes, step.at)


def joining_confirmed(step: Step) -> None:
    """Somebody else compares what was entered with the sheets; else it is entered anew (PML Art. 29)."""
    case, agreement = _ready(step)
    if step.actor.party_id is not None:
        raise errors.Forbidden(action="agreement.join")
    entered = on_paper(agreement)
    if any(mark.entered_by == step.actor.id for mark in entered):
        raise errors.SamePersonConfirms
    for mark in entered:
        if step.answers["confirm"] == "yes":
            mark.confirmed_by = step.actor.id
        else:
            agreement.marks.remove(mark)
            annex_of(agreement, parties.active_party(step.session, case.id, mark.signer_id)).answer = None


def abstainers_told(step: Step) -> None:
    """Who does not join was told of the other routes (PML Art. 26); for these mediation is over.

    Where nobody joins it is over for all.
    """
    case, agreement = _ready(step)
    problems = Problems()
    problems.not_after("told_on", step.answers["told_on"], today(step))
    problems.not_before("told_on", step.answers["told_on"], day_of(agreement.drafted_at))
    if not step.answers["routes"]:
        problems.add("routes", "Name at least one other way.")
    problems.refuse()
    case.routes = {name: step.answers[name] for name in ("routes", "manner", "told_on")}
    for party in annexes.abstaining(case, agreement):
        party.withdrawn_at, party.withdrawal_reason = step.at, ABSTAINS
    if not any(parties.is_household(case, party) for party in annexes.bound(case, agreement)):
        case.end_code = "deadlock"


def leave(agreement: Agreement, party_id: str) -> None:
    """Forget that a household has joined: until the agreement binds it may leave (PML Art. 23)."""
    agreement.marks[:] = [mark for mark in agreement.marks if mark.signer_id != party_id]
    for annex in agreement.annexes:
        if annex.party_id == party_id:
            annex.answer = ABSTAINS


def on_paper(agreement: Agreement) -> list[Mark]:
    """The households' marks on paper that nobody has confirmed yet."""
    members = annexes.joined(agreement)
    return [one for one in agreement.marks if one.signer_id in members and _is_unconfirmed(one)]


def annex_of(agreement: Agreement, party: Party) -> Annex:
    """The household's annex; LawForbids for whoever is no household of the group."""
    for annex in agreement.annexes:
        if annex.party_id == party.id:
            return annex
    raise errors.Forbidden(action="agreement.join")


def _ready(step: Step) -> tuple[Case, Agreement]:
    case = case_of(step.session, step.root.id)
    agreement = text_to_mark(step)
    require_consent(step, case)
    require_approved(step, agreement)
    if agreement.join_until is None:
        raise errors.Forbidden(action="agreement.join")
    return case, agreement


def _last_day(agreement: Agreement) -> dt.date:
    assert agreement.join_until is not None  # _ready has refused any other
    return agreement.join_until


def _sign(office: Office, step: Step, agreement: Agreement, member: tuple[Party, Annex]) -> None:
    party, annex = member
    require_electronic_form(step, agreement)
    if step.answers.get("agrees_to_method") is not True:
        raise law.forbids("method", step.at, "not every party has agreed to this way of signing")
    document = document_of(step.session, annex.document_id or "")
    signer = office.authority.issue(marks.signing_name(step, party), "party", at=step.at)
    new = marks.NewMark("party", party.id, FIELD, signer, REASON)
    pdf = marks.signed(office, step, content_of(step.session, document.file_sha256), new)
    marks.require_valid(office, pdf, step.at)
    file = NewFile(TITLES["annex"], PDF, pdf)
    document.file_sha256 = put_file(step.session, file, step.actor.id, step.at)
    document.made_at = step.at
    agreement.marks.append(marks.row_of(step, new))


def _answer(annex: Annex, answer: str, at: dt.datetime) -> None:
    annex.answer, annex.answered_at = answer, at


def _check(step: Step, agreement: Agreement, rows: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    last = _last_day(agreement)
    for index, row in enumerate(rows):
        if row["answer"] == NO_ANSWER and today(step) <= last:
            message = "This household may join until {day}; nobody decides for it before."
            problems.add(f"households.{index}.answer", message, day=last.isoformat())
        if row["answer"] == JOINS:
            here = f"households.{index}.made_on"
            problems.not_after(here, row["made_on"], min(last, today(step)))
            problems.not_before(here, row["made_on"], day_of(agreement.drafted_at))


def _enter(step: Step, agreement: Agreement, signer: tuple[Party, str], row: Mapping[str, Any]) -> None:
    (party, name), joins = signer, row["answer"] == JOINS
    _answer(annex_of(agreement, party), JOINS if joins else ABSTAINS, step.at)
    if joins:
        agreement.marks.append(
            Mark(
                tenant_id=party.tenant_id, id=new_id(), medium="paper", signer_kind="party",
                signer_id=party.id, name=name, kind=row["kind"], made_on=row["made_on"],
                entered_by=step.actor.id,
            )
        )  # fmt: skip


def _is_unconfirmed(mark: Mark) -> bool:
    return mark.medium == "paper" and mark.confirmed_by is None
