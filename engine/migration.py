"""Moving cases to another release: what would happen, the move itself, and taking it back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, bpmn, errors, instances, policy, releases
from engine.bpmn import Remark
from engine.definitions import Items
from engine.models.processes import InstanceMigration, ProcessInstance, Release
from engine.models.records import AuditRow
from engine.moves import Follower, RowChange, Waiting, busy
from engine.policy import Actor
from engine.tree import Live, Tree

USED = ("decision", "template", "style")
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """What happens to a case that moves to a release; it does not move if there are reasons against it.

    `remarks` are for people. `instances` and `rows` are the changes themselves, empty if it does not move.
    """

    root_id: str
    number: int
    remarks: tuple[Remark, ...]
    instances: Mapping[str, Values] = field(default_factory=dict, repr=False)
    rows: tuple[RowChange, ...] = field(default=(), repr=False)

    @property
    def reasons(self) -> tuple[Remark, ...]:
        """What speaks against it."""
        return tuple(remark for remark in self.remarks if remark.is_reason)


@dataclass(frozen=True)
class Outcome:
    """How moving one of several cases ended: the plan that was carried out, or the refusal."""

    root_id: str
    plan: Plan | None = None
    refused: errors.Refusal | None = None


@dataclass(frozen=True)
class _Target:
    """Where cases move: the release, and the new ids of elements that were renamed."""

    release: Release
    items: Items
    mapping: Mapping[str, str]


def candidates(engine: Engine, actor: Actor, number: int) -> list[str]:
    """The ids of the cases under way that are not in this release yet, the oldest first. NotFound."""
    policy.allow(actor, "instance.migrate")
    with engine.sessions.query(actor.tenant_id) as session:
        target = releases.numbered(session, number)
        under_way = (ProcessInstance.parent_id.is_(None), ProcessInstance.status == "active")
        found = select(ProcessInstance.id).where(*under_way, ProcessInstance.release_id != target.id)
        return list(session.scalars(found.order_by(ProcessInstance.id)))


def plan_migration(
    engine: Engine, actor: Actor, number: int, root_ids: Iterable[str], mapping: Mapping[str, str]
) -> Iterator[Plan]:
    """What moving each of these cases to release `number` would do; changes nothing.

    `mapping` gives the new ids of elements whose ids have changed. Raises Forbidden, NotFound.
    """
    policy.allow(actor, "instance.migrate")
    for root_id in root_ids:
        with engine.sessions.query(actor.tenant_id) as session:
            found = select(ProcessInstance).where(ProcessInstance.id == root_id)
            root = _root(session.scalars(found).one_or_none())
            yield _Planning(session, engine, root, _target(session, engine, number, mapping)).plan()


def migrate_case(engine: Engine, actor: Actor, root_id: str, number: int, mapping: Mapping[str, str]) -> Plan:
    """Move a case with all that it has called to release `number`; no token moves, clocks go on.

    It is planned anew under the lock, whatever a dry run has said. Gives what was done. Raises Forbidden,
    NotFound, MigrationUnsafe; then nothing has happened.
    """
    policy.allow(actor, "instance.migrate")
    with engine.sessions.command(actor.tenant_id) as session:
        root = _root(instances.lock(session, root_id))
        target = _target(session, engine, number, mapping)
        planning = _Planning(session, engine, root, target, hold=True)
        plan = planning.plan()
        if plan.reasons:
            raise errors.MigrationUnsafe(number, plan.reasons)
        _carry_out(planning, actor, plan)
        return plan


def migrate_cases(
    engine: Engine, actor: Actor, number: int, root_ids: Iterable[str], mapping: Mapping[str, str]
) -> Iterator[Outcome]:
    """Move several cases, each in a transaction of its own; one that is refused holds up no other."""
    for root_id in root_ids:
        try:
            yield Outcome(root_id, migrate_case(engine, actor, root_id, number, mapping))
        except errors.Refusal as refused:
            yield Outcome(root_id, refused=refused)


def undo_migration(engine: Engine, actor: Actor, root_id: str) -> int:
    """Put a case back to the release in which it was before it moved; gives that release's number.

    Raises Forbidden, NotFound, NothingToUndo, CaseMoved once anything of it is recorded since, and
    MigrationUnsafe while a service is at work, whose result would come into the other diagram.
    """
    policy.allow(actor, "instance.migrate")
    with engine.sessions.command(actor.tenant_id) as session:
        root = _root(instances.lock(session, root_id))
        done = _last(session, root_id)
        rows = _active(session, root)
        _require_unmoved(session, root, done, rows)
        number = session.scalars(select(Release.number).where(Release.id == done.from_release_id)).one()
        _require_idle(session, engine, rows, number)
        for change in done.before["rows"]:
            RowChange(**change).reversed().apply(session)
        _set(rows, done.before["instances"])
        done.undone_at, done.undone_by = engine.now(), actor.id
        entry = audit.Entry("instance.migration_undone", root_id, done.undone_at, content=done.id)
        audit.record(session, engine.keys, root, actor, entry)
        return number


class _Planning:
    """Plans the move of one case; `hold` keeps the jobs of its services from beginning meanwhile."""

    def __init__(
        self, session: Session, engine: Engine, root: ProcessInstance, target: _Target, *, hold: bool = False
    ) -> None:
        self.session, self.engine, self.root, self.target, self._hold = session, engine, root, target, hold
        self.members = _active(session, root)
        self._before = engine.definitions.items(session, root.release_id)
        self._tree = Tree(session, engine, root, engine.now())
        self._instances: dict[str, Values] = {}
        self._rows: list[RowChange] = []

    def plan(self) -> Plan:
        """What happens; only reasons if any speaks against it."""
        number = self.target.release.number
        if self.root.status != "active":
            return Plan(self.root.id, number, (Remark("ended"),))
        if self.root.release_id == self.target.release.id:
            return Plan(self.root.id, number, (Remark("already"),))
        waiting = Waiting(self.session, self.root.id)
        remarks = [remark for row in self.members for remark in self._member(row, waiting)]
        reasons = tuple(remark for remark in remarks if remark.is_reason)
        if reasons:
            return Plan(self.root.id, number, reasons)
        told = (*remarks, *self._used())
        return Plan(self.root.id, number, told, self._instances, tuple(self._rows))

    def _member(self, row: ProcessInstance, waiting: Waiting) -> Iterator[Remark]:
        process_id, definitions = row.process_id, self.engine.definitions
        if ("process", process_id) not in self.target.items:
            yield Remark("gone", process_id, params={"process": process_id})
            return
        old = definitions.process(self.session, row.release_id, process_id)
        new = definitions.process(self.session, self.target.release.id, process_id)
        moved = bpmn.migrate(old, row.state, new, self.target.mapping)
        yield from moved.reasons
        if moved.reasons:
            return
        live = Live(row, new, bpmn.Stepper.restore(new, moved.state), {})
        follower = Follower(self._tree, live, waiting, (self._before, self.target.items))
        follower.follow(moved, hold=self._hold)
        yield from follower.remarks
        self._rows += follower.changes
        self._instances[row.id] = _placed(self.target.release.id, new.hash, moved.state)

    def _used(self) -> Iterator[Remark]:
        """The decisions and templates that are others in the new release, or are gone."""
        for kind, key in sorted(self._before):
            if kind in USED and self._before[kind, key] != self.target.items.get((kind, key)):
                yield Remark("used", params={"kind": kind, "key": key})


def _carry_out(planning: _Planning, actor: Actor, plan: Plan) -> None:
    session, root, target = planning.session, planning.root, planning.target
    at, from_id, rows = planning.engine.now(), root.release_id, planning.members
    before = {row.id: _placed(row.release_id, row.definition_hash, row.state) for row in rows}
    _set(rows, plan.instances)
    content = [from_id, target.release.id, dict(target.mapping)]
    entry = audit.Entry("instance.migrated", root.id, at, content=content)
    audit.record(session, planning.engine.keys, root, actor, entry)
    # The versions are those that this very flush gives.
    session.flush()
    for change in plan.rows:
        change.apply(session)
    session.add(
        InstanceMigration(
            tenant_id=actor.tenant_id, root_id=root.id, mapping=dict(target.mapping),
            from_release_id=from_id, to_release_id=target.release.id,
            migrated_at=at, migrated_by=actor.id, after=_standing(root, rows),
            before={"instances": before, "rows": [asdict(change) for change in plan.rows]},
        )
    )  # fmt: skip


def _require_unmoved(
    session: Session, root: ProcessInstance, done: InstanceMigration, rows: list[ProcessInstance]
) -> None:
    if done.after == _standing(root, rows):
        return
    since = (AuditRow.chain_id == root.id, AuditRow.seq > done.after["recorded"])
    moved = session.scalars(select(AuditRow).where(*since).order_by(AuditRow.seq).limit(1)).one_or_none()
    who, when = (moved.actor_name, moved.at) if moved else ("…", "…")
    raise errors.CaseMoved(who=who, when=when)


def _require_idle(session: Session, engine: Engine, rows: list[ProcessInstance], number: int) -> None:
    reasons: list[Remark] = []
    for row in rows:
        definition = engine.definitions.process(session, row.release_id, row.process_id)
        reasons += busy(session, row, bpmn.Stepper.restore(definition, row.state).waits, hold=True)
    if reasons:
        raise errors.MigrationUnsafe(number, reasons)


def _standing(root: ProcessInstance, rows: list[ProcessInstance]) -> dict[str, Any]:
    """By what one sees that a case has not moved: rows of its record, and the versions of its instances."""
    return {"recorded": root.audit_count, "versions": {row.id: row.version for row in rows}}


def _last(session: Session, root_id: str) -> InstanceMigration:
    found = select(InstanceMigration).where(
        InstanceMigration.root_id == root_id, InstanceMigration.undone_at.is_(None)
    )
    done = session.scalars(found.order_by(InstanceMigration.id.desc()).limit(1)).one_or_none()
    if done is None:
        raise errors.NothingToUndo
    return done


def _placed(release_id: str, definition_hash: str, state: str) -> dict[str, str]:
    return {"release_id": release_id, "definition_hash": definition_hash, "state": state}


def _set(rows: list[ProcessInstance], values: Mapping[str, Values]) -> None:
    for row in rows:
        for name, value in values[row.id].items():
            setattr(row, name, value)


def _active(session: Session, root: ProcessInstance) -> list[ProcessInstance]:
    """The instances of the case that are under way, the root first."""
    found = select(ProcessInstance).where(
        ProcessInstance.root_id == root.id, ProcessInstance.status == "active"
    )
    return list(session.scalars(found.order_by(ProcessInstance.id)))


def _root(row: ProcessInstance | None) -> ProcessInstance:
    if row is None or row.parent_id is not None:
        raise errors.NotFound
    return row


def _target(session: Session, engine: Engine, number: int, mapping: Mapping[str, str]) -> _Target:
    release = releases.numbered(session, number)
    return _Target(release, engine.definitions.items(session, release.id), mapping)
