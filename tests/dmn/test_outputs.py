"""Which values a decision can give: every one that it gives is among those that are listed."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn
from tests.dmn.test_hit_laws import CELLS, RANKS, table
from tests.dmn.test_table import table as one_input


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY", "PRIORITY", "FIRST"])
@settings(deadline=None, max_examples=30)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(list(CELLS)), st.sampled_from(list(CELLS)), st.sampled_from(RANKS)),
        max_size=5,
    ),
    a=st.integers(0, 5),
    b=st.integers(0, 5),
)
def test_what_a_table_gives_is_among_what_is_listed(policy, rows, a, b):
    model = table(rows, policy)
    found = model.outputs("d")[""]
    assert model.evaluate("d", {"a": a, "b": b}) in found
    assert found - {None} == {Decimal(value) for _, _, value in rows}


@pytest.mark.parametrize("policy", ["FIRST", "PRIORITY"])
def test_null_is_listed_only_where_no_row_may_match(policy):
    assert table([("> 2", "-", 1)], policy).outputs("d")[""] == {1, None}
    assert table([("> 2", "-", 1), ("-", "-", 2)], policy).outputs("d")[""] == {1, 2}
    assert table([("> 2", "-", 1)], policy, default="4").outputs("d")[""] == {1, 4}


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_a_row_for_everything_does_not_settle_a_policy_that_rows_can_spoil(policy):
    assert table([("-", "-", 1)], policy).outputs("d")[""] == {1, None}
    assert table([("-", "-", 1), ("-", "-", 2)], policy).evaluate("d", {"a": 1, "b": 1}) is None


@pytest.mark.parametrize("policy", ["COLLECT", "RULE ORDER", "OUTPUT ORDER"])
def test_the_values_of_a_table_that_gives_lists_can_not_be_listed(policy):
    assert table([("-", "-", 1)], policy).outputs("d") == {"": None}


def test_a_column_with_an_expression_can_not_be_listed_and_others_can():
    columns = '<output name="path"/><output name="days"/>'
    model = dmn.load(one_input("FIRST", [("-", ['"simple"', "people * 2"], "")], columns))
    assert model.outputs("d") == {"path": {"simple"}, "days": None}


@pytest.mark.parametrize("cell", ["-", "", "null"])
def test_an_empty_output_is_null(cell):
    model = dmn.load(one_input("FIRST", [("-", [cell], "")]))
    assert model.outputs("d") == {"": {None}}
    assert model.evaluate("d", {"people": 1}) is None
