"""Backups of both databases: made while the server writes, verified, restored; each damage is named."""

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from engine import migrations
from engine.documents import authority
from engine.mediation import documents
from engine.models.records import AuditRow
from engine.services import Services
from tests.conftest import TENANT, House
from tests.engine.test_soundness import change
from tests.engine.test_tasks import TALK, TALKS, begin, complete, the_task
from web import archive, backups, databases, settings
from web.archive import Unsound
from web.backups import Source
from web.cli import main
from web.settings import Settings
from web.worker import read_anchors, write_anchors

pytestmark = pytest.mark.slow
PDF = documents.NewFile("agreement.pdf", "application/pdf", b"%PDF-1.7 agreed")


@dataclass
class Installation:
    """A house with its settings, one completed task and a file; and the ids of what is in it."""

    house: House
    settings: Settings
    ids: dict[str, Any]

    def backup(self, name: str = "one.backup") -> Source:
        path = self.settings.data.parent / name
        backups.make(self.settings, path)
        return Source(path)

    def backup_with_keys(self) -> Source:
        source = self.backup()
        keys = self.settings.data.parent / "one.keys"
        backups.make_keys(self.settings, keys)
        return replace(source, keys=keys)

    def work(self) -> str:
        root_id = begin(self.house)
        complete(self.house, self.house.mediator, root_id, root_id, summary="各退一步", another="no")
        return root_id


@pytest.fixture
def installation(url: str, make_house: Callable[..., House], tmp_path: Path) -> Installation:
    house = make_house(url)
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    data = tmp_path / "data"
    data.mkdir()
    shutil.move(tmp_path / "keys", data / "keys")
    chosen = Settings(data=data, database=url, authority=data / "authority", tenant_id=TENANT)
    authority.create(chosen.authority, "花滩街道人民调解委员会", at=settings.LONG_AGO)
    root_id = begin(house)
    ids: dict[str, Any] = {"root": root_id, "task": the_task(house, root_id).id, "other": b"something else"}
    made = Installation(house, chosen, ids)
    complete(house, house.mediator, root_id, summary="双方愿意各退一步", another="no")
    with house.engine.sessions.command(TENANT) as session:
        ids["file"] = documents.put_file(session, PDF, "x", house.clock())
    ids["definition"] = change(url, "SELECT hash FROM definitions ORDER BY hash")
    write_anchors(house.engine, TENANT, chosen.anchors)
    return made


