"""Incidents: what stands still in cases because it failed too often, and having it tried again."""

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, care, errors, jobs, policy, timers
from engine.models.clocks import Timer
from engine.models.processes import ProcessInstance
from engine.models.records import Incident, Job
from engine.policy import Actor


def open_incidents(actor: Actor) -> Select[Incident]:
    """Those that stand still now, in the cases that the actor sees; administrators answer for all.

    What succeeds, is cancelled or is put back is no longer among them, without another word.
    """
    job_failed = and_(Job.tenant_id == actor.tenant_id, Job.status == "failed")
    timer_failed = and_(Timer.tenant_id == actor.tenant_id, Timer.status == "failed")
    still = or_(
        Incident.subject_id.in_(select(Job.id).where(job_failed)),
        Incident.subject_id.in_(select(Timer.id).where(timer_failed)),
    )
    under_way = ProcessInstance.status == "active"
    found = select(Incident).join(ProcessInstance, ProcessInstance.id == Incident.root_id)
    found = found.where(still, under_way)
    return found if policy.answers_for_all(actor) else found.where(policy.visible_roots(actor))


def count_incidents(engine: Engine, actor: Actor) -> int:
    """How many stand still where the actor may have them tried again; 0 for who may not."""
    if not policy.ACTIONS["incident.retry"](actor):
        return 0
    with engine.sessions.query(actor.tenant_id) as session:
        counted = open_incidents(actor).with_only_columns(func.count(), maintain_column_froms=True)
        return session.scalars(counted).one()


def retry_incident(engine: Engine, actor: Actor, incident_id: str) -> None:
    """Have a failed job or timer tried once more, at once; if it fails again the incident is open again.

    Raises NotFound, Forbidden, and IncidentOver where nothing stands still any more.
    """
    policy.allow(actor, "incident.retry")
    root_id = care.root_of(engine, actor, Incident, incident_id)
    with engine.sessions.command(actor.tenant_id) as session:
        root = care.lock(session, root_id, actor)
        incident = session.scalars(select(Incident).where(Incident.id == incident_id)).one()
        at = engine.now()
        if not _put_back(session, engine, incident):
            raise errors.IncidentOver
        incident.retried_at, incident.retried_by = at, actor.name
        entry = audit.Entry("incident.retried", incident_id, at, incident.node_id)
        audit.record(session, engine.keys, root, actor, entry)


def retry_case(engine: Engine, actor: Actor, root_id: str) -> int:
    """Have all that stands still in one case tried once more, each recorded; gives how many were.

    What somebody else had tried meanwhile is not counted.
    """
    policy.allow(actor, "incident.retry")
    with engine.sessions.query(actor.tenant_id) as session:
        found = open_incidents(actor).where(Incident.root_id == root_id).order_by(Incident.id)
        ids = [incident.id for incident in session.scalars(found)]
    return sum(_retried(engine, actor, incident_id) for incident_id in ids)


def _retried(engine: Engine, actor: Actor, incident_id: str) -> bool:
    try:
        retry_incident(engine, actor, incident_id)
    except errors.IncidentOver:
        return False
    return True


def _put_back(session: Session, engine: Engine, incident: Incident) -> bool:
    if incident.kind == timers.TIMER:
        return timers.put_back(session, incident.subject_id)
    return jobs.put_back(session, incident.subject_id, engine.now())
