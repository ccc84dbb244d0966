"""Two versions of a form compared, by field and attribute; and texts line by line."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import form_diff
from engine.changes import Change, lines, moved
from tests import small_forms

SHIPPED = sorted((Path(__file__).parents[2] / "forms").glob("*.form"))
WORD = small_forms.field("textfield", "word", required=True)
LIST = {
    "type": "dynamiclist", "id": "rows", "path": "rows", "label": "各项",
    "components": [small_forms.field("number", "amount")],
}  # fmt: skip
PLAIN = small_forms.form("f", WORD, LIST)


def only(before: bytes, after: bytes) -> Change:
    (change,) = form_diff.diff(before, after)
    return change


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_form_does_not_differ_from_itself(path: Path) -> None:
    assert form_diff.diff(path.read_bytes(), path.read_bytes()) == []


@pytest.mark.parametrize(
    ("more", "aspect", "before", "after"),
    [
        ({"label": "请写一句"}, "label", "word", "请写一句"),
        ({"validate": {"required": False}}, "required", "true", "false"),
        ({"conditional": {"hide": "=age < 18"}}, "hidden where", None, "=age < 18"),
        ({"type": "textarea"}, "type", "textfield", "textarea"),
        ({"properties": {"label_en": "A word"}}, "English label", None, "A word"),
    ],
)
def test_an_attribute_of_a_field_is_told(
    more: dict[str, Any], aspect: str, before: str | None, after: str
) -> None:
    change = only(PLAIN, small_forms.form("f", WORD | more, LIST))
    assert (change.kind, change.element, change.element_id) == ("changed", "field", "word")
    assert (change.aspect, change.before, change.after) == (aspect, before, after)


def test_a_field_inside_a_list_is_known_by_the_lists_path() -> None:
    inner = small_forms.field("number", "amount", required=True)
    change = only(PLAIN, small_forms.form("f", WORD, LIST | {"components": [inner]}))
    assert (change.element_id, change.aspect, change.after) == ("rows.amount", "required", "true")


def test_a_field_that_came_or_went_is_told_with_its_label() -> None:
    more = small_forms.form("f", WORD, small_forms.field("textfield", "why", label="原因"), LIST)
    assert [(one.kind, one.element_id, one.name) for one in form_diff.diff(PLAIN, more)] == [
        ("added", "why", "原因")
    ]
    assert [(one.kind, one.element_id) for one in form_diff.diff(more, PLAIN)] == [("removed", "why")]


def test_what_a_form_does_to_the_domain_is_told() -> None:
    change = only(PLAIN, small_forms.form("f", WORD, LIST, effects="consent_given"))
    assert (change.element, change.aspect, change.before, change.after) == (
        "form", "effects", "", "consent_given",
    )  # fmt: skip


def test_a_question_on_another_page_or_place_is_told() -> None:
    def paged(first: list[Any], second: list[Any]) -> bytes:
        pages = [
            {"type": "group", "id": name, "label": name, "components": inside}
            for name, inside in (("甲", first), ("乙", second))
        ]
        return small_forms.form("f", *pages)

    why = small_forms.field("textfield", "why")
    found = form_diff.diff(paged([WORD, why], []), paged([WORD], [why]))
    assert ("why", "page", "甲", "乙") in {(o.element_id, o.aspect, o.before, o.after) for o in found}
    (change,) = form_diff.diff(paged([WORD, why], []), paged([why, WORD], []))
    assert change.aspect == "place in the order"


def test_ids_and_layout_are_of_the_drawing_alone() -> None:
    raw = json.loads(PLAIN)
    raw["components"][0] |= {"id": "Field_1x2", "layout": {"row": "Row_9"}}
    assert form_diff.diff(PLAIN, json.dumps(raw).encode()) == []


def test_the_keys_of_a_form_are_those_of_its_answers() -> None:
    assert form_diff.keys(PLAIN) == {"word", "rows"}


def test_texts_are_compared_line_by_line() -> None:
    found = list(lines("一\n二\n三", "一\n贰\n三\n四"))
    assert [(one.kind, one.element_id, one.before, one.after) for one in found] == [
        ("changed", "2", "二", "贰"),
        ("added", "4", None, "四"),
    ]
    assert [(one.kind, one.before) for one in lines("一\n二", "二")] == [("removed", "一")]
    assert list(lines("一\n二", "一\n二\n")) == []


def test_as_few_as_can_be_are_said_to_have_moved() -> None:
    assert moved("abcd", "bcda") == ["a"]
    assert moved("abcd", "abcd") == []
    assert moved("abc", "axbyc") == []
