"""Answers: each kind of question, what it gives, and what it refuses."""

import base64
import datetime as dt
import sys
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

import forms
from forms import fields
from tests.forms.site import sample
from tests.forms.test_reading import ask, load

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()
SHA = "a" * 64


def clean(component: dict[str, Any], value: Any, context: dict[str, Any] | None = None) -> Any:
    return load(component).validate({component["key"]: value}, context or {})[component["key"]]


def complaint(component: dict[str, Any], value: Any, context: dict[str, Any] | None = None) -> str:
    with pytest.raises(forms.InvalidAnswers) as invalid:
        clean(component, value, context)
    (path,) = invalid.value.errors
    assert path == component["key"]
    return str(invalid.value.errors[path])


def limited(kind: str, **limits: Any) -> dict[str, Any]:
    return ask(kind) | {"validate": limits}


def test_text_loses_only_the_spaces_around_it():
    assert clean(ask(), "　 王 é　") == "王 é"
    assert clean(ask("textarea"), "一\r\n二\t三\n") == "一\n二\t三"


def test_a_rare_character_in_a_name_is_kept():
    assert clean(ask(), "\U00031350") == "\U00031350"


@pytest.mark.parametrize(
    "text", ["a\x00b", "a\x1bb", "a\nb", "付\u202e0001款", "\ud800x", "a\u2066b", "\ue000"]
)
def test_characters_that_hide_or_turn_are_refused(text: str):
    assert "character" in complaint(ask(), text)


@pytest.mark.parametrize(
    ("limits", "good", "bad"),
    [
        ({"maxLength": 3}, "一二三", "一二三四"),
        ({"minLength": 2}, "一二", "一"),
        ({"pattern": "^[0-9]{3}$"}, "123", "1234"),
        ({"pattern": "[0-9]"}, "第3号", "第号"),
        ({"validationType": "email"}, "a@b.cn", "a@b"),
        ({"validationType": "phone"}, "+86 138-0000-0000", "电话"),
    ],
)
def test_a_text_keeps_to_its_limits(limits: dict[str, Any], good: str, bad: str):
    assert clean(limited("textfield", **limits), good) == good
    assert complaint(limited("textfield", **limits), bad)


@pytest.mark.parametrize(
    ("limits", "typed", "kept"),
    [
        ({"pattern": "^[+]?[0-9][0-9 -]{4,19}$"}, "１３８　００１３　８０００", "138 0013 8000"),
        ({"validationType": "phone"}, "０１０－８８８８１２３４", "010-88881234"),
        ({"validationType": "email"}, "ａ＠ｂ．ｃｎ", "a@b.cn"),
    ],
)
def test_what_has_a_shape_may_be_typed_in_full_width_characters(
    limits: dict[str, Any], typed: str, kept: str
):
    assert clean(limited("textfield", **limits), typed) == kept


def test_free_text_stays_as_it_was_typed_in_full_width_characters():
    assert clean(ask(), "（２０２６）第１号") == "（２０２６）第１号"


def test_a_pattern_that_would_take_for_ever_elsewhere_is_quick():
    assert complaint(limited("textfield", pattern="^(a+)+$", maxLength=10_000), "a" * 9_000 + "b")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1200", "1200"), ("１，２００．５０", "1200.50"), ("1,200,000", "1200000"), (" -3.5 ", "-3.5"),
        ("1200元", "1200"), ("1200 元", "1200"), (Decimal("0.10"), "0.10"), (7, "7"), (0.1, "0.1"),
    ],
)  # fmt: skip
def test_a_number_is_exact_however_it_is_typed(typed: Any, number: str):
    found = clean(ask("number", appearance={"suffixAdorner": "元"}), typed)
    assert isinstance(found, Decimal)
    assert (found, str(found)) == (Decimal(number), number)


