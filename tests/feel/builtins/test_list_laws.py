"""List functions beside Python's lists and the standard library's statistics, on random lists."""

import statistics
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel.values import CONTEXT
from tests.feel.examples import LAW, value_of

pytestmark = pytest.mark.slow

NUMBERS = st.integers(-50, 50).map(Decimal)
ITEMS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "握手"])
LISTS = st.lists(ITEMS, max_size=8)
POSITIONS = st.integers(-10, 10)
NESTED = st.recursive(ITEMS, lambda inner: st.lists(inner, max_size=4), max_leaves=12)


def index_of(position, length):
    """Python's index of a FEEL position, None where the list has none."""
    if position == 0 or abs(position) > length:
        return None
    return position - 1 if position > 0 else length + position


def same(a, b):
    """Whether FEEL holds two items of these tests for the same: never a number and a truth value."""
    return type(a) is type(b) and a == b


def without_doubles(items):
    kept = []
    for item in items:
        if not any(same(item, other) for other in kept):
            kept.append(item)
    return kept


def leaves(value):
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


@LAW
@given(LISTS)
def test_the_last_item_is_the_one_at_minus_one_and_outside_there_is_none(items):
    assert value_of("count(s)", s=items) == len(items)
    for position in range(-10, 11):
        index = index_of(position, len(items))
        assert value_of("s[p]", s=items, p=position) == (None if index is None else items[index])


@LAW
@given(LISTS, POSITIONS, ITEMS)
def test_insert_remove_and_replace_are_those_of_pythons_lists(items, position, item):
    index = index_of(position, len(items))
    inserted, removed, replaced = (
        value_of(text, s=items, p=position, x=item)
        for text in ("insert before(s, p, x)", "remove(s, p)", "list replace(s, p, x)")
    )
    if index is None:
        assert (inserted, removed, replaced) == (None, None, None)
        return
    assert inserted == [*items[:index], item, *items[index:]]
    assert removed == [*items[:index], *items[index + 1 :]]
    assert replaced == [*items[:index], item, *items[index + 1 :]]


@LAW
@given(LISTS.filter(bool), POSITIONS, ITEMS)
def test_what_was_inserted_is_found_and_can_be_removed_again(items, position, item):
    index = index_of(position, len(items))
    if index is not None:
        inserted = value_of("insert before(s, p, x)", s=items, p=index + 1, x=item)
        assert value_of("s[p]", s=inserted, p=index + 1) == item
        assert value_of("remove(s, p)", s=inserted, p=index + 1) == items


@LAW
@given(LISTS, POSITIONS, st.integers(-2, 10))
def test_a_sublist_is_a_slice_that_lies_within_the_list(items, start, length):
    index = index_of(start, len(items))
    rest = None if index is None else items[index:]
    assert value_of("sublist(s, p)", s=items, p=start) == rest
    fits = rest is not None and 1 <= length <= len(rest)
    assert value_of("sublist(s, p, n)", s=items, p=start, n=length) == (rest[:length] if fits else None)


@LAW
@given(LISTS, LISTS, ITEMS)
def test_joined_lists_have_the_items_of_both_in_order(a, b, item):
    assert value_of("concatenate(a, b)", a=a, b=b) == a + b
    assert value_of("append(a, x, x)", a=a, x=item) == [*a, item, item]
    assert value_of("reverse(concatenate(a, b))", a=a, b=b) == [*reversed(b), *reversed(a)]
    assert value_of("reverse(reverse(a)) = a", a=a) is True


@LAW
@given(LISTS, LISTS)
def test_a_union_has_each_item_once_in_the_order_of_its_first_coming(a, b):
    expected = without_doubles(a + b)
    found = value_of("union(a, b)", a=a, b=b)
    assert (found, list(map(type, found))) == (expected, list(map(type, expected)))
    assert value_of("distinct values(concatenate(a, b))", a=a, b=b) == expected
    assert value_of("distinct values(union(a, b)) = union(a, b)", a=a, b=b) is True


@LAW
@given(LISTS, ITEMS)
def test_an_item_is_contained_exactly_where_it_has_an_index(items, item):
    places = [place for place, other in enumerate(items, 1) if same(item, other)]
    assert value_of("index of(s, x)", s=items, x=item) == places
    assert value_of("list contains(s, x)", s=items, x=item) is bool(places)
    assert value_of("every p in index of(s, x) satisfies is(s[p], x)", s=items, x=item) is True


@LAW
@given(st.lists(NESTED, max_size=5))
def test_flatten_leaves_the_leaves_in_order(nested):
    flat = value_of("flatten(s)", s=nested)
    assert flat == leaves(nested)
    assert value_of("flatten(flatten(s)) = flatten(s)", s=nested) is True


