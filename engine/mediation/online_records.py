"""Electronic records: written by the mediator, confirmed by one party after the other (Online Rules 22)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import agents, law, parties, visibility
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.lookup import parties_of
from engine.mediation.notes import last, written
from engine.mediation.online import online_case, require_scope
from engine.models.cases import Case, JointSession, Party
from engine.models.online import OnlineRecord, RecordConfirmation
from engine.policy import Actor
from engine.services import Step

ITEM = "online_record"


def online_record_written(step: Step) -> None:
    """Keep the record as it is put to the parties; one of a failure needs no confirmation (PML Art. 26)."""
    case, answers, problems = online_case(step), step.answers, Problems()
    if answers["outcome"] == "switch" and answers["next_path"] == case.path:
        problems.add("next_path", "The case is in this path already. Choose another.")
    problems.refuse()
    step.session.add(
        OnlineRecord(
            **written(step), text=answers["record"], outcome=answers["outcome"],
            undisputed_facts=answers.get("undisputed_facts") or "",
            failure_reason=answers.get("failure_reason") or "", next_path=answers.get("next_path"),
            switch_reason=answers.get("switch_reason") or "",
        )
    )  # fmt: skip
    step.session.flush()
    case.status = "mediating"
    case.end_code = "deadlock" if answers["outcome"] == "failed" else None


def online_record_confirmed(step: Step) -> None:
    """Keep what the parties said of the record; its outcome counts once all have confirmed it (Art. 22).

    An agent confirms an agreement only within its authority. LawForbids before there is a record.
    """
    case = online_case(step)
    record = last(step.session, OnlineRecord, case.id)
    if record is None:
        raise law.forbids("online_record", step.at, "no electronic record was written")
    rows = one_row_each(step, "confirmations", "party_id", unconfirmed(step.session, case.id))
    problems, first = Problems(), day_of(record.made_at)
    for index, row in enumerate(rows):
        problems.not_after(f"confirmations.{index}.confirmed_on", row.get("confirmed_on"), today(step))
        problems.not_before(f"confirmations.{index}.confirmed_on", row.get("confirmed_on"), first)
    problems.refuse()
    for row in rows:
        if row["answer"] == "confirms" and record.outcome == "agreed":
            require_scope(step, case, row["party_id"], agents.SETTLE)
        if row["answer"] != "later":
            step.session.add(_confirmation(step, record, row))
    step.session.flush()
    if not unconfirmed(step.session, case.id):
        _conclude(case, record)


def require_confirmed(step: Step) -> None:
    """The guard of the draft: all have confirmed an electronic record that no joint session followed."""
    record = last(step.session, OnlineRecord, step.root.id)
    if record is None or not unconfirmed(step.session, step.root.id):
        return
    later = select(JointSession.id).where(JointSession.case_id == step.root.id, JointSession.id > record.id)
    if step.session.scalars(later).first() is None:
        raise law.forbids("online_record", step.at, "not every party has confirmed the electronic record")


def unconfirmed(session: Session, case_id: str) -> list[str]:
    """The parties who take part and have not confirmed the last record."""
    said = _said(session, case_id)
    return [one.id for one in _here(session, case_id) if not said.get(one.id, False)]


def objecting(session: Session, case_id: str) -> list[str]:
    """The parties who take part and object to the last record."""
    said = _said(session, case_id)
    return [one.id for one in _here(session, case_id) if said.get(one.id) is False]


def confirmations_of(session: Session, record: OnlineRecord) -> Sequence[RecordConfirmation]:
    """What was said of a record, oldest first."""
    found = select(RecordConfirmation).where(RecordConfirmation.record_id == record.id)
    return session.scalars(found.order_by(RecordConfirmation.id)).all()


def record_for(session: Session, actor: Actor, case: Case) -> OnlineRecord | None:
    """The last record for who may read it (annex A4); None for everybody else, and where there is none."""
    if visibility.reading(ITEM, actor, case, case.parties) != visibility.ALL:
        return None
    return last(session, OnlineRecord, case.id)


def _conclude(case: Case, record: OnlineRecord) -> None:
    if record.outcome == "agreed":
        case.status = "agreed_drafting"
    elif record.outcome == "switch":
        case.path = record.next_path


def _said(session: Session, case_id: str) -> Mapping[str, bool]:
    record = last(session, OnlineRecord, case_id)
    return {row.party_id: row.confirms for row in confirmations_of(session, record)} if record else {}


def _here(session: Session, case_id: str) -> list[Party]:
    return parties.active(parties_of(session, case_id))


def _confirmation(step: Step, record: OnlineRecord, row: Mapping[str, Any]) -> RecordConfirmation:
    return RecordConfirmation(
        **written(step), record_id=record.id, party_id=row["party_id"], confirms=row["answer"] == "confirms",
        manner=row["manner"], confirmed_on=row["confirmed_on"], objection=row.get("objection") or "",
    )  # fmt: skip
