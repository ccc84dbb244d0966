"""Random syntax trees and values for the laws."""

import datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.feel import YearsMonths, tree
from engine.feel.types import ANY, NUMBER, STRING, ContextType, FunctionType, ListType, RangeType, Simple

NAMES = st.sampled_from(["a", "b", "amount", "status", "争议金额", "party name", "x1", "item", "partial"])
FUNCTIONS = st.sampled_from(
    [
        "count",
        "sum",
        "string",
        "date and time",
        "contains",
        "min",
        "not",
        "sort",
        "range",
        "replace",
        "flatten",
    ]
    + ["number", "date", "duration", "split", "string join", "context", "get entries", "modulo", "decimal"]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**20, places=6)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LITERALS = st.builds(tree.Literal, st.none() | st.booleans() | NUMBERS | TEXTS)
AT_TEXTS = st.sampled_from(
    [
        "2026-11-23",
        "10:30:00@Asia/Shanghai",
        "P1Y2M",
        "-PT36H",
        "2026-11-23T10:00:00Z",
        "99999-01-01",
        "nonsense",
    ]
)
TYPES = st.recursive(
    st.sampled_from([ANY, NUMBER, STRING, Simple("date and time"), Simple("boolean")]),
    lambda inner: st.one_of(
        st.builds(ListType, inner),
        st.builds(RangeType, inner),
        st.builds(ContextType, st.tuples(st.tuples(st.just("a"), inner))),
        st.builds(FunctionType, st.tuples(inner), inner),
    ),
    max_leaves=3,
)
SYMBOLS = st.sampled_from(["+", "-", "*", "/", "**"])
COMPARISONS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _logics(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        tree.Logic, st.sampled_from(["and", "or"]), st.tuples(inner, inner) | st.tuples(inner, inner, inner)
    )


def _iterations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    one = st.builds(tree.Iteration, NAMES, inner, st.none() | inner)
    return st.tuples(one) | st.tuples(one, one)


def _calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    function = st.builds(tree.Name, FUNCTIONS)
    return st.one_of(
        st.builds(tree.Call, function, st.tuples(inner) | st.tuples(inner, inner)),
        st.builds(tree.Call, inner, st.tuples(inner), st.just(("start position",))),
    )


def _nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    entries = st.lists(st.tuples(NAMES, inner), max_size=3).map(tuple)
    parameters = st.lists(st.tuples(NAMES, TYPES), max_size=2).map(tuple)
    return st.one_of(
        st.builds(tree.ListOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(tree.ContextOf, entries),
        st.builds(tree.RangeOf, inner, inner, st.booleans(), st.booleans()),
        st.builds(tree.HalfRange, COMPARISONS, inner),
        st.builds(tree.Arithmetic, SYMBOLS, inner, inner),
        st.builds(tree.Negation, inner),
        st.builds(tree.Comparison, COMPARISONS, inner, inner),
        _logics(inner),
        st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.In, inner, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(tree.InstanceOf, inner, TYPES),
        st.builds(tree.If, inner, inner, inner),
        st.builds(tree.For, _iterations(inner), inner),
        st.builds(tree.Quantified, st.sampled_from(["some", "every"]), _iterations(inner), inner),
        st.builds(tree.Filter, inner, inner),
        st.builds(tree.Path, inner, NAMES | st.sampled_from(["time offset", "year", "start included"])),
        _calls(inner),
        st.builds(tree.FunctionOf, parameters, inner),
    )


TREES = st.recursive(
    LITERALS | st.builds(tree.AtLiteral, AT_TEXTS) | st.builds(tree.Name, NAMES), _nodes, max_leaves=8
)

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
        st.text(max_size=5),
        st.dates(),
        st.datetimes(),
        st.timedeltas(min_value=datetime.timedelta(days=-999), max_value=datetime.timedelta(days=999)),
        st.builds(YearsMonths, st.integers(-99, 99)),
        st.just(Decimal(1)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
CONTEXTS = st.dictionaries(NAMES, VALUES, max_size=5)
