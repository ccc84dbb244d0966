"""The measurements of load: many clients on one database are never refused, and memory is looked at."""

import pytest

from tests.bench import house, load


@pytest.mark.slow
def test_eight_clients_on_one_sqlite_process_are_never_refused() -> None:
    with house.at("sqlite") as place:
        found = load.together(place, 1, 8, 1.0)
    assert found.steps > 0
    assert found.a_second == found.steps / 1.0


@pytest.mark.slow
def test_processes_share_a_postgresql_server_one_shape_after_the_other() -> None:
    with house.at("postgresql") as place:
        assert load.together(place, 2, 2, 0.5).steps > 0
        assert load.together(place, 1, 4, 0.5).steps > 0
        assert load.bare_rate(place, 0.2) > 0


@pytest.mark.slow
def test_memory_is_looked_at_ten_times() -> None:
    looks = load.memory(steps=20)
    assert len(looks) >= 10
    assert min(looks) > 20
