"""Ten kills at random moments under eight clients; `make campaign` does a hundred."""

import secrets
from pathlib import Path

import pytest

from tests.reliability import kill


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_is_there_once_and_whole_after_ten_kills(tmp_path: Path, kind: str) -> None:
    with kill.database_url(kind) as url:
        outcome = kill.run(tmp_path, url, kills=10, seed=secrets.randbelow(10**6))
    assert outcome.holds, "\n".join(outcome.lines())
    assert len(outcome.told.tasks) >= kill.CLIENTS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_workers_in_processes_of_their_own_may_be_killed_as_well(tmp_path: Path, kind: str) -> None:
    with kill.database_url(kind) as url:
        outcome = kill.run(tmp_path, url, kills=5, seed=secrets.randbelow(10**6), workers=2)
    assert outcome.holds, "\n".join(outcome.lines())
