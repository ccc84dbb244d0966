"""Backups of an installation: made while it runs, verified, restored."""

import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import jobs, keys, migrations
from engine.services import Services
from engine.soundness import Flaw, flaws
from web import archive, databases, settings
from web.archive import Manifest, Unsound
from web.databases import FILES, SQLITE
from web.settings import Settings
from web.texts import text
from web.worker import read_anchors

ANCHORS = "anchors"
CERTIFICATE = "authority.pem"
BACKUP, KEYS = "backup", "keys"
SECRET = ("keys", "authority")
ENDINGS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Source:
    """A backup's file, and that of the keys which sealed its record; else the installation's own hold."""

    file: Path
    keys: Path | None = None


def make(chosen: Settings, path: Path) -> Manifest:
    """Copy the database, the anchors and the committee's certificate into one new file.

    Unsound where there is no database, or one without tables: a backup of nothing would replace good ones.
    """
    if databases.is_empty(chosen.database) or not databases.schema_of(chosen.database):
        raise Unsound(text("There is no database here that could be backed up."))
    with _folder(path.parent) as folder:
        kept: dict[str, Path] = {}
        # Before the database: an anchor of what came after it would look like a cut-off end.
        for name, source in ((ANCHORS, chosen.anchors), (CERTIFICATE, chosen.authority / CERTIFICATE)):
            if source.exists():
                kept[name] = Path(shutil.copy(source, folder / name))
        database = databases.kind_of(chosen.database)
        kept[FILES[database]] = folder / FILES[database]
        databases.copy_out(chosen.database, kept[FILES[database]])
        return archive.write(path, kept, _said(chosen, BACKUP), keys.load(chosen.keys).record)


def make_keys(chosen: Settings, path: Path) -> Manifest:
    """Copy the secrets into a file of their own, to lie elsewhere."""
    found = {
        f"{name}/{source.name}": source
        for name in SECRET
        for source in sorted((chosen.data / name).iterdir())
        if source.is_file()
    }
    return archive.write(path, found, _said(chosen, KEYS), keys.load(chosen.keys).record)


def verify(chosen: Settings, source: Source) -> Manifest:
    """Unsound unless a backup holds to the last file: hashes, seal, record, documents, answers.

    A PostgreSQL backup is restored into a scratch database of the server in the settings meanwhile.
    """
    with _folder(source.file.parent) as folder:
        manifest, sealed = _unpacked(chosen, source, folder)
        with _brought_up(manifest, sealed, folder) as url:
            _require_sound(replace(sealed, database=url), folder / ANCHORS)
        return manifest


def restore(chosen: Settings, source: Source, *, overwrite: bool) -> Path | None:
    """Verify a backup and put it in the installation's place; gives where what was there before lies now.

    Unsound where something is there and `overwrite` is not given, or the server still runs. On PostgreSQL
    it is verified after it was put into the database of the settings, whose tables it replaces.
    """
    _require_room(chosen, source, overwrite)
    chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _folder(chosen.data) as folder:
        manifest, sealed = _unpacked(chosen, source, folder)
        if manifest.database == SQLITE:
            with _brought_up(manifest, sealed, folder) as url:
                _require_sound(replace(sealed, database=url), folder / ANCHORS)
            # Verifying takes its time, and a server may have begun meanwhile.
            _require_room(chosen, source, overwrite)
        else:
            databases.copy_in(folder / FILES[manifest.database], chosen.database)
            migrations.upgrade(chosen.database)
            _require_sound(replace(sealed, database=chosen.database), folder / ANCHORS)
        return _put_in_place(chosen, folder, manifest, with_keys=source.keys is not None)


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".woshou-", dir=beside) as name:
        yield Path(name)


