"""The `woshou` command."""

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
from waitress import serve as serve_forever

from engine import audit, definitions, dmn, errors, feel, keys, migrations, policy
from engine.bpmn import Finding
from engine.documents import authority, verify
from web import demo, make_app, playing, settings
from web.texts import refusal, text
from web.worker import Worker

Paths = tuple[Path, ...]
FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.group()
def main() -> None:
    """Woshou 握手: dispute mediation as executable BPMN."""


@main.command()
@click.option("--committee", default=demo.COMMITTEE.name, help="Name of the mediation committee.")
@click.option("--demo", "with_demo", is_flag=True, help="Add fictional people and cases.")
def init(committee: str, with_demo: bool) -> None:
    """Make keys, certificates and the database, and deploy what is shipped; what is there stays."""
    chosen = settings.read()
    chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.create(chosen.keys)
    authority.create(chosen.authority, committee, at=settings.utc_now())
    migrations.upgrade(chosen.database)
    engine = settings.make_engine(chosen)
    demo.found(engine, chosen.tenant_id, committee)
    _deploy(engine, chosen, settings.shipped_files())
    if with_demo:
        demo.fill(chosen, progress=lambda done: click.echo(text("Demo case made: {title}", title=done)))
    click.echo(text("Ready: {data}", data=chosen.data))


@main.command()
def serve() -> None:
    """Serve the web on the address of the settings, with the worker of the jobs beside it."""
    chosen = settings.read()
    engine = settings.make_engine(chosen)
    with Worker(engine, chosen.anchors):
        click.echo(text("Open http://{host}:{port}", host=chosen.host, port=chosen.port))
        for line in demo.accounts():
            click.echo(f"  {line}")
        serve_forever(make_app(engine, chosen), host=chosen.host, port=chosen.port, threads=8)


@main.command()
@FILES
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: Paths, as_json: bool) -> None:
    """Lint diagrams, decisions, forms and templates, together with what is shipped."""
    engine = settings.make_checker()
    shipped = definitions.check(engine, settings.shipped_files())[1]
    known = [(file.kind, key) for file in shipped for key in file.keys]
    findings, _ = definitions.check(engine, {path.name: path.read_bytes() for path in files}, known)
    if as_json:
        click.echo(json.dumps([_as_json(found) for found in findings], ensure_ascii=False, indent=2))
    else:
        _print_findings(findings)
    sys.exit(any(found.severity == "error" for found in findings))


@main.command()
@FILES
def deploy(files: Paths) -> None:
    """Make a new release with these files in it, all or nothing."""
    chosen = settings.read()
    _deploy(settings.make_engine(chosen), chosen, {path.name: path.read_bytes() for path in files})


@main.command()
@click.argument("case", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write."
)
def play(case: Path, out: Path) -> None:
    """Drive a scripted case (docs/case_format.md) and write its documents."""
    try:
        for line in playing.play_file(case, out):
            click.echo(line)
    except playing.StepRefused as refused:
        _fail(text("Step {index} does not fit: {problem}", index=refused.index, problem=refused.problem),
              text("Open tasks: {tasks}", tasks=", ".join(refused.open_tasks) or "–"))  # fmt: skip
    except playing.Unexpected as unexpected:
        _fail(str(unexpected))


@main.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The committee's certificate (PEM); the installation's own if left out.")  # fmt: skip
def verify_file(file: Path, certificate: Path | None) -> None:
    """Check each signature of a PDF: who, when, intact, what it covers, what was added after."""
    trusted = certificate or settings.read().authority / authority.CERTIFICATE
    report = verify.verify(file.read_bytes(), [trusted.read_bytes()])
    for signature in report.signatures:
        click.echo(playing.signature_line(signature))
    for problem in report.problems:
        click.echo(text(problem), err=True)
    click.echo(text("All signatures hold.") if report.ok else text("This file does not hold."))
    sys.exit(not report.ok)


@main.group("audit")
def audit_group() -> None:
    """The record of every command."""


@audit_group.command("verify")
def audit_verify() -> None:
    """Name the first row of each chain that was changed, removed, inserted or cut off."""
    chosen = settings.read()
    engine = settings.make_engine(chosen)
    breaks = audit.verify(engine, chosen.tenant_id, playing.read_anchors(chosen.anchors))
    for found in breaks:
        click.echo(
            text(
                "Chain {chain_id}, row {seq}: {kind}",
                chain_id=found.chain_id,
                seq=found.seq,
                kind=text(found.kind),
            )
        )
    click.echo(text("The record does not hold.") if breaks else text("The record holds."))
    sys.exit(bool(breaks))


@main.command("feel")
@click.argument("expression")
@click.option("--context", default="{}", help="Variables as JSON.")
def feel_command(expression: str, context: str) -> None:
    """Evaluate a FEEL expression."""
    try:
        click.echo(feel.to_text(feel.evaluate(expression, playing.read_context(context))))
    except feel.FeelError as failed:
        _fail(text(failed.message, **failed.params))


@main.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("name")
@click.option("--context", default="{}", help="Variables as JSON.")
def decide(model: Path, name: str, context: str) -> None:
    """Take a decision of a DMN file, and show the rows that matched."""
    outcome = dmn.load(model).decide(name, playing.read_context(context))
    click.echo(feel.to_text(outcome.value))


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
