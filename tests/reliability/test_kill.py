"""Ten kills under eight clients, the jobs in the server and beside it; `make campaign` does a hundred."""

import secrets
from pathlib import Path

import pytest

from tests.reliability import kill


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize(("kind", "workers"), [("sqlite", 0), ("postgresql", 2)])
def test_what_was_acknowledged_is_there_once_and_whole_after_ten_kills(
    tmp_path: Path, kind: str, workers: int
) -> None:
    with kill.database_url(kind) as url:
        outcome = kill.run(tmp_path, url, kills=10, seed=secrets.randbelow(10**6), workers=workers)
    assert outcome.holds, "\n".join(outcome.lines())
    assert len(outcome.told.tasks) >= kill.CLIENTS
