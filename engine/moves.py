"""The rows that follow when an instance moves to another definition, as changes that can be taken back."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from engine import arrivals, bpmn, errors, events, jobs, policy
from engine.bpmn import Remark, Wait
from engine.definitions import Items
from engine.models.base import UtcDateTime, table
from engine.models.clocks import Timer
from engine.models.messages import Subscription
from engine.models.people import Account
from engine.models.processes import ProcessInstance, SignalSubscription, UserTask
from engine.policy import Actor
from engine.sessions import tenant_of
from engine.tree import Live, Tree

Row = UserTask | Timer | Subscription | SignalSubscription
KINDS: tuple[type[Row], ...] = (UserTask, Timer, Subscription, SignalSubscription)
TABLES = {kind.__tablename__: table(kind) for kind in KINDS}
Place = tuple[str, str]
"""Instance and wait."""


@dataclass(frozen=True)
class RowChange:
    """The columns of one row that change, before and after; None where there is no row."""

    table: str
    key: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def reversed(self) -> "RowChange":
        """The change that takes this one back."""
        return RowChange(self.table, self.key, self.after, self.before)

    def apply(self, session: Session) -> None:
        """Insert, delete or update the row."""
        of = TABLES[self.table]
        named = {"tenant_id": tenant_of(session), **self.key}
        this = and_(*(of.c[name] == value for name, value in named.items()))
        if self.before is None:
            statement: Any = insert(of).values(**named, **_values(of, self.after or {}))
        elif self.after is None:
            statement = delete(of).where(this)
        else:
            statement = update(of).where(this).values(**_values(of, self.after))
        session.connection().execute(statement)


def _values(of: Table, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the table takes them: moments that were kept as text are read."""
    return {
        name: dt.datetime.fromisoformat(value)
        if isinstance(of.c[name].type, UtcDateTime) and isinstance(value, str)
        else value
        for name, value in stored.items()
    }


class Waiting:
    """The rows of what waits in a case, by their places."""

    def __init__(self, session: Session, root_id: str) -> None:
        self._rows: dict[type[Row], dict[Place, Row]] = {}
        for kind in KINDS:
            found: Any = select(kind).where(table(kind).c.root_id == root_id)
            if kind is UserTask:
                found = found.where(UserTask.status == "open")
            self._rows[kind] = {(row.instance_id, row.wait_id): row for row in session.scalars(found)}

    def at(self, live: Live, wait: Wait) -> Row | None:
        """The row of a place; None where nothing is kept of it."""
        kind = _kind(wait)
        return self._rows[kind].get((live.row.id, wait.id)) if kind else None


def _kind(wait: Wait) -> type[Row] | None:
    node = wait.node
    if wait.stage != "run" or node.throws:
        return None
    if node.kind == "user_task":
        return UserTask
    match node.event:
        case "timer":
            return Timer
        case "signal":
            return SignalSubscription
    return Subscription if node.message else None


