"""`woshou account`: who may sign in, for the first administrator of an installation and for emergencies."""

import sys
from collections.abc import Callable
from typing import NoReturn

import click

from engine import Engine, accounts, bodies, errors
from engine.accounts import AccountRow, Made, Person
from engine.policy import Actor
from web.release_commands import opened
from web.texts import text

USERNAME = click.argument("username")


@click.group()
def account() -> None:
    """Who may sign in. Passwords are made here, shown once, and changed by their owner."""


@account.command("list")
@click.argument("search", default="")
def list_all(search: str) -> None:
    """All accounts, or those in whose name SEARCH occurs."""
    with opened() as (engine, actor):
        rows = accounts.list_accounts(engine, actor, search)
    for row in rows:
        closed = f"  ({text('closed')})" if not row.active else ""
        click.echo(f"{row.username}  {row.name}  {', '.join(row.roles)}  {row.body}{closed}")


@account.command()
@USERNAME
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(accounts.ROLES))
@click.option("--body", help="Name of the person's body; else the outermost.")
def add(username: str, name: str, roles: tuple[str, ...], body: str | None) -> None:
    """Make an account and print its first password."""

    def make(engine: Engine, actor: Actor) -> Made:
        person = Person(name, roles, _body(engine, actor, body))
        return accounts.make_account(engine, actor, username, person)

    _print_password(make)


@account.command()
@USERNAME
def password(username: str) -> None:
    """Give an account a new first password and print it; its sessions end."""
    _print_password(
        lambda engine, actor: accounts.reset_password(engine, actor, _named(engine, actor, username).id)
    )


@account.command()
@USERNAME
def close(username: str) -> None:
    """Let nobody sign in with an account any more."""
    with opened() as (engine, actor):
        count = accounts.close_account(engine, actor, _named(engine, actor, username).id)
    click.echo(text("Closed; {count} tasks were given back.", count=count))


def _print_password(command: Callable[[Engine, Actor], Made]) -> None:
    with opened() as (engine, actor):
        try:
            made = command(engine, actor)
        except errors.InvalidAnswers as invalid:
            for message, params in invalid.errors.values():
                click.echo(text(message, **params), err=True)
            sys.exit(1)
    click.echo(text("First password, to be changed at the first sign-in: {password}", password=made.password))


def _named(engine: Engine, actor: Actor, username: str) -> AccountRow:
    found = accounts.list_accounts(engine, actor, username)
    return next((row for row in found if row.username == username), None) or _refuse_unknown(username)


def _body(engine: Engine, actor: Actor, name: str | None) -> str:
    tree = bodies.list_bodies(engine, actor)
    fits = [row.id for row in tree if not row.is_closed and name in (None, row.name)]
    return fits[0] if fits else _refuse_unknown(name or "")


def _refuse_unknown(name: str) -> NoReturn:
    raise click.UsageError(text("There is nothing of this name: {name}", name=name))
