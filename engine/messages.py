"""Messages: each goes to exactly one place that waits for it, or is kept for a while until somebody does."""

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, bpmn, errors, events, idempotency, instances, jobs, policy, throws
from engine.models.base import new_id, table
from engine.models.messages import KeptMessage, Subscription
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.releases import active_release
from engine.sessions import OF_TENANT, is_passing, tenant_of
from engine.tree import Tree

SUBSCRIPTIONS = table(Subscription)
KEPT = table(KeptMessage)
HOUR = dt.timedelta(hours=1)
BATCH = 50
UNHEARD = "unheard"
RECEIVERS = (
    select(SUBSCRIPTIONS.c.root_id, SUBSCRIPTIONS.c.id)
    .where(
        SUBSCRIPTIONS.c.tenant_id == OF_TENANT,
        SUBSCRIPTIONS.c.message == bindparam("of_message"),
        SUBSCRIPTIONS.c.key == bindparam("of_key"),
    )
    .order_by(SUBSCRIPTIONS.c.since, SUBSCRIPTIONS.c.id)
)
THIS_PLACE = select(SUBSCRIPTIONS.c.instance_id, SUBSCRIPTIONS.c.wait_id).where(
    SUBSCRIPTIONS.c.tenant_id == OF_TENANT,
    SUBSCRIPTIONS.c.id == bindparam("of_place"),
    SUBSCRIPTIONS.c.message == bindparam("of_message"),
)
WANTED = (
    select(KEPT.c.id)
    .join(
        SUBSCRIPTIONS,
        (SUBSCRIPTIONS.c.tenant_id == KEPT.c.tenant_id)
        & (SUBSCRIPTIONS.c.message == KEPT.c.message)
        & (SUBSCRIPTIONS.c.key == KEPT.c.key),
    )
    .where(
        KEPT.c.tenant_id == OF_TENANT,
        KEPT.c.status == "waiting",
        KEPT.c.expires_at > bindparam("now"),
    )
    .order_by(KEPT.c.published_at, KEPT.c.id)
    .limit(BATCH)
)
EXPIRED = (KEPT.c.tenant_id == OF_TENANT, KEPT.c.expires_at <= bindparam("now"))
log = logging.getLogger("woshou.messages")


@dataclass(frozen=True)
class Message:
    """What is told to whoever waits for this name under this key; `variables` go to the receiver.

    The key is a text, a number, or a list of them that must all be equal. The same `id` again changes
    nothing. Nobody waiting, it is kept for `ttl`.
    """

    name: str
    key: Any
    variables: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=new_id)
    ttl: dt.timedelta = HOUR


@dataclass(frozen=True)
class Published:
    """What became of a message: received, started, kept or dropped; `root_id` is the case it reached."""

    message_id: str
    outcome: str
    root_id: str | None = None


