"""What has happened in a case, as its page shows it to the staff."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, errors, policy
from engine.keys import Keys
from engine.mediation import compartments, law, parties, visibility
from engine.mediation.guards import require_open
from engine.mediation.happenings import KINDS, NOT_HALTED, opened, require_going
from engine.mediation.lookup import account_name, case_of, visible_case
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.models.happenings import Happening
from engine.policy import ACTIONS, Actor


@dataclass(frozen=True)
class HappeningView:
    """A happening; `text` and `result` are None for who may only know that it is there."""

    kind: str
    noted_at: dt.datetime
    noted_by: str
    text: str | None
    result: Mapping[str, Any] | None
    closed_at: dt.datetime | None
    outcome: str | None


@dataclass(frozen=True)
class Choice:
    """Something that can be noted, with its article; one `about_party` asks for a party."""

    kind: str
    law_ref: str
    about_party: bool


@dataclass(frozen=True)
class Choices:
    """The page on which it is said what has happened in a case; `parties` are those who take part."""

    case_id: str
    number: str
    parties: Sequence[Party]
    choices: Sequence[Choice]


def choices(engine: Engine, actor: Actor, case_id: str) -> Choices:
    """What can be noted in a case. Raises Forbidden, NotFound, CaseClosed, and LawForbids once it binds."""
    policy.allow(actor, "happening.note")
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        at, case = engine.now(), case_of(session, case_id)
        require_open(session, case_id, at)
        found = [
            Choice(key, law.rule(kind.rule, at.date()).law_ref, kind.about_party)
            for key, kind in KINDS.items()
            if kind.by_staff
        ]
        return Choices(case.id, case.number or "", parties.active(case.parties), found)


def is_halted(engine: Engine, actor: Actor, case_id: str, effects: Iterable[str]) -> bool:
    """Whether what has happened keeps a task with these effects from being completed now; no for a party.

    A party learns of a halted case where it sends something, and not before: it may be a report.
    """
    if actor.party_id is not None:
        return False
    with engine.sessions.query(actor.tenant_id) as session:
        try:
            for name in frozenset(effects) - NOT_HALTED:
                require_going(session, actor, case_id, engine.now(), name)
        except errors.LawForbids:
            return True
    return False


def may_note(actor: Actor, case: Case, agreement: Agreement | None) -> bool:
    """Whether the actor may say now that something has happened in the case."""
    binds = agreement is not None and agreement.effective_at is not None
    return case.ended_at is None and not binds and ACTIONS["happening.note"](actor)


def happenings_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[HappeningView]:
    """What has happened in a case that the actor sees, oldest first; nothing of it for a party."""
    if actor.party_id is not None:
        return []
    found = select(Happening).where(Happening.case_id == case.id).order_by(Happening.id)
    rows = session.scalars(found).all()
    inside = compartments.of_case(session, keys, case.id) if rows else None
    return [_view(session, actor, case, inside, row) for row in rows]


def _view(
    session: Session,
    actor: Actor,
    case: Case,
    inside: compartments.Compartment | None,
    row: Happening,
) -> HappeningView:
    how = visibility.reading(KINDS[row.kind].item, actor, case, case.parties)
    reads = inside is not None and how == visibility.ALL
    place = compartments.happening_place(row.id, "sealed")
    return HappeningView(
        kind=row.kind, noted_at=row.noted_at, noted_by=account_name(session, row.noted_by),
        text=inside.open(row.sealed, *place) if inside and reads else None,
        result=opened(inside, row) if inside and reads and row.result else None,
        closed_at=row.closed_at, outcome=row.outcome,
    )  # fmt: skip
