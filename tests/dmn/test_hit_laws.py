"""Hit policies beside a naive reading of the standard, on random tables."""

import itertools
from decimal import Decimal
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn
from tests.dmn.test_graph import NAMESPACE

pytestmark = pytest.mark.slow

LAW = settings(deadline=None, max_examples=30)
SINGLE = ["UNIQUE", "ANY", "PRIORITY", "FIRST"]
LISTS = ["RULE ORDER", "OUTPUT ORDER", "COLLECT"]
AGGREGATIONS = ["SUM", "MIN", "MAX", "COUNT"]
RANKS = [3, 1, 2, 5, 4]
"""The allowed outputs, the most important first."""
CELLS = {
    "-": lambda _x: True,
    "> 2": lambda x: x > 2,
    "<= 3": lambda x: x <= 3,
    "[1..4)": lambda x: 1 <= x < 4,
    "2, 5": lambda x: x in (2, 5),
    "not(3)": lambda x: x != 3,
    "? * 2 > 5": lambda x: x * 2 > 5,
    "0": lambda x: x == 0,
}
CELL = st.sampled_from(list(CELLS))
ROWS = st.lists(st.tuples(CELL, CELL, st.sampled_from(RANKS)), max_size=6)
VALUE = st.integers(0, 5)


def texts(element, *cells):
    return "".join(f"<{element}><text>{escape(str(cell))}</text></{element}>" for cell in cells)


def table(rows, policy, aggregation="", default="", outputs=("o",)):
    """A model with one table of the inputs a and b."""
    names = "".join(f'<inputData id="i_{name}" name="{name}"/>' for name in "ab")
    needs = "".join(
        f'<informationRequirement><requiredInput href="#i_{name}"/></informationRequirement>' for name in "ab"
    )
    inputs = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in "ab"
    )
    ranks = f"<outputValues><text>{', '.join(map(str, RANKS))}</text></outputValues>"
    otherwise = texts("defaultOutputEntry", default) if default else ""
    columns = "".join(f'<output name="{name}">{ranks}{otherwise}</output>' for name in outputs)
    rules = "".join(
        f"<rule>{texts('inputEntry', a, b)}{texts('outputEntry', *[value] * len(outputs))}</rule>"
        for a, b, value in rows
    )
    with_aggregation = f' aggregation="{aggregation}"' if aggregation else ""
    return dmn.load(
        f'<definitions xmlns="{NAMESPACE}" id="m" name="m" namespace="m">{names}<decision id="d" name="d">'
        f'{needs}<decisionTable hitPolicy="{policy}"{with_aggregation}>{inputs}{columns}{rules}'
        "</decisionTable></decision></definitions>".encode()
    )


def matching(rows, a, b):
    """The numbers of the rows whose cells all fit, with their outputs."""
    return [
        (number, value)
        for number, (first, second, value) in enumerate(rows, 1)
        if CELLS[first](a) and CELLS[second](b)
    ]


def wanted(policy, values):
    """The table's value by the outputs of the rows that match, in their order."""
    if not values:
        return None
    ranked = sorted(values, key=RANKS.index)
    return {
        "UNIQUE": values[0] if len(values) == 1 else None,
        "ANY": values[0] if len(set(values)) == 1 else None,
        "PRIORITY": ranked[0],
        "FIRST": values[0],
        "RULE ORDER": values,
        "OUTPUT ORDER": ranked,
        "COLLECT": values,
        "SUM": sum(values),
        "MIN": min(values),
        "MAX": max(values),
        "COUNT": len(values),
    }[policy]


def evaluated(model, a, b):
    return model.decide("d", {"a": a, "b": b})


@pytest.mark.parametrize("policy", SINGLE + LISTS)
@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_a_policy_gives_what_a_naive_reading_gives(policy, rows, a, b):
    values = [value for _, value in matching(rows, a, b)]
    assert evaluated(table(rows, policy), a, b).value == wanted(policy, values)


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_an_aggregation_is_pythons_over_the_rows_that_match(aggregation, rows, a, b):
    values = [value for _, value in matching(rows, a, b)]
    found = evaluated(table(rows, "COLLECT", aggregation), a, b).value
    assert found == wanted(aggregation, values)
    assert found is None or isinstance(found, Decimal)


