"""Guards of effects: what binds or has ended stays, nobody confirms their own case or seals too early."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from sqlalchemy.orm import Session

from engine.mediation import agreements, annexes, law, online, online_records, sheets
from engine.mediation.agreements import require_outsider
from engine.mediation.lookup import case_of, drafted_agreement, find_case
from engine.models.cases import Case
from engine.models.processes import ProcessInstance
from engine.services import Call, Effect, Result, ServiceTask, Step


def while_open(effect: Effect) -> Effect:
    """The effect, refused once the agreement binds or the case has ended, whatever the diagram says."""

    @wraps(effect)
    def guarded(step: Step) -> None:
        require_open(step.session, step.root.id, step.at)
        effect(step)

    return guarded


def require_open(session: Session, case_id: str, at: dt.datetime) -> None:
    """LawForbids once the agreement binds (PML Arts. 31 and 32) or the case has ended (PML Art. 26)."""
    case = find_case(session, case_id)
    if case is None:
        return
    if case.agreement is not None and case.agreement.effective_at is not None:
        raise law.forbids("binding", at, "the agreement binds, so nothing in it can change any more")
    if case.ended_at is not None:
        raise law.forbids("routes", at, "the case has ended and the parties were told of other ways")


def require_unmarked(case: Case, at: dt.datetime) -> None:
    """LawForbids once marks or the signed sheet stand for what the text says, and for whom it names."""
    if case.agreement is not None and (case.agreement.marks or case.agreement.scans):
        raise law.forbids("effect", at, "the agreement already bears marks")


def require_told(session: Session, root: ProcessInstance, at: dt.datetime) -> None:
    """The guard of a registered case's end: nobody leaves without a copy or the notice of other routes.

    LawForbids without a binding agreement or the notice (PML Art. 26), while a household that does not join
    was not told (the same), or a party has no copy of what it signed (PML Art. 29).
    """
    case = find_case(session, root.id)
    if case is None or case.number is None or case.routes_told_at is not None:
        return
    text = case.agreement
    if text is None or text.effective_at is None:
        raise law.forbids("routes", at, "the parties have not been told of other ways")
    if annexes.abstaining(case, text):
        raise law.forbids("routes", at, "who does not join has not been told of other ways")
    if not text.oral and any(party.copy_served_on is None for party in annexes.bound(case, text)):
        raise law.forbids("effect", at, "a party has no copy of the agreement yet")


def before_marks(service: ServiceTask) -> ServiceTask:
    """The service, whose result is not stored once somebody has marked the agreement (PML Art. 29)."""

    @wraps(service.store)
    def guarded(result: Result) -> Mapping[str, Any]:
        if drafted_agreement(result.session, result.root.id).marks:
            raise law.forbids("effect", result.at, "the agreement already bears marks")
        return service.store(result)

    return replace(service, store=guarded)


def once_effective(service: ServiceTask) -> ServiceTask:
    """The service, which is not done before the agreement binds (PML Art. 29).

    A signed sheet is sealed by the system, so that two people stand before it: the seal-keeper who entered
    the marks and an outsider who confirmed them.
    """

    @wraps(service.work)
    def guarded(call: Call) -> Any:
        with call.engine.sessions.query(call.tenant_id) as session:
            agreement = drafted_agreement(session, call.root_id)
        if agreement.effective_at is None:
            raise law.forbids("effect", call.engine.now(), "not all marks have been made")
        return service.work(call)

    return replace(service, work=guarded)


def agreement_drafted(step: Step) -> None:
    """As agreements.agreement_drafted, once the parties have confirmed the electronic record."""
    online_records.require_confirmed(step)
    agreements.agreement_drafted(step)


def copies_served(step: Step) -> None:
    """As agreements.copies_served, by the party's page alone only with consent to electronic service."""
    said = online.consents_of(step.session, step.root.id)
    refusing = {party_id for party_id, consent in said.items() if not consent.e_service}
    if any(
        row["manner"] == "link" and row["party_id"] in refusing for row in step.answers.get("copies") or []
    ):
        raise law.forbids("online_identity", step.at, "a party has not agreed to electronic service")
    agreements.copies_served(step)


def marks_confirmed(step: Step) -> None:
    """As sheets.marks_confirmed, by an outsider; dates that were found wrong are forgotten."""
    case, agreement = case_of(step.session, step.root.id), drafted_agreement(step.session, step.root.id)
    require_outsider(step, case, agreement)
    sheets.marks_confirmed(step)
    if step.answers["confirm"] != "yes":
        sheets.forget_marks(agreement)
