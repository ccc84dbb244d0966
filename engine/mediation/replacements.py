"""Another mediator after a conflict or a complaint: chosen as the first was, and the case goes on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import policy
from engine.mediation import law
from engine.mediation.happenings import open_in, settle
from engine.mediation.lookup import case_of
from engine.models.base import table
from engine.models.happenings import Happening
from engine.models.processes import UserTask
from engine.services import Call, Result, ServiceTask

KIND = "mediator"
TASKS = table(UserTask)


def replace_mediator() -> ServiceTask:
    """Give the new mediator what the one before had to do; LawForbids while there is none (PML Art. 19)."""
    none = frozenset[str]()
    return ServiceTask(_nothing, _replaced, effects=frozenset({"mediator_replaced"}), variables=none)


def _nothing(_call: Call) -> None:
    return None


def _replaced(result: Result) -> Mapping[str, Any]:
    session, case = result.session, case_of(result.session, result.root.id)
    if case.mediator_id is None:
        raise law.forbids("mediator", result.at, "no mediator has been appointed who has disclosed all ties")
    for happening in open_in(session, case.id):
        if happening.kind == KIND:
            _hand_on(session, happening, case.mediator_id)
            happening.closed_at, happening.outcome = result.at, "replaced"
    settle(session, result.engine, result.root, policy.system(case.tenant_id))
    return {}


def _hand_on(session: Session, happening: Happening, mediator_id: str) -> None:
    """The open tasks that were assigned to the mediator of before are the new one's."""
    theirs = (TASKS.c.tenant_id == happening.tenant_id, TASKS.c.root_id == happening.case_id)
    still_open = (TASKS.c.status == "open", TASKS.c.assignee_id == happening.mediator_id)
    session.execute(
        update(TASKS).where(*theirs, *still_open).values(assignee_id=mediator_id, claimed_by=None)
    )