def publish(engine: Engine, actor: Actor, message: Message) -> Published:
    """Give a message to the one that has waited for it longest, else start a process, else keep it.

    The same id with the same content gives the same answer again. Raises Forbidden, KeyReused,
    UnreadableRequest, and what refuses the receiver's step; then nothing has happened.
    """
    policy.allow(actor, "message.publish")
    key = _key(message)
    content = [message.name, key, message.variables]
    request = idempotency.Request(actor, f"message:{message.id}", audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        if (seen := idempotency.recall(session, request)) is not None:
            return Published(**seen)
        told = _Told(message.id, message.name, key, message.variables)
        published = (
            _received(session, engine, actor, told)
            or _started(session, engine, actor, told)
            or _kept(session, told, engine.now(), message.ttl)
        )
        idempotency.remember(session, request, asdict(published), engine.now())
        return published


def deliver_kept(engine: Engine) -> int:
    """Give kept messages to those who wait for them by now, the oldest first, and drop the expired ones.

    Gives how many were wanted. May run in any number of threads and processes at once.
    """
    return sum(_deliver_of(engine, tenant_id) for tenant_id in jobs.tenants(engine))


def is_awaited(session: Session, root_id: str, name: str) -> bool:
    """Whether an event of the case waits for a message of this name under a key."""
    this = (Subscription.root_id == root_id, Subscription.message == name)
    return session.scalars(select(Subscription.id).where(*this).limit(1)).first() is not None


def throw(
    session: Session,
    engine: Engine,
    root: ProcessInstance,
    name: str,
    brought: Mapping[str, Any] | None = None,
) -> bool:
    """Tell the locked case a message and move it; False if nothing in it waits for one of this name.

    The outermost instance that waits receives it, whatever its key, with the variables that it brings: a
    boundary event there ends what runs inside.
    """
    tree = Tree(session, engine, root, engine.now())
    received = throws.send(tree, name, brought)
    if received:
        tree.store()
    return received


def tell(
    session: Session,
    engine: Engine,
    root: ProcessInstance,
    name: str,
    brought: Mapping[str, Any] | None = None,
) -> None:
    """As `throw`, for what holds whether a diagram hears it or not.

    Where nothing waits for it, or the law forbids what the diagram would do then, the case stays where it is
    and the message is told again by a job. Its failure is an incident, for whoever mends the diagrams.
    """
    try:
        with session.begin_nested():
            received = throw(session, engine, root, name, brought)
    except errors.LawForbids:
        received = False
    if not received:
        key = f"{UNHEARD}:{new_id()}"
        payload = {"key": key, "root_id": root.id, "message": name, "brought": dict(brought or {})}
        jobs.enqueue(session, UNHEARD, key, engine.now(), payload | {jobs.TRIES: 1})


def tell_again(engine: Engine, tenant_id: str, payload: Mapping[str, Any]) -> None:
    """The handler of messages that nobody has heard: the diagrams may have been mended meanwhile.

    Raises NoReceiver, and what refuses the receiver's step.
    """
    with engine.sessions.command(tenant_id) as session:
        root = instances.lock(session, payload["root_id"])
        told = (payload["message"], payload["brought"])
        if root.status == "active" and not throw(session, engine, root, *told):
            raise errors.NoReceiver(message=payload["message"])
        jobs.finish(session, payload["key"])


@dataclass(frozen=True)
class _Told:
    """A message on its way, with its key as it is compared."""

    id: str
    name: str
    key: str
    variables: Mapping[str, Any]


def _key(message: Message) -> str:
    try:
        return events.key_text(message.key)
    except TypeError as unsuitable:
        raise errors.UnreadableRequest from unsuitable


def _received(session: Session, engine: Engine, actor: Actor, told: _Told) -> Published | None:
    looked_for = {"of_tenant": actor.tenant_id, "of_message": told.name, "of_key": told.key}
    for root_id, place_id in session.connection().execute(RECEIVERS, looked_for).all():
        root = instances.lock(session, root_id)
        # Looked at again under the lock: another message may have come first, or the case another diagram.
        this = {"of_tenant": actor.tenant_id, "of_place": place_id, "of_message": told.name}
        place = session.connection().execute(THIS_PLACE, this).one_or_none()
        if place is not None:
            tree = Tree(session, engine, root, engine.now())
            _receive(tree, actor, (place.instance_id, place.wait_id), told)
            return Published(told.id, "received", root_id)
    return None


def _receive(tree: Tree, actor: Actor, place: tuple[str, str], told: _Told) -> None:
    live = tree.live(place[0])
    wait = live.wait(place[1])
    tree.trigger(live, wait, told.variables)
    law_ref = wait.node.properties.get("lawRef", "")
    entry = audit.Entry("message.received", told.id, tree.at, wait.node.id, law_ref, dict(told.variables))
    tree.record(actor, entry)
    tree.store()


def _started(session: Session, engine: Engine, actor: Actor, told: _Told) -> Published | None:
    found = _startable(session, engine, told.name)
    if found is None:
        return None
    body_id = actor.body_id or bodies.root_body(session)
    bodies.require_open(session, body_id)
    new = instances.NewProcess(found.scope, body_id, told.variables, found.id)
    return Published(told.id, "started", instances.start(session, engine, actor, new, lambda _: None).id)


def _startable(session: Session, engine: Engine, name: str) -> bpmn.Node | None:
    """The start event of a process of the active release that begins with this message."""
    release_id = active_release(session)
    items = engine.definitions.items(session, release_id) if release_id else {}
    for process_id in sorted(key for kind, key in items if kind == "process"):
        definition = engine.definitions.process(session, release_id or "", process_id)
        for node in definition.nodes.values():
            if (node.kind, node.scope, node.message) == ("start_event", process_id, name):
                return node
    return None


def _kept(session: Session, told: _Told, at: dt.datetime, ttl: dt.timedelta) -> Published:
    if ttl <= dt.timedelta():
        return Published(told.id, "dropped")
    session.add(
        KeptMessage(
            message=told.name, key=told.key, variables=dict(told.variables), message_id=told.id,
            tenant_id=tenant_of(session), published_at=at, expires_at=at + ttl,
        )
    )  # fmt: skip
    return Published(told.id, "kept")


def _deliver_of(engine: Engine, tenant_id: str) -> int:
    now = {"of_tenant": tenant_id, "now": engine.now()}
    with engine.sessions.query(tenant_id) as session:
        wanted = list(dict.fromkeys(session.connection().scalars(WANTED, now)))
        has_expired = session.connection().execute(select(KEPT.c.id).where(*EXPIRED).limit(1), now).first()
    if has_expired:
        with engine.sessions.command(tenant_id) as session:
            session.connection().execute(delete(KEPT).where(*EXPIRED), now)
    return sum(_deliver(engine, tenant_id, kept_id) for kept_id in wanted)


def _deliver(engine: Engine, tenant_id: str, kept_id: str) -> bool:
    """Give one kept message to its receiver; one that fails is set aside with its error."""
    try:
        with engine.sessions.command(tenant_id) as session:
            found = select(KeptMessage).where(KeptMessage.id == kept_id, KeptMessage.status == "waiting")
            kept = session.scalars(found.with_for_update(skip_locked=True)).one_or_none()
            if kept is None:
                return False
            told = _Told(kept.message_id, kept.message, kept.key, kept.variables)
            received = _received(session, engine, policy.system(tenant_id), told)
            if received:
                session.delete(kept)
            return received is not None
    except errors.ConcurrentChange:
        return False
    except Exception as failed:
        if is_passing(failed):
            raise
        log.exception("message %s failed", kept_id)
        with engine.sessions.command(tenant_id) as session:
            this = (KeptMessage.tenant_id == tenant_id, KeptMessage.id == kept_id)
            shown = errors.shown(failed)
            session.execute(update(KeptMessage).where(*this).values(status="failed", error=shown))
        return True
