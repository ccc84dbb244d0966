"""People who sign in: accounts, their sessions, and the limit on attempts."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, func, select, true, update
from sqlalchemy.orm import Session

from engine import Engine, audit, errors
from engine.models.base import new_id, table
from engine.models.people import Account, Attempt, Body, Tenant, WebSession
from engine.policy import Actor
from engine.sessions import OF_TENANT, tenant_of

IDLE = dt.timedelta(hours=2)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
LONGEST_NAME = 100
ATTEMPTS = 5
ATTEMPTS_WINDOW = dt.timedelta(minutes=15)
SESSIONS = table(WebSession)
ACCOUNTS = table(Account)
BODIES = table(Body)
FAILED = table(Attempt)
HASHER = PasswordHasher()


def _account_with_bodies(account_id: ColumnElement[Any]) -> Select[Any]:
    """An active account with the ids of its body and of all bodies below, as one text."""
    this = (ACCOUNTS.c.tenant_id == OF_TENANT, ACCOUNTS.c.id == account_id, ACCOUNTS.c.active)
    own = select(ACCOUNTS.c.body_id.label("id")).where(*this).cte("care", recursive=True)
    below = select(BODIES.c.id).where(BODIES.c.tenant_id == OF_TENANT, BODIES.c.parent_id == own.c.id)
    care = own.union_all(below)
    bodies = select(func.aggregate_strings(care.c.id, ",")).scalar_subquery()
    columns = (ACCOUNTS.c.id, ACCOUNTS.c.name, ACCOUNTS.c.roles, ACCOUNTS.c.body_id)
    return select(*columns, bodies.label("body_ids")).where(*this)


def _session_with_account() -> Select[Any]:
    """A session that goes on, with its account if it has one that is active."""
    this = (
        SESSIONS.c.tenant_id == OF_TENANT,
        SESSIONS.c.token_hash == bindparam("of_token"),
        SESSIONS.c.seen_at > bindparam("seen_after"),
        SESSIONS.c.created_at > bindparam("made_after"),
    )
    account_id = select(SESSIONS.c.account_id).where(*this).scalar_subquery()
    account = _account_with_bodies(account_id).subquery()
    columns = (SESSIONS.c.party_id, SESSIONS.c.seen_at, account)
    return select(*columns).outerjoin(account, true()).where(*this)


FIND_ACCOUNT = _account_with_bodies(bindparam("of_account"))
FIND_SESSION = _session_with_account()


@dataclass(frozen=True)
class LiveSession:
    """A browser's session: of an account (`actor`, None once it is closed) or of a party (`party_id`)."""

    actor: Actor | None
    party_id: str | None


@dataclass(frozen=True)
class NewAccount:
    """An account to be made: roles are role nouns (design: lanes), the password is plain text."""

    username: str
    name: str
    roles: Sequence[str]
    body_id: str
    password: str


def sign_in(engine: Engine, tenant_id: str, username: str, password: str, address: str) -> tuple[str, Actor]:
    """A new session's token and its actor.

    SignInRefused tells nobody whether the name exists; TooManyAttempts after five wrong passwords
    for one name or from one address within a quarter of an hour.
    """
    if len(username) > LONGEST_NAME or not username.isprintable():
        username = ""
    subjects = [f"account:{username}", f"address:{address}"]
    require_attempts_left(engine, tenant_id, subjects)
    with engine.sessions.query(tenant_id) as session:
        account = session.scalars(
            select(Account).where(Account.username == username, Account.active)
        ).one_or_none()
    nobodys = hash_of_nobody()
    if not password_fits(account.password_hash if account else nobodys, password) or account is None:
        count_attempt(engine, tenant_id, subjects)
        raise errors.SignInRefused
    with engine.sessions.command(tenant_id) as session:
        tenant = session.scalars(
            select(Tenant).where(Tenant.id == tenant_id).with_for_update(key_share=True)
        ).one()
        token = open_session(session, engine, account_id=account.id)
        actor = _actor(session, account.id)
        if actor is None:
            raise errors.SignInRefused
        entry = audit.Entry("account.signed_in", account.id, engine.now())
        audit.record(session, engine.keys, tenant, actor, entry)
    return token, actor


def sign_out(engine: Engine, tenant_id: str, token: str) -> None:
    """End the session; its token opens nothing any more."""
    with engine.sessions.command(tenant_id) as session:
        session.execute(
            delete(SESSIONS).where(
                SESSIONS.c.tenant_id == tenant_id, SESSIONS.c.token_hash == hash_of_token(token)
            )
        )


