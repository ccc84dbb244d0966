"""A command that comes twice with the same key is carried out once and answered alike."""

import datetime as dt
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import errors
from engine.models.base import dump_json
from engine.models.records import IdempotencyKey
from engine.policy import Actor

KEYS = IdempotencyKey.__table__


def recall(session: Session, actor: Actor, key: str, digest: str) -> Any | None:
    """The answer stored under the actor's key, None for a new key; `KeyReused` for another request."""
    seen = session.execute(
        select(KEYS.c.actor_id, KEYS.c.request_digest, KEYS.c.response).where(
            KEYS.c.tenant_id == actor.tenant_id, KEYS.c.key == key
        )
    ).one_or_none()
    if seen is None:
        return None
    if (seen.actor_id, seen.request_digest) != (actor.id, digest):
        raise errors.KeyReused
    return seen.response


def remember(session: Session, actor: Actor, key: str, digest: str, response: Any, at: dt.datetime) -> None:
    """Store the answer in the transaction that made it true."""
    session.execute(
        insert(KEYS).values(
            tenant_id=actor.tenant_id,
            key=key,
            actor_id=actor.id,
            request_digest=digest,
            response=response,
            made_at=at,
        )
    )


def canonical(value: Any) -> str:
    """JSON text that is equal for equal values: the digest of a request is made over it."""
    return dump_json(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value
