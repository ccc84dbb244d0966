"""The law as its page shows it, and its limits changed by an administrator from a day on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, policy
from engine.calendar import day_of
from engine.mediation import law, limits
from engine.mediation.answers import Problems
from engine.mediation.law import Rule
from engine.mediation.limits import DAYS, HOURS, MONTHS, PEOPLE, WORKING_DAYS, YEARS, Limit
from engine.models.law import LawChange
from engine.policy import ACTIONS, Actor

MOST = {HOURS: 1_000, DAYS: 1_000, WORKING_DAYS: 1_000, MONTHS: 120, YEARS: 100, PEOPLE: 1_000}
BY_CALENDAR = frozenset((DAYS, MONTHS, YEARS))
LONGEST_TEXT = 1_000


@dataclass(frozen=True)
class LimitChange:
    """A limit that is to hold from a day on: `source` is the text that sets it, `reason` why it is changed.

    Without `unit` it is counted as before; what counts days, months or years may change among these.
    """

    key: str
    value: int
    effective_from: dt.date
    source: str
    reason: str
    unit: str = ""


@dataclass(frozen=True)
class LimitRow:
    """A limit as it holds today, and as it will hold from later days on, the next one first.

    `units` are those in which it may be counted.
    """

    held: Limit
    ahead: Sequence[Limit]
    units: Sequence[str]


@dataclass(frozen=True)
class ChangeRow:
    """A limit as somebody changed it: who, when and why."""

    limit: Limit
    changed_at: dt.datetime
    changed_by: str
    reason: str


@dataclass(frozen=True)
class LawView:
    """All that the law says here, as of today; `changes` are those of the tenant, the newest first."""

    limits: Sequence[LimitRow]
    rules: Sequence[Rule]
    changes: Sequence[ChangeRow]
    may_change: bool


def show_law(engine: Engine, actor: Actor) -> LawView:
    """Every rule and limit as it holds today, in the order of the tables. Forbidden for a party."""
    policy.allow(actor, "law.read")
    today = day_of(engine.now())
    with engine.sessions.query(actor.tenant_id) as session:
        found = session.scalars(select(LawChange).order_by(LawChange.seq)).all()
    changed = list(limits.changed(found))
    rows = [*limits.LIMITS, *changed]
    keys = dict.fromkeys(row.key for row in limits.LIMITS)
    rules = dict.fromkeys(row.key for row in law.RULES)
    changes = [
        ChangeRow(limit, row.changed_at, row.changed_by, row.reason)
        for limit, row in zip(changed, found, strict=True)
    ]
    return LawView(
        limits=[_row(rows, key, today) for key in keys],
        rules=[law.rule(key, today) for key in rules],
        changes=changes[::-1],
        may_change=ACTIONS["law.change"](actor),
    )


def change_limit(engine: Engine, actor: Actor, change: LimitChange) -> None:
    """Let a limit have another value from a day on; clocks that run already keep their dates.

    Raises Forbidden, and InvalidAnswers for an unknown key, a value that is no whole number in bounds, a day
    before today, a source or reason that is empty.
    """
    policy.allow(actor, "law.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        at = engine.now()
        old = _checked(session, change, day_of(at))
        unit = change.unit or old.unit
        content = [change.value, unit, change.effective_from, change.source, change.reason]
        entry = audit.Entry("law.changed", change.key, at, law_ref=old.law_ref_zh, content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
        session.add(
            LawChange(
                tenant_id=actor.tenant_id, seq=tenant.audit_count, key=change.key, value=change.value,
                unit=unit, effective_from=change.effective_from, source=change.source.strip(),
                reason=change.reason.strip(), changed_at=at, changed_by=actor.name,
            )
        )  # fmt: skip


def _checked(session: Session, change: LimitChange, today: dt.date) -> Limit:
    """The limit as it holds today; InvalidAnswers for a change that can't be taken in."""
    problems = Problems()
    if change.key not in limits.KEYS:
        problems.add("key", "There is no time limit with the key {key}.", key=change.key)
        problems.refuse()
    old = limits.limit(session, change.key, today)
    unit = change.unit or old.unit
    if unit != old.unit and not {unit, old.unit} <= BY_CALENDAR:
        problems.add("unit", "Choose one of these.")
    most = MOST.get(unit, 0)
    if type(change.value) is not int or not 0 < change.value <= most:
        problems.add("value", "The limit is a whole number from 1 to {most}.", most=most)
    problems.not_before("effective_from", change.effective_from, today)
    if not 0 < len(change.source.strip()) <= LONGEST_TEXT:
        problems.add("source", "Please name the text that sets this limit.")
    if not 0 < len(change.reason.strip()) <= LONGEST_TEXT:
        problems.add("reason", errors.ReasonMissing.__doc__ or "")
    problems.refuse()
    return old


def _row(rows: Sequence[Limit], key: str, today: dt.date) -> LimitRow:
    held = law.newest(rows, key, today)
    days = sorted({row.effective_from for row in rows if row.key == key and row.effective_from > today})
    ahead = [law.newest(rows, key, day) for day in days]
    return LimitRow(held, ahead, sorted(BY_CALENDAR) if held.unit in BY_CALENDAR else [held.unit])
