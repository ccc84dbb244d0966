"""Ending a case that should not have begun, such as one that was opened twice."""

import datetime as dt

from sqlalchemy.orm import Session

from engine import Engine, audit, care, errors, policy
from engine.mediation import law
from engine.mediation.guards import require_open
from engine.mediation.lookup import find_case
from engine.policy import Actor
from engine.tree import Tree


def cancel_case(engine: Engine, actor: Actor, root_id: str, reason: str) -> None:
    """End a case from outside, with all that waits in it: tasks, timers, jobs, messages, called processes.

    Raises NotFound, Forbidden, CaseClosed, and LawForbids for what binds or has ended, and for a case that
    was accepted: mediation ends only when the parties were told of other ways (PML Art. 26).
    """
    policy.allow(actor, "instance.cancel")
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        if root.status != "active":
            raise errors.CaseClosed
        at = engine.now()
        _end(session, root_id, reason, at)
        tree = Tree(session, engine, root, at)
        tree.cancel(root)
        tree.record(actor, audit.Entry("case.cancelled", root_id, at, content=[reason]))
        tree.store()


def _end(session: Session, root_id: str, reason: str, at: dt.datetime) -> None:
    case = find_case(session, root_id)
    if case is None:
        return
    require_open(session, root_id, at)
    if case.accepted_at is not None:
        raise law.forbids("routes", at, "an accepted case ends only when the parties were told of other ways")
    case.status, case.end_code, case.end_reason, case.ended_at = "ended", "other", reason, at
