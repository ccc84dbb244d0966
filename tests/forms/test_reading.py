"""Form files: what becomes of them, and which are refused, by component and reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from tests import small_forms
from tests.forms.site import sample, text_of

SHIPPED = sorted(Path(__file__).parents[2].joinpath("forms").glob("*.form"))


def load(*components: dict[str, Any], **root: Any) -> forms.Form:
    text = json.loads(small_forms.form("small", *components))
    return forms.load(json.dumps(text | root))


def refusal(*components: dict[str, Any], **root: Any) -> forms.FormRefused:
    with pytest.raises(forms.FormRefused) as refused:
        load(*components, **root)
    return refused.value


def ask(kind: str = "textfield", key: str = "name", **more: Any) -> dict[str, Any]:
    return small_forms.field(kind, key, **more)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_forms_have_neither_errors_nor_warnings(path: Path):
    assert forms.lint(path.read_text()) == []


def test_a_form_tells_its_title_effects_article_and_fields():
    form = sample("every_kind")
    assert (form.id, form.title, form.title_en) == ("every_kind", "各种问题", "Every kind of question")
    assert form.effects == ("one", "two")
    assert form.law_ref == "《人民调解法》第二十九条"
    assert {"name", "kind", "held_on", "double"} <= form.fields


def test_each_group_is_a_page_and_what_stands_outside_is_one_more():
    group = {"type": "group", "id": "g", "label": "一", "components": [ask(key="inside")]}
    form = load(
        group, ask(key="first"), group | {"id": "h", "components": [ask(key="other")]}, ask(key="last")
    )
    assert [page.id for page in form.pages] == ["page", "g", "h"]
    assert [form.page_of(path) for path in ("last", "inside", "other.0.x")] == [0, 1, 2]


@pytest.mark.parametrize(
    ("component", "rule"),
    [
        ({"type": "iframe", "id": "bad", "url": "https://example.cn"}, "component"),
        ({"type": "button", "id": "bad", "label": "x"}, "component"),
        (ask(key="with-dash"), "key"),
        (ask(key="a.b"), "key"),
        (ask(key="go"), "key"),
        (ask(key="csrf_token"), "key"),
        ({"type": "textfield", "id": "bad", "label": "x"}, "key"),
        (ask(label=""), "label"),
        (ask("radio"), "options"),
        (ask("select", values=[]), "options"),
        (ask("datetime", subtype="week"), "subtype"),
        (ask(properties={"widget": "colour"}), "widget"),
        (ask(validate={"pattern": "("}), "pattern"),
        (ask(conditional={"hide": "=1 +"}), "feel"),
        (ask(conditional={"hide": "kind = 1"}), "feel"),
        (ask("select", valuesExpression="=for x in"), "feel"),
        (ask("expression", expression="=(("), "feel"),
        (ask("expression", expression="=abs(1, 2)"), "feel-fault"),
        (ask(conditional={"hide": '=day > @"2026-02-30"'}), "feel-fault"),
        (ask(label="{{ ) }}"), "feel"),
        (ask("datetime", properties={"earliest": "=to day()("}), "feel"),
        (ask(validate=7), "component"),
        (ask("number", validate={"min": "many"}), "component"),
        ({"type": "dynamiclist", "id": "bad", "label": "x", "components": []}, "key"),
    ],
)  # fmt: skip
def test_a_component_that_would_not_work_is_refused_by_name(component: dict[str, Any], rule: str):
    refused = refusal(ask(key="good"), component)
    assert refused.findings[0].rule == rule
    assert refused.component == (component.get("key") or component["id"])
    assert str(refused.reason)


def test_all_faults_are_told_at_once_with_their_lines():
    text = json.dumps(
        {
            "id": "f",
            "schemaVersion": 16,
            "components": [ask("iframe", "one"), ask(), ask("radio", "two")],
        },
        indent=1,
    )
    found = forms.lint(text)
    assert [finding.element_id for finding in found] == ["one", "two"]
    for finding in found:
        assert f'"{finding.element_id}"' in text.splitlines()[finding.line - 1]


def test_two_questions_with_one_key_are_refused_even_on_two_pages():
    pages = [{"type": "group", "id": i, "label": i, "components": [ask(key="same")]} for i in "ab"]
    assert refusal(*pages).findings[0].rule == "key-once"


def test_a_fixed_value_in_rows_that_come_and_go_is_refused():
    rows = {"type": "dynamiclist", "id": "r", "path": "r", "label": "x", "components": [ask(readonly=True)]}
    assert refusal(rows | {"allowAddRemove": True}).findings[0].rule == "readonly"
    load(rows | {"allowAddRemove": False})


@pytest.mark.parametrize("version", [None, 15, "16"])
def test_an_older_schema_is_refused(version: Any):
    assert refusal(ask(), schemaVersion=version).findings[0].rule == "form"


def test_a_form_that_asks_nothing_is_refused():
    assert "nothing" in str(refusal())


def test_components_nested_without_end_are_refused():
    text = small_forms.form("deep", ask()).decode()
    inner = '{"type":"group","id":"g","label":"x","components":['
    deep = text.replace('"components": [', '"components": [' + inner * 900, 1).replace(
        "]", "]}" * 900 + "]", 1
    )
    with pytest.raises(forms.FormRefused):
        forms.load(deep)


def test_a_question_without_english_is_only_warned_about():
    found = forms.lint(small_forms.form("f", ask()).decode())
    assert [(one.severity, one.rule, one.element_id) for one in found] == [("warning", "english", "name")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_form_file_with_anything_in_any_place_loads_or_is_refused(data: st.DataObject):
    form = text_of(data.draw(st.sampled_from(["every_kind", "obligations"])))
    place: Any = form
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    text = json.dumps(form)
    if any(found.severity == "error" for found in forms.lint(text)):
        with pytest.raises(forms.FormRefused):
            forms.load(text)
    else:
        forms.load(text)


def test_a_form_tells_which_members_its_expressions_ask_of_each_name():
    form = load(
        ask(key="one", conditional={"hide": '=case.status = "draft" or hidden'}),
        ask(key="two", conditional={"hide": "=count(case.parties[side = one]) > 1 and count(law) > 0"}),
    )
    assert form.mentions == {
        "case": {"status", "parties"}, "hidden": None, "side": None, "one": None, "law": None,
    }  # fmt: skip
    whole = load(ask(key="one", conditional={"hide": '=case = null or case.status = "draft"'}))
    assert whole.mentions == {"case": None}


def test_a_choice_without_a_value_is_none_to_choose():
    values = [{"label": "无", "value": None}, {"label": "有", "value": "some"}]
    form = load(ask("radio", "any", values=values, required=True))
    assert form.choices == {"any": {"some"}}
    with pytest.raises(forms.InvalidAnswers):
        form.validate({"any": ""}, {})
