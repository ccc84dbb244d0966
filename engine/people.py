"""People who sign in: accounts, their sessions, and the limit on attempts."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine import Engine, audit, errors
from engine.models.base import new_id, table
from engine.models.people import Account, Attempt, Body, Tenant, WebSession
from engine.policy import Actor

IDLE = dt.timedelta(hours=2)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
LONGEST_NAME = 100
ATTEMPTS = 5
ATTEMPTS_WINDOW = dt.timedelta(minutes=15)
SESSIONS = table(WebSession)
FAILED = table(Attempt)
HASHER = PasswordHasher()
NOBODY = HASHER.hash(secrets.token_hex())


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
    if not _password_fits(account.password_hash if account else NOBODY, password) or account is None:
        count_attempt(engine, tenant_id, subjects)
        raise errors.SignInRefused
    with engine.sessions.command(tenant_id) as session:
        tenant = session.scalars(
            select(Tenant).where(Tenant.id == tenant_id).with_for_update(key_share=True)
        ).one()
        token = open_session(session, engine, account_id=account.id)
        actor = _actor(session, account)
        entry = audit.Entry("account.signed_in", account.id, engine.now())
        audit.record(session, engine.keys, tenant, actor, entry)
    return token, actor


def sign_out(engine: Engine, tenant_id: str, token: str) -> None:
    """End the session; its token opens nothing any more."""
    with engine.sessions.command(tenant_id) as session:
        session.execute(
            delete(SESSIONS).where(SESSIONS.c.tenant_id == tenant_id, SESSIONS.c.token_hash == _hash(token))
        )


def open_session(
    session: Session, engine: Engine, *, account_id: str | None = None, party_id: str | None = None
) -> str:
    """Store a session of an account or a party and give its token, which is kept only as a hash."""
    token = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            tenant_id=session.info["tenant_id"], token_hash=_hash(token), account_id=account_id,
            party_id=party_id, created_at=engine.now(), seen_at=engine.now(),
        )
    )  # fmt: skip
    return token


def live_session(engine: Engine, tenant_id: str, token: str) -> WebSession | None:
    """The session of a token, unless it was idle for two hours or is older than twelve."""
    now = engine.now()
    with engine.sessions.query(tenant_id) as session:
        found = session.scalars(
            select(WebSession).where(
                WebSession.token_hash == _hash(token),
                WebSession.seen_at > now - IDLE,
                WebSession.created_at > now - LONGEST,
            )
        ).one_or_none()
    if found is not None and found.seen_at < now - SEEN_EVERY:
        _touch(engine, tenant_id, found.token_hash)
    return found


def account_actor(engine: Engine, tenant_id: str, account_id: str) -> Actor | None:
    """The actor of an active account."""
    with engine.sessions.query(tenant_id) as session:
        account = session.scalars(
            select(Account).where(Account.id == account_id, Account.active)
        ).one_or_none()
        return _actor(session, account) if account else None


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


def _actor(session: Session, account: Account) -> Actor:
    return Actor(
        tenant_id=account.tenant_id,
        id=account.id,
        name=account.name,
        roles=frozenset(account.roles),
        body_id=account.body_id,
        body_ids=frozenset(_with_descendants(session, account.body_id)),
    )


def _with_descendants(session: Session, body_id: str) -> list[str]:
    tree = select(Body.id).where(Body.id == body_id).cte(recursive=True)
    below = select(Body.id).join(tree, Body.parent_id == tree.c.id)
    return list(session.scalars(select(tree.union_all(below).c.id)))


def _password_fits(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _touch(engine: Engine, tenant_id: str, token_hash: str) -> None:
    with engine.sessions.command(tenant_id) as session:
        this = (SESSIONS.c.tenant_id == tenant_id, SESSIONS.c.token_hash == token_hash)
        session.execute(update(SESSIONS).where(*this).values(seen_at=engine.now()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
