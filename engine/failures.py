"""Failures that stay: what stands still in a case until somebody has it tried again."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine import errors, feel
from engine.models.base import new_id, table
from engine.models.records import Incident
from engine.sessions import insert_into, tenant_of

INCIDENTS = table(Incident)
LONGEST_ERROR = 2_000


@dataclass(frozen=True)
class Failed:
    """What failed: the job or timer, the case it belongs to, its node, and what it was given."""

    subject_id: str
    kind: str
    root_id: str
    node_id: str
    payload: Mapping[str, Any]
    attempts: int = 1


def raise_incident(session: Session, failed: Failed, error: Exception, at: dt.datetime) -> None:
    """Keep what failed as an incident of its case; the same job or timer has one, which counts on."""
    told = {"error_type": type(error).__name__, "raised_at": at, **_told(error)}
    session.connection().execute(
        insert_into(session, INCIDENTS)
        .values(
            tenant_id=tenant_of(session), id=new_id(), subject_id=failed.subject_id, kind=failed.kind,
            root_id=failed.root_id, node_id=failed.node_id, payload=dict(failed.payload),
            attempts=failed.attempts, **told,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "subject_id"], set_={"attempts": INCIDENTS.c.attempts + 1, **told}
        )
    )  # fmt: skip


def _told(error: Exception) -> dict[str, Any]:
    if isinstance(error, errors.Refusal):
        params = {name: kept(value) for name, value in error.params.items()}
        return {"error": error.message, "params": params}
    # A database quotes the row that it refuses, and that may be what somebody said in confidence.
    said = errors.shown(error) if isinstance(error, SQLAlchemyError) else str(error)
    return {"error": said[:LONGEST_ERROR], "params": None}


def kept(value: object) -> Any:
    """A parameter as text; a problem of FEEL in its parts, so that each reader is told in their language."""
    if isinstance(value, feel.FeelError):
        params = {name: str(given)[:LONGEST_ERROR] for name, given in value.params.items()}
        return {"message": value.message, "params": params, "line": value.line, "column": value.column}
    return str(value)[:LONGEST_ERROR]
