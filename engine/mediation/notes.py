"""What the staff wrote down in a case, each row once: the columns that all have, and the newest of a kind."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from engine.models.base import NotedRow, new_id
from engine.services import Step
from engine.sessions import HOT, OF_TENANT, tenant_of

Kind = TypeVar("Kind", bound=NotedRow)


def written(step: Step) -> dict[str, Any]:
    """The columns that every such row has."""
    case = {"tenant_id": step.root.tenant_id, "case_id": step.root.id}
    return case | {"id": new_id(), "made_at": step.at, "recorded_by": step.actor.id}


def last(session: Session, kind: type[Kind], case_id: str) -> Kind | None:
    """The newest row of a kind; None where there is none."""
    this = {"of_tenant": tenant_of(session), "of_case": case_id}
    return session.scalars(_newest(kind), this).first()


@cache
def _newest(kind: type[Kind]) -> Select[Kind]:
    this = (kind.tenant_id == OF_TENANT, kind.case_id == bindparam("of_case"))
    return select(kind).where(*this).order_by(kind.id.desc()).limit(1).execution_options(**HOT)