@pytest.mark.parametrize(
    "typed",
    ["一千", "1,2", "1,20", "12,00.5", "1e5", "0x1", "1.2.3", "--1", "٣.", True, [1], {}, float("nan"),
     float("inf"), Decimal("1E+99999"), Decimal("NaN"), 10**400, "9" * 99],
)  # fmt: skip
def test_what_is_not_clearly_a_number_is_refused(typed: Any):
    assert complaint(ask("number"), typed) == "Write a number."


def test_a_number_keeps_to_its_limits():
    money = ask("number", decimalDigits=2) | {"validate": {"min": 0, "max": 100}}
    assert clean(money, "100.00") == 100
    assert "at most 2 digits" in complaint(money, "1.005")
    assert "at least 0" in complaint(money, "-0.01")
    assert "at most 100" in complaint(money, "100.01")
    assert clean(ask("number", decimalDigits=0), "12") == 12
    assert "whole" in complaint(ask("number", decimalDigits=0), "1.5")


def test_a_box_is_true_or_false_and_a_required_one_must_be_ticked():
    assert clean(ask("checkbox"), None) is False
    assert clean(ask("checkbox"), "true") is True
    assert clean(ask("checkbox", required=True), True) is True
    assert "Tick" in complaint(ask("checkbox", required=True), False)
    assert complaint(ask("checkbox"), "maybe")


CHOICES = [{"value": "a", "label": "甲"}, {"value": 2, "label": "乙"}]


def test_a_choice_is_one_of_the_options_with_its_own_type():
    radio = ask("radio", values=CHOICES)
    assert clean(radio, "a") == "a"
    assert clean(radio, "2") == 2
    for wrong in ("b", True, ["a"], {"value": "a"}):
        assert complaint(radio, wrong)


def test_several_choices_are_a_list_without_doubles():
    checklist = ask("checklist", values=CHOICES)
    assert clean(checklist, ["a", "2", "a"]) == ["a", 2]
    assert complaint(checklist, ["a", "b"])
    assert complaint(checklist, "a")
    assert complaint(ask("taglist", values=CHOICES, required=True), [])


def test_options_come_from_the_context_where_the_form_says_so():
    select = ask("select", valuesExpression="=case.parties")
    context = {"case": {"parties": [{"value": "p1", "label": "王"}]}}
    assert clean(select, "p1", context) == "p1"
    assert complaint(select, "p2", context)
    assert complaint(select, "p1", {"case": {}})


def test_an_option_that_has_no_place_in_the_case_is_neither_offered_nor_taken():
    radio = ask("radio", values=CHOICES, properties={"not_offered": "=case.path"})
    for gone in ("a", ["a"]):
        context = {"case": {"path": gone}}
        assert complaint(radio, "a", context)
        assert clean(radio, "2", context) == 2
        (question,) = load(radio).draw(0, {}, context, forms.Drawing({}, "zh", {}))
        assert [choice.text for choice in question.choices] == ["2"]
    assert clean(radio, "a", {"case": {"path": None}}) == "a"


@pytest.mark.parametrize(
    ("subtype", "typed", "found"),
    [
        ("date", "2026-11-23", dt.date(2026, 11, 23)),
        ("date", "２０２６-11-23", dt.date(2026, 11, 23)),
        ("date", "2026年12月1日", dt.date(2026, 12, 1)),
        ("date", "２０２６年１２月１日", dt.date(2026, 12, 1)),
        ("date", "2026/12/1", dt.date(2026, 12, 1)),
        ("date", "2026.12.01", dt.date(2026, 12, 1)),
        ("date", dt.date(2026, 1, 2), dt.date(2026, 1, 2)),
        ("time", "09:30", dt.time(9, 30)),
        ("datetime", "2026-11-23T09:30", dt.datetime(2026, 11, 23, 9, 30)),
    ],
)
def test_dates_and_times_are_those_of_the_calendar(subtype: str, typed: Any, found: Any):
    assert clean(ask("datetime", subtype=subtype), typed) == found


