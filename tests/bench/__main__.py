"""`python -m tests.bench [part…] [--json] [--cases N]`: figures, aims, and ratios to the bare libraries."""

import argparse
import functools
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench import case, feel, figures, lists, load, papers, steps
from tests.bench.figures import Figure
from web import collector

Part = Callable[[], Iterator[Figure]]
CASES = 1_000_000


def parts(cases: int = CASES) -> dict[str, Part]:
    """What can be measured; the lists among so many cases, and not at all among none."""
    return {
        "step": steps.measured,
        "deploy": steps.deployed,
        "case": case.measured,
        "agreement": papers.measured,
        "load": load.measured,
        "memory": load.grown,
        "lists": functools.partial(lists.measured, cases),
        "feel": feel.measured,
    }


def main(arguments: list[str]) -> int:
    """Measure the parts that are named, or all; 1 if an aim is missed."""
    asked = _read(arguments)
    collector.settle()
    found_on, found = machine(), list[Figure]()
    known = parts(asked.cases)
    for name in asked.parts or known:
        for figure in known[name]():
            found.append(figure)
            print(figure.line(), file=sys.stderr if asked.json else sys.stdout, flush=True)
    if asked.json:
        print(figures.as_json(found, found_on))
    return int(any(figure.missed for figure in found))


def machine() -> dict[str, Any]:
    """What the figures were found on."""
    return {
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    told = f"any of {', '.join(parts())}; all where none is named"
    parser.add_argument("parts", nargs="*", metavar="part", help=told)
    parser.add_argument("--json", action="store_true", help="see docs/bench.md; the table goes to stderr")
    parser.add_argument("--cases", type=int, default=CASES, help="cases in the large database; 0: no lists")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(parts()):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