def open_session(
    session: Session, engine: Engine, *, account_id: str | None = None, party_id: str | None = None
) -> str:
    """Store a session of an account or a party and give its token, which is kept only as a hash."""
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            tenant_id=session.info["tenant_id"], token_hash=hash_of_token(token), account_id=account_id,
            party_id=party_id, created_at=engine.now(), seen_at=engine.now(),
        )
    )  # fmt: skip
    return token


def live_session(engine: Engine, tenant_id: str, token: str) -> LiveSession | None:
    """The session of a token, unless it was idle for two hours or is older than twelve."""
    now = engine.now()
    this = {"of_tenant": tenant_id, "of_token": hash_of_token(token)}
    recent = {"seen_after": now - IDLE, "made_after": now - LONGEST}
    with engine.sessions.query(tenant_id) as session:
        found = session.connection().execute(FIND_SESSION, this | recent).one_or_none()
    if found is None:
        return None
    if found.seen_at < now - SEEN_EVERY:
        _touch(engine, tenant_id, this["of_token"])
    return LiveSession(_made(tenant_id, found) if found.id else None, found.party_id)


def account_actor(engine: Engine, tenant_id: str, account_id: str) -> Actor | None:
    """The actor of an active account."""
    with engine.sessions.query(tenant_id) as session:
        return _actor(session, account_id)


def actor_named(engine: Engine, tenant_id: str, username: str) -> Actor:
    """The actor of the active account with this user name; NotFound."""
    with engine.sessions.query(tenant_id) as session:
        found = select(Account.id).where(Account.username == username)
        account_id = session.scalars(found).one_or_none()
        actor = _actor(session, account_id) if account_id else None
    if actor is None:
        raise errors.NotFound
    return actor


def administrators(engine: Engine, tenant_id: str) -> list[str]:
    """The user names of all active administrators."""
    with engine.sessions.query(tenant_id) as session:
        accounts = session.scalars(select(Account).where(Account.active).order_by(Account.username))
        return [account.username for account in accounts if "administrator" in account.roles]


def add_account(
    session: Session, new: NewAccount, hash_password: Callable[[str], str] = HASHER.hash
) -> Account:
    """Store an account with its password as an argon2id hash."""
    account = Account(
        tenant_id=session.info["tenant_id"], id=new_id(), username=new.username, name=new.name,
        roles=list(new.roles), body_id=new.body_id, password_hash=hash_password(new.password),
    )  # fmt: skip
    session.add(account)
    return account


def require_attempts_left(engine: Engine, tenant_id: str, subjects: Sequence[str]) -> None:
    """TooManyAttempts if one of the subjects has failed five times within the window."""
    since = engine.now() - ATTEMPTS_WINDOW
    with engine.sessions.query(tenant_id) as session:
        counts = session.execute(
            select(Attempt.subject, func.count())
            .where(Attempt.subject.in_(subjects), Attempt.made_at > since)
            .group_by(Attempt.subject)
        )
        if any(count >= ATTEMPTS for _, count in counts):
            raise errors.TooManyAttempts(minutes=int(ATTEMPTS_WINDOW.total_seconds() // 60))


def count_attempt(engine: Engine, tenant_id: str, subjects: Sequence[str]) -> None:
    """Remember a failed attempt, and forget those outside the window."""
    now = engine.now()
    with engine.sessions.command(tenant_id) as session:
        old = (FAILED.c.tenant_id == tenant_id, FAILED.c.made_at < now - ATTEMPTS_WINDOW)
        session.execute(delete(FAILED).where(*old))
        session.add_all(
            Attempt(tenant_id=tenant_id, id=new_id(), subject=subject, made_at=now) for subject in subjects
        )


def _actor(session: Session, account_id: str) -> Actor | None:
    this = {"of_tenant": tenant_of(session), "of_account": account_id}
    found = session.connection().execute(FIND_ACCOUNT, this).one_or_none()
    return _made(this["of_tenant"], found) if found else None


def _made(tenant_id: str, found: Row[*tuple[Any, ...]]) -> Actor:
    return Actor(
        tenant_id=tenant_id,
        id=found.id,
        name=found.name,
        roles=frozenset(found.roles),
        body_id=found.body_id,
        body_ids=frozenset(found.body_ids.split(",")),
    )


@cache
def hash_of_nobody() -> str:
    """A hash that no password fits: for an unknown name, too, one is compared, which takes its time."""
    return HASHER.hash(secrets.token_hex())


def password_fits(password_hash: str, password: str) -> bool:
    """Whether a password is the one of this argon2id hash."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _touch(engine: Engine, tenant_id: str, token_hash: str) -> None:
    with engine.sessions.command(tenant_id) as session:
        this = (SESSIONS.c.tenant_id == tenant_id, SESSIONS.c.token_hash == token_hash)
        session.execute(update(SESSIONS).where(*this).values(seen_at=engine.now()))


def hash_of_token(token: str) -> str:
    """A session's token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
