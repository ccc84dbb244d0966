"""Guards of effects: what binds or has ended stays as it is, and nobody confirms their own case."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from sqlalchemy.orm import Session

from engine.mediation import law, sheets
from engine.mediation.agreements import require_outsider
from engine.mediation.lookup import case_of, drafted_agreement, find_case
from engine.services import Effect, Result, ServiceTask, Step


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


def before_marks(service: ServiceTask) -> ServiceTask:
    """The service, whose result is not stored once somebody has marked the agreement (PML Art. 29)."""

    @wraps(service.store)
    def guarded(result: Result) -> Mapping[str, Any]:
        if drafted_agreement(result.session, result.root.id).marks:
            raise law.forbids("effect", result.at, "the agreement already bears marks")
        return service.store(result)

    return replace(service, store=guarded)


def marks_confirmed(step: Step) -> None:
    """As sheets.marks_confirmed, by an outsider; dates that were found wrong are forgotten."""
    case, agreement = case_of(step.session, step.root.id), drafted_agreement(step.session, step.root.id)
    require_outsider(step, case, agreement)
    sheets.marks_confirmed(step)
    if step.answers["confirm"] != "yes":
        agreement.marks.clear()
