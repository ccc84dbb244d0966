"""`python -m tests.reliability.restart --diagrams N --paths M [--seed S]`: random diagrams, gone through by
random ways, once as they are and once restored from the database between all steps: the same."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest import mock

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

import forms
from engine import Engine, definitions, keys, migrations
from engine.bpmn import lint_tokens
from engine.sessions import Sessions
from tests import conftest
from tests.conftest import House
from tests.reliability.blocks import releases
from tests.reliability.driver import Counting, Driver

STEPS = 20


def compare(house: House, counting: Counting, files: Mapping[str, bytes], ways: list[bytes]) -> int:
    """Go each way twice and hold the pictures against each other; gives the number of steps of one going.

    Deploying judges the diagrams; the dear part of that, the play with tokens, is not done at each step anew.
    """
    house.deploy(files)
    steps = 0
    with mock.patch.object(lint_tokens, "check"):
        for numbers in ways:
            kept = Driver(house, counting, restores=False).drive(numbers)
            restored = Driver(house, counting, restores=True).drive(numbers)
            assert restored == kept
            steps += len(kept) - 1
    return steps


def house_of(folder: Path, url: str, counting: Counting) -> House:
    """A committee on an empty database with the service that the diagrams call."""
    migrations.upgrade(url)
    clock = conftest.Clock()
    engine = Engine(
        sessions=Sessions(url), definitions=definitions.Definitions(forms), services=counting.services(),
        forms=forms, keys=keys.create(folder / "keys"), now=clock,
    )  # fmt: skip
    return conftest.settle(engine, clock)


def try_all(house: House, counting: Counting, counts: tuple[int, int], seed: int) -> int:
    """Compare so many diagrams by so many ways; raises for the smallest that differs; gives the steps."""
    diagrams, paths = counts
    steps = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=diagrams, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), print_blob=True,
    )  # fmt: skip
    @given(releases(), st.lists(st.binary(min_size=STEPS, max_size=STEPS), min_size=paths, max_size=paths))
    def attempt(files: Mapping[str, bytes], ways: list[bytes]) -> None:
        nonlocal steps
        steps += compare(house, counting, files, ways)

    attempt()
    return steps


def part(counts: tuple[int, int], seed: int) -> int:
    """Compare on an SQLite database of its own, in one process; gives the steps."""
    counting = Counting()
    with tempfile.TemporaryDirectory() as folder:
        house = house_of(Path(folder), f"sqlite:///{folder}/woshou.db", counting)
        try:
            return try_all(house, counting, counts, seed)
        finally:
            house.engine.sessions.dispose()


def main(arguments: list[str]) -> int:
    """Run in two processes and print; raises at a difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.restart")
    parser.add_argument("--diagrams", type=int, default=50)
    parser.add_argument("--paths", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args(arguments)
    print(f"{asked.diagrams} diagrams x {asked.paths} ways, seed {asked.seed}", flush=True)
    halves, begun = (asked.diagrams // 2, asked.diagrams - asked.diagrams // 2), time.monotonic()
    with ProcessPoolExecutor(2) as pool:
        parts = [pool.submit(part, (half, asked.paths), asked.seed + at) for at, half in enumerate(halves)]
        steps = sum(done.result() for done in parts)
    print(
        f"{steps} steps, each the same restored as kept, in {time.monotonic() - begun:.0f} s; differences 0"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
