"""Setting up and starting an installation encrypts what an earlier version left readable."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, pool, text

from tests.journeys.server import Server

pytestmark = pytest.mark.slow
PHONE = "139-0000-1299"


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """An installation with the cases of the demonstration, as `woshou init --demo` leaves it."""
    return Server(tmp_path / "data")


def leave_readable(server: Server) -> None:
    """One party as an earlier version wrote it."""
    database = create_engine(server.database, poolclass=pool.NullPool)
    with database.begin() as connection:
        connection.execute(
            text(
                "UPDATE parties SET sealed = NULL, phone = :phone WHERE id = (SELECT min(id) FROM parties)"
                " /* tenant_id */"
            ),
            {"phone": PHONE},
        )


def readable(server: Server) -> int:
    database = create_engine(server.database, poolclass=pool.NullPool)
    with database.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM parties WHERE phone <> '' /* tenant_id */"))
        return int(found.scalar_one())


def start_and_stop(server: Server) -> None:
    server.start()
    assert server.stop() == 0


def set_up_again(server: Server) -> None:
    Server(server.data)


@pytest.mark.parametrize("begin", [set_up_again, start_and_stop])
def test_what_was_readable_is_encrypted(server: Server, begin: Callable[[Server], None]) -> None:
    assert readable(server) == 0
    leave_readable(server)
    assert readable(server) == 1
    begin(server)
    assert readable(server) == 0
