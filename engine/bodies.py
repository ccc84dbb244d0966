"""Tenants and the bodies inside them: set up once, before anybody signs in."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine
from engine.models.base import new_id
from engine.models.people import Body, Tenant


@dataclass(frozen=True)
class NewBody:
    """A committee to be set up; `court` is the court at its seat, `code` stands for it in short lists."""

    name: str
    code: str = ""
    court: str = ""
    parent_id: str | None = None


def ensure_tenant(engine: Engine, tenant_id: str, name: str) -> None:
    """Make the tenant unless it is there."""
    with engine.sessions.command(tenant_id) as session:
        if session.scalars(select(Tenant).where(Tenant.id == tenant_id)).one_or_none() is None:
            session.add(Tenant(id=tenant_id, name=name, audit_count=0, audit_head=""))


def ensure_body(session: Session, new: NewBody) -> str:
    """The id of the body of this name, made if it is not there yet."""
    found = session.scalars(select(Body.id).where(Body.name == new.name)).one_or_none()
    if found is not None:
        return found
    body_id = new_id()
    session.add(
        Body(
            tenant_id=session.info["tenant_id"], id=body_id, name=new.name, code=new.code, court=new.court,
            parent_id=new.parent_id,
        )
    )  # fmt: skip
    session.flush()
    return body_id
