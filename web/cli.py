"""The `woshou` command."""

import gc
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import click

from engine import audit, checks, dmn, errors, feel
from engine.bodies import NewBody
from engine.bpmn import Finding
from engine.documents.verify import Report, SignatureReport, verify
from engine.mediation.play import StepRefused
from engine.models.base import load_json
from web import decisions, demo, findings, installation, rehearsal, serving, settings
from web.account_commands import account
from web.backup_commands import backup, restore
from web.instance_commands import instance
from web.release_commands import release
from web.texts import refusal, text, translate
from web.worker import read_anchors

AUTHORITY = "authority.pem"
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
FILES = click.argument("files", nargs=-1, required=True, type=EXISTING)


def _context(_: click.Context, __: click.Parameter, given: str) -> dict[str, object]:
    """Variables for FEEL from a JSON object."""
    try:
        variables = load_json(given)
    except ValueError as invalid:
        raise click.BadParameter(str(invalid)) from invalid
    if not isinstance(variables, dict):
        raise click.BadParameter(text("This is not a JSON object."))
    return variables


CONTEXT = click.option("--context", default="{}", callback=_context, help="Variables as JSON.")


@click.group()
def main() -> None:
    """Woshou 握手: dispute mediation as executable BPMN."""
    gc.freeze()
    gc.enable()


@main.command()
@click.option("--committee", default=demo.COMMITTEE.name, help="Name of the mediation committee.")
@click.option("--code", default=demo.COMMITTEE.code, help="Its short name in the numbers of cases.")
@click.option("--court", default=demo.COMMITTEE.court, help="The court at its seat.")
@click.option("--demo", "with_demo", is_flag=True, help="Add fictional people and cases.")
def init(committee: str, code: str, court: str, with_demo: bool) -> None:
    """Make keys, certificates and the database, and deploy what is shipped; what is there stays."""
    chosen = settings.read()
    installation.prepare(chosen, committee)
    with settings.opened(chosen) as engine:
        installation.found(engine, chosen.tenant_id, NewBody(committee, code, court))
        installation.encrypt_older(engine)
        installation.deploy(engine, chosen.tenant_id, settings.shipped_files())
    if with_demo:
        demo.fill(chosen, progress=lambda title: click.echo(text("Demo case made: {title}", title=title)))
    click.echo(text("Ready: {data}", data=chosen.data))


