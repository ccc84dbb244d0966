"""`woshou instance`: cases as the people who run an installation see them, each change recorded."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import click

from engine import Engine, calendar, clocks, incidents, people
from engine.clocks import Because
from engine.errors import NotFound
from engine.mediation import cancellations, lookup
from engine.policy import Actor
from engine.standing import Branch, Waiting, standing
from web import migration_commands
from web.release_commands import AS_JSON, opened
from web.texts import moment, text

CASE = click.argument("case")
REASON = click.option("--reason", required=True, help="Why; it is recorded.")
# The kinds and states in `Waiting` and `Branch`, each a message id.
WORDS = (
    "task", "timer", "job", "message", "signal",
    "open", "claimed", "waiting", "doing", "failed", "active", "ended", "cancelled",
)  # fmt: skip
AS = click.option("--as", "username", help="The account that does it; else the only administrator.")


@click.group()
def instance() -> None:
    """Cases under way; CASE is a number, short too (2026-0001), or an id."""


@instance.command()
@CASE
@AS_JSON
def show(case: str, as_json: bool) -> None:
    """Where a case stands: its processes, and the tasks, timers, jobs and messages that wait in them."""
    with opened() as (engine, actor):
        found = standing(engine, actor, lookup.root_id_of(engine, actor, case))
    if as_json:
        encode: Callable[[object], str] = _iso
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2, default=encode))
        return
    if found.paused_since:
        click.echo(text("The clocks have stood still since {when}.", when=found.paused_since))
    for line in _lines(found.root, ""):
        click.echo(line)


@instance.command()
@CASE
@REASON
@AS
def cancel(case: str, reason: str, username: str | None) -> None:
    """End a case that should not have begun, with all that waits in it."""
    with opened() as (engine, system):
        actor = _actor(engine, system, username)
        cancellations.cancel_case(engine, actor, lookup.root_id_of(engine, system, case), reason)
    click.echo(text("Cancelled: {case}", case=case))


@instance.command("set-due")
@click.argument("waiting", metavar="TIMER_OR_TASK")
@click.argument("when")
@REASON
@AS
def set_due(waiting: str, when: str, reason: str, username: str | None) -> None:
    """Let a timer fire or a task be due at another moment, such as 2026-12-01T09:00 (China's time).

    The ids are those that `woshou instance show` prints.
    """
    due_at = _moment(when)
    with opened() as (engine, system):
        actor = _actor(engine, system, username)
        try:
            clocks.set_timer_due(engine, actor, waiting, due_at, Because(reason))
        except NotFound:
            clocks.set_task_due(engine, actor, waiting, due_at, Because(reason))
    click.echo(text("Due at {when}.", when=due_at))


@instance.command()
@CASE
@AS
def retry(case: str, username: str | None) -> None:
    """Have everything that stands still in a case tried once more."""
    with opened() as (engine, system):
        actor = _actor(engine, system, username)
        root_id = lookup.root_id_of(engine, system, case)
        tried = incidents.retry_case(engine, actor, root_id)
    click.echo(text("Tried again: {count}", count=tried))


instance.add_command(migration_commands.migrate)
instance.add_command(migration_commands.undo_migration)


def _actor(engine: Engine, system: Actor, username: str | None) -> Actor:
    """The account named, else the only administrator; the system where there is none."""
    known = [username] if username else people.administrators(engine, system.tenant_id)
    if len(known) > 1:
        raise click.UsageError(text("There are several administrators; name one with --as."))
    return people.actor_named(engine, system.tenant_id, known[0]) if known else system


def _moment(given: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(given)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=calendar.ZONE)
        # At the ends of the calendar a moment that can't be kept in UTC, or not be shown in China's time.
        return moment.astimezone(dt.UTC).astimezone(calendar.ZONE)
    except (ValueError, OverflowError) as unreadable:
        raise click.BadParameter(text("This is no moment such as 2026-12-01T09:00.")) from unreadable


def _lines(branch: Branch, indent: str) -> Iterator[str]:
    release = text("release {number}", number=branch.release)
    begun = moment(branch.started_at)
    yield f"{indent}{branch.process_id}  {text(branch.status)}  {release}  {begun}  {branch.id}"
    yield from (f"{indent}  {_line(one)}" for one in branch.waiting)
    for called in branch.called:
        yield from _lines(called, f"{indent}  ")


def _line(one: Waiting) -> str:
    when = moment(one.at) if one.at else "–"
    told = (text(one.kind), one.name, text(one.status), when, one.id, one.error)
    return "  ".join(part for part in told if part)


def _iso(value: Any) -> str:
    return str(value.isoformat()) if isinstance(value, dt.datetime) else str(value)
