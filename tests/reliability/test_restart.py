"""Random diagrams of our dialect: accepted by the lint, and the same restored as kept, on both databases."""

import secrets
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings

from engine import bpmn
from tests.conftest import House
from tests.reliability import blocks, restart
from tests.reliability.driver import Counting


@settings(max_examples=40, deadline=None)
@given(blocks.releases())
def test_what_is_drawn_is_accepted_by_the_lint(files: Mapping[str, bytes]) -> None:
    for name, source in files.items():
        if name.endswith(".bpmn"):
            assert not [found for found in bpmn.lint(source) if found.severity == "error"]


@pytest.mark.slow
def test_restoring_between_all_steps_changes_nothing(url: str, make_house: Callable[..., House]) -> None:
    counting, seed = Counting(), secrets.randbelow(10**6)
    house = make_house(url, counting.services())
    print(f"seed {seed}")
    assert restart.try_all(house, counting, (6, 3), seed) > 0


def test_a_difference_is_found(sqlite_url: str, make_house: Callable[..., House]) -> None:
    """The comparison itself: a service that gives another number at each call differs."""

    class Restless(Counting):
        def work(self, call: object) -> int:
            self.total = getattr(self, "total", 0) + 1
            return self.total

    counting = Restless()
    house = make_house(sqlite_url, counting.services())
    with pytest.raises(AssertionError):
        restart.try_all(house, counting, (20, 3), seed=1)
