"""`woshou backup` and `woshou restore`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from web import backups, settings
from web.archive import Manifest, Unsound
from web.backups import Source
from web.texts import text

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW = click.Path(dir_okay=False, path_type=Path)
KEYS = click.option("--keys", type=EXISTING, help="The backup of the keys; else this installation's hold.")


@click.command()
@click.argument("file", type=NEW)
@click.option(
    "--with-keys", "keys_file", type=NEW, help="Write the secrets too, into this file of their own."
)
@click.option("--verify", "only_verify", is_flag=True, help="Make none: verify this one to the last file.")
@KEYS
def backup(file: Path, keys_file: Path | None, only_verify: bool, keys: Path | None) -> None:
    """Write a backup into a new file while the server runs, or verify one."""
    chosen = settings.read()
    with _told():
        if only_verify:
            _show(backups.verify(chosen, Source(file, keys)))
            click.echo(text("The backup holds."))
            return
        if not chosen.keys.exists():
            raise Unsound(text("Nothing is installed in {data}; `woshou init` does it.", data=chosen.data))
        _show(backups.make(chosen, file))
        if keys_file:
            backups.make_keys(chosen, keys_file)
            click.echo(text("Keep {file} somewhere else: who has both can forge.", file=keys_file))


@click.command()
@click.argument("file", type=EXISTING)
@KEYS
@click.option("--overwrite", is_flag=True, help="Even if something is there; files are put aside.")
def restore(file: Path, keys: Path | None, overwrite: bool) -> None:
    """Verify a backup and put it in this installation's place; the server must not run."""
    chosen = settings.read()
    with _told():
        aside = backups.restore(chosen, Source(file, keys), overwrite=overwrite)
        click.echo(text("Restored: {data}", data=chosen.data))
        if aside:
            click.echo(text("What was there before lies in {folder}.", folder=aside))


def _show(manifest: Manifest) -> None:
    click.echo(f"{manifest.made_at}  {manifest.database}  {manifest.version}  {manifest.schema}")
    for name, sha256 in manifest.files.items():
        click.echo(f"  {sha256}  {name}")


@contextmanager
def _told() -> Iterator[None]:
    """What is unsound is told and ends the command with 1."""
    try:
        yield
    except Unsound as unsound:
        click.echo(str(unsound), err=True)
        sys.exit(1)
