"""Equality, order, types and contexts: laws that hold for all values."""

import datetime
import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.run import Run
from engine.feel.types import (
    ANY,
    NUMBER,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    is_subtype,
)
from tests.feel.examples import LAW, value_of
from tests.feel.trees import VALUES

pytestmark = pytest.mark.slow

KEYS = st.sampled_from(["a", "b", "c d", "握", "if"])
CONTEXTS = st.dictionaries(KEYS, VALUES, max_size=4)
ORDERED = {
    "number": st.integers(-9, 9).map(Decimal),
    "string": st.text("ab握", max_size=2),
    "date": st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 1, 5)),
    "time": st.times().map(lambda time: time.replace(microsecond=0)),
    "date and time": st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 2)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    "days and time duration": st.integers(-9, 9).map(lambda hours: datetime.timedelta(hours=hours)),
    "years and months duration": st.integers(-9, 9).map(feel.YearsMonths),
}
EXAMPLES = {
    "number": Decimal(1),
    "string": "a",
    "boolean": True,
    "date": datetime.date(2026, 11, 23),
    "time": datetime.time(10),
    "date and time": datetime.datetime(2026, 11, 23, 10),
    "days and time duration": datetime.timedelta(days=1),
    "years and months duration": feel.YearsMonths(1),
}


@LAW
@given(VALUES)
def test_a_value_equals_itself_and_is_itself(value):
    assert value_of("v = v", v=value) is True
    assert value_of("is(v, v)", v=value) is True
    assert value_of("v != v", v=value) is False
    assert value_of("v in [v]", v=value) is True
    assert value_of("list contains([v], v)", v=value) is True


@LAW
@given(VALUES, VALUES)
def test_equality_is_the_same_from_both_sides_and_its_negation_is_not_equal(a, b):
    equal = value_of("a = b", a=a, b=b)
    assert value_of("b = a", a=a, b=b) is equal
    assert value_of("a != b", a=a, b=b) is (None if equal is None else not equal)
    assert value_of("[a] = [b]", a=a, b=b) is (equal is True)
    assert value_of("{k: a} = {k: b}", a=a, b=b) is (equal is True)


@LAW
@given(VALUES)
def test_nothing_but_null_equals_null(value):
    assert value_of("v = null", v=value) is (value is None)
    assert value_of("null != v", v=value) is (value is not None)
    assert value_of("v < null", v=value) is None


@pytest.mark.parametrize(("a", "b"), list(itertools.permutations(EXAMPLES, 2)))
def test_values_of_different_kinds_are_neither_equal_nor_ordered(a, b):
    context = {"a": EXAMPLES[a], "b": EXAMPLES[b]}
    for symbol in ("=", "!=", "<", "<=", ">", ">="):
        assert value_of(f"a {symbol} b", **context) is None
    assert value_of("is(a, b)", **context) is False


@pytest.mark.parametrize("kind", ORDERED)
@LAW
@given(data=st.data())
def test_the_order_of_a_kind_is_total(kind, data):
    a, b, c = (data.draw(ORDERED[kind]) for _ in range(3))
    context = {"a": a, "b": b, "c": c}
    results = value_of("[a < b, a = b, a > b]", **context)
    assert results.count(True) == 1
    assert value_of("(a <= b) = (a < b or a = b) and (a >= b) = (b <= a)", **context) is True
    assert value_of("if a <= b and b <= c then a <= c else true", **context) is True
    assert value_of("min(a, b, c) <= max(a, b, c)", **context) is True
    assert (
        value_of("sort([a, b, c])[1] = min(a, b, c) and sort([a, b, c])[3] = max(a, b, c)", **context) is True
    )
    assert value_of("b between min(a, b, c) and max(a, b, c)", **context) is True
    assert value_of("b in [min(a, b, c)..max(a, b, c)]", **context) is True


@pytest.mark.parametrize("value", [True, [], {}, feel.Range(Decimal(1), Decimal(2))])
def test_kinds_without_an_order_have_none(value):
    assert value_of("v < v", v=value) is None
    assert value_of("min(v, v)", v=value) is None


@pytest.mark.parametrize(("kind", "other"), list(itertools.product(EXAMPLES, repeat=2)))
def test_a_value_is_an_instance_of_its_own_kind_alone(kind, other):
    assert value_of(f"v instance of {other}", v=EXAMPLES[kind]) is (kind == other)
    assert value_of(f"[v] instance of list<{other}>", v=EXAMPLES[kind]) is (kind == other)
    assert value_of(f"{{k: v}} instance of context<k: {other}>", v=EXAMPLES[kind]) is (kind == other)


