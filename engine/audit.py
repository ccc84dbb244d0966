"""The record: one chain of sealed rows for each case, and one for the tenant's own commands."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from engine import Engine
from engine.idempotency import canonical
from engine.keys import Keys, mac
from engine.models.people import Tenant
from engine.models.processes import ProcessInstance
from engine.models.records import AuditRow
from engine.policy import Actor

ROWS = AuditRow.__table__
Chain = ProcessInstance | Tenant
SEALED = ("chain_id", "seq", "at", "actor_id", "actor_name", "action", "subject", "node_id", "law_ref", "digest")


@dataclass(frozen=True)
class Entry:
    """What a command says of itself: the action in the past tense, its subject's id, node and article."""

    action: str
    subject: str
    node_id: str = ""
    law_ref: str = ""
    content: Any = None


def digest(keys: Keys, content: Any) -> str:
    """A keyed digest of what was answered; the record proves the answers without holding them."""
    return "" if content is None else mac(keys.record, canonical(content))


def record(session: Session, keys: Keys, chain: Chain, actor: Actor, entry: Entry, at: dt.datetime) -> None:
    """Extend the chain, whose row is locked by this transaction, by one row."""
    values = {
        "chain_id": chain.id,
        "seq": chain.audit_count + 1,
        "at": at,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "action": entry.action,
        "subject": entry.subject,
        "node_id": entry.node_id,
        "law_ref": entry.law_ref,
        "digest": digest(keys, entry.content),
    }
    seal = _row_mac(keys, values, chain.audit_head)
    session.execute(insert(ROWS).values(tenant_id=actor.tenant_id, mac=seal, **values))
    chain.audit_count += 1
    chain.audit_head = _head(keys, chain.id, chain.audit_count, seal)


@dataclass(frozen=True)
class Break:
    """The first place where a chain does not hold; kind is changed, removed, inserted or cut_off."""

    chain_id: str
    seq: int
    kind: str


@dataclass(frozen=True)
class Anchor:
    """A chain's head as it was once written to a place outside the database."""

    chain_id: str
    count: int
    head: str


def verify(engine: Engine, tenant_id: str, anchors: Mapping[str, list[Anchor]]) -> list[Break]:
    """Check every chain of a tenant against its keys, its head and the anchors; the first break of each."""
    with engine.sessions.query(tenant_id) as session:
        chains = {chain_id: (count, head) for chain_id, count, head in _chains(session, tenant_id)}
        orphans = set(session.scalars(select(ROWS.c.chain_id).where(ROWS.c.tenant_id == tenant_id).distinct()))
        breaks = [_check(session, engine.keys, chain_id, chains, anchors) for chain_id in sorted(chains)]
        lost = (set(anchors) | orphans) - set(chains)
        return [found for found in breaks if found] + [Break(chain, 0, "removed") for chain in sorted(lost)]


def anchors_of(engine: Engine, tenant_id: str) -> list[Anchor]:
    """The heads of all chains now, to be written outside the database."""
    with engine.sessions.query(tenant_id) as session:
        return [Anchor(*row) for row in _chains(session, tenant_id)]


def head_of(chain: Chain) -> str:
    """The chain's head as documents print it: number of rows and seal."""
    return f"{chain.audit_count}-{chain.audit_head[:32]}"


def _chains(session: Session, tenant_id: str) -> Iterator[tuple[str, int, str]]:
    yield session.execute(
        select(Tenant.id, Tenant.audit_count, Tenant.audit_head).where(Tenant.id == tenant_id)
    ).one().tuple()
    roots: Select[tuple[str, int, str]] = select(
        ProcessInstance.id, ProcessInstance.audit_count, ProcessInstance.audit_head
    ).where(ProcessInstance.tenant_id == tenant_id, ProcessInstance.parent_id.is_(None))
    for row in session.execute(roots):
        yield row.tuple()


def _check(
    session: Session,
    keys: Keys,
    chain_id: str,
    chains: Mapping[str, tuple[int, str]],
    anchors: Mapping[str, list[Anchor]],
) -> Break | None:
    count, stored_head = chains[chain_id]
    known = {anchor.count: anchor.head for anchor in anchors.get(chain_id, [])}
    head, seq = "", 0
    rows = select(ROWS).where(ROWS.c.tenant_id == session.info["tenant_id"], ROWS.c.chain_id == chain_id)
    for row in session.execute(rows.order_by(ROWS.c.seq)).mappings():
        seq += 1
        if row["seq"] != seq:
            return Break(chain_id, seq, "removed" if row["seq"] > seq else "inserted")
        if row["mac"] != _row_mac(keys, row, head):
            return Break(chain_id, seq, "inserted" if seq > count else "changed")
        head = _head(keys, chain_id, seq, row["mac"])
        if known.get(seq, head) != head:
            return Break(chain_id, seq, "changed")
    last = max([count, *known])
    if seq < last:
        return Break(chain_id, seq + 1, "cut_off")
    if seq > count:
        return Break(chain_id, count + 1, "inserted")
    return None if head == stored_head else Break(chain_id, seq, "changed")


def _row_mac(keys: Keys, values: Mapping[str, Any], previous: str) -> str:
    sealed = [values[name].isoformat() if name == "at" else values[name] for name in SEALED]
    return mac(keys.record, json.dumps([*sealed, previous], ensure_ascii=False))


def _head(keys: Keys, chain_id: str, count: int, seal: str) -> str:
    return mac(keys.record, json.dumps(["head", chain_id, count, seal]))
