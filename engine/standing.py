"""Where a case stands, for those who run an installation: what waits in it, nothing of what it is about."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, arrivals, clocks, errors, jobs, policy
from engine.models.clocks import Timer
from engine.models.messages import Subscription
from engine.models.processes import ProcessInstance, Release, SignalSubscription, UserTask
from engine.models.records import Job
from engine.policy import Actor


@dataclass(frozen=True)
class Waiting:
    """Something that waits: its id by which commands name it, its node or message, and its state.

    `at` is when a task or timer is due or a job is run; `error` what went wrong last.
    """

    kind: str
    id: str
    name: str
    status: str
    at: dt.datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Branch:
    """A process instance with what waits in it, and the processes that it has called."""

    id: str
    process_id: str
    status: str
    release: int
    started_at: dt.datetime
    ended_at: dt.datetime | None
    waiting: Sequence[Waiting]
    called: Sequence["Branch"]


@dataclass(frozen=True)
class Standing:
    """A case's tree of process instances; `paused_since` if its clocks stand still."""

    root: Branch
    paused_since: dt.datetime | None


def standing(engine: Engine, actor: Actor, root_id: str) -> Standing:
    """Where a case stands now. Raises Forbidden, NotFound."""
    policy.allow(actor, "instance.read")
    with engine.sessions.query(actor.tenant_id) as session:
        found = select(ProcessInstance).where(ProcessInstance.root_id == root_id).order_by(ProcessInstance.id)
        rows = session.scalars(found).all()
        root = next((row for row in rows if row.id == root_id), None)
        if root is None:
            raise errors.NotFound
        pause = clocks.paused(session, root_id)
        return Standing(_branch(session, root, rows), pause.paused_at if pause else None)


def _branch(session: Session, row: ProcessInstance, rows: Sequence[ProcessInstance]) -> Branch:
    return Branch(
        id=row.id,
        process_id=row.process_id,
        status=row.status,
        release=session.scalars(select(Release.number).where(Release.id == row.release_id)).one(),
        started_at=row.started_at,
        ended_at=row.ended_at,
        waiting=[*_tasks(session, row.id), *_timers(session, row.id), *_jobs(session, row.id)]
        + _subscriptions(session, row.id),
        called=[_branch(session, child, rows) for child in rows if child.parent_id == row.id],
    )


def _tasks(session: Session, instance_id: str) -> list[Waiting]:
    found = select(UserTask).where(UserTask.instance_id == instance_id, UserTask.status == "open")
    return [
        Waiting("task", task.id, task.node_id, "claimed" if task.claimed_by else "open", task.due_at)
        for task in session.scalars(found.order_by(UserTask.id))
    ]


def _timers(session: Session, instance_id: str) -> list[Waiting]:
    found = select(Timer).where(Timer.instance_id == instance_id).order_by(Timer.due_at, Timer.id)
    return [
        Waiting("timer", timer.id, timer.node_id, timer.status, timer.due_at, timer.error)
        for timer in session.scalars(found)
    ]


def _jobs(session: Session, instance_id: str) -> list[Waiting]:
    of_instance = Job.key.startswith(arrivals.job_key(instance_id, ""), autoescape=True)
    found = select(Job).where(of_instance, Job.status.in_(jobs.UNDONE)).order_by(Job.run_at, Job.id)
    return [
        Waiting("job", job.id, job.kind, job.status, job.run_at, job.error) for job in session.scalars(found)
    ]


def _subscriptions(session: Session, instance_id: str) -> list[Waiting]:
    messages = select(Subscription).where(Subscription.instance_id == instance_id)
    signals = select(SignalSubscription).where(SignalSubscription.instance_id == instance_id)
    return [
        *(Waiting("message", one.id, one.message, "waiting") for one in session.scalars(messages)),
        *(Waiting("signal", one.wait_id, one.signal, "waiting") for one in session.scalars(signals)),
    ]