@dataclass
class Follower:
    """Lets the rows of one instance follow; collects changes, and what is to be said of them.

    `live` stands in the new definition already; `items` are those of the release before and after.
    """

    tree: Tree
    live: Live
    waiting: Waiting
    items: tuple[Items, Items]
    changes: list[RowChange] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def follow(self, moved: bpmn.Moved, *, hold: bool) -> None:
        """All places of the instance; `hold` keeps the jobs of its services from beginning meanwhile."""
        for was, now in moved.kept:
            try:
                self._keep(was, now)
            except errors.ExpressionFailed as failed:
                self._say("expression", now.node, problem=failed.params["problem"])
        for wait in moved.disarmed:
            self._disarm(wait)
        for wait in moved.armed:
            try:
                self._arm(wait)
            except errors.ExpressionFailed as failed:
                self._say("expression", wait.node, problem=failed.params["problem"])
        self._look_at_jobs(moved, hold)

    def _keep(self, was: Wait, now: Wait) -> None:
        row = self.waiting.at(self.live, was)
        if was.node.name != now.node.name:
            self._say("renamed", now.node, before=was.node.name or was.node.id)
        if isinstance(row, UserTask):
            self._keep_task(row, was, now)
        elif isinstance(row, Timer):
            self._keep_timer(row, was, now)
        elif isinstance(row, Subscription):
            self._keep_name(row, "message", now)
        elif isinstance(row, SignalSubscription):
            self._keep_name(row, "signal", now)
        beside = now.node.attached_to or now.node.kind == "start_event"
        if not beside and not isinstance(row, UserTask | Timer):
            self._say("place", now.node)

    def _keep_task(self, task: UserTask, was: Wait, now: Wait) -> None:
        node, scope = now.node, self.tree.scope(self.live, now.loops)
        after = arrivals.drawn(node)
        # What the diagram leaves as it was is not asked again: the facts behind it may have changed.
        if was.node.candidate_groups != node.candidate_groups:
            after["candidate_groups"] = arrivals.groups(scope, node)
        if was.node.assignee != node.assignee:
            after["assignee_id"] = arrivals.assignee(scope, node)
        changed = self._update(task, after)
        self._say("task", node)
        self._tell_task(task, now, changed)
        if task.due_at is not None or was.node.due_date != node.due_date:
            self._tell_due(task.due_at, node, was.node.due_date, node.due_date)
        if changed.keys() & {"candidate_groups", "assignee_id"}:
            self._look_at_claim(task, node, changed)

    def _tell_task(self, task: UserTask, now: Wait, changed: Mapping[str, Any]) -> None:
        node = now.node
        if "form_id" in changed:
            self._say("form", node, before=task.form_id, after=node.form_id)
        elif len({items.get(("form", task.form_id)) for items in self.items}) > 1:
            self._say("questions", node, form=task.form_id)
        if "candidate_groups" in changed:
            names = [", ".join(groups) for groups in (task.candidate_groups, changed["candidate_groups"])]
            self._say("groups", node, before=names[0] or "–", after=names[1] or "–")
        if "assignee_id" in changed:
            self._say("assignee", node)
        if "law_ref" in changed:
            self._say("law", node, before=task.law_ref or "–", after=changed["law_ref"] or "–")

    def _look_at_claim(self, task: UserTask, node: bpmn.Node, changed: Mapping[str, Any]) -> None:
        claimed_by = select(Account).where(Account.id == task.claimed_by)
        account = self.tree.session.scalars(claimed_by).one_or_none()
        if account is None:
            return
        claimant = Actor(task.tenant_id, account.id, account.name, frozenset(account.roles))
        rights = {"candidate_groups": task.candidate_groups, "assignee_id": task.assignee_id}
        then = UserTask(**{name: changed.get(name, value) for name, value in rights.items()})
        if not policy.may_act_on(claimant, then):
            self._say("claimed", node, who=account.name)

    def _keep_timer(self, timer: Timer, was: Wait, now: Wait) -> None:
        after = {"node_id": now.node.id, "law_ref": now.node.properties.get("lawRef", "")}
        self._update(timer, after)
        self._tell_due(timer.due_at, now.node, was.node.timer, now.node.timer)

    def _tell_due(self, due_at: Any, node: bpmn.Node, before: str | None, after: str | None) -> None:
        if before != after:
            self._say("due", node, due_at=due_at or "–", before=before or "–", after=after or "–")
        elif node.timer:
            self._say("clock", node, due_at=due_at)

    def _keep_name(self, row: Subscription | SignalSubscription, column: str, now: Wait) -> None:
        name, before = getattr(now.node, column), getattr(row, column)
        if self._update(row, {column: name}):
            self._say("message", now.node, before=before, after=name)

    def _disarm(self, wait: Wait) -> None:
        self._say("disarmed", wait.node)
        row = self.waiting.at(self.live, wait)
        if row is not None:
            self.changes.append(_whole(row).reversed())

    def _arm(self, wait: Wait) -> None:
        row = self._new_row(wait)
        if isinstance(row, Timer):
            self._say("armed_clock", wait.node, due_at=row.due_at)
        else:
            self._say("armed", wait.node)
        if row is not None:
            self.changes.append(_whole(row))

    def _new_row(self, wait: Wait) -> Row | None:
        kind = _kind(wait)
        if kind is Timer:
            return events.timer(self.tree, self.live, wait)
        if kind is Subscription:
            return events.subscription(self.tree, self.live, wait)
        if kind is SignalSubscription:
            return SignalSubscription(
                instance_id=self.live.row.id, wait_id=wait.id, root_id=self.live.row.root_id,
                signal=wait.node.signal,
            )  # fmt: skip
        return None

    def _look_at_jobs(self, moved: bpmn.Moved, hold: bool) -> None:
        kept = [now for _, now in moved.kept]
        self.remarks += busy(self.tree.session, self.live.row, kept, hold=hold)

    def _update(self, row: Row, after: Mapping[str, Any]) -> dict[str, Any]:
        """Note the columns that change in a row; gives their new values."""
        changed = {name: value for name, value in after.items() if getattr(row, name) != value}
        if changed:
            before = {name: getattr(row, name) for name in changed}
            self.changes.append(RowChange(row.__tablename__, _key(row), before, changed))
        return changed

    def _say(self, code: str, node: bpmn.Node, **params: Any) -> None:
        self.remarks.append(_remark(code, self.live.row, node, **params))


def busy(session: Session, row: ProcessInstance, waits: Iterable[Wait], *, hold: bool) -> list[Remark]:
    """The services of an instance that are at work just now; `hold` keeps the others from beginning."""
    places = {arrivals.job_key(row.id, wait.id): wait.node for wait in waits if wait.node.service}
    found = jobs.at_work(session, list(places), hold=hold) if places else set()
    return [_remark("busy", row, places[key]) for key in sorted(found)]


def _remark(code: str, row: ProcessInstance, node: bpmn.Node, **params: Any) -> Remark:
    return Remark(code, row.process_id, node.id, node.name or "", params)


def _key(row: Row) -> dict[str, Any]:
    names = [column.name for column in table(type(row)).primary_key if column.name != "tenant_id"]
    return {name: getattr(row, name) for name in names}


def _whole(row: Row) -> RowChange:
    """The change that makes a row."""
    key = _key(row)
    names = [column.name for column in table(type(row)).columns if column.name not in ("tenant_id", *key)]
    return RowChange(row.__tablename__, key, None, {name: getattr(row, name) for name in names})