@pytest.mark.parametrize(
    ("subtype", "typed"),
    [("date", "2026-02-30"), ("date", "2026年2月30日"), ("date", "20261123"), ("date", "2026-W48-1"),
     ("date", "昨天"), ("date", 2026), ("date", ["2026-11-23"]), ("time", "25:00"),
     ("datetime", "2026-11-23T09:30+08:00"), ("datetime", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))],
)  # fmt: skip
def test_a_date_that_does_not_exist_is_refused(subtype: str, typed: Any):
    assert "date" in complaint(ask("datetime", subtype=subtype), typed)


def test_a_date_keeps_between_earliest_and_latest():
    day = ask("datetime", properties={"earliest": "=first", "latest": '=date("2026-12-31")'})
    context = {"first": dt.date(2026, 11, 1)}
    assert clean(day, "2026-11-01", context) == dt.date(2026, 11, 1)
    assert complaint(day, "2026-10-31", context) == "This can't be before 2026-11-01."
    assert complaint(day, "2027-01-01", context) == "This can't be after 2026-12-31."
    assert clean(day, "2026-10-31", {"first": None}) == dt.date(2026, 10, 31)


def test_files_are_known_by_their_digests():
    assert clean(ask("filepicker", multiple=True), [SHA, SHA, "b" * 64]) == [SHA, "b" * 64]
    assert complaint(ask("filepicker"), [SHA, "b" * 64])
    assert complaint(ask("filepicker"), ["../../etc/passwd"])
    assert complaint(ask("filepicker", required=True), [])


def test_a_signature_is_a_small_png():
    field = ask(properties={"widget": "signature"}, required=True)
    assert clean(field, f"data:image/png;base64,{PNG}").endswith(PNG)
    for wrong in ("", "王", "data:image/svg+xml;base64,PHN2Zz4=", "data:image/png;base64,****",
                  "data:image/png;base64,R0lGODlh", f"data:image/png;base64,{PNG * 4000}"):  # fmt: skip
        assert complaint(field, wrong)


@pytest.mark.parametrize("kind", ["textfield", "textarea", "number", "datetime"])
def test_an_empty_answer_is_null_or_refused_where_one_is_required(kind: str):
    for empty in (None, ""):
        assert clean(ask(kind), empty) is None
        assert complaint(ask(kind, required=True), empty) == "Answer this question."
    assert complaint(ask("textfield", required=True), " 　")


def test_what_was_not_asked_is_refused_wherever_it_stands():
    form = sample("obligations")
    row = {"kind": "do", "action": "道歉", "bribe": 1}
    with pytest.raises(forms.InvalidAnswers) as invalid:
        form.validate({"obligations": [row], "extra": 1}, {})
    assert set(invalid.value.errors) == {"extra", "obligations.0.bribe"}
    assert invalid.value.errors["extra"] == forms.Message("This was not asked.")


def test_the_answer_to_a_hidden_question_is_dropped_and_not_judged():
    form = sample("every_kind")
    answers = {
        "name": "王",
        "agree": True,
        "held_on": "2026-11-23",
        "kind": "natural",
        "representative": "\x00",
    }
    assert "representative" not in form.validate(answers, {})
    with pytest.raises(forms.InvalidAnswers) as invalid:
        form.validate(answers | {"kind": "legal"}, {})
    assert set(invalid.value.errors) == {"representative"}


def test_a_row_looks_at_its_own_answers_first():
    form = sample("obligations")
    rows = [
        {
            "kind": "pay",
            "action": "赔偿",
            "amount": "100",
            "instalments": [{"amount": "100", "due_on": "2027-01-01"}],
        },
        {"kind": "do", "action": "道歉", "amount": "nonsense", "instalments": "nonsense"},
    ]
    first, second = form.validate({"obligations": rows}, {"kind": "do"})["obligations"]
    assert first["instalments"] == [{"amount": 100, "due_on": dt.date(2027, 1, 1)}]
    assert second == {"kind": "do", "action": "道歉"}


