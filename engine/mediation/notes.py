"""What the staff wrote down in a case, each row once: the columns that all have, and the newest of a kind."""

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models.base import NotedRow, new_id
from engine.services import Step

Kind = TypeVar("Kind", bound=NotedRow)


def written(step: Step) -> dict[str, Any]:
    """The columns that every such row has."""
    case = {"tenant_id": step.root.tenant_id, "case_id": step.root.id}
    return case | {"id": new_id(), "made_at": step.at, "recorded_by": step.actor.id}


def last(session: Session, kind: type[Kind], case_id: str) -> Kind | None:
    """The newest row of a kind; None where there is none."""
    return session.scalars(select(kind).where(kind.case_id == case_id).order_by(kind.id.desc())).first()
