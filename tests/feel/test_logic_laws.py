"""Three-valued logic, conditions and quantifiers beside Kleene's logic, over all values."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from tests.feel.examples import LAW, value_of

OTHERWISE = [None, Decimal(1), Decimal(0), "", "true", [], [True], {}]
"""Values that are neither true nor false: each counts as unknown."""
VALUES = [True, False, *OTHERWISE]
TRUTHS = st.sampled_from([True, False, None])


def rank(value):
    """Kleene's logic on numbers: and is the least, or the greatest, not the distance from one."""
    return 1 if value is True else 0 if value is False else 0.5


def truth(number):
    return {1: True, 0: False, 0.5: None}[number]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(VALUES, repeat=2)))
def test_and_is_the_least_and_or_the_greatest_of_both(a, b):
    assert value_of("a and b", a=a, b=b) is truth(min(rank(a), rank(b)))
    assert value_of("a or b", a=a, b=b) is truth(max(rank(a), rank(b)))


@pytest.mark.parametrize("a", VALUES)
def test_not_turns_round_what_is_known(a):
    alone = a[0] if a == [True] else a
    assert value_of("not(v)", v=a) is truth(1 - rank(alone))


@LAW
@given(st.lists(TRUTHS, min_size=2, max_size=6))
def test_a_row_of_the_same_operator_is_that_of_all_its_operands(truths):
    names = [f"v{place}" for place in range(len(truths))]
    given_all = dict(zip(names, truths, strict=True))
    assert value_of(" and ".join(names), **given_all) is truth(min(map(rank, truths)))
    assert value_of(" or ".join(names), **given_all) is truth(max(map(rank, truths)))


@LAW
@given(st.lists(TRUTHS, max_size=6))
def test_all_and_any_are_the_operators_over_a_list(truths):
    least, greatest = min(map(rank, truths), default=1), max(map(rank, truths), default=0)
    assert value_of("all(s)", s=truths) is truth(least)
    assert value_of("any(s)", s=truths) is truth(greatest)
    assert value_of("every v in s satisfies v", s=truths) is truth(least)
    assert value_of("some v in s satisfies v", s=truths) is truth(greatest)
    assert value_of("not(any(s)) = all(for v in s return not(v))", s=truths) is True


@LAW
@given(st.lists(st.integers(-5, 5), max_size=5), st.lists(st.integers(-5, 5), max_size=5))
def test_quantifiers_over_two_lists_look_at_every_pair(a, b):
    some = any(x > y for x in a for y in b)
    every = all(x > y for x in a for y in b)
    assert value_of("some x in a, y in b satisfies x > y", a=a, b=b) is some
    assert value_of("every x in a, y in b satisfies x > y", a=a, b=b) is every
    assert value_of("some x in a satisfies some y in b satisfies x > y", a=a, b=b) is some
    assert value_of("not(some x in a, y in b satisfies x <= y)", a=a, b=b) is every


@pytest.mark.parametrize("condition", VALUES)
def test_a_condition_that_is_not_true_leads_to_else(condition):
    assert value_of('if c then "then" else "else"', c=condition) == ("then" if condition is True else "else")


@pytest.mark.parametrize("condition", [*VALUES[:3], "a"])
def test_a_filter_keeps_an_item_only_where_the_condition_is_true(condition):
    found = value_of("[10][c]", c=condition)
    assert found == ([Decimal(10)] if condition is True else None if condition == "a" else [])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a or not(a)", True),
        ("a and not(a)", False),
        ("not(not(a)) = a", True),
        ("(a and a) = a", True),
        ("(a or false) = a", True),
        ("(a and true) = a", True),
        ("(a and (a or b)) = a", True),
    ],
)
@pytest.mark.parametrize("b", [True, False])
@pytest.mark.parametrize("a", [True, False])
def test_what_is_known_obeys_the_laws_of_two_values(text, same, a, b):
    assert value_of(text, a=a, b=b) is same


@pytest.mark.parametrize("text", ["a or not(a)", "a and not(a)"])
def test_the_excluded_third_does_not_hold_for_what_is_unknown(text):
    assert value_of(text, a=None) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("false and nobody.knows", False), ("true or 1 / 0 > 1", True), ('false and "a" > 1', False)]
    + [("nobody.knows and false", False), ("1 / 0 > 1 or true", True)],
)
def test_what_decides_may_stand_on_either_side(text, value):
    assert feel.evaluate(text) is value


@LAW
@given(st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9), st.none() | st.integers(-9, 9))
def test_between_is_two_comparisons_and_in_a_range_too(value, low, high):
    known = None not in (value, low, high)
    inside = low <= value <= high if known else None
    assert value_of("v between a and b", v=value, a=low, b=high) is inside
    if known and low <= high:
        assert value_of("v in [a..b]", v=value, a=low, b=high) is inside
        assert value_of("v in (a..b)", v=value, a=low, b=high) is (low < value < high)
        assert value_of("v in (>= a) and v in (<= b)", v=value, a=low, b=high) is inside


@LAW
@given(st.integers(-5, 5), st.lists(st.integers(-5, 5), max_size=5))
def test_in_a_list_is_list_contains(value, items):
    assert value_of("v in s", v=value, s=items) is (value in items)
    assert value_of("v in s = list contains(s, v)", v=value, s=items) is True


@LAW
@given(st.integers(-5, 5), st.lists(st.integers(-5, 5), min_size=1, max_size=4))
def test_a_cell_with_commas_fits_where_one_of_its_tests_does(value, bounds):
    tests = ", ".join(f"> {bound}" for bound in bounds)
    assert feel.unary_test(tests, value) is any(value > bound for bound in bounds)
    assert feel.unary_test(f"not({tests})", value) is not any(value > bound for bound in bounds)
    listed = ", ".join(map(str, bounds))
    assert feel.unary_test(listed, value) is (value in bounds)
