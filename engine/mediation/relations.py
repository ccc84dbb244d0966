"""Relations: cases that name the same people are offered to who sees them; a person says what they are."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, idempotency, policy
from engine.idempotency import Request
from engine.mediation import traces
from engine.mediation.answers import Problems
from engine.mediation.inbox import party_names
from engine.mediation.lookup import account_name, visible_case
from engine.mediation.parties import LIST_OF
from engine.models.cases import Case, Party
from engine.models.intake import PartyTrace, Relation
from engine.models.processes import ProcessInstance
from engine.policy import ACTIONS, Actor

KINDS = ("duplicate", "related", "unrelated")
MOST = 500
SHOWN = 20


@dataclass(frozen=True)
class Candidate:
    """A case that names the same people; `evidence` is some of id_number, phone, place, both_sides."""

    case_id: str
    number: str
    parties: str
    opened_at: dt.datetime
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class RelationView:
    """What somebody found of this case and another one."""

    case_id: str
    number: str
    parties: str
    kind: str
    reason: str
    made_at: dt.datetime
    made_by: str


@dataclass(frozen=True)
class Related:
    """What the other case is to this one, a key of KINDS, and why."""

    case_id: str
    other_id: str
    kind: str
    reason: str


class Known(NamedTuple):
    """One party of the case that is asked about: its side, and digest by kind."""

    side: str
    digests: Mapping[str, str]


def candidates(engine: Engine, actor: Actor, case_id: str) -> list[Candidate]:
    """Cases that the actor sees and that may belong to this one, newest first, those decided on left out.

    Raises NotFound, Forbidden.
    """
    policy.allow(actor, "relation.read")
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        rows = session.execute(
            select(Party.id, Party.side, PartyTrace.kind, PartyTrace.digest)
            .join(PartyTrace, PartyTrace.party_id == Party.id)
            .where(Party.case_id == case_id)
        )
        known: dict[str, Known] = {}
        for party_id, side, kind, digest in rows:
            known.setdefault(party_id, Known(side, {}))
            known[party_id] = Known(side, {**known[party_id].digests, kind: digest})
        decided = {row.case_id for row in _decided(session, actor, case_id)}
        return _alike(session, actor, list(known.values()), decided | {case_id})


def candidates_for(engine: Engine, actor: Actor, case_id: str, answers: Mapping[str, Any]) -> list[Candidate]:
    """The same for the parties of a registration that is being typed; none for who may not read them."""
    if not ACTIONS["relation.read"](actor):
        return []
    known = [
        Known(side, traces.of_row(engine.keys, actor.tenant_id, row))
        for side, name in LIST_OF.items()
        for row in answers.get(name) or []
    ]
    with engine.sessions.query(actor.tenant_id) as session:
        return _alike(session, actor, known, {case_id})


def linked_to(session: Session, actor: Actor, case_id: str) -> list[RelationView]:
    """The duplicates and related cases that the actor sees too; of others not even that they are there."""
    if not ACTIONS["relation.read"](actor):
        return []
    return [row for row in _decided(session, actor, case_id) if row.kind != "unrelated"]


def relations_of(engine: Engine, actor: Actor, case_id: str) -> list[RelationView]:
    """All that was decided of a case and others that the actor sees. Raises NotFound, Forbidden."""
    policy.allow(actor, "relation.read")
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        return _decided(session, actor, case_id)


def note_relation(engine: Engine, actor: Actor, found: Related, key: str) -> None:
    """Record what two cases are to each other; a later finding takes the place of an earlier one.

    It stands in the tenant's chain: either case may be seen by somebody who must not know of the other.
    Raises NotFound unless the actor sees both, Forbidden, KeyReused, InvalidAnswers.
    """
    policy.allow(actor, "relation.note")
    _check(found)
    content = ["relation.note", found.case_id, found.other_id, found.kind, found.reason]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        for case_id in (found.case_id, found.other_id):
            visible_case(session, actor, case_id)
        if idempotency.recall(session, request) is not None:
            return
        at, (first, second) = engine.now(), sorted((found.case_id, found.other_id))
        row = Relation(
            tenant_id=actor.tenant_id, case_id=first, other_id=second, kind=found.kind,
            reason=found.reason.strip(), made_at=at, made_by=actor.id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        entry = audit.Entry("relation.noted", row.id, at, content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
        idempotency.remember(session, request, True, at)


def _check(found: Related) -> None:
    if found.case_id == found.other_id:
        raise errors.NotFound
    problems = Problems()
    if found.kind not in KINDS:
        problems.add("kind", "Choose one of these.")
    if not found.reason.strip():
        problems.add("reason", "Answer this question.")
    problems.refuse()


def _alike(session: Session, actor: Actor, known: Iterable[Known], but: Collection[str]) -> list[Candidate]:
    by_digest: dict[str, list[int]] = {}
    sides = [one.side for one in known]
    for index, one in enumerate(known):
        for digest in one.digests.values():
            by_digest.setdefault(digest, []).append(index)
    found: dict[str, list[tuple[str, str, str, int]]] = {}
    for case_id, party_id, side, kind, digest in _matching(session, actor, sorted(by_digest)):
        if case_id not in but:
            for index in by_digest[digest]:
                found.setdefault(case_id, []).append((party_id, side, kind, index))
    weighed = {case_id: _evidence(rows, sides) for case_id, rows in found.items()}
    shown = [case_id for case_id, evidence in weighed.items() if evidence][:SHOWN]
    return _candidates(session, shown, weighed)


def _matching(session: Session, actor: Actor, digests: list[str]) -> Iterable[Any]:
    if not digests:
        return []
    return session.execute(
        select(Party.case_id, Party.id, Party.side, PartyTrace.kind, PartyTrace.digest)
        .join(PartyTrace, PartyTrace.party_id == Party.id)
        .join(ProcessInstance, ProcessInstance.id == Party.case_id)
        .where(PartyTrace.digest.in_(digests), policy.visible_roots(actor))
        .order_by(Party.case_id.desc())
        .limit(MOST)
    )


def _evidence(rows: Iterable[tuple[str, str, str, int]], sides: list[str]) -> tuple[str, ...]:
    """Why a case may belong to ours: a name alone is no reason, nor an address or a telephone alone."""
    kinds: dict[tuple[str, int], set[str]] = {}
    for party_id, _, kind, index in rows:
        kinds.setdefault((party_id, index), set()).add(kind)
    named = {pair for pair, found in kinds.items() if "name" in found}
    side_of = {party_id: side for party_id, side, _, _ in rows}
    evidence = [kind for kind in ("phone", "place") if any(kind in kinds[pair] for pair in named)]
    if any("id_number" in found for found in kinds.values()):
        evidence.insert(0, "id_number")
    ours, theirs = {sides[index] for _, index in named}, {side_of[party_id] for party_id, _ in named}
    if len(ours) == len(theirs) == len(LIST_OF):
        evidence.append("both_sides")
    return tuple(evidence)


def _candidates(
    session: Session, case_ids: list[str], weighed: Mapping[str, tuple[str, ...]]
) -> list[Candidate]:
    names = party_names(session, case_ids)
    rows = session.scalars(select(Case).where(Case.id.in_(case_ids)).order_by(Case.id.desc()))
    return [
        Candidate(row.id, row.number or "", names.get(row.id, ""), row.opened_at, weighed[row.id])
        for row in rows
    ]


def _decided(session: Session, actor: Actor, case_id: str) -> list[RelationView]:
    mine = or_(Relation.case_id == case_id, Relation.other_id == case_id)
    latest: dict[str, Relation] = {}
    for row in session.scalars(select(Relation).where(mine).order_by(Relation.id)):
        latest[row.other_id if row.case_id == case_id else row.case_id] = row
    seen = session.execute(
        select(Case.id, Case.number)
        .join(ProcessInstance, ProcessInstance.id == Case.id)
        .where(Case.id.in_(sorted(latest)), policy.visible_roots(actor))
        .order_by(Case.id.desc())
    ).all()
    names = party_names(session, [row.id for row in seen])
    return [
        RelationView(
            other_id, number or "", names.get(other_id, ""), latest[other_id].kind, latest[other_id].reason,
            latest[other_id].made_at, account_name(session, latest[other_id].made_by),
        )
        for other_id, number in seen
    ]  # fmt: skip