@main.command()
@FILES
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Lint diagrams, decisions, forms and templates, together with what is shipped (docs/check.md)."""
    with rehearsal.temporary(settings.read(), demo.COMMITTEE, settings.utc_now) as engine:
        shipped = checks.check(engine, settings.shipped_files())[1]
        known = {(file.kind, key): file.parsed for file in shipped for key in file.keys}
        found, _ = checks.check(engine, {path.name: path.read_bytes() for path in files}, known)
    if as_json:
        shown = [findings.as_json(one, translate) for one in found]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        _show_findings(found)
    sys.exit(any(one.severity == "error" for one in found))


@main.command()
@FILES
def deploy(files: tuple[Path, ...]) -> None:
    """Make a new release with these files in it, all or nothing."""
    chosen = serving.installed()
    try:
        with settings.opened(chosen) as engine:
            contents = {path.name: path.read_bytes() for path in files}
            release = installation.deploy(engine, chosen.tenant_id, contents)
    except errors.DiagramRefused as refused:
        _show_findings([found for found in refused.findings if isinstance(found, Finding)])
        _fail(refusal(refused))
    click.echo(text("Deployed as release {release}.", release=release))


@main.command()
@click.argument("case", type=EXISTING)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write."
)
def play(case: Path, out: Path) -> None:
    """Drive a scripted case (docs/case_format.md) and write its documents to a folder."""
    try:
        for step in rehearsal.play_file(settings.read(), case, out):
            click.echo(f"{step.index:3} {step.at:%Y-%m-%d %H:%M} {step.who} {step.what}")
    except StepRefused as stopped:
        problem = refusal(stopped.refused)
        _fail(
            text("Step {index} does not fit: {problem}", index=stopped.index, problem=problem),
            *_answers(stopped.refused),
            text("Open tasks: {tasks}", tasks=", ".join(stopped.open_tasks) or "–"),
        )
    except rehearsal.Unexpected as unexpected:
        _fail(
            *[
                text(
                    "{name} should be {expected}, but is {found}.", name=name, expected=expected, found=found
                )
                for name, (expected, found) in unexpected.differences.items()
            ]
        )
    click.echo(text("Written: {names}", names=", ".join(sorted(path.name for path in out.iterdir()))))


@main.command("verify")
@click.argument("file", type=EXISTING)
@click.option("--certificate", type=EXISTING, help="The committee's certificate; else this installation's.")
def verify_file(file: Path, certificate: Path | None) -> None:
    """Check each signature of a PDF: who, when, intact, what it covers, what was added after."""
    report = _verified(file.read_bytes(), certificate)
    for signature in report.signatures:
        click.echo(_signature_line(signature))
    for problem in report.problems:
        click.echo(text(problem.message, **problem.params), err=True)
    click.echo(text("All signatures hold.") if report.ok else text("This file does not hold."))
    sys.exit(not report.ok)


for command in (serving.serve, serving.worker, account, release, instance, backup, restore):
    main.add_command(command)


@main.group("audit")
def audit_group() -> None:
    """The record of every command."""


@audit_group.command("verify")
def audit_verify() -> None:
    """Name the first row of each chain that was changed, removed, inserted or cut off."""
    chosen = serving.installed()
    with settings.opened(chosen) as engine:
        breaks = audit.verify(engine, chosen.tenant_id, read_anchors(chosen.anchors))
    for found in breaks:
        click.echo(f"{found.chain_id} {found.seq} {text(found.kind)}")
    click.echo(text("The record does not hold.") if breaks else text("The record holds."))
    sys.exit(bool(breaks))


@main.command("feel")
@click.argument("expression")
@CONTEXT
def feel_command(expression: str, context: dict[str, object]) -> None:
    """Evaluate a FEEL expression; on the error output stands why parts of it are null."""
    _show(lambda notes: [feel.text_of(feel.parse(expression, context).evaluate(context, notes))])


@main.command()
@click.argument("model", type=EXISTING)
@click.argument("name")
@CONTEXT
def decide(model: Path, name: str, context: dict[str, object]) -> None:
    """Take a decision of a DMN file: its value, the rows and annotations behind it, what it required."""
    _show(lambda notes: decisions.lines(dmn.load(model).decide(name, context, notes)))


def _show(answer: Callable[[list[feel.Note]], Iterable[str]]) -> None:
    notes: list[feel.Note] = []
    try:
        for line in answer(notes):
            click.echo(line)
    except feel.FeelError as failed:
        _fail(findings.feel_problem(failed, translate))
    except dmn.ModelError as failed:
        _fail(decisions.model_problem(failed))
    except KeyError as unknown:
        _fail(text("There is no decision {id}.", id=unknown.args[0]))
    for note in notes:
        click.echo(findings.feel_problem(note, translate), err=True)


def _verified(pdf: bytes, certificate: Path | None) -> Report:
    """Against the certificate given, else the installation's, else the one kept for rehearsals."""
    data = settings.read().data
    own = (
        [certificate]
        if certificate
        else [data / "authority" / AUTHORITY, data / rehearsal.AUTHORITY / AUTHORITY]
    )
    known = [path for path in own if path.exists()]
    if not known:
        _fail(text("There is no certificate here; name the committee's with --certificate."))
    reports = [verify(pdf, [path.read_bytes()]) for path in known]
    best = next((at for at, report in enumerate(reports) if report.ok), 0)
    if known[best].parent.name == rehearsal.AUTHORITY:
        click.echo(text("Signed in a rehearsal: this file binds nobody."))
    return reports[best]


def _signature_line(signature: SignatureReport) -> str:
    state = text("intact") if signature.intact and signature.trusted else text("BROKEN")
    covers = (
        text("the whole file")
        if signature.covers == "file"
        else text("revision {number}", number=signature.revision)
    )
    after = ", ".join(signature.added_after) or "–"
    when = signature.signed_at.isoformat() if signature.signed_at else "?"
    return text(
        "{field}: {who}, {when}, {state}, covers {covers}; added after: {after}",
        field=signature.field, who=signature.signer, when=when, state=state, covers=covers, after=after,
    )  # fmt: skip


def _show_findings(found: list[Finding]) -> None:
    for one in found:
        click.echo(findings.as_line(one, translate))


def _answers(refused: errors.Refusal) -> list[str]:
    if not isinstance(refused, errors.InvalidAnswers):
        return []
    return [f"  {path}: {text(msgid, **params)}" for path, (msgid, params) in refused.errors.items()]


def _fail(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
