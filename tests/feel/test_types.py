"""Types: what is an instance of what, what may stand for what, and the conversions at a call."""

import pytest

from engine import feel


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("1", "number"),
        ('"a"', "string"),
        ('@"2026-11-23"', "date"),
        ('@"2026-11-23T10:00:00"', "date and time"),
        ('@"P1D"', "days and time duration"),
        ('@"P1M"', "years and months duration"),
        ("[1, 2]", "list<number>"),
        ("{a: 1}", "context<a: number>"),
        ("[1..2]", "range<number>"),
        ("function(x: number) x", "function<number> -> Any"),
    ],
)
def test_a_value_is_an_instance_of_its_type_and_of_no_other(text, types):
    assert feel.evaluate(f"({text}) instance of {types}") is True
    assert feel.evaluate(f"({text}) instance of Any") is True
    assert feel.evaluate(f"({text}) instance of boolean") is False
    assert feel.evaluate(f"null instance of {types}") is False
