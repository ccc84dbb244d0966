"""Releases: deploy, list, compare, and choose the one in which new instances start."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bpmn, changes, checks, dmn, errors, form_diff, policy, start_timers
from engine.changes import Change
from engine.definitions import Items, Parsed, content_of
from engine.models.base import new_id
from engine.models.people import Tenant
from engine.models.processes import Definition, ProcessInstance, Release, ReleaseActivation, ReleaseItem
from engine.policy import Actor

DIFFS = {"process": bpmn.diff, "decision": dmn.diff, "form": form_diff.diff}
Key = tuple[str, str]


@dataclass(frozen=True)
class ReleaseRow:
    """A release in the list; `running` counts the cases that are under way in it."""

    id: str
    number: int
    made_at: dt.datetime
    made_by: str
    is_active: bool
    running: int


@dataclass(frozen=True)
class ItemDiff:
    """A file that came, went or changed between two releases, with what changed in it."""

    kind: str
    key: str
    status: changes.Kind
    changes: tuple[Change, ...] = ()


def deploy(engine: Engine, actor: Actor, files: Mapping[str, bytes], removed: Collection[Key] = ()) -> str:
    """Make a new release of the active one with these files in it and others out; gives its id.

    `removed` are (kind, key) of what new instances shall no longer find. All or nothing: `DiagramRefused`
    with every error found, `NotInRelease` for what is not there to be removed. The new release is active
    at once. Files that were deployed already keep their hash; changing nothing gives the active release back.
    """
    policy.allow(actor, "release.deploy")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = _lock_tenant(session, actor)
        active = active_release(session)
        base = dict(engine.definitions.items(session, active)) if active else {}
        kept = _without(base, removed)
        findings, deployed = checks.check(engine, files, _parsed(session, engine, active, kept))
        items = kept | {(file.kind, key): file.hash for file in deployed for key in file.keys}
        if active and removed:
            untouched = {item for item, found in items.items() if base.get(item) == found}
            findings += checks.dangling(_processes(session, engine, active, untouched), items)
        refused = [found for found in findings if found.severity == "error"]
        if refused:
            raise errors.DiagramRefused(refused, [found.element_id for found in refused])
        if active and items == base:
            return active
        release = _store(session, actor, deployed, items, engine.now())
        for file in deployed:
            engine.definitions.keep(file.kind, file.hash, file.parsed)
        start_timers.arm(session, engine, release.id, release.made_at)
        entry = audit.Entry("release.deployed", release.id, release.made_at, content=sorted(items.values()))
        audit.record(session, engine.keys, tenant, actor, entry)
        return release.id


def check(engine: Engine, actor: Actor, files: Mapping[str, bytes]) -> list[bpmn.Finding]:
    """What `deploy` would find in these files, errors and warnings; nothing is stored.

    For editors: call it with the draft under its file name. An error refuses the deploy.
    """
    policy.allow(actor, "release.deploy")
    with engine.sessions.query(actor.tenant_id) as session:
        active = active_release(session)
        base = engine.definitions.items(session, active) if active else {}
        return checks.check(engine, files, _parsed(session, engine, active, base))[0]


def activate(engine: Engine, actor: Actor, number: int) -> str:
    """Let new instances start in an older or newer release from now on; gives its id. NotFound.

    Instances that run stay where they are. Activating what is active changes and records nothing.
    """
    policy.allow(actor, "release.activate")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = _lock_tenant(session, actor)
        release = numbered(session, number)
        if release.id != active_release(session):
            at = engine.now()
            _activate(session, actor, release.id, at)
            start_timers.arm(session, engine, release.id, at)
            audit.record(
                session, engine.keys, tenant, actor, audit.Entry("release.activated", release.id, at)
            )
        return release.id


def active_release(session: Session) -> str | None:
    """The id of the release in which new instances start; None before anything was deployed."""
    newest = select(ReleaseActivation.release_id).order_by(ReleaseActivation.number.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def numbered(session: Session, number: int) -> Release:
    """The release with this number; NotFound."""
    release = session.scalars(select(Release).where(Release.number == number)).one_or_none()
    if release is None:
        raise errors.NotFound
    return release


def list_releases(engine: Engine, actor: Actor) -> list[ReleaseRow]:
    """All releases of the tenant, the newest first."""
    policy.allow(actor, "release.read")
    with engine.sessions.query(actor.tenant_id) as session:
        active = active_release(session)
        roots = (ProcessInstance.parent_id.is_(None), ProcessInstance.status == "active")
        counted = session.execute(
            select(ProcessInstance.release_id, func.count().label("cases"))
            .where(*roots)
            .group_by(ProcessInstance.release_id)
        )
        running = {row.release_id: row.cases for row in counted}
        return [
            ReleaseRow(row.id, row.number, row.made_at, row.made_by, row.id == active, running.get(row.id, 0))
            for row in session.scalars(select(Release).order_by(Release.number.desc()))
        ]


def items_of(engine: Engine, actor: Actor, number: int) -> Items:
    """(kind, key) → hash of everything in a release, sorted. NotFound."""
    policy.allow(actor, "release.read")
    with engine.sessions.query(actor.tenant_id) as session:
        items = engine.definitions.items(session, numbered(session, number).id)
        return dict(sorted(items.items()))


def diff(engine: Engine, actor: Actor, before: int, after: int) -> list[ItemDiff]:
    """What differs between two releases, by file and by element. NotFound."""
    policy.allow(actor, "release.read")
    with engine.sessions.query(actor.tenant_id) as session:
        old, new = (
            engine.definitions.items(session, numbered(session, number).id) for number in (before, after)
        )
        found, seen = [], set()
        for kind, key in sorted({*old, *new}):
            hashes = (kind, old.get((kind, key)), new.get((kind, key)))
            # A file with several decisions stands under several keys and is compared once.
            if hashes[1] != hashes[2] and hashes not in seen:
                seen.add(hashes)
                found.append(_item_diff(session, (kind, key), hashes[1], hashes[2]))
        return found


def _item_diff(session: Session, item: Key, before: str | None, after: str | None) -> ItemDiff:
    if before is None or after is None:
        return ItemDiff(*item, "added" if before is None else "removed")
    old, new = (content_of(session, found) for found in (before, after))
    compare = DIFFS.get(item[0])
    if compare is None:
        return ItemDiff(*item, "changed", tuple(changes.lines(old.decode(), new.decode())))
    return ItemDiff(*item, "changed", tuple(compare(old, new)))


def _lock_tenant(session: Session, actor: Actor) -> Tenant:
    # With key_share others may insert rows that point at the tenant: cases move meanwhile.
    this = select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update(key_share=True)
    return session.scalars(this).one()


def _parsed(session: Session, engine: Engine, release_id: str | None, items: Items) -> checks.Items:
    return Parsed(session, engine.definitions, release_id, items) if release_id else {}


def _without(base: Items, removed: Collection[Key]) -> dict[Key, str]:
    for kind, key in removed:
        if (kind, key) not in base:
            raise errors.NotInRelease(kind=kind, key=key)
    return {item: found for item, found in base.items() if item not in removed}


def _processes(
    session: Session, engine: Engine, release_id: str, items: Collection[Key]
) -> list[bpmn.Definition]:
    return [
        engine.definitions.process(session, release_id, key)
        for kind, key in sorted(items)
        if kind == "process"
    ]


def _store(
    session: Session, actor: Actor, files: list[checks.DeployedFile], items: Items, at: dt.datetime
) -> Release:
    stored = set(session.scalars(select(Definition.hash).where(Definition.hash.in_([f.hash for f in files]))))
    for file in {file.hash: file for file in files if file.hash not in stored}.values():
        session.add(Definition(tenant_id=actor.tenant_id, hash=file.hash, content=file.content))
    number = (session.scalar(select(func.max(Release.number))) or 0) + 1
    release = Release(tenant_id=actor.tenant_id, id=new_id(), number=number, made_at=at, made_by=actor.id)
    session.add(release)
    session.flush()
    rows = [
        {"tenant_id": actor.tenant_id, "release_id": release.id, "kind": kind, "key": key, "hash": found}
        for (kind, key), found in items.items()
    ]
    if rows:
        session.execute(insert(ReleaseItem), rows)
    _activate(session, actor, release.id, at)
    return release


def _activate(session: Session, actor: Actor, release_id: str, at: dt.datetime) -> None:
    number = (session.scalar(select(func.max(ReleaseActivation.number))) or 0) + 1
    session.add(
        ReleaseActivation(
            tenant_id=actor.tenant_id, number=number, release_id=release_id,
            activated_at=at, activated_by=actor.id,
        )
    )  # fmt: skip
    session.flush()
