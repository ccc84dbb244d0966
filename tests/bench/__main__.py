"""`python -m tests.bench [feel|load]`: medians, aims, and ratios to the bare libraries in the same run."""

import sys
import tempfile
from pathlib import Path

from tests.bench import baseline, feel, load, steps

TRANSACTIONS = 400


def measure_steps() -> int:
    """Print every figure of a step and of an agreement; 1 if an aim is missed."""
    with tempfile.TemporaryDirectory() as folder:
        bare = steps.median_ms(baseline.durable_transactions(Path(folder), TRANSACTIONS))
        print(f"{'bare durable transaction':42}{bare:9.2f} ms")
        missed = shown("one user task in process", steps.median_ms(steps.user_task(Path(folder))), 2.5, bare)
    in_process = steps.median_ms(steps.whole_case())
    missed += shown("step of the tricycle case in process", in_process, 4.0, bare)
    posts, pages = steps.by_http()
    missed += shown("step of the tricycle case by HTTP", steps.median_ms(posts), in_process + 4.0, bare)
    missed += shown("page of a task", steps.median_ms(pages), 5.0, bare)
    ours, theirs = (steps.median_ms(taken) for taken in steps.agreement())
    print(f"{'bare print, 4 signatures, check':42}{theirs:9.1f} ms")
    missed += shown("Woshou's print, 4 signatures, check", ours, theirs * 1.3, theirs)
    return int(missed > 0)


def shown(name: str, value: float, aim: float, bare: float) -> int:
    """Print one figure; 1 if it misses its aim."""
    verdict = "" if value <= aim else "  MISSED"
    print(f"{name:42}{value:9.2f} ms   aim {aim:7.2f} ms   {value / bare:6.2f} x bare{verdict}", flush=True)
    return int(value > aim)


if __name__ == "__main__":
    parts = {"feel": feel.main, "load": load.main, "": measure_steps}
    sys.exit(parts["".join(sys.argv[1:])]())
