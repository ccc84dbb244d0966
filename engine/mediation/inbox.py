"""The inbox: open tasks and cases that somebody may see, searched and counted by one rule."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    false,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import Session

from engine import Engine, policy
from engine.mediation import wording
from engine.mediation.supervision import reminders_of
from engine.models.cases import Case, Party
from engine.models.people import Account
from engine.models.processes import ProcessInstance, UserTask
from engine.policy import Actor

PAGE = 20
VIEWS = ("mine", "role", "overdue")
LONGEST_SEARCH = 100
# The task that waits for what those invited to a consultation answer.
ANSWERS = "record_invitation_answers"
# Signs as case numbers have them, for those as the other half of keyboards types them.
AS_NUMBERED = str.maketrans("()０１２３４５６７８９", "（）0123456789")
Query = Select[*tuple[Any, ...]]
TASKS: Query = (
    select(UserTask, Case.number, Account.name)
    .outerjoin(Case, Case.id == UserTask.root_id)
    .outerjoin(Account, Account.id == UserTask.claimed_by)
    .where(UserTask.status == "open")
)


@dataclass(frozen=True)
class TaskRow:
    """An open task in a list; parties are the case's parties joined, claimed_by is a name or None.

    `reminders` is how often those were reminded whose answer to an invitation it waits for.
    """

    task_id: str
    node_id: str
    name: str
    name_en: str
    case_id: str
    case_number: str
    parties: str
    due_at: dt.datetime | None
    claimed_by: str | None
    overdue: bool
    reminders: int = 0


@dataclass(frozen=True)
class Counts:
    """How many tasks each view holds under the same search."""

    mine: int
    role: int
    overdue: int


@dataclass(frozen=True)
class TaskPage:
    """One page of a view; pages are counted from 1."""

    rows: list[TaskRow]
    counts: Counts
    page: int
    pages: int


@dataclass(frozen=True)
class CaseRow:
    """A case in a list."""

    case_id: str
    number: str
    status: str
    end_code: str | None
    parties: str
    mediator: str
    opened_at: dt.datetime


@dataclass(frozen=True)
class CasePage:
    """One page of cases, newest first."""

    rows: list[CaseRow]
    total: int
    page: int
    pages: int


def list_tasks(engine: Engine, actor: Actor, view: str = "mine", search: str = "", page: int = 1) -> TaskPage:
    """The open tasks of a view: mine (assigned or claimed), role (open to my roles), overdue (of both).

    `search` finds parts of the parties' names, of the case's number or of the task's name; of several
    words each must be there. KeyError for another view. A page beyond the last gives the last.
    """
    now = engine.now()
    mine, role = mine_of(actor), role_of(actor)
    views = {"mine": mine, "role": role, "overdue": and_(or_(mine, role), UserTask.due_at < now)}
    with engine.sessions.query(actor.tenant_id) as session:
        found = _open_tasks(actor, search)
        counted = [func.count(case((views[name], 1))) for name in VIEWS]
        totals = session.execute(found.with_only_columns(*counted, maintain_column_froms=True)).one()
        counts = Counts(*map(int, totals))
        page, pages = _clamped(page, getattr(counts, view))
        ordered = found.where(views[view]).order_by(
            UserTask.due_at.is_(None), UserTask.due_at, UserTask.created_at, UserTask.id
        )
        return TaskPage(task_rows(session, _page_of(ordered, page), now), counts, page, pages)


def list_cases(engine: Engine, actor: Actor, search: str = "", page: int = 1, channel: str = "") -> CasePage:
    """The cases that the actor may see, newest first; `search` as in `list_tasks`.

    With a `channel` those alone that came by it.
    """
    with engine.sessions.query(actor.tenant_id) as session:
        by_channel = [Case.intake_channel == channel] if channel else []
        found = policy.visible_ids(actor, Case, _matches(search, Case.search_text), *by_channel).cte("found")
        total = session.scalars(select(func.count()).select_from(found)).one()
        page, pages = _clamped(page, total)
        # An id tells when it was made, so that no other case than those of this page is read.
        listed = _page_of(select(found.c.id).order_by(found.c.id.desc()), page).subquery()
        rows = session.execute(
            select(Case, Account.name)
            .join(listed, listed.c.id == Case.id)
            .outerjoin(Account, Account.id == Case.mediator_id)
            .order_by(Case.id.desc())
        ).all()
        names = party_names(session, [row.id for row, _ in rows])
        return CasePage([_case_row(row, name or "", names) for row, name in rows], total, page, pages)


def mine_of(actor: Actor) -> ColumnElement[bool]:
    """Tasks that are assigned to the actor or claimed by it."""
    return or_(UserTask.assignee_id == actor.id, UserTask.claimed_by == actor.id)


def role_of(actor: Actor) -> ColumnElement[bool]:
    """Tasks that are open to one of the actor's roles, also those that a colleague has claimed."""
    groups = type_coerce(UserTask.candidate_groups, Text)
    held = [groups.contains(f'"{role}"', autoescape=True) for role in sorted(actor.roles)]
    not_mine = or_(UserTask.claimed_by.is_(None), UserTask.claimed_by != actor.id)
    return and_(UserTask.assignee_id.is_(None), not_mine, or_(false(), *held))


