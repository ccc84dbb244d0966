"""Statistics of a period for the justice bureau (PML Art. 10): cases, people, results and sums of money."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from engine import Engine, calendar, errors, policy
from engine.mediation import wording
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.models.people import Body
from engine.policy import Actor

NONE, UNDER_WAY = "none", "under_way"
# The parts of the official sheet, each with what a case counts under in it.
BREAKDOWNS = ("dispute_type", "source", "intake_channel", "body", "path", "form", "ending")


@dataclass(frozen=True)
class Period:
    """Calendar days, both counted; UnreadableTime where the last comes before the first."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise errors.UnreadableTime


@dataclass(frozen=True)
class Line:
    """What some cases come to: their parties and households, how many are settled, the yuan in dispute."""

    cases: int = 0
    parties: int = 0
    households: int = 0
    settled: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: "Line") -> "Line":
        return Line(*(getattr(self, name) + getattr(other, name) for name in vars(self)))


@dataclass(frozen=True)
class Statistics:
    """The cases accepted in a period, and under each of BREAKDOWNS the same cases again (key → line).

    `turned_away` counts the disputes that were brought in the period and not accepted.
    """

    period: Period
    total: Line
    parts: Mapping[str, Mapping[str, Line]]
    turned_away: int


@dataclass(frozen=True)
class Counted:
    """One accepted case under each of BREAKDOWNS, and what it adds to their lines."""

    keys: Mapping[str, str]
    line: Line


def show_statistics(engine: Engine, actor: Actor, period: Period) -> Statistics:
    """Those of the bodies in the actor's care; administrators have the whole tenant's. Forbidden."""
    policy.allow(actor, "statistics.read")
    with engine.sessions.query(actor.tenant_id) as session:
        counted = [_counted(row) for row in session.execute(_accepted(actor, period))]
        turned_away = session.scalars(_turned_away(actor, period)).one()
    return summed(period, counted, turned_away)


def summed(period: Period, cases: Iterable[Counted], turned_away: int = 0) -> Statistics:
    """The statistics of these cases; each of the 18 types of dispute has a line, also where none came."""
    total, parts = Line(), {name: dict[str, Line]() for name in BREAKDOWNS}
    parts["dispute_type"] = dict.fromkeys(wording.DISPUTE_TYPES, Line())
    for case in cases:
        total += case.line
        for name in BREAKDOWNS:
            key = case.keys[name]
            parts[name][key] = parts[name].get(key, Line()) + case.line
    frozen = {name: MappingProxyType(lines) for name, lines in parts.items()}
    return Statistics(period, total, MappingProxyType(frozen), turned_away)


def _accepted(actor: Actor, period: Period) -> Select[*tuple[Any, ...]]:
    people = select(func.count()).where(Party.tenant_id == Case.tenant_id, Party.case_id == Case.id)
    applicants = people.where(Party.side == "applicant")
    found = select(
        Case.dispute_type, Case.source, Case.intake_channel, Body.name.label("body"), Case.path,
        Case.end_code, Case.is_group, Case.amount, Agreement.oral, Agreement.effective_at,
        people.scalar_subquery().label("people"), applicants.scalar_subquery().label("applicants"),
    )  # fmt: skip
    found = found.join(Body, Body.id == Case.body_id).outerjoin(Agreement, Agreement.case_id == Case.id)
    return found.where(*_in_care(actor), *_within(Case.accepted_at, period)).order_by(Case.id)


def _turned_away(actor: Actor, period: Period) -> Select[int]:
    not_taken = (Case.accepted_at.is_(None), Case.end_code.is_not(None), *_within(Case.opened_at, period))
    return select(func.count(Case.id)).where(*_in_care(actor), *not_taken)


def _in_care(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    if policy.answers_for_all(actor):
        return ()
    return (Case.body_id.in_(sorted(actor.body_ids)),)


def _within(moment: InstrumentedAttribute[Any], period: Period) -> tuple[ColumnElement[bool], ...]:
    return (moment >= calendar.start_of(period.first), moment < calendar.end_of(period.last))


def _counted(row: Row[*tuple[Any, ...]]) -> Counted:
    binds = row.effective_at is not None
    return Counted(
        keys={
            "dispute_type": row.dispute_type,
            "source": row.source or NONE,
            "intake_channel": row.intake_channel or NONE,
            "body": row.body,
            "path": row.path or NONE,
            "form": ("oral" if row.oral else "written") if binds else NONE,
            "ending": row.end_code or UNDER_WAY,
        },
        line=Line(
            cases=1,
            parties=row.people,
            households=row.applicants if row.is_group else 0,
            settled=int(binds),
            amount=row.amount or Decimal(0),
        ),
    )
