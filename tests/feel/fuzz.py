"""A coverage-guided fuzz run of parser and evaluator: `python tests/feel/fuzz.py -max_total_time=600`.

atheris is installed beside the project for this (`make fuzz`), it is not one of its dependencies.
"""

import sys
from decimal import Decimal

import atheris

with atheris.instrument_imports(include=["engine.feel"]):
    from engine import feel
    from engine.feel.expression import parse_unary_tests

CONTEXT = {"a": Decimal(3), "b": "text", "c": [1, {"d": 2}], "e f": None, "g": {"h-i": True}}


def attempt(data: bytes) -> None:
    """One input: a text is an expression, one that begins with a tab the tests of a cell."""
    text = data.decode("utf-8", "replace")
    try:
        if text.startswith("\t"):
            parse_unary_tests(text[1:]).evaluate({**CONTEXT, "?": Decimal(5)})
        else:
            feel.text_of(feel.evaluate(text, CONTEXT))
    except feel.FeelError:
        return


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-timeout=2", "-max_len=400"], attempt)
    atheris.Fuzz()
