"""The cases that somebody has in care: those that the actor sees, and all for who runs the installation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, errors, instances, policy
from engine.models.clocks import Timer
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import Incident
from engine.policy import Actor


def lock(session: Session, root_id: str, actor: Actor) -> ProcessInstance:
    """Lock a case as `instances.lock` does; NotFound unless the actor has it in care."""
    return instances.lock(session, root_id, None if policy.answers_for_all(actor) else actor)


def root_of(engine: Engine, actor: Actor, row: type[Timer | UserTask | Incident], row_id: str) -> str:
    """The id of the case to which a row of the actor's tenant belongs, to be locked by it; else NotFound."""
    with engine.sessions.query(actor.tenant_id) as session:
        root_id: str | None = session.scalars(select(row.root_id).where(row.id == row_id)).one_or_none()
    if root_id is None:
        raise errors.NotFound
    return root_id
