"""Random diagrams of our dialect: accepted by the lint, and the same restored as kept, on both databases."""

import secrets
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings

from engine import bpmn
from engine.services import Call
from tests import diagrams
from tests.conftest import House
from tests.reliability import blocks, restart
from tests.reliability.driver import Counting


@settings(max_examples=15, deadline=None)
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


class Restless(Counting):
    """A service that gives another number at each call: two goings of one way differ."""

    def work(self, call: Call) -> int:
        self.number += 1
        return self.number

    def prepare(self, number: int, *, refuses: bool) -> None:
        """Nothing: it goes its own way."""


def test_a_difference_is_found(sqlite_url: str, make_house: Callable[..., House]) -> None:
    counting = Restless()
    house = make_house(sqlite_url, counting.services())
    files = {
        "ask.form": blocks.ASK,
        "p_0.bpmn": diagrams.in_line("p_0", [diagrams.service_task("count", blocks.SERVICE)]),
    }
    with pytest.raises(AssertionError):
        restart.compare(house, counting, files, [bytes(restart.STEPS)])
