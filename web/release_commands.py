"""`woshou release`: what is deployed, what differs between releases, and which one new cases get."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from engine import Engine, errors, policy, releases
from engine.bpmn import Finding
from engine.changes import Change
from engine.policy import Actor
from web import settings
from web.texts import refusal, text

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@click.group()
def release() -> None:
    """What is deployed: list, show, compare, activate, remove."""


@release.command("list")
@AS_JSON
def list_all(as_json: bool) -> None:
    """All releases, the newest first; * marks the one in which new cases begin."""
    with opened() as (engine, actor):
        rows = releases.list_releases(engine, actor)
    if as_json:
        _print_json([asdict(row) for row in rows])
        return
    for row in rows:
        running = text("{count} cases under way", count=row.running)
        mark = "*" if row.is_active else " "
        click.echo(f"{mark} {row.number:4} {row.made_at:%Y-%m-%d %H:%M} {row.made_by}  {running}")


@release.command()
@click.argument("number", type=int)
@AS_JSON
def show(number: int, as_json: bool) -> None:
    """Everything in a release, each with its hash."""
    with opened() as (engine, actor):
        items = releases.items_of(engine, actor, number)
    if as_json:
        _print_json([{"kind": kind, "key": key, "hash": found} for (kind, key), found in items.items()])
        return
    for (kind, key), found in items.items():
        click.echo(f"{text(kind)} {key} {found}")


@release.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@AS_JSON
def diff(before: int, after: int, as_json: bool) -> None:
    """What differs between two releases: added +, removed -, changed ~, and what exactly."""
    with opened() as (engine, actor):
        found = releases.diff(engine, actor, before, after)
    if as_json:
        _print_json([asdict(item) for item in found])
        return
    for item in found:
        click.echo(f"{SIGNS[item.status]} {text(item.kind)} {item.key}")
        for change in item.changes:
            click.echo(change_line(change))
    if not found:
        click.echo(text("The two releases are the same."))


@release.command()
@click.argument("number", type=int)
def activate(number: int) -> None:
    """Let new cases begin in this release; cases under way stay where they are."""
    with opened() as (engine, actor):
        releases.activate(engine, actor, number)
    click.echo(text("New cases now begin in release {number}.", number=number))


@release.command()
@click.argument("items", nargs=-1, required=True, metavar="KIND:KEY...")
def remove(items: tuple[str, ...]) -> None:
    """Make a new release without some files, such as process:intake or form:old_question."""
    pairs = [(kind, key) for kind, _, key in (item.partition(":") for item in items)]
    with opened() as (engine, actor):
        made = releases.deploy(engine, actor, {}, pairs)
    click.echo(text("Deployed as release {release}.", release=made))


def change_line(change: Change) -> str:
    """One change as people read it, in the command line's language."""
    what = " ".join(part for part in (text(change.element), change.element_id, _quoted(change.name)) if part)
    aspect = " ".join(part for part in (text(change.aspect) if change.aspect else "", change.part) if part)
    values = [_shown(value) for value in (change.before, change.after)]
    told = {"added": values[1:], "removed": values[:1]}.get(change.kind, values)
    ending = " → ".join(told) if change.kind == "changed" or any((change.before, change.after)) else ""
    return f"  {SIGNS[change.kind]} " + ": ".join(part for part in (what, aspect, ending) if part)


def _quoted(name: str) -> str:
    return f"“{name}”" if name else ""


def _shown(value: str | None) -> str:
    return (
        "–" if value is None else value if "\n" not in value else "\n      " + value.replace("\n", "\n      ")
    )


@contextmanager
def opened() -> Iterator[tuple[Engine, Actor]]:
    """The installation's Engine, and the system as the actor; a refusal is told and ends the command."""
    chosen = settings.read()
    if not chosen.keys.exists():
        _fail(text("Nothing is installed in {data}; `woshou init` does it.", data=chosen.data))
    try:
        with settings.opened(chosen) as engine:
            yield engine, policy.system(chosen.tenant_id)
    except errors.DiagramRefused as refused:
        for found in refused.findings:
            if isinstance(found, Finding):
                click.echo(f"{found.element_id}: {text(found.message, **found.params)}", err=True)
        _fail(refusal(refused))
    except errors.Refusal as refused:
        _fail(refusal(refused))


def _print_json(value: Any) -> None:
    encode: Callable[[object], str] = str
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=encode))


def _fail(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(1)
