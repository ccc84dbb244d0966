"""Judicial confirmation (司法确认): the joint application within its days, and the court's ruling."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, calendar, errors, policy, service_tasks
from engine.calendar import Calendar, day_of
from engine.definitions import has_item
from engine.keys import Keys
from engine.mediation import annexes, compartments, law, limits, wording
from engine.mediation.answers import Problems
from engine.mediation.contacts import identity_of
from engine.mediation.entries import Asked, Entered, enter
from engine.mediation.guardians import beside, guardians_of
from engine.mediation.lookup import case_of
from engine.models.agreements import Agreement
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.confirmations import Confirmation
from engine.models.processes import ProcessInstance
from engine.policy import Actor

KIND = "confirmation_application"
WINDOW = "confirmation.window"
OPEN, LAPSED, BARRED, APPLIED = "open", "lapsed", "barred", "applied"
CONFIRMED, DISMISSED, NOT_ACCEPTED, WITHDRAWN = "confirmed", "dismissed", "not_accepted", "withdrawn"
RESULTS = (CONFIRMED, DISMISSED, NOT_ACCEPTED, WITHDRAWN)
# SPC Interpretation of the Civil Procedure Law Art. 355 (3) and (5).
NEVER = frozenset({"status", "real_right"})
LONGEST = 500


@dataclass(frozen=True)
class Application:
    """Who applies together, at which court, on which day."""

    party_ids: Sequence[str]
    court: str
    applied_on: dt.date


@dataclass(frozen=True)
class Ruling:
    """What the court decided (one of RESULTS), on which day, under which number, and what is to be said."""

    result: str
    ruled_on: dt.date
    reference: str = ""
    note: str = ""


@dataclass(frozen=True)
class Standing:
    """Where the confirmation of an agreement that binds stands on a day.

    `state` is open, lapsed, barred, applied, or what the last ruling says; `last_day` is the last one for a
    joint application, `law_ref` the article by which the limit holds. `applications` come oldest first.
    """

    state: str
    last_day: dt.date
    law_ref: str
    applications: Sequence[Confirmation]

    @property
    def may_apply(self) -> bool:
        """Whether a joint application may be recorded now, or afterwards with a day within the limit."""
        last = self.applications[-1].result if self.applications else WITHDRAWN
        return self.state != BARRED and last in (WITHDRAWN, NOT_ACCEPTED)


def standing_of(session: Session, case: Case, days: Calendar, today: dt.date) -> Standing | None:
    """Where the confirmation stands; None before the agreement binds (PML Art. 33)."""
    text = case.agreement
    if text is None or text.effective_at is None:
        return None
    found = select(Confirmation).where(Confirmation.case_id == case.id).order_by(Confirmation.applied_at)
    applications = session.scalars(found).all()
    began = day_of(text.effective_at)
    # The limit as it held when it began (a changed one holds for what begins under it).
    limit = limits.limit(session, WINDOW, began)
    last_day = days.last_day(began, limits.span(limit))
    return Standing(_state(text, applications, last_day, today), last_day, limit.law_ref, applications)


def _state(text: Agreement, applications: Sequence[Confirmation], last_day: dt.date, today: dt.date) -> str:
    if applications and applications[-1].result not in (WITHDRAWN, NOT_ACCEPTED):
        return applications[-1].result or APPLIED
    if NEVER & set(text.subjects):
        return BARRED
    return OPEN if today <= last_day else LAPSED


def apply_for_confirmation(engine: Engine, actor: Actor, case_id: str, new: Application, key: str) -> None:
    """Record that the parties apply together, and have their application printed (PML Art. 33).

    LawForbids before the agreement binds, where its subject is never confirmed (SPC Interpretation Art. 355),
    after the last day, and for anybody but all who are bound. Raises NotFound, Forbidden, KeyReused, and
    InvalidAnswers by field.
    """
    policy.allow(actor, "confirmation.record")
    engine.services.refuse_unprintable({"court": new.court})
    content = ["confirmation.apply", case_id, sorted(new.party_ids), new.court, new.applied_on.isoformat()]
    days = calendar.of_tenant(engine, actor.tenant_id)

    def apply(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        case = case_of(session, case_id)
        standing = standing_of(session, case, days, day_of(at))
        _require_applicable(case, standing, new, at)
        _check(case, standing, new, day_of(at))
        session.add(
            Confirmation(
                tenant_id=case.tenant_id, id=new_id(), case_id=case.id, court=new.court.strip(),
                party_ids=sorted(new.party_ids), applied_on=new.applied_on, applied_at=at,
                recorded_by=actor.id,
            )
        )  # fmt: skip
        if has_item(session, root.release_id, "template", f"{KIND}.html"):
            service_tasks.ask_alone(session, root.id, "issue_document", {"document": KIND}, at)
        return Entered("confirmation.applied", case_id, "joint_confirmation")

    enter(engine, actor, Asked(case_id, content, key), apply)


def record_ruling(engine: Engine, actor: Actor, case_id: str, new: Ruling, key: str) -> None:
    """Record what the court decided on the last application (SPC Provisions on Confirmation Arts. 4 to 9).

    Raises NotFound where none waits for it, Forbidden, KeyReused, and InvalidAnswers by field.
    """
    policy.allow(actor, "confirmation.record")
    content = ["confirmation.rule", case_id, new.result, new.ruled_on.isoformat(), new.reference, new.note]

    def rule(session: Session, _root: ProcessInstance, at: dt.datetime) -> Entered:
        waiting = (Confirmation.case_id == case_id, Confirmation.result.is_(None))
        row = session.scalars(select(Confirmation).where(*waiting)).one_or_none()
        if row is None:
            raise errors.NotFound
        _check_ruling(row, new, day_of(at))
        row.result, row.ruled_on, row.ruled_by = new.result, new.ruled_on, actor.id
        row.reference, row.note = new.reference.strip(), new.note.strip()
        return Entered("confirmation.ruled", case_id, "joint_confirmation")

    enter(engine, actor, Asked(case_id, content, key), rule)


def printed(session: Session, keys: Keys, case: Case) -> Mapping[str, Any]:
    """What the last application says: who applies, for what, where (SPC Provisions Art. 3)."""
    text = case.agreement
    last = (
        select(Confirmation).where(Confirmation.case_id == case.id).order_by(Confirmation.applied_at.desc())
    )
    application = session.scalars(last.limit(1)).one_or_none()
    if text is None or application is None:
        raise errors.NotFound
    compartment = compartments.of_case(session, keys, case.id)
    acting = guardians_of(session, keys, case.id)
    return {
        "court": application.court,
        "applied_on": wording.day(application.applied_on),
        "effective_on": wording.day_of_moment(text.effective_at),
        "dispute_type": wording.DISPUTE_TYPES.get(case.dispute_type, case.dispute_type),
        "facts": text.facts,
        "content": text.content,
        "oral": "yes" if text.oral else "",
        "parties": [
            {
                **identity_of(compartment, party),
                "kind": party.kind,
                "agent": party.agent,
                "guardian": beside(acting.get(party.id)),
            }
            for party in case.parties
            if party.id in application.party_ids
        ],
    }


def _require_applicable(case: Case, standing: Standing | None, new: Application, at: dt.datetime) -> None:
    if standing is None:
        raise law.forbids("joint_confirmation", at, "the agreement does not bind yet")
    if standing.state == BARRED:
        raise law.forbids("not_confirmable", at, "it settles status or a title, which no court confirms so")
    if new.applied_on > standing.last_day:
        raise law.forbids("joint_confirmation", at, "the days for a joint application are over")
    if set(new.party_ids) != {party.id for party in annexes.bound(case, case.agreement)}:
        raise law.forbids("joint_confirmation", at, "only all whom the agreement binds can apply together")


def _check(case: Case, standing: Standing | None, new: Application, today: dt.date) -> None:
    problems, text = Problems(), case.agreement
    if standing is not None and not standing.may_apply:
        problems.add("applied_on", "An application was made already.")
    if text is not None and text.effective_at is not None:
        problems.not_before("applied_on", new.applied_on, day_of(text.effective_at))
    problems.not_after("applied_on", new.applied_on, today)
    if not new.court.strip():
        problems.add("court", "Answer this question.")
    if len(new.court) > LONGEST:
        problems.add("court", "At most {count} fit here.", count=LONGEST)
    problems.refuse()


def _check_ruling(row: Confirmation, new: Ruling, today: dt.date) -> None:
    problems = Problems()
    if new.result not in RESULTS:
        problems.add("result", "Choose one of these.")
    problems.not_before("ruled_on", new.ruled_on, row.applied_on)
    problems.not_after("ruled_on", new.ruled_on, today)
    if new.result in (CONFIRMED, DISMISSED) and not new.reference.strip():
        problems.add("reference", "Answer this question.")
    for name in ("reference", "note"):
        if len(getattr(new, name)) > LONGEST:
            problems.add(name, "At most {count} fit here.", count=LONGEST)
    problems.refuse()
