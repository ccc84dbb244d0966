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


@pytest.mark.parametrize(
    ("text", "kind", "belongs"),
    [
        ("[1, null]", "list<number>", True),
        ("[1, [2]]", "list<number>", False),
        ("[]", "list<string>", True),
        ("[[1], []]", "list<list<number>>", True),
        ("{a: 1, b: 2}", "context<a: number>", True),
        ("{a: null}", "context<a: number>", True),
        ("{}", "context<a: number>", False),
        ("{}", "context<>", True),
        ("{a: [{b: 1}]}", "context<a: list<context<b: number>>>", True),
        ('["a".."b"]', "range<string>", True),
        ("(> 5)", "range<number>", True),
        ("(> 5)", "range<string>", False),
        ("abs", "function", None),
        ("function(a) a", "function<Any> -> Any", True),
        ("function(a: string) a", "function<number> -> Any", False),
        ("function(a, b) a", "function<number> -> Any", False),
        ("1", "Any", True),
        ("null", "Any", False),
        ("null", "null", True),
        ("1", "nobody.knows", None),
        ("1", "list<nobody.knows>", None),
        ('@"2026-11-23"', "date and time", False),
        ('@"2026-11-23T10:00:00Z"', "date time", True),
        ('@"P1D"', "dayTimeDuration", True),
        ('@"P1Y"', "yearMonthDuration", True),
        ('@"10000-01-01"', "date", True),
    ],
)
def test_a_type_with_parts_looks_at_the_parts(text, kind, belongs):
    assert feel.evaluate(f"({text}) instance of {kind}") is belongs


@pytest.mark.parametrize(
    ("kind", "argument", "received"),
    [
        ("number", "1", "1"),
        ("number", "[1]", "1"),
        ("number", "[1, 2]", "null"),
        ("number", '"1"', "null"),
        ("list<number>", "1", "[1]"),
        ("list<number>", '"a"', "null"),
        ("list<list<number>>", "[1]", "null"),
        ("date and time", '@"2026-11-23"', '@"2026-11-23T00:00:00Z"'),
        ("date", '@"2026-11-23T10:00:00"', "null"),
        ("context<a: number>", "[{a: 1}]", "{a: 1}"),
        ("context<a: number>", "{a: true}", "null"),
        ("Any", "[1]", "[1]"),
        ("function<number> -> number", "abs", "abs"),
        ("range<number>", "[1..2]", "[1..2]"),
        ("range<number>", '["a".."b"]', "null"),
    ],
)
def test_an_argument_becomes_what_the_parameter_wants_or_the_call_is_null(kind, argument, received):
    found = feel.evaluate(f"(function(x: {kind}) x)({argument})")
    assert found == feel.evaluate(received)
