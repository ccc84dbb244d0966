"""A consultation up to its meeting: invitees, what the parties agree to, case sheet, opinions, quorum."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import calendar
from engine.calendar import day_of
from engine.mediation import compartments, experts, law, parties
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.consents import require_consent
from engine.mediation.limits import limit
from engine.mediation.lookup import case_of, parties_of
from engine.mediation.mediators import require_mediator
from engine.mediation.notes import last, written
from engine.mediation.pseudonyms import beside_parties, roles_of, without_names
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.consultations import (
    CaseSheet,
    ConsultationConsent,
    ConsultationMeeting,
    Invitee,
    WrittenOpinion,
)
from engine.services import Step
from engine.sessions import moment_of

COMING = frozenset({"accepts", "delegates"})


def invitees_chosen(step: Step) -> None:
    """Those whom the list names are invited; who is not on it any more is so no longer (PML Art. 20).

    One who has answered keeps the answer, but one who declined and is named again is asked again. An expert
    of the list is named by the list.
    """
    case, rows, problems = _case_of_mediator(step), list(step.answers["invitees"]), Problems()
    names = _names(step, rows, problems)
    if not rows:
        problems.add("invitees", "Name at least one department or expert.")
    for index, name in enumerate(names):
        if name in names[:index]:
            problems.add(f"invitees.{index}.name", "The same name is listed twice.")
    if all(row["kind"] != "department" for row in rows):
        problems.add("invitees", "Name at least one department: it takes the lead.")
    problems.refuse()
    known = {(one.kind, one.name): one for one in invited(step.session, case.id)}
    for row, name in zip(rows, names, strict=True):
        one = known.pop((row["kind"], name), None)
        if one is None:
            step.session.add(_invitee(step, case, row, name))
            continue
        one.expert_id = row.get("expert_id") or None
        if one.answer == "declines":
            one.answer, one.reminders = None, 0
    for gone in known.values():
        gone.removed_at = step.at
    step.session.flush()


def consultation_consented(step: Step) -> None:
    """Whether each party agrees to those who are invited (PML Art. 20), and to be named to them (PIPL 23).

    A party that wants no consultation sends the case back to talks face to face.
    """
    case = _case_of_mediator(step)
    rows = one_row_each(step, "consents", "party_id", parties_to_ask(step.session, case.id))
    everybody = [one.id for one in invited(step.session, case.id)]
    for row in rows:
        step.session.merge(
            ConsultationConsent(
                tenant_id=case.tenant_id, case_id=case.id, party_id=row["party_id"], decision=row["answer"],
                agreed=everybody if row["answer"] == "agrees" else [], shares=row["shares"] == "yes",
                objection=row.get("objection") or "", decided_at=step.at, recorded_by=step.actor.id,
            )
        )  # fmt: skip
    if any(row["answer"] == "refuses" for row in rows):
        case.path = "face_to_face"
    step.session.flush()


def case_sheet_written(step: Step) -> None:
    """Keep the case sheet; whoever did not agree to be named stands in it by the role only (PIPL Art. 23).

    What was typed, with all names, is kept nowhere.
    """
    case = _agreed_case(step)
    consents = consents_of(step.session, case.id)
    hidden = [one for one in case.parties if one.id not in consents or not consents[one.id].shares]
    words = roles_of(case.parties)
    inside = compartments.of_case(step.session, step.engine.keys, case.id)
    beside = beside_parties(step.session, inside, case.id)
    texts = [
        without_names(step.answers[name], hidden, words, inside, beside)
        for name in ("sheet_facts", "questions")
    ]
    named = sorted({one.id for one in case.parties} - {one.id for one in hidden})
    step.session.add(CaseSheet(**written(step), facts=texts[0], questions=texts[1], named=named))
    for one in invited(step.session, case.id):
        one.answer_by = _answer_by(step)
    step.session.flush()


def invitees_answered(step: Step) -> None:
    """What each invitee answered; for one who is silent the superior is asked, and the answer is awaited."""
    case = _agreed_case(step)
    found = {one.id: one for one in invited(step.session, case.id) if one.answer is None}
    for row in one_row_each(step, "answers", "invitee_id", found):
        one = found[row["invitee_id"]]
        one.answer = None if row["answer"] == "no_answer" else row["answer"]
        one.delegate, one.superior = row.get("delegate") or "", row.get("superior") or one.superior
        one.note, one.answer_by = row.get("note") or "", _answer_by(step)
    step.session.flush()


def written_opinion_received(step: Step) -> None:
    """Keep what one of those who take part wrote on the case sheet."""
    case, problems = _agreed_case(step), Problems()
    problems.one_of("invitee_id", step.answers["invitee_id"], _ids(taking_part(step.session, case.id)))
    problems.not_after("received_on", step.answers["received_on"], today(step))
    problems.not_before("received_on", step.answers["received_on"], day_of(case.opened_at))
    problems.refuse()
    answers = step.answers
    step.session.add(
        WrittenOpinion(
            **written(step), invitee_id=answers["invitee_id"], received_on=answers["received_on"],
            text=answers["opinion"],
        )
    )  # fmt: skip


def consultation_met(step: Step) -> None:
    """Keep the meeting; it counts if more than half of those who take part are there.

    LawForbids before each of them has written an opinion on the case sheet.
    """
    case, answers, problems = _agreed_case(step), step.answers, Problems()
    coming = _ids(taking_part(step.session, case.id))
    for one in answers["present"]:
        problems.one_of("present", one, coming)
    problems.not_after("held_on", answers["held_on"], today(step))
    problems.not_before("held_on", answers["held_on"], day_of(case.opened_at))
    problems.refuse()
    if coming - {one.invitee_id for one in opinions_on_sheet(step.session, case.id)}:
        raise law.forbids("consultation", step.at, "a written opinion is missing")
    step.session.add(
        ConsultationMeeting(
            **written(step), held_on=answers["held_on"], place=answers["place"],
            present=sorted(answers["present"]), quorum=quorum_of(len(coming)), minutes=answers["minutes"],
        )
    )  # fmt: skip
    step.session.flush()


def quorum_of(count: int) -> int:
    """How many of those who take part must be present: more than half."""
    return count // 2 + 1


def invited(session: Session, case_id: str) -> Sequence[Invitee]:
    """Those who are invited and were not taken off again, in the order in which they were named."""
    found = select(Invitee).where(Invitee.case_id == case_id, Invitee.removed_at.is_(None))
    return session.scalars(found.order_by(Invitee.id)).all()


def taking_part(session: Session, case_id: str) -> list[Invitee]:
    """Those who accepted or sent somebody."""
    return [one for one in invited(session, case_id) if one.answer in COMING]


def consents_of(session: Session, case_id: str) -> Mapping[str, ConsultationConsent]:
    """What each party last said, by its id."""
    found = select(ConsultationConsent).where(ConsultationConsent.case_id == case_id)
    return {row.party_id: row for row in session.scalars(found)}


def parties_to_ask(session: Session, case_id: str) -> list[str]:
    """The parties who take part and have not agreed to each of those who are invited."""
    said, wanted = consents_of(session, case_id), _ids(invited(session, case_id))
    here = parties.active(parties_of(session, case_id))
    return [one.id for one in here if one.id not in said or wanted - set(said[one.id].agreed)]


def opinions_on_sheet(session: Session, case_id: str) -> Sequence[WrittenOpinion]:
    """The written opinions on the last case sheet; empty before there is one."""
    sheet = last(session, CaseSheet, case_id)
    if sheet is None:
        return []
    found = select(WrittenOpinion).where(WrittenOpinion.case_id == case_id, WrittenOpinion.id > sheet.id)
    return session.scalars(found.order_by(WrittenOpinion.id)).all()


def is_quorate(session: Session, case_id: str) -> bool:
    """Whether the last meeting was held on the last case sheet, with enough people there."""
    sheet, meeting = last(session, CaseSheet, case_id), last(session, ConsultationMeeting, case_id)
    if sheet is None or meeting is None or meeting.id < sheet.id:
        return False
    return len(meeting.present) >= meeting.quorum


def consultation_fact(session: Session, root_id: str) -> dict[str, Any]:
    """The context of a consultation for diagrams and forms: whom to ask, who answers, who takes part."""
    everybody, coming = invited(session, root_id), taking_part(session, root_id)
    asked = [one for one in everybody if one.answer != "declines"]
    silent, today = [one for one in everybody if one.answer is None], day_of(moment_of(session))
    return {
        "invitees": [_row(one) for one in asked],
        "experts": experts.options(session, today),
        "invited": _options(everybody),
        "parties_to_ask": parties_to_ask(session, root_id),
        "unanswered": [one.id for one in silent],
        "answer_by": min((one.answer_by for one in silent if one.answer_by), default=today),
        "reminders": max((one.reminders for one in silent), default=0),
        "taking_part": _options(coming),
        "departments": _options(one for one in coming if one.kind == "department"),
        "quorate": is_quorate(session, root_id),
    }


def _names(step: Step, rows: Sequence[Mapping[str, Any]], problems: Problems) -> list[str]:
    """The name of each row, that of an expert of the list as the list has it."""
    listed = {one.id: one.name for one in experts.available(step.session, today(step))}
    names = []
    for index, row in enumerate(rows):
        chosen = row.get("expert_id") if row["kind"] == "expert" else None
        if chosen and chosen not in listed:
            problems.add(f"invitees.{index}.expert_id", "This expert is not available now.")
        names.append(listed.get(chosen or "", "") or (row.get("name") or "").strip())
        if not names[-1]:
            problems.add(f"invitees.{index}.name", "Please give the name.")
    return names


def _answer_by(step: Step) -> dt.date:
    """The day by which an answer to an invitation of today is wanted."""
    days = limit(step.session, "invitation.answer", today(step)).value
    return calendar.of_tenant(step.engine, step.root.tenant_id).add_working_days(today(step), days)


def _case_of_mediator(step: Step) -> Case:
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    return case


def _agreed_case(step: Step) -> Case:
    case = _case_of_mediator(step)
    if not invited(step.session, case.id) or parties_to_ask(step.session, case.id):
        raise law.forbids("guests", step.at, "not every party has agreed to those who are invited")
    return case


def _invitee(step: Step, case: Case, row: Mapping[str, Any], name: str) -> Invitee:
    return Invitee(
        tenant_id=case.tenant_id, id=new_id(), case_id=case.id, kind=row["kind"], name=name,
        reason=row["reason"], expert_id=row.get("expert_id") or None, made_at=step.at,
    )  # fmt: skip


def _row(one: Invitee) -> dict[str, str | None]:
    return {"kind": one.kind, "name": one.name, "reason": one.reason, "expert_id": one.expert_id}


def _ids(rows: Iterable[Invitee]) -> set[str]:
    return {one.id for one in rows}


def _options(rows: Iterable[Invitee]) -> Collection[dict[str, str]]:
    return [{"value": one.id, "label": one.name} for one in rows]
