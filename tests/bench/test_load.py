"""The measurements of load run, and many clients on SQLite never find it busy."""

import pytest

from tests.bench import load


@pytest.mark.slow
def test_eight_clients_on_one_sqlite_process_are_never_refused() -> None:
    found = load.sqlite_load(1.0)
    assert found.steps > 0
    assert found.a_second == found.steps / 1.0


@pytest.mark.slow
def test_processes_share_a_postgresql_server() -> None:
    assert load.postgresql_load(2, 2, 0.5).steps > 0