@pytest.fixture
def elsewhere(installation: Installation, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a new machine: an empty folder, and no database or an empty one."""
    data = tmp_path / "elsewhere"
    empty = replace(installation.settings, data=data, authority=data / "authority")
    if databases.kind_of(empty.database) == "sqlite":
        yield replace(empty, database=f"sqlite:///{data / 'woshou.db'}")
    else:
        with databases.scratch(empty.database) as url:
            yield replace(empty, database=url)


def rows_of(chosen: Settings) -> int:
    """How many rows the record has."""
    engine = settings.make_engine(chosen, Services())
    try:
        with engine.sessions.query(TENANT) as session:
            return session.scalar(select(func.count()).select_from(AuditRow)) or 0
    finally:
        engine.sessions.dispose()


def test_a_backup_holds_and_is_restored_on_a_new_machine(
    installation: Installation, elsewhere: Settings
) -> None:
    source = installation.backup_with_keys()
    assert backups.verify(installation.settings, source).kind == "backup"
    assert backups.restore(elsewhere, source, overwrite=False) is None
    assert rows_of(elsewhere) == rows_of(installation.settings) == 3
    for name in ("keys/record.key", "keys/links.key", "authority/authority.key", "anchors.jsonl"):
        assert (elsewhere.data / name).read_bytes() == (installation.settings.data / name).read_bytes()
    secret = [*(elsewhere.data / "keys").iterdir(), elsewhere.authority / "authority.key"]
    assert {path.stat().st_mode & 0o077 for path in [elsewhere.data, *secret]} == {0}
    engine = settings.make_engine(elsewhere, Services())
    try:
        again = replace(installation, house=replace(installation.house, engine=engine))
        again.work()
    finally:
        engine.sessions.dispose()
    assert not list(elsewhere.data.glob(".*"))


def test_secrets_stand_only_in_the_file_of_the_keys(installation: Installation) -> None:
    source = installation.backup_with_keys()
    assert source.keys is not None
    secret = (installation.settings.keys / "record.key").read_bytes()
    folder = source.file.parent / "unpacked"
    for path, kind in ((source.file, "backup"), (source.keys, "keys")):
        (folder / kind).mkdir(parents=True)
        archive.read(path, kind, folder / kind)
        found = b"".join(one.read_bytes() for one in (folder / kind).rglob("*") if one.is_file())
        assert (secret in found) == (kind == "keys")
        assert (b"PRIVATE KEY" in found) == (kind == "keys")


def test_a_backup_made_while_others_write_is_one_moment(installation: Installation) -> None:
    stop, failures = threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                installation.work()
                write_anchors(installation.house.engine, TENANT, installation.settings.anchors)
        except Exception as failed:
            failures.append(failed)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    counts = [rows_of(installation.settings)]
    sources = []
    for number in range(4):
        sources.append(installation.backup(f"{number}.backup"))
        counts.append(rows_of(installation.settings))
    stop.set()
    for writer in writers:
        writer.join()
    assert failures == []
    assert counts == sorted(set(counts)), "nothing was written meanwhile"
    for source in sources:
        backups.verify(installation.settings, source)


DAMAGE = {
    "answers": ('UPDATE user_tasks SET answers = \'{"summary":"x"}\' WHERE id = :task', "task"),
    "row": ("UPDATE audit_rows SET actor_name = '别人' WHERE chain_id = :root AND seq = 2", "root"),
    "end": ("DELETE FROM audit_rows WHERE chain_id = :root AND seq = 2", "root"),
    "file": ("UPDATE files SET content = :other WHERE sha256 = :file", "file"),
    "definition": ("UPDATE definitions SET content = :other WHERE hash = :definition", "definition"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_in_the_database_is_named_and_nothing_is_put_in_place(
    installation: Installation, elsewhere: Settings, kind: str
) -> None:
    statement, subject = DAMAGE[kind]
    change(installation.settings.database, statement, **installation.ids)
    source = installation.backup_with_keys()
    with pytest.raises(Unsound, match=installation.ids[subject]):
        backups.verify(installation.settings, source)
    with pytest.raises(Unsound):
        backups.restore(elsewhere, source, overwrite=False)
    assert not elsewhere.keys.exists()
    assert not (elsewhere.data / "woshou.db").exists()


def test_an_end_that_was_cut_off_with_its_head_is_found_by_the_anchors(installation: Installation) -> None:
    url, ids = installation.settings.database, installation.ids
    head = read_anchors(installation.settings.anchors)[ids["root"]][-1]
    assert head.count == 2
    change(url, "DELETE FROM audit_rows WHERE chain_id = :root", **ids)
    change(url, "UPDATE process_instances SET audit_count = 0, audit_head = '' WHERE id = :root", **ids)
    with pytest.raises(Unsound, match=ids["root"]):
        backups.verify(installation.settings, installation.backup())


def test_other_keys_than_those_of_the_record_are_refused(
    installation: Installation, elsewhere: Settings
) -> None:
    source = installation.backup()
    with pytest.raises(Unsound, match="--keys"):
        backups.verify(elsewhere, source)
    shutil.copytree(installation.settings.data / "keys", elsewhere.data / "keys")
    (elsewhere.keys / "record.key").write_bytes(b"k" * 32)
    with pytest.raises(Unsound, match="(?i)keys|密钥"):
        backups.verify(elsewhere, source)
    (elsewhere.keys / "links.key").unlink()
    with pytest.raises(Unsound, match="--keys"):
        backups.verify(elsewhere, source)


def test_a_backup_of_a_newer_version_is_refused(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "schema_of", lambda _: "9999")
    source = installation.backup()
    with pytest.raises(Unsound, match="9999"):
        backups.verify(installation.settings, source)


def test_what_is_there_is_only_replaced_on_request_and_kept_aside(
    installation: Installation, elsewhere: Settings
) -> None:
    source = installation.backup_with_keys()
    backups.restore(elsewhere, source, overwrite=False)
    installation.work()
    rows = rows_of(installation.settings)
    later = installation.backup("later.backup")
    for keys in (None, source.keys):
        with pytest.raises(Unsound, match="--overwrite"):
            backups.restore(elsewhere, replace(later, keys=keys), overwrite=False)
    assert rows_of(elsewhere) < rows
    aside = backups.restore(elsewhere, later, overwrite=True)
    assert rows_of(elsewhere) == rows
    assert aside is not None
    kept = {path.name for path in aside.iterdir()}
    assert kept == (
        {"anchors.jsonl", "woshou.db"}
        if databases.kind_of(elsewhere.database) == "sqlite"
        else {"anchors.jsonl"}
    )


def test_nothing_is_put_under_a_server_that_runs(installation: Installation) -> None:
    source = installation.backup()
    with installation.house.engine.sessions.query(TENANT) as session:
        session.scalar(select(func.count()).select_from(AuditRow))
    with pytest.raises(Unsound):
        backups.restore(installation.settings, source, overwrite=True)
    installation.house.engine.sessions.dispose()
    assert backups.restore(installation.settings, source, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_nor_under_one_that_began_while_the_backup_was_verified(
    installation: Installation, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    if databases.kind_of(elsewhere.database) != "sqlite":
        pytest.skip("PostgreSQL is looked at just before its tables are replaced")
    source = installation.backup_with_keys()
    path, verify = databases.sqlite_path(elsewhere.database), backups._require_sound
    servers: list[sqlite3.Connection] = []

    def while_one_begins(*given: Any) -> None:
        verify(*given)
        servers.append(sqlite3.connect(path, isolation_level=None))
        servers[0].execute("PRAGMA journal_mode=WAL")
        servers[0].execute("CREATE TABLE steps (id)")

    monkeypatch.setattr(backups, "_require_sound", while_one_begins)
    with pytest.raises(Unsound):
        backups.restore(elsewhere, source, overwrite=overwrite)
    with closing(servers[0]) as server:
        server.execute("INSERT INTO steps VALUES (1)")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM steps").fetchone() == (1,)
    assert not elsewhere.keys.exists()


def test_a_page_of_the_database_that_was_lost_is_found(installation: Installation, tmp_path: Path) -> None:
    if databases.kind_of(installation.settings.database) != "sqlite":
        pytest.skip("PostgreSQL's dump has no pages")
    path = tmp_path / "copy.db"
    databases.copy_out(installation.settings.database, path)
    databases.require_whole(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM bodies")
        database.commit()
    with pytest.raises(Unsound, match="accounts|process_instances|mediators"):
        databases.require_whole(path)
    content = bytearray(path.read_bytes())
    content[8192:12288] = bytes(4096)
    path.write_bytes(content)
    with pytest.raises(Unsound):
        databases.require_whole(path)


def test_there_is_no_backup_of_nothing(
    installation: Installation, elsewhere: Settings, tmp_path: Path
) -> None:
    bare = replace(installation.settings, database=elsewhere.database)
    elsewhere.data.mkdir()
    for _ in range(2):
        with pytest.raises(Unsound):
            backups.make(bare, tmp_path / "none.backup")
        assert databases.is_empty(bare.database)
    if databases.kind_of(bare.database) == "sqlite":
        databases.sqlite_path(bare.database).touch()
        with pytest.raises(Unsound):
            backups.make(bare, tmp_path / "none.backup")
    assert not (tmp_path / "none.backup").exists()


def test_the_password_of_postgresql_is_no_argument(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if databases.kind_of(installation.settings.database) == "sqlite":
        pytest.skip("SQLite has none")
    seen: list[list[str]] = []
    run = databases.subprocess.run
    monkeypatch.setattr(
        databases.subprocess,
        "run",
        lambda arguments, **rest: seen.append(arguments) or run(arguments, **rest),
    )
    databases.copy_out(installation.settings.database, tmp_path / "one.dump")
    password = str(databases.make_url(installation.settings.database).password)
    assert seen
    assert not [part for arguments in seen for part in arguments if password in part]
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unsound, match="pg_dump"):
        databases.copy_out(installation.settings.database, tmp_path / "two.dump")


def woshou(chosen: Settings, *arguments: object) -> Result:
    environ = {"WOSHOU_DATA": str(chosen.data), "WOSHOU_DATABASE": chosen.database, "WOSHOU_LANG": "en"}
    done = CliRunner().invoke(main, [str(part) for part in arguments], env=environ)
    assert done.exit_code in (0, 1), f"{done.output}\n{done.exception!r}"
    return done


def test_the_commands_back_up_verify_and_restore(
    installation: Installation, elsewhere: Settings, tmp_path: Path
) -> None:
    chosen = installation.settings
    file, keys = tmp_path / "night.backup", tmp_path / "night.keys"
    made = woshou(chosen, "backup", file, "--with-keys", keys)
    assert made.exit_code == 0
    assert "authority.pem" in made.stdout
    assert woshou(chosen, "backup", file).exit_code == 1
    assert "The backup holds." in woshou(chosen, "backup", "--verify", file).stdout
    refused = woshou(elsewhere, "backup", "--verify", file)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--keys" in refused.stderr
    restored = woshou(elsewhere, "restore", file, "--keys", keys)
    assert restored.exit_code == 0
    assert str(elsewhere.data) in restored.stdout
    assert woshou(elsewhere, "audit", "verify").exit_code == 0
    file.write_bytes(file.read_bytes()[:-100])
    damaged = woshou(chosen, "backup", "--verify", file)
    assert damaged.exit_code == 1
    assert "night.backup is damaged" in damaged.stderr
    assert woshou(replace(chosen, data=tmp_path / "none"), "backup", tmp_path / "x").exit_code == 1


def leave_a_log(path: Path, statement: str) -> None:
    """A database that a killed server has left: its last steps lie in the write-ahead log beside it."""
    log = path.with_name(f"{path.name}-wal")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(statement)
        database.commit()
        left = log.read_bytes()
    log.write_bytes(left)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_log_of_a_database_that_was_lost_does_not_get_into_the_restored_one(
    installation: Installation, elsewhere: Settings, overwrite: bool
) -> None:
    if databases.kind_of(elsewhere.database) != "sqlite":
        pytest.skip("PostgreSQL keeps its logs itself")
    source = installation.backup_with_keys()
    backups.restore(elsewhere, source, overwrite=False)
    path = databases.sqlite_path(elsewhere.database)
    leave_a_log(path, "UPDATE audit_rows SET actor_name = '别人'")
    if not overwrite:
        path.unlink()
        shutil.rmtree(elsewhere.keys)
    backups.restore(elsewhere, source, overwrite=overwrite)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM audit_rows WHERE actor_name = '别人'").fetchone() == (
            0,
        )
    databases.require_whole(path)


@pytest.mark.parametrize("damage", ["no database", "a page lost", "empty"])
def test_a_damaged_database_is_put_aside_for_the_restored_one(
    installation: Installation, elsewhere: Settings, damage: str
) -> None:
    if databases.kind_of(elsewhere.database) != "sqlite":
        pytest.skip("PostgreSQL looks after its files itself")
    source = installation.backup_with_keys()
    backups.restore(elsewhere, source, overwrite=False)
    path = databases.sqlite_path(elsewhere.database)
    whole = path.read_bytes()
    left = {"no database": b"x" * len(whole), "a page lost": bytes(4096) + whole[4096:], "empty": b""}[damage]
    path.write_bytes(left)
    aside = backups.restore(elsewhere, source, overwrite=True)
    assert rows_of(elsewhere) == rows_of(installation.settings)
    assert aside is not None
    assert (aside / "woshou.db").read_bytes() == left


def test_a_dump_of_an_older_version_takes_the_place_of_a_newer_schema(
    installation: Installation, elsewhere: Settings, tmp_path: Path
) -> None:
    if databases.kind_of(elsewhere.database) == "sqlite":
        pytest.skip("SQLite's file is replaced as a whole")
    with databases.scratch(elsewhere.database) as older:
        migrations.upgrade(older, "0005")
        databases.copy_out(older, tmp_path / "older.dump")
    migrations.upgrade(elsewhere.database)
    databases.copy_in(tmp_path / "older.dump", elsewhere.database)
    assert databases.schema_of(elsewhere.database) == "0005"
    migrations.upgrade(elsewhere.database)
    assert rows_of(replace(installation.settings, database=elsewhere.database)) == 0


def test_a_restore_that_fails_half_way_leaves_postgresql_as_it_was(
    installation: Installation, elsewhere: Settings, tmp_path: Path
) -> None:
    if databases.kind_of(elsewhere.database) == "sqlite":
        pytest.skip("SQLite's file is replaced as a whole")
    there = replace(installation.settings, database=elsewhere.database)
    databases.copy_out(installation.settings.database, tmp_path / "one.dump")
    databases.copy_in(tmp_path / "one.dump", there.database)
    rows = rows_of(there)
    # A table of another account, which is not ours to replace.
    change(there.database, "CREATE ROLE somebody")
    try:
        change(there.database, "ALTER TABLE documents OWNER TO somebody")
        with pytest.raises(Unsound, match="psql"):
            databases.copy_in(tmp_path / "one.dump", there.database)
        assert rows_of(there) == rows > 0
        assert not list(tmp_path.glob("*.sql"))
    finally:
        change(there.database, "ALTER TABLE documents OWNER TO CURRENT_USER")
        change(there.database, "DROP ROLE somebody")
