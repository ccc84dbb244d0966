"""What is entered into a case beside its diagrams: once for a key, under the case's lock, and recorded."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import Engine, audit, idempotency, instances
from engine.idempotency import Request
from engine.mediation import law
from engine.models.processes import ProcessInstance
from engine.policy import Actor


@dataclass(frozen=True)
class Asked:
    """Into which case, what (the content that the key and the record stand for), and under which key."""

    case_id: str
    content: Sequence[object]
    key: str


@dataclass(frozen=True)
class Entered:
    """What the record says was done, with what, and by which rule of the law; and the command's answer."""

    action: str
    subject: str
    rule: str = ""
    answer: Any = True


Enter = Callable[[Session, ProcessInstance, dt.datetime], Entered]
"""Makes the entry in the locked case, at the moment that all its rows bear."""


def enter(engine: Engine, actor: Actor, asked: Asked, make: Enter) -> Any:
    """Make an entry and give its answer; one that was made before under the key is not made again.

    Raises NotFound, KeyReused, and what `make` raises: then nothing happened.
    """
    request = Request(actor, asked.key, audit.digest(engine.keys, asked.content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, asked.case_id, actor)
        if (seen := idempotency.recall(session, request)) is not None:
            return seen
        at = engine.now()
        done = make(session, root, at)
        law_ref = law.rule(done.rule, at.date()).law_ref_zh if done.rule else ""
        entry = audit.Entry(done.action, done.subject, at, law_ref=law_ref, content=asked.content)
        audit.record(session, engine.keys, root, actor, entry)
        idempotency.remember(session, request, done.answer, at)
        return done.answer
