"""Drafts: what somebody has typed into a task's form so far, encrypted with a key of the tenant."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import Engine, seals
from engine.keys import Keys
from engine.models.base import dump_json, load_json, table
from engine.models.processes import Draft

DRAFTS = table(Draft)


class Whose(NamedTuple):
    """Whose draft of which task."""

    tenant_id: str
    task_id: str
    actor_id: str


def keep(session: Session, keys: Keys, whose: Whose, answers: Mapping[str, Any], at: dt.datetime) -> None:
    """Keep what was typed in place of what was typed before."""
    mine = [DRAFTS.c[name] == value for name, value in whose._asdict().items()]
    session.execute(delete(DRAFTS).where(*mine))
    session.add(Draft(**whose._asdict(), sealed=_sealed(keys, whose, answers), saved_at=at))


def opened(keys: Keys, draft: Draft) -> Mapping[str, Any]:
    """What was typed; SealBroken where it can't be opened."""
    if draft.sealed is None:
        return draft.answers
    whose = _whose(draft)
    return dict(load_json(seals.unseal(_key(keys, whose), draft.sealed, _place(whose)).decode()))


def seal_older(engine: Engine, tenant_id: str) -> int:
    """Encrypt the drafts that an earlier version left readable; how many there were."""
    with engine.sessions.command(tenant_id) as session:
        rows = session.scalars(select(Draft).where(Draft.sealed.is_(None))).all()
        for row in rows:
            row.sealed = _sealed(engine.keys, _whose(row), row.answers)
            row.answers = {}
        return len(rows)


def _sealed(keys: Keys, whose: Whose, answers: Mapping[str, Any]) -> bytes:
    return seals.seal(_key(keys, whose), dump_json(dict(answers)).encode(), _place(whose))


def _whose(draft: Draft) -> Whose:
    return Whose(draft.tenant_id, draft.task_id, draft.actor_id)


def _place(whose: Whose) -> seals.Place:
    return (whose.tenant_id, Draft.__tablename__, whose.task_id, whose.actor_id, "sealed")


def _key(keys: Keys, whose: Whose) -> bytes:
    return seals.derived(keys, f"woshou: drafts of {whose.tenant_id}")