def tasks_query(actor: Actor) -> Query:
    """Open tasks of the cases that the actor may see, with their case and the name of the claimant."""
    roots = TASKS.join(ProcessInstance, ProcessInstance.id == UserTask.root_id)
    return roots.where(policy.visible_roots(actor), policy.sees_task(actor))


def task_rows(session: Session, query: Query, now: dt.datetime) -> list[TaskRow]:
    """The rows of a query that began with `tasks_query`."""
    found = session.execute(query).all()
    names = party_names(session, {task.root_id for task, _, _ in found})
    waiting = {task.root_id for task, _, _ in found if task.node_id == ANSWERS}
    reminders = reminders_of(session, waiting) if waiting else {}
    return [
        TaskRow(
            task_id=task.id, node_id=task.node_id, name=task.name, name_en=task.name_en,
            case_id=task.root_id, case_number=number or "", parties=names.get(task.root_id, ""),
            due_at=task.due_at, claimed_by=claimant,
            overdue=task.due_at is not None and task.due_at < now,
            reminders=reminders.get(task.root_id, 0) if task.node_id == ANSWERS else 0,
        )
        for task, number, claimant in found
    ]  # fmt: skip


def party_names(session: Session, case_ids: Iterable[str]) -> dict[str, str]:
    """Case id → the names of all its parties, joined."""
    found = select(Party.case_id, Party.name).where(Party.case_id.in_(sorted(case_ids)))
    names: dict[str, list[str]] = {}
    for case_id, name in session.execute(found.order_by(Party.case_id, Party.position)):
        names.setdefault(case_id, []).append(name)
    return {case_id: wording.names(listed) for case_id, listed in names.items()}


def _open_tasks(actor: Actor, search: str) -> Query:
    # A case that is over has no open task.
    of_active = (ProcessInstance.parent_id.is_(None), ProcessInstance.status == "active")
    active = policy.visible_ids(actor, ProcessInstance, *of_active).cte("active")
    found = TASKS.join(active, active.c.id == UserTask.root_id)
    matches = _matches(search, Case.search_text, UserTask.name, UserTask.name_en)
    return found.where(matches, policy.sees_task(actor))


def _matches(search: str, *columns: Any) -> ColumnElement[bool]:
    """Every word that was typed stands somewhere in the columns; of none everything matches."""
    words = search[:LONGEST_SEARCH].split()
    return and_(true(), *(or_(*_holds(word, columns)) for word in words))


def _holds(word: str, columns: Iterable[Any]) -> Iterator[ColumnElement[bool]]:
    forms = dict.fromkeys((word, word.translate(AS_NUMBERED)))
    return (column.icontains(form, autoescape=True) for form in forms for column in columns)


def _clamped(page: int, total: int) -> tuple[int, int]:
    pages = max(1, -(-total // PAGE))
    return min(max(1, page), pages), pages


def _page_of(query: Query, page: int) -> Query:
    return query.limit(PAGE).offset((page - 1) * PAGE)


def _state(row: Case) -> str:
    # Lists are for the staff: a party has one case, and its own page.
    return row.suspended if row.suspended and row.ended_at is None else row.status


def _case_row(row: Case, mediator: str, names: dict[str, str]) -> CaseRow:
    return CaseRow(
        case_id=row.id, number=row.number or "", status=_state(row), end_code=row.end_code,
        parties=names.get(row.id, ""), mediator=mediator, opened_at=row.opened_at,
    )  # fmt: skip
