"""Many timers at once, small: each fires once with as many workers as there are, and pages are answered."""

from pathlib import Path

import pytest

from tests.reliability import timers


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_of_many_timers_fires_once_while_pages_are_answered(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[database]))
    outcome = timers.run(database, url, tmp_path / "keys", 500)
    assert (outcome.once, outcome.opened, outcome.left) == (500, 500, 0), outcome.line()
    assert outcome.p99 < timers.PAGE_AIM, outcome.line()
