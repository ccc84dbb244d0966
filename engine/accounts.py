"""Accounts of the staff as administrators keep them: made, changed, closed, and given new passwords."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, errors, people, policy, tasks
from engine.models.base import table
from engine.models.people import Account, Body, WebSession
from engine.people import HASHER, LONGEST_NAME, NewAccount
from engine.policy import Actor

ADMINISTRATOR = "administrator"
ROLES = (
    "reception", "mediator", "chief_mediator", "seal_keeper", ADMINISTRATOR,
    "expert", "tv_crew", "grid_member",
)  # fmt: skip
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
# A password to be read out and typed once: no letter or digit that looks like another.
LETTERS, GROUPS, GROUP = "abcdefghjkmnpqrstuvwxyz23456789", 4, 4
SESSIONS = table(WebSession)


@dataclass(frozen=True)
class AccountRow:
    """An account as administrators see it; `password_due` until its owner has chosen a password."""

    id: str
    username: str
    name: str
    roles: list[str]
    body_id: str
    body: str
    active: bool
    password_due: bool


@dataclass(frozen=True)
class Person:
    """What an administrator says of somebody: the name, the roles (of ROLES) and the body."""

    name: str
    roles: Collection[str]
    body_id: str


@dataclass(frozen=True)
class Made:
    """An account with the password that its owner must change; it is shown once and kept nowhere."""

    account_id: str
    password: str


def list_accounts(engine: Engine, actor: Actor, search: str = "") -> list[AccountRow]:
    """All accounts whose name or user name contains the search, those that are open first. Forbidden."""
    policy.allow(actor, "account.change")
    found = select(Account, Body.name).join(Body, Body.id == Account.body_id)
    if search:
        named = (column.contains(search, autoescape=True) for column in (Account.name, Account.username))
        found = found.where(or_(*named))
    with engine.sessions.query(actor.tenant_id) as session:
        rows = session.execute(found.order_by(Account.active.desc(), Account.name, Account.username))
        return [_row(account, body) for account, body in rows]


def show_account(engine: Engine, actor: Actor, account_id: str) -> AccountRow:
    """One account. Raises Forbidden, NotFound."""
    policy.allow(actor, "account.change")
    with engine.sessions.query(actor.tenant_id) as session:
        account = _account(session, account_id)
        return _row(account, session.scalars(select(Body.name).where(Body.id == account.body_id)).one())


def make_account(engine: Engine, actor: Actor, username: str, person: Person) -> Made:
    """Make an account and its first password. Raises Forbidden, InvalidAnswers, BodyClosed, NotFound."""
    policy.allow(actor, "account.change")
    password = new_password()
    hashed = HASHER.hash(password)
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        _require(_wrong_username(session, username) | _wrong(person))
        bodies.require_open(session, person.body_id)
        new = NewAccount(username, person.name.strip(), _in_order(person.roles), person.body_id, password)
        account = people.add_account(session, new, hash_password=lambda _: hashed)
        account.password_due = True
        content = [username, new.name, list(new.roles), new.body_id]
        entry = audit.Entry("account.made", account.id, engine.now(), content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
        return Made(account.id, password)


def change_account(engine: Engine, actor: Actor, account_id: str, person: Person) -> None:
    """Give an account another name, other roles or another body, from its next page on.

    Raises Forbidden, NotFound, InvalidAnswers, BodyClosed, and LastAdministrator.
    """
    policy.allow(actor, "account.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        account = _account(session, account_id)
        _require(_wrong(person))
        if person.body_id != account.body_id:
            bodies.require_open(session, person.body_id)
        if account.active and ADMINISTRATOR not in person.roles:
            _require_another(session, account)
        account.name, account.body_id = person.name.strip(), person.body_id
        account.roles = _in_order(person.roles)
        content = [account.name, account.roles, account.body_id]
        entry = audit.Entry("account.changed", account_id, engine.now(), content=content)
        audit.record(session, engine.keys, tenant, actor, entry)


def close_account(engine: Engine, actor: Actor, account_id: str) -> int:
    """Let an account sign in no more and end its sessions; gives how many tasks it gave back to its roles.

    What is assigned to the person by name stays so. Raises Forbidden, NotFound, LastAdministrator.
    """
    policy.allow(actor, "account.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        account = _account(session, account_id)
        if account.active:
            _require_another(session, account)
            account.active = False
            _end_sessions(session, account)
            audit.record(
                session, engine.keys, tenant, actor, audit.Entry("account.closed", account_id, engine.now())
            )
    return tasks.give_back(engine, actor, account_id)


def reopen_account(engine: Engine, actor: Actor, account_id: str) -> None:
    """Let a closed account sign in again, with the password it had. Raises Forbidden, NotFound."""
    policy.allow(actor, "account.change")
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        account = _account(session, account_id)
        if not account.active:
            account.active = True
            entry = audit.Entry("account.reopened", account_id, engine.now())
            audit.record(session, engine.keys, tenant, actor, entry)


def reset_password(engine: Engine, actor: Actor, account_id: str) -> Made:
    """Give an account a new first password and end its sessions. Raises Forbidden, NotFound."""
    policy.allow(actor, "account.change")
    password = new_password()
    hashed = HASHER.hash(password)
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        account = _account(session, account_id)
        account.password_hash, account.password_due = hashed, True
        _end_sessions(session, account)
        entry = audit.Entry("account.password_reset", account_id, engine.now())
        audit.record(session, engine.keys, tenant, actor, entry)
    return Made(account_id, password)


def change_password(engine: Engine, actor: Actor, old: str, new: str, token: str = "") -> None:
    """Let the actor choose a password; all its sessions end but that of the token.

    Raises InvalidAnswers, NotFound for a party, and TooManyAttempts after five wrong old passwords.
    """
    subject = [f"password:{actor.id}"]
    people.require_attempts_left(engine, actor.tenant_id, subject)
    with engine.sessions.query(actor.tenant_id) as session:
        account = _account(session, actor.id)
    if not people.password_fits(account.password_hash, old[:LONGEST_PASSWORD]):
        people.count_attempt(engine, actor.tenant_id, subject)
        raise errors.InvalidAnswers({"old": ("This is not your present password.", {})})
    _require(_wrong_password(account.username, old, new))
    hashed = HASHER.hash(new)
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        account = _account(session, actor.id)
        account.password_hash, account.password_due = hashed, False
        _end_sessions(session, account, but=token)
        entry = audit.Entry("account.password_changed", actor.id, engine.now())
        audit.record(session, engine.keys, tenant, actor, entry)


def owes_password(engine: Engine, actor: Actor) -> bool:
    """Whether somebody who has signed in has still to choose a password."""
    with engine.sessions.query(actor.tenant_id) as session:
        return _account(session, actor.id).password_due


def new_password() -> str:
    """A password of 79 bits for one sign-in."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _row(account: Account, body: str) -> AccountRow:
    return AccountRow(
        account.id, account.username, account.name, _in_order(account.roles), account.body_id, body,
        account.active, account.password_due,
    )  # fmt: skip


