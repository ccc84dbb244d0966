"""Laws: printing and parsing, logic, numbers as Python's decimal, dates as dateutil, no other exception."""

import datetime
import random
from decimal import Context, Decimal, localcontext

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel import tree
from engine.feel.expression import BUILTIN_NAMES, Expression
from engine.feel.names import KnownNames
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.printer import print_node
from tests.feel.trees import CONTEXTS, TREES

pytestmark = pytest.mark.slow

KNOWN = KnownNames(["party name"], BUILTIN_NAMES)
TRUTHS = st.sampled_from(["true", "false", "null"])
PYTHON = Context(prec=34, Emin=-6143, Emax=6144)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
QUICK = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(TREES)
def test_what_is_printed_parses_to_the_same_tree(node):
    assert parse_expression(print_node(node), KNOWN) == node


@QUICK
@given(st.lists(TREES, max_size=3), st.booleans())
def test_a_cell_that_is_printed_parses_to_the_same_tests(nodes, negated):
    tests = tree.Tests(tuple(nodes), negated and bool(nodes))
    assert parse_tests(print_node(tests), KNOWN) == tests


@given(TRUTHS, TRUTHS, TRUTHS)
def test_logic_is_commutative_associative_and_of_de_morgan(a, b, c):
    def value(text):
        return feel.evaluate(text)

    assert value(f"{a} and {b}") is value(f"{b} and {a}")
    assert value(f"({a} or {b}) or {c}") is value(f"{a} or ({b} or {c})")
    assert value(f"{a} and ({b} or {c})") is value(f"({a} and {b}) or ({a} and {c})")
    assert value(f"not({a} and {b})") is value(f"not({a}) or not({b})")


@QUICK
@given(DECIMALS, DECIMALS, st.sampled_from(["+", "-", "*", "/"]))
def test_numbers_are_pythons_decimals_of_34_digits(a, b, symbol):
    operation = {"+": PYTHON.add, "-": PYTHON.subtract, "*": PYTHON.multiply, "/": PYTHON.divide}[symbol]
    with localcontext(PYTHON):
        expected = operation(a, b) if symbol != "/" or b else None
    assert feel.evaluate(f"a {symbol} b", {"a": a, "b": b}) == expected


@QUICK
@given(st.dates(datetime.date(1600, 1, 1), datetime.date(2600, 1, 1)), st.integers(-5000, 5000))
def test_months_and_days_are_added_as_by_dateutil(day, count):
    context = {"day": day, "months": feel.YearsMonths(count), "days": datetime.timedelta(days=count)}
    assert feel.evaluate("day + months", context) == day + relativedelta(months=count)
    assert feel.evaluate("day + days", context) == day + datetime.timedelta(days=count)
    assert feel.evaluate("(day + days) - day = days", context) is True


@given(st.datetimes(), st.datetimes())
def test_moments_differ_by_the_duration_between_them(a, b):
    assert feel.evaluate("a - b", {"a": a, "b": b}) == a - b


@given(
    st.dates()
    | st.datetimes()
    | st.times()
    | st.timedeltas()
    | st.builds(feel.YearsMonths, st.integers(-(10**6), 10**6))
)
def test_the_string_of_a_temporal_value_reads_back_as_that_value(value):
    found = feel.evaluate("v", {"v": value})
    text = feel.text_of(found)
    assert parse_back(text) == value


def parse_back(text):
    return Expression(text, tree.AtLiteral(text)).evaluate()


WORDS = (
    "if then else for x in return some every satisfies and or not between instance of function number null"
)
SIGNS = '1 a ( ) [ ] { } : , . .. + - * / ** = < >= "b" @ ? @"P1D" count( sort( // /* */ \\ " 握手 1e9 \0 !'


def random_texts(count, seed):
    chance = random.Random(seed)
    pieces = [f" {word} " for word in WORDS.split()] + SIGNS.split() + ["date and time("]
    for _ in range(count):
        yield "".join(chance.choices(pieces, k=chance.randint(1, 14)))


def test_ten_thousand_random_texts_raise_nothing_but_feel_errors():
    outcomes = {"value": 0, "error": 0}
    for text in random_texts(10_000, seed=7):
        try:
            feel.evaluate(text, {"a": Decimal(3), "x": [1, 2], "y": {"a": 1}})
            outcomes["value"] += 1
        except feel.FeelError as error:
            outcomes["error"] += error.line >= 1 and error.column >= 1
    assert min(outcomes.values()) > 100


@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES, CONTEXTS)
def test_ten_thousand_random_trees_raise_nothing_but_feel_errors(node, context):
    try:
        value = Expression("", node).evaluate(context, [])
    except feel.FeelError:
        return
    feel.text_of(value)
