"""Uses of footage: each is asked for, answered from the ledger and recorded; and the do-not-air list."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, idempotency, instances, policy
from engine.calendar import ONE, day_of
from engine.idempotency import Request
from engine.mediation import law
from engine.mediation.broadcast_items import (
    ALWAYS,
    ARTICLES,
    ITEMS,
    LETTERS,
    Latest,
    Obstacle,
    Use,
    absence,
    obstacles,
    prohibited,
)
from engine.mediation.broadcast_ledger import next_row, open_takedowns, stage_of, standing_of
from engine.mediation.lookup import parties_of, visible_case
from engine.models.broadcasts import BroadcastConsent, BroadcastUse
from engine.models.cases import Party
from engine.policy import Actor
from engine.services import Step

FORMAT = "woshou-do-not-air-1"


@dataclass(frozen=True)
class UseAnswer:
    """Whether footage may be used so; `obstacles` say what speaks against it."""

    allowed: bool
    obstacles: tuple[Obstacle, ...]


def may_use(session: Session, actor: Actor, case_id: str, use: Use, at: dt.datetime) -> UseAnswer:
    """Answer from the ledger whether footage may be used so, and record question and answer.

    Every party of the case must have a standing consent to it, those who have left too (PIPL Arts. 25, 29).
    A day that is over is asked for as today: what was withdrawn since counts. The case must be locked.
    """
    asked = replace(use, day=max(use.day, day_of(at)))
    concerned = [party.id for party in parties_of(session, case_id)]
    stage = stage_of(session, case_id)
    against = tuple(obstacles(standing_of(session, case_id), concerned, asked, stage))
    shows = {party_id: list(elements) for party_id, elements in asked.shows.items()}
    session.add(
        BroadcastUse(
            **next_row(session, BroadcastUse, case_id), kind=asked.kind, channel=asked.channel,
            day=asked.day, shows=shows, allowed=not against, made_at=at, made_by=actor.id,
            reasons=[_reason(one, at) for one in against],
        )
    )  # fmt: skip
    session.flush()
    return UseAnswer(not against, against)


def ask_use(engine: Engine, actor: Actor, case_id: str, use: Use, key: str) -> UseAnswer:
    """Ask before footage is used; a refusal is recorded as well as a permission.

    Raises NotFound, Forbidden, and KeyError for a kind of use or an element that is not known.
    """
    policy.allow(actor, "footage.use")
    content = ["footage.use", case_id, asdict(use)]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        if (seen := idempotency.recall(session, request)) is not None:
            return UseAnswer(seen["allowed"], tuple(Obstacle(**one) for one in seen["obstacles"]))
        at = engine.now()
        answer = may_use(session, actor, case_id, use, at)
        action = "footage.allowed" if answer.allowed else "footage.refused"
        article = answer.obstacles[0].article if answer.obstacles else "tv_publication"
        law_ref = law.rule(article, at.date()).law_ref_zh
        entry = audit.Entry(action, use.kind, at, law_ref=law_ref, content=[*content, asdict(answer)])
        audit.record(session, engine.keys, root, actor, entry)
        idempotency.remember(session, request, asdict(answer), at)
        return answer


def require_use(step: Step, use: Use) -> None:
    """The guard of every effect that uses footage: LawForbids with the article of the first obstacle."""
    answer = may_use(step.session, step.actor, step.root.id, use, step.at)
    if answer.allowed:
        return
    first = answer.obstacles[0]
    if first.why == "stage":
        raise law.forbids(first.article, step.at, "the broadcast is not at a stage for this")
    raise law.forbids(
        first.article, step.at, "not every party has a standing consent to this use of the footage"
    )


def uses_of(session: Session, case_id: str) -> Sequence[BroadcastUse]:
    """What was asked and answered, oldest first."""
    found = select(BroadcastUse).where(BroadcastUse.case_id == case_id)
    return session.scalars(found.order_by(BroadcastUse.seq)).all()


def do_not_air(session: Session, case_id: str, on: dt.date) -> dict[str, Any]:
    """What must not be shown of whom on a day, as docs/do_not_air.md describes it.

    It names nobody: parties stand there by id, side and place. It permits nothing: each use is asked for.
    """
    found, stage = standing_of(session, case_id), stage_of(session, case_id)
    everybody = parties_of(session, case_id)
    entries = [
        entry
        for party in everybody
        for item in ITEMS
        if (entry := _entry(party, item, found.get((party.id, item)), on)) is not None
    ]
    return {
        "format": FORMAT,
        "case_id": case_id,
        "on": on.isoformat(),
        "stage": stage,
        "quarantined": _is_quarantined(found, everybody, stage),
        "takedowns_open": [row.seq for row in open_takedowns(session, case_id)],
        "entries": entries,
    }


def read_do_not_air(engine: Engine, actor: Actor, case_id: str) -> Mapping[str, Any]:
    """The list as it holds today; NotFound for who may not see the case, Forbidden for a party."""
    policy.allow(actor, "footage.read")
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        return do_not_air(session, case_id, day_of(engine.now()))


def _is_quarantined(found: Latest, everybody: Sequence[Party], stage: str) -> bool:
    rows = [found.get((party.id, item)) for party in everybody for item in ALWAYS]
    return stage not in ("", "planned") and any(row and row.decision == "withdrawn" for row in rows)


def _entry(party: Party, item: str, row: BroadcastConsent | None, on: dt.date) -> dict[str, Any] | None:
    why = absence(row, on)
    elements = prohibited(row, item, on)
    if not why and not elements:
        return None
    article = law.rule("tv_withdrawal" if why == "withdrawn" else ARTICLES[item], on)
    return {
        "party": {"id": party.id, "side": party.side, "position": party.position},
        "item": item,
        "letter": LETTERS[item],
        "elements": elements,
        "channel": row.channel if row is not None else "",
        "from": _since(row, why),
        "why": why or "limited",
        "law_ref": article.law_ref_zh,
        "law_ref_en": article.law_ref,
    }


def _since(row: BroadcastConsent | None, why: str) -> str | None:
    if row is None:
        return None
    if why == "ended" and row.until is not None:
        return (row.until + ONE).isoformat()
    return day_of(row.made_at).isoformat()


def _reason(obstacle: Obstacle, at: dt.datetime) -> dict[str, str]:
    return {**asdict(obstacle), "law_ref": law.rule(obstacle.article, at.date()).law_ref_zh}
