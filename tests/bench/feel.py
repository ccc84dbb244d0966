"""How fast FEEL and DMN are, beside Python's own compiled code and other engines where they are installed."""

import importlib
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine import dmn, feel

EXPRESSION = 'amount >= 10 and status = "open" and party.age > 18'
CONTEXT: dict[str, Any] = {"amount": Decimal(12), "status": "open", "party": {"age": Decimal(30)}}
PLAIN = {"amount": 12, "status": "open", "party": {"age": 30}}
ROWS = 200
BUDGETS = {"feel, parsed": 3e-6, "feel, plain Python numbers": 3e-6, "table of 200 rows and 6 inputs": 1e-3}


def median_seconds(call: Callable[[], object], rounds: int = 15, seconds: float = 0.02) -> float:
    """The median time of one call, over rounds of about `seconds` each."""
    count, spent = 1, 0.0
    while spent < seconds:
        count *= 2
        spent = timed(call, count)
    return statistics.median(timed(call, count) / count for _ in range(rounds))


def timed(call: Callable[[], object], count: int) -> float:
    """Processor seconds for so many calls: other work on the machine does not count."""
    start = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - start


def table_model() -> dmn.Model:
    """A table of 200 rows with six inputs: numbers, ranges, strings, lists of strings, booleans."""
    chance = random.Random(3)
    rules = "".join(rule(chance, row) for row in range(ROWS))
    names = ("amount", "people", "kind", "source", "urgent", "age")
    inputs = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in names
    )
    data = "".join(f'<inputData id="i_{name}" name="{name}"/>' for name in names)
    needs = "".join(
        f'<informationRequirement><requiredInput href="#i_{name}"/></informationRequirement>'
        for name in names
    )
    return dmn.load(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="m">'
        f'{data}<decision id="d" name="d">{needs}<decisionTable hitPolicy="COLLECT">{inputs}'
        f'<output name="o"/>{rules}</decisionTable></decision></definitions>'.encode()
    )


def rule(chance: random.Random, row: int) -> str:
    """One row, its cells mostly wide so that many of them are looked at."""
    cells = (
        chance.choice(["-", f"&gt;= {row}", f"[{row}..{row + 500}]"]),
        chance.choice(["-", "&lt; 10", "[2..30]"]),
        chance.choice(['"labour", "payment"', '"labour"', "-"]),
        chance.choice(['"application"', "-", 'not("proactive")']),
        chance.choice(["true", "false", "-"]),
        chance.choice(["&gt; 18", "&lt; 60", "-"]),
    )
    entries = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells)
    return f"<rule>{entries}<outputEntry><text>{row}</text></outputEntry></rule>"


def measured() -> dict[str, float]:
    """Seconds a call of each contestant that is installed."""
    expression = feel.parse(EXPRESSION)
    code = compile('amount >= 10 and status == "open" and party["age"] > 18', "bench", "eval")
    model = table_model()
    row = {"amount": 150, "people": 5, "kind": "labour", "source": "application", "urgent": True, "age": 30}
    decided = {name: Decimal(v) if type(v) is int else v for name, v in row.items()}
    found = {
        "feel, parsed": median_seconds(lambda: expression.evaluate(CONTEXT)),
        "feel, plain Python numbers": median_seconds(lambda: expression.evaluate(PLAIN)),
        "feel, text from the cache": median_seconds(lambda: feel.evaluate(EXPRESSION, CONTEXT)),
        "Python's eval of compiled code": median_seconds(lambda: eval(code, {}, CONTEXT)),  # noqa: S307 - the peer to compare with
        "table of 200 rows and 6 inputs": median_seconds(lambda: model.evaluate("d", decided)),
    }
    return found | others()


def others() -> dict[str, float]:
    """The other engines, where somebody installed them beside the project.

    bkflow-feel wants older releases of the project's own libraries, so that it can't be locked with them:
    `pip install --no-deps bkflow-feel lark mini-racer`, and `pydantic`. feelin is JavaScript: FEELIN_BUNDLE
    names a bundle of `import {evaluate} from "feelin"; globalThis.evaluateFeel = evaluate`.
    """
    found = {}
    bkflow, racer, bundle = (
        optional("bkflow_feel.api"),
        optional("py_mini_racer"),
        os.environ.get("FEELIN_BUNDLE"),
    )
    if bkflow:
        found["bkflow-feel"] = median_seconds(lambda: bkflow.parse_expression(EXPRESSION, PLAIN), rounds=3)
    if racer and bundle:
        machine = racer.MiniRacer()
        machine.eval(Path(bundle).read_text())
        call = f"evaluateFeel({json.dumps(EXPRESSION)}, {json.dumps(PLAIN)}).value"
        found["feelin in mini-racer"] = median_seconds(lambda: machine.eval(call), rounds=3)
    return found


def optional(name: str) -> Any:
    """A module, or None where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def main() -> int:
    """Print the times; the exit code is 1 where a budget is passed."""
    found = measured()
    for name, seconds in found.items():
        budget = f"  (budget {BUDGETS[name] * 1e6:.0f} µs)" if name in BUDGETS else ""
        print(f"{name}: {seconds * 1e6:.2f} µs{budget}")
    return int(any(found[name] > budget for name, budget in BUDGETS.items()))


if __name__ == "__main__":
    raise SystemExit(main())
