"""A command that comes twice with the same key is carried out once and answered alike."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, insert, select
from sqlalchemy.orm import Session

from engine import errors
from engine.models.base import encoder, table
from engine.models.records import IdempotencyKey
from engine.policy import Actor
from engine.sessions import OF_TENANT

LONGEST_KEY = 100
SORTED = encoder(sort_keys=True, namedtuple_as_object=False)
KEYS = table(IdempotencyKey)
ADD_KEY = insert(KEYS)
THIS_KEY = and_(KEYS.c.tenant_id == OF_TENANT, KEYS.c.key == bindparam("of_key"))
KEPT = (KEYS.c.actor_id, KEYS.c.request_digest, KEYS.c.response)
FIND_KEY = select(*KEPT).where(THIS_KEY)


@dataclass(frozen=True)
class Request:
    """Who asks what under which key; the digest is that of the request's content.

    Raises KeyUnusable for a key that is empty or longer than the table takes.
    """

    actor: Actor
    key: str
    digest: str

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST_KEY:
            raise errors.KeyUnusable


class Kept(NamedTuple):
    """What stands under a key: the columns `KEPT`, all None for a new one."""

    actor_id: str | None
    request_digest: str | None
    response: Any

    def answer_to(self, request: Request) -> Any | None:
        """The stored answer, None for a new key; `KeyReused` for another actor or content."""
        if self.actor_id is None:
            return None
        if (self.actor_id, self.request_digest) != (request.actor.id, request.digest):
            raise errors.KeyReused
        return self.response


def recall(session: Session, request: Request) -> Any | None:
    """The answer stored under the key, None for a new key; `KeyReused` for another actor or content."""
    looked_for = {"of_tenant": request.actor.tenant_id, "of_key": request.key}
    seen = session.connection().execute(FIND_KEY, looked_for).one_or_none()
    return Kept(*seen).answer_to(request) if seen else None


def remember(session: Session, request: Request, response: Any, at: dt.datetime) -> None:
    """Store the answer in the transaction that made it true."""
    session.connection().execute(
        ADD_KEY,
        {
            "tenant_id": request.actor.tenant_id,
            "key": request.key,
            "actor_id": request.actor.id,
            "request_digest": request.digest,
            "response": response,
            "made_at": at,
        },
    )


def canonical(value: Any) -> str:
    """JSON text that is equal for equal values: the digest of a request is made over it.

    Raises UnreadableRequest for what no JSON text in UTF-8 can hold, such as half a surrogate pair.
    """
    try:
        text = str(SORTED.encode(value))
        text.encode()
    except (TypeError, ValueError) as failed:
        raise errors.UnreadableRequest from failed
    return text
