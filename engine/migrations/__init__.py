"""Brings a database to the newest schema with Alembic."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def configuration(url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Create the tables of a new database, or bring an older one up to date."""
    command.upgrade(configuration(url), revision)


def is_current(connection: Connection) -> bool:
    """Whether a database has the schema that this version expects."""
    return revision_of(connection) == newest()


def revision_of(connection: Connection) -> str | None:
    """The revision of a database's schema, None where there is none yet."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The revision that this version expects."""
    return ScriptDirectory.from_config(configuration("")).get_current_head()


def knows(revision: str) -> bool:
    """Whether this version can bring a database with this revision up to date."""
    known = ScriptDirectory.from_config(configuration("")).walk_revisions()
    return revision in {script.revision for script in known}