def _said(chosen: Settings, kind: str) -> Manifest:
    described = tomllib.loads((settings.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return Manifest(
        kind=kind,
        made_at=settings.utc_now().isoformat(timespec="seconds"),
        version=described["project"]["version"],
        schema=databases.schema_of(chosen.database),
        database=databases.kind_of(chosen.database),
    )


def _unpacked(chosen: Settings, source: Source, folder: Path) -> tuple[Manifest, Settings]:
    """The backup's manifest, its files in the folder, and settings with the keys that sealed it."""
    manifest = archive.read(source.file, BACKUP, folder)
    sealed = chosen
    if source.keys:
        secret = folder / "secret"
        secret.mkdir(mode=0o700)
        archive.read(source.keys, KEYS, secret)
        sealed = replace(chosen, data=secret)
    try:
        known = keys.load(sealed.keys)
    except FileNotFoundError as missing:
        raise Unsound(
            text("The keys that sealed the record are not here; name their backup with --keys.")
        ) from missing
    archive.require_seal(manifest, known.record)
    if manifest.database != databases.kind_of(chosen.database):
        raise Unsound(
            text("This is a backup of {kind}; WOSHOU_DATABASE names another.", kind=manifest.database)
        )
    if not migrations.knows(manifest.schema):
        raise Unsound(text("A newer version made this backup (schema {schema}).", schema=manifest.schema))
    return manifest, sealed


@contextmanager
def _brought_up(manifest: Manifest, chosen: Settings, folder: Path) -> Iterator[str]:
    """The URL of the unpacked database with the newest schema, apart from the installation's own."""
    file = folder / FILES[manifest.database]
    if manifest.database == SQLITE:
        databases.require_whole(file)
        url = f"sqlite:///{file}"
        migrations.upgrade(url)
        yield url
        return
    with databases.scratch(chosen.database) as url:
        databases.copy_in(file, url)
        migrations.upgrade(url)
        yield url


def _require_sound(chosen: Settings, anchors: Path) -> None:
    engine = settings.make_engine(chosen, Services())
    try:
        for tenant_id in jobs.tenants(engine):
            known = read_anchors(anchors) if tenant_id == chosen.tenant_id else {}
            with closing(flaws(engine, tenant_id, known)) as found:
                for flaw in found:
                    raise Unsound(told(flaw))
    finally:
        engine.sessions.dispose()


def told(flaw: Flaw) -> str:
    """What does not hold, in the command line's language."""
    match flaw.kind:
        case "answers":
            return text("The answers of the task {id} are not those that were recorded.", id=flaw.subject)
        case "file":
            return text("The file {hash} is not what was stored.", hash=flaw.subject)
        case "document":
            return text("The file of the document {id} is missing.", id=flaw.subject)
        case "definition":
            return text("The definition {hash} is not what was deployed.", hash=flaw.subject)
        case kind:
            return text(
                "The record {chain} does not hold at row {row}: {kind}",
                chain=flaw.subject, row=flaw.row, kind=text(kind),
            )  # fmt: skip


def _require_room(chosen: Settings, source: Source, overwrite: bool) -> None:
    if not overwrite:
        if not databases.is_empty(chosen.database):
            raise Unsound(text("There is a database already; --overwrite puts the backup in its place."))
        if source.keys and chosen.keys.exists():
            raise Unsound(
                text("There are keys already; --overwrite puts those of the backup in their place.")
            )
    elif databases.is_in_use(chosen.database):
        raise Unsound(text("The server is still running. Stop it first."))


def _put_in_place(chosen: Settings, folder: Path, manifest: Manifest, *, with_keys: bool) -> Path | None:
    moved = {chosen.anchors: folder / ANCHORS}
    if manifest.database == SQLITE:
        path = databases.sqlite_path(chosen.database)
        # With its logs: those that a killed server has left would be taken for the new one's.
        moved |= {
            path.with_name(f"{path.name}{ending}"): folder / f"{FILES[SQLITE]}{ending}" for ending in ENDINGS
        }
    if with_keys:
        moved |= {chosen.data / name: folder / "secret" / name for name in SECRET}
    aside = chosen.data / f"before-restore-{settings.utc_now():%Y%m%dT%H%M%SZ}"
    for place, found in moved.items():
        if place.exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            shutil.move(place, aside / place.name)
        if found.exists():
            shutil.move(found, place)
    return aside if aside.exists() else None
