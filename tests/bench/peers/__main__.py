"""`python -m tests.bench.peers BUNDLE`: what to evaluate from the input, seconds a call as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from bkflow_feel.api import parse_expression
from py_mini_racer import MiniRacer

from tests.bench.timing import median_seconds

ROUNDS = 5


def main(bundle: str) -> int:
    """Measure both engines; one that answers anything but true does not do the work that is measured."""
    asked = json.load(sys.stdin)
    machine = MiniRacer()
    machine.eval(Path(bundle).read_text(encoding="utf-8"))
    call = f"evaluateFeel({json.dumps(asked['expression'])}, {json.dumps(asked['context'])}).value"
    engines: dict[str, Callable[[], object]] = {
        "bkflow": lambda: parse_expression(asked["expression"], asked["context"]),
        "feelin": lambda: machine.eval(call),
    }
    wrong = [name for name, evaluate in engines.items() if evaluate() is not True]
    if wrong:
        print(f"no true answer: {', '.join(wrong)}", file=sys.stderr)
        return 1
    print(json.dumps({name: median_seconds(evaluate, ROUNDS) for name, evaluate in engines.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
