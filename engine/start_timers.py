"""Timer start events: armed as their release becomes active, kept while later ones leave them alone."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, bpmn, due
from engine.models.clocks import StartTimer
from engine.scope import Scope
from engine.sessions import tenant_of


def arm(session: Session, engine: Engine, release_id: str, at: dt.datetime) -> None:
    """Let the timers of a release that is active from now on start its processes, and no others.

    One whose process and text stay the same goes on counting, one that failed is tried again; all others
    count from now, those of the release before are forgotten. Raises ExpressionFailed.
    """
    armed = {
        (row.process_id, row.node_id): row for row in session.scalars(select(StartTimer).with_for_update())
    }
    for process_id, node in _starts(session, engine, release_id):
        row = armed.pop((process_id, node.id), None)
        if row is not None and (row.kind, row.text) == (node.timer_kind, node.timer):
            if row.status == "failed":
                row.status, row.error = "waiting", ""
            continue
        if row is not None:
            session.delete(row)
            session.flush()
        session.add(_armed(session, engine, process_id, node, at))
    for row in armed.values():
        session.delete(row)
    session.flush()


def _starts(session: Session, engine: Engine, release_id: str) -> Iterator[tuple[str, bpmn.Node]]:
    for kind, process_id in sorted(engine.definitions.items(session, release_id)):
        if kind == "process":
            definition = engine.definitions.process(session, release_id, process_id)
            for node in definition.nodes.values():
                if (node.kind, node.scope, node.event) == ("start_event", process_id, "timer"):
                    yield process_id, node


def _armed(session: Session, engine: Engine, process_id: str, node: bpmn.Node, at: dt.datetime) -> StartTimer:
    found = due.of_timer(Scope(session, engine, "", {}), node, at)
    return StartTimer(
        tenant_id=tenant_of(session), process_id=process_id, node_id=node.id, kind=node.timer_kind,
        text=node.timer, base_at=at, due_at=found.at, interval=found.interval, repeats_left=found.repeats,
        fired=0, status="waiting", error="",
    )  # fmt: skip