@pytest.mark.parametrize(("kind", "other"), list(itertools.product(EXAMPLES, repeat=2)))
def test_a_parameter_takes_its_own_kind_and_null_and_a_list_of_one(kind, other):
    fits = kind == other or (kind, other) == ("date", "date and time")
    called = f"(function(p: {other}) p)"
    assert (value_of(f"{called}(v)", v=EXAMPLES[kind]) is not None) is fits
    assert (value_of(f"{called}([v])", v=EXAMPLES[kind]) is not None) is fits
    assert value_of(f"{called}([v, v])", v=EXAMPLES[kind]) is None
    assert value_of(f"{called}(null)") is None


SIMPLE = st.sampled_from([NUMBER, STRING, Simple("boolean"), Simple("date"), Simple("Null"), ANY])
TYPES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(ListType, inner),
        st.builds(RangeType, inner),
        st.lists(st.tuples(st.sampled_from("ab"), inner), unique_by=lambda entry: entry[0], max_size=2).map(
            lambda entries: ContextType(tuple(entries))
        ),
        st.builds(FunctionType, st.tuples(inner), inner),
    ),
    max_leaves=4,
)


@LAW
@given(TYPES, TYPES, TYPES)
def test_types_are_a_lattice_between_null_and_any(a, b, c):
    assert is_subtype(a, a, {})
    assert is_subtype(a, ANY, {})
    assert is_subtype(Simple("Null"), a, {})
    if is_subtype(a, b, {}) and is_subtype(b, c, {}):
        assert is_subtype(a, c, {})


@LAW
@given(TYPES, TYPES)
def test_lists_and_results_vary_with_their_parts_and_parameters_against_them(a, b):
    conforms = is_subtype(a, b, {})
    assert is_subtype(ListType(a), ListType(b), {}) is conforms
    assert is_subtype(RangeType(a), RangeType(b), {}) is conforms
    assert is_subtype(FunctionType((), a), FunctionType((), b), {}) is conforms
    assert is_subtype(FunctionType((b,), ANY), FunctionType((a,), ANY), {}) is conforms
    assert is_subtype(ContextType((("k", a),)), ContextType((("k", b),)), {}) is conforms


@LAW
@given(TYPES, TYPES)
def test_a_context_type_conforms_to_one_with_fewer_entries(a, b):
    wide, narrow = ContextType((("k", a), ("l", b))), ContextType((("k", a),))
    assert is_subtype(wide, narrow, {})
    assert not is_subtype(narrow, wide, {})


@LAW
@given(CONTEXTS, KEYS, VALUES)
def test_contexts_are_read_and_written_as_pythons_dictionaries(context, key, value):
    run_values = {"m": context, "k": key, "v": value}
    assert value_of("get value(m, k)", **run_values) == value_of("m2", m2=context.get(key))
    assert value_of("context put(m, k, v)", **run_values) == value_of("m2", m2={**context, key: value})
    assert value_of("get value(context put(m, k, v), k) = v", **run_values) is True
    assert value_of("context(get entries(m)) = m", **run_values) is True
    assert value_of("count(get entries(m))", **run_values) == len(context)
    assert value_of("for e in get entries(m) return e.key", **run_values) == list(context)


@LAW
@given(CONTEXTS, CONTEXTS)
def test_merged_contexts_have_the_later_ones_entries_and_the_earlier_ones_order(a, b):
    merged = value_of("context merge([a, b])", a=a, b=b)
    assert merged == value_of("m", m={**a, **b})
    assert list(merged) == list({**a, **b})
    assert value_of("context merge([a]) = a and context merge([a, {}]) = a", a=a) is True


@LAW
@given(CONTEXTS, KEYS, KEYS, VALUES)
def test_a_value_is_put_deep_into_a_context(context, first, second, value):
    nested = {**context, first: {second: None, "kept": Decimal(1)}}
    found = value_of("context put(m, [k, l], v)", m=nested, k=first, l=second, v=value)
    assert found == value_of("m", m={**nested, first: {"kept": Decimal(1), second: value}})
    assert value_of("context put(m, [k], v) = context put(m, k, v)", m=context, k=first, v=value) is True
    assert value_of("context put(m, [], v)", m=context, v=value) is None


@LAW
@given(VALUES)
def test_a_value_that_leaves_and_comes_back_is_the_same(value):
    once = value_of("v", v=value)
    assert value_of("v", v=once) == once
    assert feel.text_of(value_of("v", v=once), Run().spend) == feel.text_of(once)
