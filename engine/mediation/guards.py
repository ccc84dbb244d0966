"""Guards of effects: what binds or has ended stays as it is, and nobody confirms their own case."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.orm import Session

from engine.mediation import law, sheets
from engine.mediation.agreements import MARKS, marks_of, require_outsider
from engine.mediation.lookup import case_of, drafted_agreement
from engine.models.agreements import Agreement
from engine.models.cases import Case
from engine.services import Effect, Result, ServiceTask, Step
from engine.sessions import NAMES_TENANT, tenant_of

STATE = (
    select(Case.ended_at, Agreement.effective_at)
    .outerjoin(Agreement, and_(Agreement.tenant_id == Case.tenant_id, Agreement.case_id == Case.id))
    .where(Case.tenant_id == bindparam("of_tenant"), Case.id == bindparam("of_case"))
    .execution_options(**{NAMES_TENANT: True})
)


def while_open(effect: Effect) -> Effect:
    """The effect, refused once the agreement binds or the case has ended, whatever the diagram says."""

    @wraps(effect)
    def guarded(step: Step) -> None:
        require_open(step.session, step.root.id, step.at)
        effect(step)

    return guarded


def require_open(session: Session, case_id: str, at: dt.datetime) -> None:
    """LawForbids once the agreement binds (PML Arts. 31 and 32) or the case has ended (PML Art. 26)."""
    state = session.execute(STATE, {"of_tenant": tenant_of(session), "of_case": case_id}).one_or_none()
    if state is None:
        return
    if state.effective_at is not None:
        raise law.forbids("binding", at, "the agreement binds, so nothing in it can change any more")
    if state.ended_at is not None:
        raise law.forbids("routes", at, "the case has ended and the parties were told of other ways")


def before_marks(service: ServiceTask) -> ServiceTask:
    """The service, whose result is not stored once somebody has marked the agreement (PML Art. 29)."""

    @wraps(service.store)
    def guarded(result: Result) -> Mapping[str, Any]:
        agreement = drafted_agreement(result.session, result.root.id)
        if marks_of(result.session, agreement.id):
            raise law.forbids("effect", result.at, "the agreement already bears marks")
        return service.store(result)

    return replace(service, store=guarded)


def marks_confirmed(step: Step) -> None:
    """As sheets.marks_confirmed, by an outsider; dates that were found wrong are forgotten."""
    case, agreement = case_of(step.session, step.root.id), drafted_agreement(step.session, step.root.id)
    require_outsider(step, case, agreement)
    sheets.marks_confirmed(step)
    if step.answers["confirm"] != "yes":
        step.session.execute(
            delete(MARKS).where(
                MARKS.c.tenant_id == agreement.tenant_id, MARKS.c.agreement_id == agreement.id
            )
        )
