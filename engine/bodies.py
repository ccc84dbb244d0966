"""Tenants and the tree of bodies inside them: set up, added, renamed, moved and closed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, policy
from engine.models.base import new_id
from engine.models.people import Body, Tenant
from engine.models.processes import ProcessInstance
from engine.policy import Actor

LONGEST_NAME = 100
STANDS_UNDER: Mapping[str, frozenset[str | None]] = {
    "district": frozenset({None}),
    "town": frozenset({None, "district"}),
    "village": frozenset({None, "town"}),
    "courtyard": frozenset({"village"}),
    "department": frozenset({"district", "town"}),
}
"""Kind of body → the kinds right above it, None for the top: a single committee needs no district."""


@dataclass(frozen=True)
class NewBody:
    """A body to be set up; `court` is the court at its seat, `code` stands for it in the numbers of cases.

    `kind` is a key of STANDS_UNDER.
    """

    name: str
    code: str = ""
    court: str = ""
    parent_id: str | None = None
    kind: str = "town"


@dataclass(frozen=True)
class BodyRow:
    """A body in the tree; those of depth 0 stand at the top."""

    id: str
    name: str
    code: str
    kind: str
    parent_id: str | None
    depth: int
    is_closed: bool


def ensure_tenant(engine: Engine, tenant_id: str, name: str) -> None:
    """Make the tenant unless it is there."""
    with engine.sessions.command(tenant_id) as session:
        if session.scalars(select(Tenant).where(Tenant.id == tenant_id)).one_or_none() is None:
            session.add(Tenant(id=tenant_id, name=name, audit_count=0, audit_head=""))


def ensure_body(session: Session, new: NewBody) -> str:
    """The id of the body of this name, made if it is not there yet."""
    found = session.scalars(select(Body.id).where(Body.name == new.name)).one_or_none()
    return _store(session, new) if found is None else found


def root_body(session: Session) -> str:
    """The id of the tenant's outermost body: in its care is what no body has begun."""
    outermost = select(Body.id).where(Body.parent_id.is_(None), Body.closed_at.is_(None)).order_by(Body.id)
    return session.scalars(outermost.limit(1)).one()


def list_bodies(engine: Engine, actor: Actor) -> list[BodyRow]:
    """The whole tree, each body before those under it, each level by name. Forbidden for a party."""
    policy.allow(actor, "body.read")
    with engine.sessions.query(actor.tenant_id) as session:
        under: dict[str | None, list[Body]] = {}
        for row in session.scalars(select(Body).order_by(Body.name, Body.id)):
            under.setdefault(row.parent_id, []).append(row)
    return list(_in_tree_order(under, None, 0))