def test_errors_in_rows_are_named_by_their_path():
    with pytest.raises(forms.InvalidAnswers) as invalid:
        sample("obligations").validate(
            {"obligations": [{"kind": "pay", "action": "x", "amount": 1, "instalments": [{"amount": "?"}]}]},
            {},
        )
    assert set(invalid.value.errors) == {
        f"obligations.0.instalments.0.{name}" for name in ("amount", "due_on")
    }


def test_a_list_has_as_many_rows_as_the_form_allows():
    row = {"kind": "do", "action": "x"}
    form = sample("obligations")
    for count in (1, 4):
        assert len(form.validate({"obligations": [row] * count}, {})["obligations"]) == count
    for count in (0, 5):
        with pytest.raises(forms.InvalidAnswers) as invalid:
            form.validate({"obligations": [row] * count}, {})
        assert set(invalid.value.errors) == {"obligations"}


def test_fixed_rows_keep_whom_they_are_about():
    form = sample("consents")
    context = {"people": [{"value": "p1", "label": "王"}], "consents": [{"party_id": "p1"}]}
    answer = {"consents": "no", "told": True}
    cleaned = form.validate({"consents": [answer]}, context)
    assert cleaned == {"consents": [{"party_id": "p1", "told": True, "consents": "no"}]}
    assert form.validate({"consents": [answer | {"party_id": "p1"}]}, context) == cleaned
    for forged in ([answer | {"party_id": "p2"}], [answer, answer], []):
        with pytest.raises(forms.InvalidAnswers):
            form.validate({"consents": forged}, context)


def test_a_computed_answer_is_ours_alone():
    form = sample("every_kind")
    answers = {"name": "王", "kind": "natural", "agree": True, "held_on": "2026-11-23", "amount": "1,200.50"}
    assert form.validate(answers, {})["double"] == Decimal("2401.00")
    with pytest.raises(forms.InvalidAnswers):
        form.validate(answers | {"double": 1}, {})


def test_a_page_is_judged_by_its_own_questions():
    form = sample("every_kind")
    form.validate_page(0, {"name": "王", "kind": "natural"}, {})
    with pytest.raises(forms.InvalidAnswers) as invalid:
        form.validate_page(1, {"name": "", "kind": ""}, {})
    assert set(invalid.value.errors) == {"agree", "held_on"}


def test_every_message_is_ours():
    form = sample("every_kind")
    wrong = dict.fromkeys(form.fields, {"a": ["b"]})
    with pytest.raises(forms.InvalidAnswers) as invalid:
        form.validate(wrong, {})
    assert all(isinstance(message, forms.Message) for message in invalid.value.errors.values())
    assert len(invalid.value.errors) >= 12


def test_of_a_draft_begun_in_another_version_only_what_is_asked_is_known():
    rows = {"type": "dynamiclist", "id": "people", "path": "people", "label": "x", "components": [ask()]}
    address = {"type": "group", "id": "home", "path": "home", "label": "x", "components": [ask(key="street")]}
    page = {"type": "group", "id": "page", "label": "x", "components": [ask(key="word"), rows, address]}
    form = load(page)
    draft = {
        "word": 3,
        "gone": "x",
        "people": [{"name": "陈", "age": 4}, "no row"],
        "home": {"street": "", "x": 1},
    }
    known = {"word": 3, "people": [{"name": "陈"}, "no row"], "home": {"street": ""}}
    assert form.known(draft) == form.known(known) == known
    assert form.known({"people": None, "home": "x"}) == {"people": None, "home": "x"}


def test_the_characters_that_are_refused_are_those_of_the_classes_that_no_text_needs():
    turning = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    refused = {char for char in every if unicodedata.category(char) in ("Cc", "Cs", "Co")} | turning
    assert {char for char in every if fields.UNPRINTABLE.search(char)} == refused
    assert {char for char in every if fields.UNPRINTABLE_IN_LINES.search(char)} == refused - set("\n\t")