def _account(session: Session, account_id: str) -> Account:
    found = session.scalars(select(Account).where(Account.id == account_id)).one_or_none()
    if found is None:
        raise errors.NotFound
    return found


def _in_order(roles: Collection[str]) -> list[str]:
    return [role for role in ROLES if role in roles]


def _require(wrong: dict[str, str]) -> None:
    if wrong:
        named: dict[str, object] = {"least": SHORTEST_PASSWORD, "most": LONGEST_NAME}
        raise errors.InvalidAnswers({path: (message, named) for path, message in wrong.items()})


def _wrong(person: Person) -> dict[str, str]:
    wrong = {}
    if not 0 < len(person.name.strip()) <= LONGEST_NAME:
        wrong["name"] = "Please give a name of at most {most} characters."
    if not person.roles or not set(person.roles) <= set(ROLES):
        wrong["roles"] = "Choose what the person does: at least one role."
    return wrong


def _wrong_username(session: Session, username: str) -> dict[str, str]:
    if not (0 < len(username) <= LONGEST_NAME and username.isprintable() and not set(username) & {" ", "　"}):
        return {"username": "Please give a user name without spaces, of at most {most} characters."}
    taken = select(Account.id).where(func.lower(Account.username) == username.lower())
    if session.scalars(taken).first() is not None:
        return {"username": "Somebody has this user name already."}
    return {}


def _wrong_password(username: str, old: str, new: str) -> dict[str, str]:
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        return {"new": "Please choose a password of at least {least} characters; a sentence is good."}
    if new == old or username.lower() in new.lower():
        return {"new": "Please choose another password than before, without your user name in it."}
    return {}


def _require_another(session: Session, account: Account) -> None:
    """Somebody must be left who can let others in."""
    others = session.scalars(select(Account).where(Account.active, Account.id != account.id))
    if ADMINISTRATOR in account.roles and not any(ADMINISTRATOR in other.roles for other in others):
        raise errors.LastAdministrator(name=account.name)


def _end_sessions(session: Session, account: Account, but: str = "") -> None:
    of_account = (SESSIONS.c.tenant_id == account.tenant_id, SESSIONS.c.account_id == account.id)
    others = SESSIONS.c.token_hash != people.hash_of_token(but)
    session.execute(delete(SESSIONS).where(*of_account, others))
