"""What is told of an expression before it runs: calls that can't be, literals that mean nothing."""

import pytest

from engine import feel
from engine.feel.builtins import BUILTINS

COUNTS = [
    ("abs()", "The function abs takes 1 arguments, not 0. (line 1, column 4)"),
    ("abs(1, 2)", "The function abs takes 1 arguments, not 2. (line 1, column 4)"),
    ("floor(1, 2, 3)", "The function floor takes 1 / 2 arguments, not 3. (line 1, column 6)"),
    ("date(2026, 11)", "The function date takes 1 / 3 arguments, not 2. (line 1, column 5)"),
    ("time(1, 2)", "The function time takes 1 / 3 / 4 arguments, not 2. (line 1, column 5)"),
    ("today(1)", "The function today takes 0 arguments, not 1. (line 1, column 6)"),
    ("append([1])", "The function append takes ≥ 2 arguments, not 1. (line 1, column 7)"),
    ("min()", "The function min takes ≥ 1 arguments, not 0. (line 1, column 4)"),
    ("before(1)", "The function before takes 2 arguments, not 1. (line 1, column 7)"),
]
NAMES = [
    ("abs(x: 1)", "The function has no parameters with these names: x. (line 1, column 4)"),
    (
        "substring(string: a, strat: 1, size: 2)",
        "The function has no parameters with these names: strat, size. (line 1, column 10)",
    ),
    ("substring(string: a)", "The function substring does not accept these arguments. (line 1, column 10)"),
    ("date(year: 2026, from: a)", "The function date does not accept these arguments. (line 1, column 5)"),
    ("abs(n: 1, n: 2)", "The function abs does not accept these arguments. (line 1, column 4)"),
]
LITERALS = [
    ('@"2026-02-30"', "2026-02-30 is not a date, time or duration. (line 1, column 1)"),
    ('a + @"P1"', "P1 is not a date, time or duration. (line 1, column 5)"),
    ('a\n  > @"25:00:00"', "25:00:00 is not a date, time or duration. (line 2, column 5)"),
]


@pytest.mark.parametrize(("text", "fault"), COUNTS + NAMES + LITERALS)
def test_a_fault_is_told_with_its_place(text, fault):
    assert [str(note) for note in feel.parse(text, BUILTINS).faults()] == [fault]


@pytest.mark.parametrize(
    "text",
    ["abs(1)", "floor(1.5)", "floor(1.5, 1)", "date(a)", "date(year: 1, month: 2, day: 3)", "today()"]
    + ["append([1], 2, 3, 4)", "max(a, b, c)", "concatenate([1])", "sort(a)", "sort(precedes: f, list: a)"]
    + ["number(from: a)", "number(a)", 'number(a, ",", ".")', "before(point: 1, range: [2..3])"]
    + ["before(range1: a, range2: b)", "time(hour: 1, minute: 2, second: 3)", '@"2026-02-28"', "not(a)"]
    + ["context put(a, b, c)", "context put(context: a, keys: b, value: c)", "unknown(1, 2, 3)"],
)
def test_what_a_function_takes_is_no_fault(text):
    assert feel.parse(text).faults() == []


@pytest.mark.parametrize(
    "text",
    ["if abs(1, 2) = 1 then 1 else 2", "[1, abs(1, 2)]", "{a: abs(1, 2)}", "for i in abs(1, 2) return i"]
    + ["for i in 1..abs(1, 2) return i", "for i in a return abs(1, 2)", "some x in a satisfies abs(x, 2) = 1"]
    + ["a[abs(item, 1) > 1]", "abs(1, 2).x", "a in (abs(1, 2), 3)", "a between 1 and abs(1, 2)", "-abs(1, 2)"]
    + ["function(x) abs(x, x)", "string(abs(1, 2))", "[1..abs(1, 2)]", "abs(1, 2) instance of number"]
    + ["f(abs(1, 2))", "f(x: abs(1, 2))", "a and b and abs(1, 2)", "{f: function(x) x, b: abs(1, 2)}"],
)
def test_a_fault_is_found_wherever_it_stands(text):
    assert [note.params["name"] for note in feel.parse(text).faults()] == ["abs"]


@pytest.mark.parametrize(
    "text",
    ["{abs: function(a, b) a, b: abs(1, 2)}", "(function(abs) abs(1, 2))(f)", "for abs in f return abs(1, 2)"]
    + ["some abs in fs satisfies abs(1, 2)", "{abs: function(a, b) if a = 0 then b else abs(a - 1, b)}"],
)
def test_a_name_that_is_declared_around_a_call_hides_the_built_in(text):
    assert feel.parse(text).faults() == []


def test_several_faults_come_in_the_order_of_the_text():
    found = feel.parse('abs(1, 2) + count() + @"x"').faults()
    assert [(note.line, note.column) for note in found] == [(1, 4), (1, 18), (1, 23)]


@pytest.mark.parametrize("name", sorted(BUILTINS))
@pytest.mark.parametrize("count", range(9))
def test_a_count_that_is_a_fault_is_one_that_the_function_never_accepts(name, count):
    """With too many or too few nulls the reason is the same; with a right number it may be another."""
    text = f"{name}({', '.join(['a'] * count)})"
    notes: list[feel.Note] = []
    value = feel.parse(text, ["a"]).evaluate({"a": None}, notes)
    if feel.parse(text, ["a"]).faults():
        assert value is None
        assert notes[-1].message == "The function {name} does not accept these arguments."


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_each_overload_may_be_called_by_its_own_parameters_names(name):
    for overload in BUILTINS[name].overloads:
        names = [parameter.names[0] for parameter in overload.parameters]
        called = ", ".join(f"{each}: null" for each in names)
        assert feel.parse(f"{name}({called})").faults() == []
