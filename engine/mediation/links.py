"""Party links: a token in the address and a code told apart from it open one case for one party."""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, instances, people, policy
from engine.mediation.lookup import party_of, visible_case
from engine.mediation.parties import GROUP_SIDE
from engine.models.base import new_id, table
from engine.models.cases import Case, Party
from engine.models.documents import PartyLink
from engine.policy import Actor
from engine.sessions import OF_TENANT, tenant_of

DIGITS = 8
MOST_TRIES = 10
LINKS, PARTIES, CASES = table(PartyLink), table(Party), table(Case)
HAS_LINK = exists().where(
    LINKS.c.tenant_id == PARTIES.c.tenant_id, LINKS.c.party_id == PARTIES.c.id, LINKS.c.revoked.is_(False)
)
WITH_LINK = (
    select(*(PARTIES.c[name] for name in ("tenant_id", "id", "case_id", "name", "side")), CASES.c.is_group)
    .join(CASES, and_(CASES.c.tenant_id == PARTIES.c.tenant_id, CASES.c.id == PARTIES.c.case_id))
    .where(PARTIES.c.tenant_id == OF_TENANT, PARTIES.c.id == bindparam("of_party"), HAS_LINK)
)


@dataclass(frozen=True)
class LinkView:
    """A party's way in as staff hand it out: the token for the address, and the code of eight digits."""

    party_id: str
    party_name: str
    token: str
    code: str


def add_link(session: Session, party: Party, at: dt.datetime) -> None:
    """Make a link for a party."""
    session.add(
        PartyLink(
            tenant_id=party.tenant_id, id=new_id(), party_id=party.id, token=secrets.token_urlsafe(24),
            made_at=at,
        )
    )  # fmt: skip


def party_links(engine: Engine, actor: Actor, case_id: str) -> list[LinkView]:
    """The links of a case's parties, for the staff who hand them out; NotFound, Forbidden."""
    policy.allow(actor, "link.read")
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        rows = session.execute(
            select(PartyLink, Party.name)
            .join(Party, Party.id == PartyLink.party_id)
            .where(Party.case_id == case_id, PartyLink.revoked.is_(False))
            .order_by(Party.position)
        )
        return [LinkView(link.party_id, name, link.token, code_of(engine, link)) for link, name in rows]


def renew_link(engine: Engine, actor: Actor, case_id: str, party_id: str) -> None:
    """Give a party a new link and close the old one; NotFound, Forbidden."""
    policy.allow(actor, "link.read")
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        party = party_of(session, case_id, party_id)
        before = (LINKS.c.tenant_id == party.tenant_id, LINKS.c.party_id == party.id)
        session.execute(update(LINKS).where(*before).values(revoked=True))
        add_link(session, party, engine.now())
        entry = audit.Entry("link.renewed", party_id, engine.now())
        audit.record(session, engine.keys, root, actor, entry)


def code_of(engine: Engine, link: PartyLink) -> str:
    """The link's code: computed from the token with a key that lies outside the database, stored nowhere."""
    seal = hmac.new(engine.keys.links, f"{link.tenant_id}:{link.token}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(seal[:16]) % 10**DIGITS:0{DIGITS}d}"


def enter_link(engine: Engine, tenant_id: str, token: str, code: str, address: str) -> tuple[str, Actor]:
    """A new session's token and its actor, for the right code.

    NotFound for an unknown or closed link, SignInRefused for a wrong code, TooManyAttempts after five
    wrong ones within a quarter of an hour; after ten in all the link is closed for good.
    """
    subjects = [f"link:{hashlib.sha256(token.encode()).hexdigest()}", f"address:{address}"]
    people.require_attempts_left(engine, tenant_id, subjects)
    with engine.sessions.query(tenant_id) as session:
        link = _open_link(session, token)
    if not hmac.compare_digest(code_of(engine, link).encode(), code.strip().encode()):
        people.count_attempt(engine, tenant_id, subjects)
        _count_try(engine, tenant_id, link)
        raise errors.SignInRefused
    with engine.sessions.command(tenant_id) as session:
        party = session.scalars(select(Party).where(Party.id == link.party_id)).one()
        root, actor = instances.lock(session, party.case_id), _actor(session, party)
        entry = audit.Entry("link.entered", party.id, engine.now())
        audit.record(session, engine.keys, root, actor, entry)
        return people.open_session(session, engine, party_id=party.id), actor


def party_actor(engine: Engine, tenant_id: str, party_id: str) -> Actor | None:
    """The actor of a party whose session goes on; None once its links are closed."""
    with engine.sessions.query(tenant_id) as session:
        this = {"of_tenant": tenant_id, "of_party": party_id}
        found = session.connection().execute(WITH_LINK, this).one_or_none()
        return _made(found, found.is_group) if found else None


def _open_link(session: Session, token: str) -> PartyLink:
    link = session.scalars(
        select(PartyLink).where(PartyLink.token == token, PartyLink.revoked.is_(False))
    ).one_or_none()
    if link is None:
        raise errors.NotFound
    return link


def _count_try(engine: Engine, tenant_id: str, link: PartyLink) -> None:
    with engine.sessions.command(tenant_id) as session:
        this = (LINKS.c.tenant_id == tenant_of(session), LINKS.c.id == link.id)
        tries = LINKS.c.tries + 1
        session.execute(update(LINKS).where(*this).values(tries=tries, revoked=tries >= MOST_TRIES))


def _actor(session: Session, party: Party) -> Actor:
    is_group = session.scalars(select(Case.is_group).where(Case.id == party.case_id)).one()
    return _made(party, is_group)


def _made(party: Party | Row[*tuple[Any, ...]], is_group: bool) -> Actor:
    # A group's household joins the agreement by its own copy; all others sign the agreement itself.
    joins = is_group and party.side == GROUP_SIDE
    roles = frozenset({"party", "household" if joins else "signer"})
    return Actor(
        tenant_id=party.tenant_id, id=party.id, name=party.name, roles=roles,
        party_id=party.id, instance_id=party.case_id,
    )  # fmt: skip
