"""Lists that come as a table: what is pasted or read from a file becomes rows, and nothing is lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

import forms
from forms import table
from forms.components import Rows, keyed

COLUMNS = [
    {"type": "textfield", "key": "name", "label": "姓名", "validate": {"required": True}},
    {"type": "textfield", "key": "address", "label": "住址", "validate": {"required": True}},
    {"type": "number", "key": "amount", "label": "金额", "decimalDigits": 2},
]


def form_with(columns: list[dict[str, Any]], **properties: str) -> forms.Form:
    rows = {
        "type": "dynamiclist", "path": "people", "label": "名单", "components": columns,
        "properties": {"input": "table", "label_en": "List", **properties},
    }  # fmt: skip
    return forms.load(json.dumps({"id": "a_form", "schemaVersion": 16, "components": [rows]}))


FORM = form_with(COLUMNS, max_rows="3")
(PEOPLE,) = [part for part in keyed(FORM.pages[0].parts) if isinstance(part, Rows)]
LI = {"name": "李秀英", "address": "一栋101", "amount": "1200"}


@pytest.mark.parametrize(
    "text",
    [
        "李秀英\t一栋101\t1200", "李秀英,一栋101,1200", "李秀英，一栋101，1200",
        "李秀英; 一栋101 ;1200",
        '"李秀英","一栋101","1200"',
        "姓名,住址,金额\n李秀英,一栋101,1200", "\n\n 李秀英\t一栋101\t1200 \r\n\n",
    ],
)  # fmt: skip
def test_a_line_of_a_spreadsheet_or_of_a_csv_file_is_a_row(text: str):
    assert table.read_rows(PEOPLE, text) == [LI]


def test_what_stands_behind_the_last_column_is_kept_and_told():
    rows = table.read_rows(PEOPLE, "李秀英\t一栋101\t1200\t13栋")
    assert rows == [LI | {"amount": "1200\t13栋"}]
    with pytest.raises(forms.InvalidAnswers) as refused:
        FORM.validate({"people": rows}, {})
    assert set(refused.value.errors) == {"people.0.amount"}


def test_each_line_has_its_own_errors_and_all_that_was_typed_comes_back():
    rows = table.read_rows(PEOPLE, "李秀英\t一栋101\n\t二栋\t三")
    with pytest.raises(forms.InvalidAnswers) as refused:
        FORM.validate({"people": rows}, {})
    assert set(refused.value.errors) == {"people.1.name", "people.1.amount"}
    drawing = forms.Drawing(refused.value.errors, "zh")
    (drawn,) = FORM.draw(0, {"people": rows}, {}, drawing)
    assert drawn.text == "李秀英\t一栋101\n\t二栋\t三"
    assert [(line.number, line.label) for line in drawn.lines] == [(2, "姓名"), (2, "金额")]
    told = FORM.troubles([drawn], refused.value.errors)
    assert [one.label for one in told] == ["名单 2 姓名", "名单 2 金额"]


def test_more_lines_than_fit_are_refused_and_none_is_dropped():
    rows = table.read_rows(PEOPLE, "\n".join(f"王{n}\t{n}号" for n in range(4)))
    assert len(rows) == 4
    with pytest.raises(forms.InvalidAnswers) as refused:
        FORM.validate({"people": rows}, {})
    assert set(refused.value.errors) == {"people"}


def test_a_post_of_lines_becomes_rows():
    posted = MultiDict({"people": "李秀英,一栋101,1200"})
    assert FORM.parse(posted, 0) == {"people": [LI]}
    assert FORM.parse(MultiDict(), 0) == {"people": []}
    assert FORM.tables(0) == {"people"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_as_spreadsheets_write_it(encoding: str):
    assert table.read_text("李秀英,一栋101".encode(encoding)) == "李秀英,一栋101"


def test_what_is_no_text_is_not_taken_for_lines():
    assert table.read_text(b"PK\x03\x04\x00\x00\xff\xff") is None


@pytest.mark.parametrize(
    "column",
    [
        {"type": "radio", "key": "kind", "label": "种类", "values": [{"value": "a", "label": "甲"}]},
        {"type": "textfield", "key": "x", "label": "某", "conditional": {"hide": '=name = ""'}},
    ],
)
def test_only_plain_columns_fit_a_table(column: dict[str, Any]):
    with pytest.raises(forms.FormRefused):
        form_with([*COLUMNS, column])


CELLS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='",，;；'), max_size=6)


@given(st.lists(st.tuples(CELLS.filter(bool), CELLS, CELLS), max_size=3))
def test_what_is_shown_again_reads_as_the_same_rows(cells: list[tuple[str, str, str]]):
    rows = [{key: cell for key, cell in zip(LI, row, strict=True) if cell} for row in cells]
    if rows and rows[0]["name"] in ("姓名", ""):
        return
    assert table.read_rows(PEOPLE, table.write_rows(PEOPLE, rows)) == rows
