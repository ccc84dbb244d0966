"""How fast FEEL and DMN are, beside Python's own compiled code and other engines in the same run."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine import dmn, feel
from tests.bench.figures import Figure
from tests.bench.timing import median_seconds

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "build" / "peers"

EXPRESSION = 'amount >= 10 and status = "open" and party.age > 18'
CONTEXT: dict[str, Any] = {"amount": Decimal(12), "status": "open", "party": {"age": Decimal(30)}}
PLAIN = {"amount": 12, "status": "open", "party": {"age": 30}}
ROWS = 200


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


def measured() -> Iterator[Figure]:
    """The expression beside the same in compiled Python and in other engines, and a decision table."""
    found = contestants() | others()
    python = found["python"] * 1e6
    for name, seconds in found.items():
        yield Figure(f"feel.{name}", seconds * 1e6, None if name in ("python", "table_200") else python)


def contestants() -> dict[str, float]:
    """Seconds a call of ours and of Python, by the ends of their keys."""
    expression = feel.parse(EXPRESSION)
    code = compile('amount >= 10 and status == "open" and party["age"] > 18', "bench", "eval")
    model = table_model()
    row = {"amount": 150, "people": 5, "kind": "labour", "source": "application", "urgent": True, "age": 30}
    decided = {name: Decimal(v) if type(v) is int else v for name, v in row.items()}
    return {
        "parsed": median_seconds(lambda: expression.evaluate(CONTEXT)),
        "plain": median_seconds(lambda: expression.evaluate(PLAIN)),
        "cached": median_seconds(lambda: feel.evaluate(EXPRESSION, CONTEXT)),
        "python": median_seconds(lambda: eval(code, {}, CONTEXT)),  # noqa: S307 - the peer to compare with
        "table_200": median_seconds(lambda: model.evaluate("d", decided)),
    }


def others() -> dict[str, float]:
    """The other engines, measured by a process of their own; none where they are not installed."""
    if not (PEERS / "bin" / "python").exists():
        print("bkflow-feel and feelin are not installed: `make bench` does it.", file=sys.stderr)
        return {}
    asked = json.dumps({"expression": EXPRESSION, "context": PLAIN})
    command = [PEERS / "bin" / "python", "-m", "tests.bench.peers", PEERS / "feelin.bundle.js"]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found