def add_body(engine: Engine, actor: Actor, new: NewBody) -> str:
    """Add a body to the tree and give its id.

    Raises Forbidden, NotFound, NameMissing, NameTaken, WrongPlace, BodyClosed.
    """
    policy.allow(actor, "body.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = lock_tenant(session, actor)
        _require_free(session, new.name, new.code)
        _require_place(new.kind, _open_body(session, new.parent_id) if new.parent_id else None)
        body_id = _store(session, new)
        content = [new.name, new.code, new.court, new.kind, new.parent_id]
        entry = audit.Entry("body.added", body_id, engine.now(), content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
    return body_id


def rename_body(engine: Engine, actor: Actor, body_id: str, name: str) -> None:
    """Give a body another name; its code, which stands in the numbers of cases, stays.

    Raises Forbidden, NotFound, NameMissing, NameTaken, BodyClosed.
    """
    policy.allow(actor, "body.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = lock_tenant(session, actor)
        body = _open_body(session, body_id)
        _require_free(session, name, body.code, but=body_id)
        body.name = name
        entry = audit.Entry("body.renamed", body_id, engine.now(), content=name)
        audit.record(session, engine.keys, tenant, actor, entry)


def move_body(engine: Engine, actor: Actor, body_id: str, parent_id: str | None) -> None:
    """Put a body with all that stands under it under another one, or at the top.

    Raises Forbidden, NotFound, BodyUnderItself, WrongPlace, BodyClosed.
    """
    policy.allow(actor, "body.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = lock_tenant(session, actor)
        body = _open_body(session, body_id)
        parent = _open_body(session, parent_id) if parent_id else None
        if parent is not None and body_id in way_up(session, parent.id):
            raise errors.BodyUnderItself(name=body.name)
        _require_place(body.kind, parent)
        body.parent_id = parent_id
        entry = audit.Entry("body.moved", body_id, engine.now(), content=parent_id or "")
        audit.record(session, engine.keys, tenant, actor, entry)


def close_body(engine: Engine, actor: Actor, body_id: str) -> None:
    """Close a body: nothing begins in it any more, and its cases that are over stay readable.

    Raises Forbidden, NotFound, BodyClosed, BodyHasBodies, and BodyHasCases while one is under way.
    """
    policy.allow(actor, "body.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = lock_tenant(session, actor)
        # A case that begins holds the body's row until it is stored; see require_open.
        body = _open_body(session, body_id, lock=True)
        under = _count(session, Body, Body.parent_id == body_id, Body.closed_at.is_(None))
        if under:
            raise errors.BodyHasBodies(name=body.name, count=under)
        of_body = (ProcessInstance.body_id == body_id, ProcessInstance.parent_id.is_(None))
        running = _count(session, ProcessInstance, *of_body, ProcessInstance.status == "active")
        if running:
            raise errors.BodyHasCases(name=body.name, count=running)
        body.closed_at = engine.now()
        audit.record(session, engine.keys, tenant, actor, audit.Entry("body.closed", body_id, body.closed_at))


def require_open(session: Session, body_id: str) -> None:
    """The guard of what begins in a body: it stays open until this transaction ends. BodyClosed, NotFound."""
    this = select(Body).where(Body.id == body_id).with_for_update(read=True, key_share=True)
    body = session.scalars(this).one_or_none()
    if body is None:
        raise errors.NotFound
    _refuse_closed(body)


def lock_tenant(session: Session, actor: Actor) -> Tenant:
    """The tenant's row, whose chain a command is about to extend: one such command at a time."""
    this = select(Tenant).where(Tenant.id == actor.tenant_id)
    return session.scalars(this.with_for_update(key_share=True)).one()


def way_up(session: Session, body_id: str) -> Iterator[str]:
    """The body's id and those of all above it."""
    parents = {row.id: row.parent_id for row in session.execute(select(Body.id, Body.parent_id))}
    here: str | None = body_id
    while here is not None:
        yield here
        here = parents[here]


def _in_tree_order(
    under: Mapping[str | None, Iterable[Body]], parent_id: str | None, depth: int
) -> Iterator[BodyRow]:
    for row in under.get(parent_id, ()):
        is_closed = row.closed_at is not None
        yield BodyRow(row.id, row.name, row.code, row.kind, parent_id, depth, is_closed)
        yield from _in_tree_order(under, row.id, depth + 1)


def _store(session: Session, new: NewBody) -> str:
    body_id = new_id()
    session.add(
        Body(
            tenant_id=session.info["tenant_id"], id=body_id, name=new.name, code=new.code, court=new.court,
            parent_id=new.parent_id, kind=new.kind,
        )
    )  # fmt: skip
    session.flush()
    return body_id


def _open_body(session: Session, body_id: str, *, lock: bool = False) -> Body:
    this = select(Body).where(Body.id == body_id)
    found = session.scalars(this.with_for_update() if lock else this).one_or_none()
    if found is None:
        raise errors.NotFound
    _refuse_closed(found)
    return found


def _refuse_closed(body: Body) -> None:
    if body.closed_at is not None:
        raise errors.BodyClosed(name=body.name)


def _require_free(session: Session, name: str, code: str, but: str = "") -> None:
    if not (0 < len(name.strip()) <= LONGEST_NAME and 0 < len(code.strip()) <= LONGEST_NAME):
        raise errors.NameMissing
    # Two bodies with one code would give two cases one number.
    taken = select(Body.name).where(or_(Body.name == name, Body.code == code), Body.id != but)
    if (found := session.scalars(taken.limit(1)).one_or_none()) is not None:
        raise errors.NameTaken(name=found)


def _require_place(kind: str, parent: Body | None) -> None:
    if (parent.kind if parent else None) not in STANDS_UNDER[kind]:
        raise errors.WrongPlace(kind=kind, parent=parent.kind if parent else "top")


def _count(session: Session, row: type[Body | ProcessInstance], *conditions: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).select_from(row).where(*conditions)).one()
