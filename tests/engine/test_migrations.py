"""The revisions make just the tables that the code expects, on both databases."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, pool, text

from engine import migrations
from engine.models import Row


def revision(url: str) -> str | None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_an_upgraded_database_is_what_the_models_say(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
        assert set(inspect(connection).get_table_names()) == {*Row.metadata.tables, "alembic_version"}


def test_a_second_upgrade_changes_nothing(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.begin() as connection:
        connection.execute(text("INSERT INTO tenants VALUES ('t', '合川区', 'Asia/Shanghai', 0, '')"))
    before = revision(url)
    migrations.upgrade(url)
    assert revision(url) == before
    with database.connect() as connection:
        assert connection.scalar(text("SELECT name FROM tenants")) == "合川区"


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
