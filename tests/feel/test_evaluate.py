"""The language by example: what an expression gives in a context."""

import datetime
from decimal import Decimal

import pytest

from engine import feel

CONTEXT = {"amount": 1200, "status": "open", "party": {"age": 20, "name": "李梅"}, "rate": 0.1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("rate * 3", Decimal("0.3")),
        ('if amount > 1000 then "large" else "small"', "large"),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("[{a: 1}, {a: 2}][a > 1].a", [2]),
        ("[10, 20, 30][-1]", 30),
        ("{a: 1, b: a + 1}.b", 2),
        ("amount between 1000 and 2000", True),
        ("amount in [1000..1200)", False),
        ('status in ("open", "closed")', True),
        ("null and false", False),
        ("null or 1", None),
        ("(function(a, b) a - b)(b: 1, a: 3)", 2),
        ("(function(a, b) [a, b])(b: 1)", [None, 1]),
        ("(function(a, b) [a, b])(1)", None),
        ("(function(a, b) [a, b])(c: 1)", None),
        ('date("2026-11-23") + duration("P1M")', datetime.date(2026, 12, 23)),
        ('@"2026-11-23T10:00:00" - @"2026-11-22T09:00:00"', datetime.timedelta(days=1, hours=1)),
        ("party.name", "李梅"),
        ("1 / 0", None),
        ("nobody.knows.this", None),
    ],
)
def test_an_expression_has_its_value(text, value):
    assert feel.evaluate(text, CONTEXT) == value


def test_a_function_of_the_context_is_called_by_its_name_with_spaces():
    def later(day, days):
        return day + datetime.timedelta(days=int(days))

    add = feel.Function("add working days", ("from", "days"), later)
    context = {"add working days": add, "day": datetime.date(2026, 11, 23)}
    assert feel.evaluate("add working days(day, 3)", context) == datetime.date(2026, 11, 26)
    assert feel.evaluate("add working days(days: 3, from: day)", context) == datetime.date(2026, 11, 26)
    assert feel.evaluate('add working days("x", 3)', context) is None


def test_an_error_tells_the_line_and_the_column_and_what_was_expected():
    with pytest.raises(feel.FeelError) as refused:
        feel.parse("if a\nthen b")
    error = refused.value
    assert (error.line, error.column) == (2, 7)
    assert error.message == "The expression ends where {expected} is expected."
    assert error.params == {"expected": "else"}


def test_names_are_those_that_the_context_must_bring():
    expression = feel.parse("sum(for x in payments return x.amount * rate) > limit")
    assert expression.names == {"payments", "rate", "limit"}


def test_notes_tell_why_a_result_is_null():
    notes: list[feel.Note] = []
    assert feel.parse('amout + "1"').evaluate(CONTEXT, notes) is None
    assert [str(note) for note in notes] == [
        "amout is not known here. (line 1, column 1)",
        "+ has no result for Null and string. (line 1, column 7)",
    ]


@pytest.mark.parametrize(
    ("tests", "value", "passes"),
    [
        ("-", 5, True),
        ("> 4", 5, True),
        ("[1..5)", 5, False),
        ("1, 5", 5, True),
        ("not(1, 5)", 5, False),
        ('"open"', "open", True),
        ("? > 4 and ? < limit", 5, True),
        ("true", False, False),
        ("null", None, True),
    ],
)
def test_a_cell_tells_whether_a_value_passes(tests, value, passes):
    assert feel.unary_test(tests, value, {"limit": 6}) is passes
