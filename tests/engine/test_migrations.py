"""The revisions make just the tables that the code expects, on both databases."""

import datetime as dt
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, MetaData, Table, create_engine, inspect, pool, text

from engine import migrations
from engine.models import Row

BLANK = {str: "", int: 0, bool: False, bytes: b"", dt.datetime: dt.datetime(2026, 3, 2)}


def put(connection: Connection, into: str, **values: object) -> None:
    """A row of a table as it is now; what may not be NULL and is not given is blank."""
    row = Table(into, MetaData(), autoload_with=connection)
    needed = {column.name: BLANK[column.type.python_type] for column in row.columns if not column.nullable}
    connection.execute(row.insert().values({**needed, "tenant_id": "t", **values}))


def put_cases(connection: Connection) -> None:
    connection.execute(text("INSERT INTO tenants VALUES ('t', '合川区', 'Asia/Shanghai', 0, '')"))
    put(connection, "bodies", id="b")
    put(connection, "definitions", hash="h")
    put(connection, "releases", id="r")
    for case_id, number in (("draft", None), ("filed", "第0001号")):
        put(connection, "process_instances", id=case_id, release_id="r", definition_hash="h", body_id="b")
        put(connection, "cases", id=case_id, body_id="b", number=number)
    for name in ("张小明", "欧阳明月"):
        put(connection, "parties", id=name, case_id="filed", name=name)


def revision(url: str) -> str | None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_an_upgraded_database_is_what_the_models_say(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_of_procrastinate(name)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Row.metadata) == []
        found = {name for name in inspect(connection).get_table_names() if not is_of_procrastinate(name)}
        assert found == {*Row.metadata.tables, "alembic_version"}


def is_of_procrastinate(name: str | None) -> bool:
    return (name or "").startswith("procrastinate_")


def test_procrastinate_s_tables_are_on_postgresql_only_and_as_its_version_here_wants_them(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        found = {name for name in inspect(connection).get_table_names() if is_of_procrastinate(name)}
    assert bool(found) == url.startswith("postgresql")
    # A newer version whose schema differs needs a revision with the library's own migration files.
    kept = (Path(migrations.__file__).parent / "procrastinate_3_10.sql").read_text(encoding="utf-8")
    assert SchemaManager.get_schema() == kept


def test_a_second_upgrade_changes_nothing(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.begin() as connection:
        connection.execute(text("INSERT INTO tenants VALUES ('t', '合川区', 'Asia/Shanghai', 0, '')"))
    before = revision(url)
    migrations.upgrade(url)
    assert revision(url) == before
    with database.connect() as connection:
        assert connection.scalar(text("SELECT name FROM tenants")) == "合川区"


def test_cases_from_before_their_search_text_are_found_by_number_and_every_name(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    command.downgrade(migrations.configuration(url), "0007-1")
    try:
        with database.begin() as connection:
            put_cases(connection)
    finally:
        migrations.upgrade(url)
    with database.connect() as connection:
        rows = connection.execute(text("SELECT id, search_text FROM cases WHERE tenant_id = 't'"))
        found = {row.id: row.search_text for row in rows}
    assert found["draft"] == ""
    assert set(found["filed"].split("\n")) == {"第0001号", "张小明", "欧阳明月"}


def test_a_case_that_was_accepted_before_there_was_a_choice_went_face_to_face(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    command.downgrade(migrations.configuration(url), "0014-1")
    try:
        with database.begin() as connection:
            put_cases(connection)
            accepted = "UPDATE cases SET accepted_at = opened_at WHERE tenant_id = 't' AND id = 'filed'"
            connection.execute(text(accepted))
    finally:
        migrations.upgrade(url)
    with database.connect() as connection:
        rows = connection.execute(text("SELECT id, path FROM cases WHERE tenant_id = 't'"))
        assert {row.id: row.path for row in rows} == {"draft": None, "filed": "face_to_face"}


def test_the_revisions_form_one_line_that_ends_where_the_database_is(url: str) -> None:
    scripts = ScriptDirectory.from_config(migrations.configuration(url))
    assert scripts.get_heads() == [revision(url)]


def test_a_database_in_a_folder_with_a_percent_sign_is_upgraded(tmp_path: Path) -> None:
    folder = tmp_path / "50 % 花滩"
    folder.mkdir()
    url = f"sqlite:///{folder / 'woshou.db'}"
    migrations.upgrade(url)
    assert revision(url)


def test_every_table_begins_its_key_with_the_tenant() -> None:
    keys = {name: [column.name for column in row.primary_key] for name, row in Row.metadata.tables.items()}
    assert {name for name, key in keys.items() if key[0] != "tenant_id"} == {"tenants"}


def test_every_foreign_key_stays_inside_its_tenant() -> None:
    for name, row in Row.metadata.tables.items():
        for key in row.foreign_key_constraints:
            pairs = [(element.parent.name, element.column.name) for element in key.elements]
            assert pairs[0][0] == "tenant_id", f"{name}: {pairs}"
