"""Messages: an event told to a case goes to exactly one place that waits for it."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bpmn, instances
from engine.models.processes import ProcessInstance


def throw(session: Session, engine: Engine, root: ProcessInstance, name: str, at: dt.datetime) -> bool:
    """Tell the locked case a message and move it; False if nothing in it waits for one of this name.

    The outermost instance that waits receives it: a boundary event there ends what runs inside.
    """
    tree = instances.Tree(session, engine, root, at)
    for instance_id in _active(session, root):
        live = tree.live(instance_id)
        if (wait := _waiting(live, name)) is not None:
            tree.trigger(live, wait)
            tree.store()
            return True
    return False


def _active(session: Session, root: ProcessInstance) -> list[str]:
    found = select(ProcessInstance.id).where(
        ProcessInstance.root_id == root.id, ProcessInstance.status == "active"
    )
    return list(session.scalars(found.order_by(ProcessInstance.id)))


def _waiting(live: instances.Live, name: str) -> bpmn.Wait | None:
    return next((wait for wait in live.stepper.waits if wait.node.message == name), None)
