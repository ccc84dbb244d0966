"""Functions as values: closures, named arguments, types of parameters, Python functions of the context."""

import datetime
from decimal import Decimal

import pytest

from engine import feel
from tests.feel.examples import value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{f: function(x) x + 1, r: f(1)}.r", 2),
        ("{k: 10, f: function(x) x + k, r: f(1)}.r", 11),
        ("{f: function(x) function(y) x - y, r: f(10)(3)}.r", 7),
        ("{add: function(k) function(x) x + k, r: for k in 1..3 return add(k)(10)}.r", [11, 12, 13]),
        ("{f: function(x) if x = 0 then 0 else 1 + f(x - 1), r: f(50)}.r", 50),
        ("{twice: function(f, x) f(f(x)), r: twice(function(n) n * 3, 2)}.r", 18),
        ("{x: 1, f: function(x) x * 2, r: f(5) + x}.r", 11),
        ("(function() 7)()", 7),
        ("(function(a) function() a)(3)()", 3),
        ("[function(x) x, function(x) x * 2][2](4)", 8),
        ("{m: {f: function(x) x + 1}, r: m.f(1)}.r", 2),
        ("{f: abs, r: f(-1)}.r", 1),
        ("{f: if true then floor else ceiling, r: f(1.5)}.r", 1),
        ("for f in [floor, ceiling] return f(1.5)", [1, 2]),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("{f: function(x) {y: x, z: y + 1}, r: f(1).z}.r", 2),
        ("{f: function(x) for i in 1..x return i * x, r: f(2)}.r", [2, 4]),
        ("{f: function(item) [5, 1][item > 2], r: f(9)}.r", [5]),
    ],
)
def test_a_function_is_a_value_that_keeps_what_is_around_it(text, value):
    assert feel.evaluate(text) == value


FUNCTION = "(function(first name: string, age: number) first name + string(age))"


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ('"a", 1', "a1"),
        ('first name: "a", age: 1', "a1"),
        ('age: 1, first name: "a"', "a1"),
        ('age: [1], first name: ["a"]', "a1"),
        ('"first name": "a", age: 1', "a1"),
        ('"a"', None),
        ('"a", 1, 2', None),
        ('first name: "a"', None),
        ('first name: "a", years: 1', None),
        ('first name: "a", age: 1, age: 2', None),
        ('first name: "a", age: "1"', None),
        ('1, "a"', None),
        ("null, 1", None),
    ],
)
def test_arguments_are_bound_by_place_or_by_name(arguments, value):
    assert feel.evaluate(f"{FUNCTION}({arguments})") == value


def test_places_and_names_are_not_mixed():
    for arguments in ('"a", age: 1', 'first name: "a", 1'):
        with pytest.raises(feel.FeelError):
            feel.parse(f"{FUNCTION}({arguments})")


@pytest.mark.parametrize(
    "called", ["1", '"a"', "null", "[abs]", "{f: abs}", "true", '@"2026-11-23"', "[1..2]"]
)
def test_what_is_no_function_can_not_be_called(called):
    notes: list[feel.Note] = []
    for arguments in ("1", "x: 1"):
        assert feel.parse(f"({called})({arguments})").evaluate({}, notes) is None
    assert {note.message for note in notes} == {"This is not a function."}


@pytest.mark.parametrize(
    ("declared", "calls"),
    [
        ("count", "count([1, 2])"),
        ("date", 'date("2026-11-23")'),
        ("not", "not(true)"),
        ("string length", 'string length("abc")'),
    ],
)
def test_a_variable_that_is_no_function_does_not_hide_the_built_in_of_its_name(declared, calls):
    plain = feel.evaluate(calls)
    assert value_of(calls, **{declared: 5}) == plain
    assert value_of(declared, **{declared: 5}) == 5
    assert value_of(calls, **{declared: feel.Function(declared, ("x",), lambda _x: "ours")}) == "ours"


def test_a_python_function_gets_and_gives_values_of_feel():
    got = []

    def keep(*values):
        got.extend(values)
        return {"days": 3, "rate": 0.1, "days list": (1, 2), "at": datetime.date(2026, 11, 23)}

    function = feel.Function("keep", ("a", "b", "c"), keep)
    found = value_of('keep([1], "x", @"P1D")', keep=function)
    assert got == [[Decimal(1)], "x", datetime.timedelta(days=1)]
    assert found == {
        "days": Decimal(3),
        "rate": Decimal("0.1"),
        "days list": [Decimal(1), Decimal(2)],
        "at": datetime.date(2026, 11, 23),
    }
    assert type(found["days"]) is Decimal


