"""`woshou instance migrate` and `undo-migration`: moving cases to another release, and back."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from engine import Engine, errors, migration
from engine.bpmn import Remark
from engine.mediation import lookup
from engine.policy import Actor
from web.release_commands import AS_JSON, opened
from web.texts import refusal, text

OUTCOMES = {
    "would move": "{case}: would move to release {number}",
    "moved": "{case}: moved to release {number}",
    "stays": "{case}: stays where it is",
}


def _mapping(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """New ids of elements by their old ones."""
    pairs = [pair.partition("=") for pair in given]
    if not all(old and new for old, _, new in pairs):
        raise click.BadParameter(text("Write the old and the new id of an element as old=new."))
    return {old: new for old, _, new in pairs}


@click.command()
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@click.option("--to", "number", type=int, required=True, help="The number of the release.")
@click.option("--map", "mapping", multiple=True, callback=_mapping, help="old=new: an element's new id.")
@click.option("--all", "everyone", is_flag=True, help="Every case under way that is in another release.")
@click.option("--dry-run", is_flag=True, help="Only say for each case what would happen.")
@AS_JSON
def migrate(cases: tuple[str, ...], number: int, mapping: Mapping[str, str], **how: bool) -> None:
    """Move cases to another release, each by itself; CASE is a number, short too (2026-0001), or an id.

    Ends with 1 if one of them stays where it is.
    """
    if bool(cases) == how["everyone"]:
        raise click.UsageError(text("Name the cases, or say --all."))
    with opened() as (engine, actor):
        names = _names(engine, actor, cases) or {
            root_id: root_id for root_id in migration.candidates(engine, actor, number)
        }
        carry = _planned if how["dry_run"] else _moved
        told = _told(carry(engine, actor, number, names, mapping), names, as_json=how["as_json"])
    sys.exit(any(one["outcome"] == "stays" for one in told))


@click.command("undo-migration")
@click.argument("case")
def undo_migration(case: str) -> None:
    """Put a case back to the release that it was moved from, as long as nothing was done in it since."""
    with opened() as (engine, actor):
        root_id = lookup.root_id_of(engine, actor, case)
        try:
            number = migration.undo_migration(engine, actor, root_id)
        except errors.MigrationUnsafe as unsafe:
            for reason in _why(unsafe):
                click.echo(reason["text"], err=True)
            raise
    click.echo(text("{case}: back in release {number}", case=case, number=number))


def _names(engine: Engine, actor: Actor, cases: Iterable[str]) -> dict[str, str]:
    return {lookup.root_id_of(engine, actor, case): case for case in cases}


Told = dict[str, Any]


def _planned(
    engine: Engine, actor: Actor, number: int, names: Iterable[str], mapping: Mapping[str, str]
) -> Iterator[Told]:
    for plan in migration.plan_migration(engine, actor, number, names, mapping):
        yield _of_plan(plan, "would move")


def _moved(
    engine: Engine, actor: Actor, number: int, names: Iterable[str], mapping: Mapping[str, str]
) -> Iterator[Told]:
    for done in migration.migrate_cases(engine, actor, number, names, mapping):
        if done.plan is not None:
            yield _of_plan(done.plan, "moved")
        else:
            yield {
                "root_id": done.root_id,
                "number": number,
                "outcome": "stays",
                "remarks": _why(done.refused),
            }


def _of_plan(plan: migration.Plan, outcome: str) -> Told:
    return {
        "root_id": plan.root_id,
        "number": plan.number,
        "outcome": "stays" if plan.reasons else outcome,
        "remarks": [_remark(one) for one in plan.remarks],
    }


def _why(refused: errors.Refusal | None) -> list[dict[str, str]]:
    if isinstance(refused, errors.MigrationUnsafe):
        return [_remark(one) for one in refused.reasons if isinstance(one, Remark)]
    return [{"text": refusal(refused)}] if refused else []


def _remark(one: Remark) -> dict[str, str]:
    # Of the params only the kind of a file is itself a word of ours.
    words = {name: text(str(value)) if name == "kind" else value for name, value in one.places.items()}
    said = {"code": one.code, "process_id": one.process_id, "element_id": one.element_id, "name": one.name}
    return said | {"text": text(one.message, **words)}


def _told(found: Iterable[Told], names: Mapping[str, str], *, as_json: bool) -> list[Told]:
    told = []
    for one in found:
        told.append({"case": names[one["root_id"]], **one})
        if not as_json:
            _show(told[-1])
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    return told


def _show(one: Told) -> None:
    outcome = OUTCOMES[one["outcome"]]
    click.echo(text(outcome, case=one["case"], number=one["number"]))
    for remark in one["remarks"]:
        process = f"{remark['process_id']}: " if remark.get("process_id") else ""
        click.echo(f"  {process}{remark['text']}")
