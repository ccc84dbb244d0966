"""Every example of docs/feel.md has the value that stands beside it."""

import re
from pathlib import Path

import pytest

from engine import calendar, feel

PAGE = (Path(__file__).parents[2] / "docs" / "feel.md").read_text(encoding="utf-8")
*PARTS, TABLES, NULLS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
CELL = r"`([^`]+)`"
EXAMPLES = re.findall(rf"^\| {CELL} \| {CELL} \| .* \|$", "".join(PARTS), re.MULTILINE)
CELLS = re.findall(rf"^\| {CELL} \| {CELL} \| {CELL} \|$", TABLES, re.MULTILINE)
REASONS = re.findall(rf"^\| {CELL} \| {CELL} \|$", NULLS, re.MULTILINE)


@pytest.fixture(scope="module")
def context():
    """The variables that the page shows, and the functions that every expression of a diagram has."""
    shown = re.search(r"```feel\n(.*?)```", PAGE, re.DOTALL)
    return {**feel.evaluate(shown[1]), **calendar.functions(calendar.Calendar)}


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_an_example_has_the_value_beside_it(context, text, expected):
    notes = []
    found, wanted = feel.parse(text, context).evaluate(context, notes), feel.evaluate(expected)
    assert (type(found), found) == (type(wanted), wanted), [str(note) for note in notes]


@pytest.mark.parametrize(("cell", "value", "fits"), CELLS)
def test_a_cell_tells_of_the_value_beside_it_whether_it_fits(context, cell, value, fits):
    assert feel.unary_test(cell, feel.evaluate(value), context) is feel.evaluate(fits)


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_an_expression_without_a_result_says_the_reason_beside_it(context, text, reason):
    notes = []
    assert feel.parse(text, context).evaluate(context, notes) is None
    assert reason in [note.message.format(**note.params) for note in notes]


def test_the_page_is_two_pages_long_and_each_row_of_a_table_is_tested():
    rows = re.findall(r"^\| `.*\|$", PAGE, re.MULTILINE)
    assert len(rows) == len(EXAMPLES) + len(CELLS) + len(REASONS)
    assert len(EXAMPLES) > 40
    assert len(PAGE.splitlines()) <= 140
