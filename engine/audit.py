"""The record: one chain of sealed rows for each case, and one for the tenant's own commands."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import Engine
from engine.idempotency import canonical
from engine.keys import Keys, mac
from engine.models.base import table
from engine.models.people import Tenant
from engine.models.processes import ProcessInstance
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.sessions import count, tenant_of

ROWS = table(AuditRow)
ADD_ROW = insert(ROWS)
Chain = ProcessInstance | Tenant
Sealed = Mapping[str, Any]
"""A row of the record with its seal, by column."""
SEALED = (
    "chain_id",
    "seq",
    "at",
    "actor_id",
    "actor_name",
    "action",
    "subject",
    "node_id",
    "law_ref",
    "digest",
)


@dataclass(frozen=True)
class Entry:
    """What a command says of itself: the action in the past tense, its subject's id, node and article."""

    action: str
    subject: str
    at: dt.datetime
    node_id: str = ""
    law_ref: str = ""
    content: Any = None


def digest(keys: Keys, content: Any) -> str:
    """A keyed digest of what was answered; the record proves the answers without holding them."""
    return "" if content is None else mac(keys.record, canonical(content))


def seal_of_kept(keys: Keys, task_id: str, kept: Any, full: str) -> str:
    """Proves that `kept` is what was stored of a task's answers; `full` is the digest of all of them."""
    return mac(keys.record, canonical(["kept", task_id, kept, full]))


def proves(keys: Keys, full: str, task_id: str, answers: Any, kept_seal: str | None) -> bool:
    """Whether a task's stored answers are those of the record's digest, or what was to be kept of them."""
    if digest(keys, answers) == full:
        return True
    return kept_seal is not None and kept_seal == seal_of_kept(keys, task_id, answers, full)


def record(session: Session, keys: Keys, chain: Chain, actor: Actor, entry: Entry) -> None:
    """Extend the chain, whose row is locked by this transaction, by one row."""
    write(session, [extend(keys, chain, actor, entry)])


def extend(keys: Keys, chain: Chain, actor: Actor, entry: Entry) -> Sealed:
    """Seal one more row of the chain, whose row is locked by this transaction; the caller writes it."""
    values = {
        "tenant_id": actor.tenant_id,
        "chain_id": chain.id,
        "seq": chain.audit_count + 1,
        "at": entry.at,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "action": entry.action,
        "subject": entry.subject,
        "node_id": entry.node_id,
        "law_ref": entry.law_ref,
        "digest": digest(keys, entry.content),
    }
    seal = _row_mac(keys, values, chain.audit_head)
    chain.audit_count += 1
    chain.audit_head = _head(keys, chain.id, chain.audit_count, seal)
    return {**values, "mac": seal}


def write(session: Session, rows: Sequence[Sealed]) -> None:
    """Write sealed rows in the transaction that extended their chains."""
    if rows:
        session.connection().execute(ADD_ROW, rows)
    for row in rows:
        count(session, row["action"])


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
        heads = _heads(session, tenant_id)
        breaks = [_check(session, engine.keys, head, anchors.get(head.chain_id, [])) for head in heads]
        recorded = set(
            session.scalars(select(ROWS.c.chain_id).where(ROWS.c.tenant_id == tenant_id).distinct())
        )
    lost = (recorded | set(anchors)) - {head.chain_id for head in heads}
    return [found for found in breaks if found] + [Break(chain_id, 1, "removed") for chain_id in sorted(lost)]


def anchors_of(engine: Engine, tenant_id: str) -> list[Anchor]:
    """The heads of all chains now, to be written outside the database."""
    with engine.sessions.query(tenant_id) as session:
        return _heads(session, tenant_id)


def head_of(chain: Chain) -> str:
    """The chain's head as documents print it: number of rows and seal."""
    return f"{chain.audit_count}-{chain.audit_head[:32]}"


def _heads(session: Session, tenant_id: str) -> list[Anchor]:
    tenant = select(Tenant.id, Tenant.audit_count, Tenant.audit_head).where(Tenant.id == tenant_id)
    roots = (
        select(ProcessInstance.id, ProcessInstance.audit_count, ProcessInstance.audit_head)
        .where(ProcessInstance.tenant_id == tenant_id, ProcessInstance.parent_id.is_(None))
        .order_by(ProcessInstance.id)
    )
    return [Anchor(*row) for found in (tenant, roots) for row in session.execute(found)]


def _check(session: Session, keys: Keys, stored: Anchor, anchors: list[Anchor]) -> Break | None:
    chain_id, known = stored.chain_id, {anchor.count: anchor.head for anchor in anchors}
    head, seq = "", 0
    found = select(ROWS).where(ROWS.c.tenant_id == tenant_of(session), ROWS.c.chain_id == chain_id)
    rows = session.execute(found.order_by(ROWS.c.seq)).all()
    for seq, row in enumerate(rows, 1):
        if row.seq != seq:
            return Break(chain_id, seq, "removed")
        if row.mac != _row_mac(keys, row._asdict(), head):
            return Break(chain_id, seq, _misfit(len(rows) - stored.count))
        head = _head(keys, chain_id, seq, row.mac)
        if known.get(seq, head) != head:
            return Break(chain_id, seq, "changed")
    if seq < max([stored.count, *known]):
        return Break(chain_id, seq + 1, "cut_off")
    if seq > stored.count:
        return Break(chain_id, stored.count + 1, "inserted")
    return None if head == stored.head else Break(chain_id, seq, "changed")


def _misfit(surplus: int) -> str:
    """What happened where a seal does not fit: rows may have been renumbered to close or to make a gap."""
    if surplus:
        return "inserted" if surplus > 0 else "removed"
    return "changed"


def _row_mac(keys: Keys, values: Mapping[str, Any], previous: str) -> str:
    moment = values["at"].astimezone(dt.UTC).isoformat()
    sealed = [moment if name == "at" else values[name] for name in SEALED]
    return mac(keys.record, json.dumps([*sealed, previous], ensure_ascii=False))


def _head(keys: Keys, chain_id: str, count: int, seal: str) -> str:
    return mac(keys.record, json.dumps(["head", chain_id, count, seal]))
