"""A coverage-guided fuzz run of parser and evaluator: `python -m tests.feel.fuzz -max_total_time=600`.

libFuzzer's own arguments may follow. It ends at the first exception that is no FeelError, and at the first
input that takes a second of processor time (or two minutes by the clock, which a busy machine makes long).
What it found is written to build/.
`make fuzz` installs atheris, which no other part needs.
"""

import contextlib
import gc
import itertools
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["engine.feel"]):
    from engine import feel
    from engine.feel.builtins import BUILTINS
    from engine.feel.expression import parse_unary_tests
    from engine.feel.names import KEYWORDS

CONTEXT = {"a": Decimal(3), "b": "text", "c": [1, {"d": 2}], "e f": None, "g": {"h-i": True}}
SIGNS = """a b c g 握手 item partial ? 0 1 -1 2.5 1e9 "" "a" "^(a+)+$" @"P1D" @"P1Y" @"2026-11-23"
    @"10:00:00Z" ( ) [ ] { } , : . .. + - * / ** = != < <= > >= -> // /* */ \\ " @
    list< context< range< number string"""
PIECES = [*SIGNS.split(), *(f" {word} " for word in sorted(KEYWORDS)), " instance of ", "e f", "h-i"]
PIECES += [f"{name}(" for name in sorted(BUILTINS)]
BUILD = Path(__file__).parents[2] / "build"
INPUTS = itertools.count(1)
SEEDS = (
    "for i in 1..3 return i * partial[-1]",
    "{a: [1..2), b: function(x: list<number>) x[item > 1]}.b(c) instance of list",
    'if a between 1 and 5 then "x" else @"P1Y" + date("2026-11-23")',
    '\tnot(1, [2..3), > 4, ? = "a")',
    'some x in c, y in [x] satisfies replace(b, "(t)(e)", "$2$1") in ("et", y)',
)


def text_of(data: bytes) -> str:
    """The expression that an input means: after a zero byte each byte is a piece, else it is text."""
    if data[:1] == b"\0":
        return "".join(PIECES[byte % len(PIECES)] for byte in data[1:])
    return data.decode("utf-8", "replace")


class TooSlowError(Exception):
    """An input took longer than a second of processor time."""


def attempt(data: bytes) -> None:
    """One input, timed without the collector's walks over the thousands of expressions that are kept."""
    text = text_of(data)
    if next(INPUTS) % 1_000 == 0:
        gc.collect()
    before = time.thread_time()
    with contextlib.suppress(feel.FeelError):
        evaluate(text)
    spent = time.thread_time() - before
    if spent > 1:
        raise TooSlowError(f"{spent} s: {text!r}")


def evaluate(text: str) -> None:
    """A text is an expression, one that begins with a tab the tests of a cell."""
    if text.startswith("\t"):
        parse_unary_tests(text[1:]).evaluate({**CONTEXT, "?": Decimal(5)}, [])
    else:
        feel.text_of(feel.parse(text, CONTEXT).evaluate(CONTEXT, []))


def main() -> None:
    """Fuzz from the seeds, which libFuzzer keeps in a folder of its own."""
    gc.disable()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS):
            Path(corpus, str(number)).write_text(seed)
        limits = ("-timeout=120", "-max_len=400", f"-artifact_prefix={BUILD}/")
        atheris.Setup([*sys.argv, *limits, corpus], attempt)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
