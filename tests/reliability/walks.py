"""`python -m tests.reliability.walks [--count N] [--seed S]`: N random walks through the shipped diagrams.

A process each for as many houses as there are processors.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import forms
from engine.documents.render import Enclosure, Rendered, Renderer
from engine.mediation.play import Stage
from tests.processes.answering import Usual, usual_answers
from tests.processes.walk import Walk, Walked
from web import rehearsal, settings
from web.words import PATHS

HEADING, ID = re.compile(r"<h1>(.*?)</h1>"), re.compile(r'\bid="([^"]+)"')
CASES = Path(__file__).parent.parent / "cases"
STAFF = {"reception": "reception", "mediator": "mediator", "second": "mediator"} | {
    "chief": "chief_mediator", "seal": "seal_keeper",
}  # fmt: skip


@dataclass
class Tour:
    """What many walks came to together."""

    walks: int = 0
    nodes: Counter[str] = field(default_factory=Counter)
    processes: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def add(self, seed: int, wish: str, walked: Walked) -> None:
        """Count one walk; each breach with the seed that shows it again."""
        self.walks += 1
        self.nodes += walked.nodes
        self.processes += Counter(walked.processes)
        self.states[walked.status] += 1
        self.refusals += walked.refusals
        self.breaches += [f"{wish} {seed}: {breach}" for breach in walked.breaches]

    def join(self, other: "Tour") -> None:
        """Count the walks of another tour, too."""
        self.walks += other.walks
        for counted in ("nodes", "processes", "states", "refusals"):
            getattr(self, counted).update(getattr(other, counted))
        self.breaches += other.breaches

    def lines(self) -> Iterator[str]:
        """The figures."""
        yield f"{self.walks} walks, {self.nodes.total()} steps, {len(self.breaches)} breaches of the law"
        for title in ("processes", "states", "nodes", "refusals"):
            counted = getattr(self, title).most_common()
            yield f"  {title}: " + ", ".join(f"{count} {name}" for name, count in counted)
        yield from (f"  BREACH {breach}" for breach in self.breaches)


def shelved() -> Callable[..., Rendered]:
    """A `Renderer.render` that prints one paper of each kind and set of marks, and gives it again.

    Walks look at the law; what stands in papers, and that a missing glyph sends one back, is looked at
    elsewhere.
    """
    render, printed = Renderer.render, dict[tuple[str, ...], Rendered]()

    def one_of_a_kind(self: Renderer, html: str, css: str, enclosures: Sequence[Enclosure] = ()) -> Rendered:
        kind = (*HEADING.findall(html)[:1], *sorted(ID.findall(html)))
        if kind not in printed:
            printed[kind] = render(self, html, css, enclosures)
        return printed[kind]

    return one_of_a_kind


@contextmanager
def stage() -> Iterator[tuple[Stage, Usual]]:
    """A committee with its people and the shipped diagrams, and what scripted cases answer."""
    scripts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))]
    people = [
        {"username": username, "name": f"{role} {username}", "roles": [role]}
        for username, role in STAFF.items()
    ]
    script = scripts[0] | {"people": people}
    with (
        mock.patch.object(Renderer, "render", shelved()),
        tempfile.TemporaryDirectory(prefix="woshou-walks-") as folder,
        rehearsal.stage_for(settings.read({"WOSHOU_DATA": folder}), script) as built,
    ):
        yield built, usual_answers(scripts)


def tour(on: Stage, usual: Usual, seeds: Iterable[int]) -> Tour:
    """A walk for each seed, the paths wished for in turn."""
    seen, paths = Tour(), sorted(PATHS)
    for seed in seeds:
        wish = paths[seed % len(paths)]
        seen.add(seed, wish, Walk(on, usual, seed, wish).go())
    return seen


def toured(seeds: range) -> Tour:
    """The walks of these seeds in a house of their own."""
    with stage() as (on, usual):
        return tour(on, usual, seeds)


def main(arguments: list[str]) -> int:
    """Walk, print the figures; 1 if the law was broken once."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.walks")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked = parser.parse_args(arguments)
    seen, houses = Tour(), os.cpu_count() or 1
    seeds = range(asked.seed, asked.seed + asked.count)
    with ProcessPoolExecutor(houses, multiprocessing.get_context("spawn")) as pool:
        # Blocks, and not every second seed: the paths wished for take turns.
        size = -(-len(seeds) // houses)
        for one in pool.map(toured, (seeds[at : at + size] for at in range(0, len(seeds), size))):
            seen.join(one)
    asked_for = {
        forms.load(text.decode()).id
        for name, text in settings.shipped_files().items()
        if name.endswith(".form")
    }
    never = sorted(asked_for - set(seen.nodes))
    print("\n".join(seen.lines()), flush=True)
    print(f"  forms never answered: {', '.join(never) or 'none'}")
    return int(bool(seen.breaches))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