@pytest.mark.parametrize(
    "error", [TypeError, ValueError, ArithmeticError, LookupError, AttributeError, KeyError]
)
def test_a_python_function_that_does_not_accept_its_arguments_gives_null(error):
    def refuse(value):
        raise error(value)

    notes: list[feel.Note] = []
    context = {"refuse": feel.Function("refuse", ("value",), refuse)}
    assert feel.parse("[refuse(1), 2]").evaluate(context, notes) == [None, 2]
    assert [note.params for note in notes] == [{"name": "refuse"}]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("f(1, 2)", [1, 2]),
        ("f(1)", [1]),
        ("f()", []),
        ("f(a: 1)", [1]),
        ("f(b: 2)", [None, 2]),
        ("f(b: 2, a: 1)", [1, 2]),
        ("f(1, 2, 3)", None),
        ("f(c: 1)", None),
        ("f(a: 1, a: 2)", None),
    ],
)
def test_a_python_function_is_called_by_places_or_names(call, value):
    function = feel.Function("f", ("a", "b"), lambda *given: list(given))
    assert value_of(call, f=function) == value


@pytest.mark.parametrize(
    ("python", "value"),
    [
        (1, Decimal(1)),
        (True, True),
        (0.1, Decimal("0.1")),
        (10**40, Decimal("1e40")),
        (float("inf"), None),
        ((1, 2), [Decimal(1), Decimal(2)]),
        ({"b", "a"}, ["a", "b"]),
        ({1: "x"}, {"1": "x"}),
        (object(), None),
        (b"bytes", None),
        (1j, None),
        (datetime.datetime(2026, 1, 1, fold=1), datetime.datetime(2026, 1, 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_python_becomes_one_of_feel(python, value):
    found = value_of("v", v=python)
    assert (type(found), found) == (type(value), value)
    inside = value_of("m.k", m={"k": python})
    assert (type(inside), inside) == (type(value), value)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("text", ["v", "v + 1", "l[1]", "m.k", "m.k * 2"])
def test_a_decimal_of_the_context_that_is_no_number_is_null(number, text):
    broken = Decimal(number)
    assert value_of(text, v=broken, l=[broken], m={"k": broken}) is None


def test_a_range_of_the_context_between_what_are_no_numbers_is_refused_where_it_is_used():
    with pytest.raises(feel.FeelError) as refused:
        value_of("1 in r", r=feel.Range(Decimal("NaN"), Decimal(2)))
    assert refused.value.message == "A number of the context is not a number."


def test_the_context_is_not_changed_by_an_evaluation():
    context = {"s": [1, {"a": (2,)}], "m": {"k": [3]}}
    before = {"s": [1, {"a": (2,)}], "m": {"k": [3]}}
    feel.evaluate(
        '[append(s, 1), context put(m, "k", 2), reverse(s), sort(s), {s: 1}, for s in s return s]', context
    )
    assert context == before
    found = value_of("s", s=context["s"])
    found.append(5)
    assert context == before


@pytest.mark.parametrize(
    ("cell", "value", "fits"),
    [
        ("-", None, True),
        ("5", 5, True),
        ("5", "5", False),
        ("-5", -5, True),
        ("- 5", -5, True),
        ('"a", "b"', "b", True),
        ('"a", "b"', "c", False),
        ("not(null)", None, False),
        ("not(null)", 1, True),
        ("null, 1", None, True),
        ("< 5, > 10", 11, True),
        ("< 5, > 10", 7, False),
        ("not(< 5, > 10)", 7, True),
        ("(1..5)", 5, False),
        ("]1..5[", 1, False),
        ("[1..5]", 5, True),
        ("[limit..5]", 3, True),
        ("limit", 3, True),
        ("limit * 2", 6, True),
        ("> limit", 4, True),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("!= 5", 6, True),
        ("names", "a", True),
        ("names", "z", False),
        ("not(names)", "z", True),
        ("? > 3", 4, True),
        ("? in (1, 4)", 4, True),
        ("count(?) = 2", ["a", "b"], True),
        ('contains(?, "b")', "abc", True),
        ('starts with(?, "x") or ends with(?, "c")', "abc", True),
        ("? = null", None, True),
        ("? > 3", None, False),
        ("abs(?) = 3", "x", False),
        ("every x in ? satisfies x > 0", [1, 2], True),
        ("true", True, True),
        ("true", False, False),
        ("false", False, True),
        ("true, false", None, False),
        ("limit > 1", 99, True),
        ("limit > 9", 99, False),
        ('@"2026-11-23"', datetime.date(2026, 11, 23), True),
        ('date("2026-11-23")', datetime.date(2026, 11, 23), True),
        ('> @"2026-11-23"', datetime.date(2026, 11, 24), True),
        ('[@"P1D"..@"P3D"]', datetime.timedelta(days=2), True),
        ("[1, 2]", [1, 2], True),
        ("[1, 2]", 2, True),
        ("{a: 1}", {"a": 1}, True),
        ("[1..3], [7..9]", 8, True),
    ],
)
def test_a_cell_of_a_decision_table_fits_or_does_not(cell, value, fits):
    assert feel.unary_test(cell, value, {"limit": 3, "names": ["a", "b"]}) is fits
