"""Filings: disputes sent in from outside without an account, which reception opens as cases or declines."""

import datetime as dt
import hashlib
import secrets
from dataclasses import asdict, dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, idempotency, people, seals
from engine.calendar import day_of
from engine.idempotency import Request
from engine.keys import Keys
from engine.mediation import traces
from engine.mediation.answers import Problems
from engine.mediation.contacts import PHONE
from engine.models.base import dump_json, load_json, new_id
from engine.models.intake import Filing
from engine.models.people import Body
from engine.policy import Actor

FILED_BY = ("party", "grid")
LONGEST = {"name": 50, "address": 200, "other_name": 100, "other_place": 200, "facts": 2000, "wish": 500}
NEEDED = ("name", "other_name", "facts")
HELD_BY = ("district", "town", "village")


@dataclass(frozen=True)
class Told:
    """What the public page asks: who files it, how to reach them, the other side, what happened, the wish."""

    filed_by: str
    name: str
    phone: str
    address: str
    other_name: str
    other_place: str
    facts: str
    wish: str


@dataclass(frozen=True)
class FilingState:
    """All that is told to who asks with number and telephone."""

    number: str
    received_on: dt.date
    status: str


NAMES = tuple(one.name for one in fields(Told))


def committees(engine: Engine, tenant_id: str) -> list[tuple[str, str]]:
    """Id and name of the committees to which anybody may turn, by name."""
    with engine.sessions.query(tenant_id) as session:
        here = (Body.closed_at.is_(None), Body.kind.in_(HELD_BY))
        return [(row.id, row.name) for row in session.scalars(select(Body).where(*here).order_by(Body.name))]


def file_dispute(engine: Engine, visitor: Actor, body_id: str, told: Told, key: str) -> str:
    """Keep what somebody without an account sends in, encrypted, and give the number of its receipt.

    The visitor is `visitor(tenant, address)`. The same key gives the same number. Raises InvalidAnswers by
    field, TooManyAttempts after five from one address within a quarter of an hour, KeyReused.
    """
    _check(engine, visitor.tenant_id, body_id, told)
    subjects = [f"filing:{visitor.id}"]
    people.require_attempts_left(engine, visitor.tenant_id, subjects)
    content = ["filing.file", body_id, asdict(told)]
    request = Request(visitor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(visitor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, visitor)
        if (seen := idempotency.recall(session, request)) is not None:
            return str(seen)
        bodies.require_open(session, body_id)
        filing = _filing(session, engine, body_id, told)
        entry = audit.Entry("filing.received", filing.id, filing.received_at, content=content)
        audit.record(session, engine.keys, tenant, visitor, entry)
        idempotency.remember(session, request, filing.number, filing.received_at)
    people.count_attempt(engine, visitor.tenant_id, subjects)
    return filing.number


def visitor(tenant_id: str, address: str) -> Actor:
    """Who sends something in without an account, told apart by a digest of the network address."""
    return Actor(tenant_id, hashlib.sha256(address.encode()).hexdigest()[:32], "public")


def filing_state(engine: Engine, asking: Actor, number: str, phone: str) -> FilingState:
    """How far a filing has come, for who knows its number and telephone.

    NotFound for any other pair; TooManyAttempts after five wrong ones for a number or from an address.
    """
    number = traces.normal("number", number)
    of_number = f"filing-number:{hashlib.sha256(number.encode()).hexdigest()}"
    subjects = [of_number, f"filing-state:{asking.id}"]
    people.require_attempts_left(engine, asking.tenant_id, subjects)
    digest = traces.digest(engine.keys, asking.tenant_id, "phone", phone)
    with engine.sessions.query(asking.tenant_id) as session:
        this = (Filing.number == number, Filing.phone_digest == digest)
        found = session.scalars(select(Filing).where(*this)).one_or_none()
    if found is None or not digest:
        people.count_attempt(engine, asking.tenant_id, subjects)
        raise errors.NotFound
    return FilingState(found.number, day_of(found.received_at), found.status)


def _check(engine: Engine, tenant_id: str, body_id: str, told: Told) -> None:
    problems = Problems()
    for name in NEEDED:
        if not getattr(told, name).strip():
            problems.add(name, "Answer this question.")
    for name, longest in LONGEST.items():
        if len(getattr(told, name)) > longest:
            problems.add(name, "At most {count} fit here.", count=longest)
    if not PHONE.fullmatch(told.phone.strip()):
        problems.add("phone", "Write a telephone number, digits only.")
    if told.filed_by not in FILED_BY:
        problems.add("filed_by", "Choose one of these.")
    if body_id not in dict(committees(engine, tenant_id)):
        problems.add("body_id", "Choose one of these.")
    problems.refuse()


def _filing(session: Session, engine: Engine, body_id: str, told: Told) -> Filing:
    at, filing_id = engine.now(), new_id()
    tenant_id = str(session.info["tenant_id"])
    sealed = seals.seal(
        _key(engine.keys, tenant_id), dump_json(asdict(told)).encode(), _place(tenant_id, filing_id)
    )
    filing = Filing(
        tenant_id=tenant_id, id=filing_id, body_id=body_id, number=_free_number(session, day_of(at)),
        filed_by=told.filed_by, sealed=sealed, received_at=at,
        phone_digest=traces.digest(engine.keys, tenant_id, "phone", told.phone), status="waiting",
    )  # fmt: skip
    session.add(filing)
    session.flush()
    return filing


def _free_number(session: Session, day: dt.date) -> str:
    # Digits alone, which are easy to read out; not in a row, so that nobody learns how many there are.
    while True:
        number = f"{day:%Y%m%d}{secrets.randbelow(10**6):06d}"
        if session.scalars(select(Filing.id).where(Filing.number == number)).one_or_none() is None:
            return number


def told_in(keys: Keys, filing: Filing) -> Told:
    """What was written in a filing; SealBroken."""
    place = _place(filing.tenant_id, filing.id)
    said = load_json(seals.unseal(_key(keys, filing.tenant_id), filing.sealed, place).decode())
    return Told(**{one.name: said.get(one.name, "") for one in fields(Told)})


def _key(keys: Keys, tenant_id: str) -> bytes:
    return seals.derived(keys, f"woshou: filings of {tenant_id}")


def _place(tenant_id: str, filing_id: str) -> seals.Place:
    return (tenant_id, Filing.__tablename__, filing_id, "sealed")