@pytest.mark.parametrize("policy", SINGLE + LISTS)
@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_the_default_stands_exactly_where_no_row_matches(policy, rows, a, b):
    values = [value for _, value in matching(rows, a, b)]
    found = evaluated(table(rows, policy, default="4"), a, b)
    assert found.value == (wanted(policy, values) if values else 4)
    assert bool(found.rows) is bool(values)


@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_an_outcome_names_the_rows_that_count(rows, a, b):
    hits = matching(rows, a, b)
    numbers = tuple(number for number, _ in hits)
    assert evaluated(table(rows, "RULE ORDER"), a, b).rows == numbers
    assert evaluated(table(rows, "COLLECT", "SUM"), a, b).rows == numbers
    assert evaluated(table(rows, "FIRST"), a, b).rows == numbers[:1]
    by_rank = sorted(hits, key=lambda hit: RANKS.index(hit[1]))
    assert evaluated(table(rows, "OUTPUT ORDER"), a, b).rows == tuple(number for number, _ in by_rank)
    assert evaluated(table(rows, "PRIORITY"), a, b).rows == tuple(number for number, _ in by_rank[:1])


@pytest.mark.parametrize("policy", ["FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"])
@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_several_outputs_make_a_context_of_each_row(policy, rows, a, b):
    single = evaluated(table(rows, policy), a, b).value
    several = evaluated(table(rows, policy, outputs=("o", "p")), a, b).value
    if isinstance(single, list):
        assert several == [{"o": value, "p": value} for value in single]
    else:
        assert several == (None if single is None else {"o": single, "p": single})


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX"])
@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_an_aggregation_of_several_outputs_is_one_for_each(aggregation, rows, a, b):
    single = evaluated(table(rows, "COLLECT", aggregation), a, b).value
    several = evaluated(table(rows, "COLLECT", aggregation, outputs=("o", "p")), a, b).value
    assert several == (None if single is None else {"o": single, "p": single})


@LAW
@given(rows=ROWS, a=VALUE, b=VALUE)
def test_the_order_of_the_rows_matters_to_first_and_not_to_unique_and_priority(rows, a, b):
    turned = list(reversed(rows))
    for policy in ("UNIQUE", "PRIORITY", "ANY", "OUTPUT ORDER"):
        assert evaluated(table(rows, policy), a, b).value == evaluated(table(turned, policy), a, b).value
    backwards = evaluated(table(turned, "RULE ORDER"), a, b).value
    forwards = evaluated(table(rows, "RULE ORDER"), a, b).value
    assert forwards == (None if backwards is None else backwards[::-1])


@pytest.mark.parametrize(("cell", "value"), list(itertools.product(CELLS, range(6))))
def test_a_cell_fits_as_it_reads(cell, value):
    model = table([(cell, "-", 1)], "UNIQUE")
    assert (evaluated(model, value, None).value == 1) is CELLS[cell](value)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "-"])
@pytest.mark.parametrize("value", [None, "2", True, [1, 2]])
def test_a_cell_for_numbers_fits_no_other_kind_of_value(cell, value):
    fits = evaluated(table([(cell, "-", 1)], "UNIQUE"), value, None).value == 1
    assert fits is (cell == "not(3)" and value is None)


@pytest.mark.parametrize("policy", SINGLE + LISTS)
def test_a_dash_fits_anything_even_what_is_missing(policy):
    found = table([("-", "-", 1)], policy).evaluate("d", {})
    assert found == ([1] if policy in LISTS else 1)


@pytest.mark.parametrize("policy", ["unique", "BEST", "RULE_ORDER", "U"])
def test_a_policy_that_the_standard_does_not_know_is_refused_with_its_line(policy):
    with pytest.raises(dmn.ModelError) as refused:
        table([], policy)
    assert refused.value.params == {"policy": policy}


def test_a_row_with_a_cell_too_few_is_refused():
    with pytest.raises(dmn.ModelError) as refused:
        dmn.load(
            f'<definitions xmlns="{NAMESPACE}" id="m" name="m" namespace="m"><decision id="d" name="d">'
            "<decisionTable><input><inputExpression><text>1</text></inputExpression></input>"
            '<output name="o"/>'
            f"<rule>{texts('outputEntry', 1)}</rule></decisionTable></decision></definitions>".encode()
        )
    assert refused.value.message == "A row has more or fewer cells than the table has columns."