@LAW
@given(st.lists(NUMBERS, max_size=8))
def test_a_sorted_list_is_pythons_and_the_least_stands_first(numbers):
    assert value_of("sort(s)", s=numbers) == sorted(numbers)
    assert value_of("sort(s, function(a, b) a < b)", s=numbers) == sorted(numbers)
    assert value_of("sort(s, function(a, b) a > b)", s=numbers) == sorted(numbers, reverse=True)
    assert value_of("min(s)", s=numbers) == min(numbers, default=None)
    assert value_of("max(s)", s=numbers) == max(numbers, default=None)


@LAW
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=8))
def test_items_that_are_equal_by_the_function_keep_their_order(pairs):
    items = [{"key": Decimal(key), "mark": Decimal(mark)} for key, mark in pairs]
    found = value_of("sort(s, function(a, b) a.key < b.key)", s=items)
    assert found == sorted(items, key=lambda item: item["key"])


@LAW
@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_sums_and_means_are_those_of_python(numbers):
    product = Decimal(1)
    for number in numbers:
        product = CONTEXT.multiply(product, number)
    assert value_of("sum(s)", s=numbers) == sum(numbers)
    assert value_of("product(s)", s=numbers) == product
    assert value_of("mean(s)", s=numbers) == CONTEXT.divide(sum(numbers), Decimal(len(numbers)))
    assert value_of("abs(mean(s) * count(s) - sum(s)) < 1e-30", s=numbers) is True


@LAW
@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_median_mode_and_deviation_are_those_of_the_standard_library(numbers):
    assert value_of("median(s)", s=numbers) == statistics.median(numbers)
    assert value_of("mode(s)", s=numbers) == sorted(statistics.multimode(numbers))
    with localcontext(CONTEXT):
        deviation = statistics.stdev(numbers) if len(numbers) > 1 else None
    found = value_of("stddev(s)", s=numbers)
    assert found == deviation or abs(found - deviation) < Decimal("1e-30")


@LAW
@given(st.lists(NUMBERS, min_size=2, max_size=5), st.sampled_from(["min", "max", "sum", "product", "mean"]))
def test_a_list_and_the_same_arguments_one_by_one_give_the_same(numbers, function):
    names = [f"n{place}" for place in range(len(numbers))]
    given_singly = value_of(f"{function}({', '.join(names)})", **dict(zip(names, numbers, strict=True)))
    assert given_singly == value_of(f"{function}(s)", s=numbers)


@pytest.mark.parametrize("function", ["sum", "product", "mean", "median", "stddev", "min", "max"])
@pytest.mark.parametrize("items", [[Decimal(1), "a"], [Decimal(1), None], [Decimal(1), True], [], None])
def test_a_list_that_is_not_all_numbers_has_no_such_value(function, items):
    assert value_of(f"{function}(s)", s=items) is None


@LAW
@given(LISTS, LISTS)
def test_no_function_changes_the_list_that_it_was_given(items, others):
    before = list(items)
    for text in (
        "append(s, 1)",
        "reverse(s)",
        "sort(s)",
        "union(s, t)",
        "insert before(s, 1, 0)",
        "remove(s, 1)",
    ):
        value_of(text, s=items, t=others)
    assert items == before


@LAW
@given(LISTS, st.integers(-3, 3))
def test_a_filter_keeps_the_items_for_which_the_condition_is_true(items, bound):
    kept = [item for item in items if isinstance(item, Decimal) and item > bound]
    assert value_of("s[item > b]", s=items, b=bound) == kept
    assert value_of("count(s[item > b]) + count(s[not(item > b)]) <= count(s)", s=items, b=bound) is True


@LAW
@given(st.lists(NUMBERS, max_size=6), st.lists(NUMBERS, max_size=4))
def test_a_loop_over_two_lists_is_pythons_nested_loop(a, b):
    assert value_of("for x in a, y in b return x * 100 + y", a=a, b=b) == [x * 100 + y for x in a for y in b]
    sums = value_of("for x in a return x + sum(append(partial, 0))", a=a)
    expected: list[Decimal] = []
    for x in a:
        expected.append(x + sum(expected))
    assert sums == expected


@LAW
@given(st.integers(-20, 20), st.integers(-20, 20))
def test_a_loop_counts_up_or_down_to_its_end(start, end):
    step = 1 if start <= end else -1
    assert value_of("for n in a..b return n", a=start, b=end) == list(range(start, end + step, step))
