"""The page of a form as HTML: labels, help, errors, words in both languages, and nothing a reader typed."""

from typing import Any

import pytest
from lxml import html

import forms
from forms import prose
from tests.forms.site import Site, Turn, sample
from tests.forms.test_reading import ask, load

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def drawn(site: Site, turn: Turn) -> html.HtmlElement:
    with site.app.test_request_context("/"):
        return html.fromstring(site.page(turn)[0])


def page(site: Site, name: str, number: int = 1, /, **answers: Any) -> html.HtmlElement:
    site.drafts[name] = answers
    return drawn(site, site.turn(name, number))


def failed(site: Site, name: str, number: int = 1, /, **answers: Any) -> html.HtmlElement:
    site.drafts[name] = answers
    turn = site.turn(name, number)
    with pytest.raises(forms.InvalidAnswers) as invalid:
        turn.form.validate_page(turn.index, turn.answers, turn.context)
    turn.errors = invalid.value.errors
    return drawn(site, turn)


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize(
    ("name", "number"), [("every_kind", 1), ("every_kind", 2), ("obligations", 1), ("consents", 1)]
)
def test_every_input_has_a_label_and_every_id_is_one(site: Site, name: str, number: int):
    shown = page(site, name, number, kind="legal")
    ids = shown.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in shown.xpath("//input[@type!='hidden']|//select|//textarea"):
        assert shown.xpath(f"//label[@for='{field.get('id')}']")
    for described in shown.xpath("//*/@aria-describedby"):
        assert set(described.split()) <= set(ids)


def test_choices_stand_in_a_fieldset_with_the_question_as_legend(site: Site):
    for radio in page(site, "every_kind").xpath("//input[@type='radio']"):
        assert "当事人是" in words(radio.xpath("ancestor::fieldset[1]/legend")[0])


def test_help_is_tied_to_its_input(site: Site):
    shown = page(site, "every_kind")
    (name,) = shown.xpath("//input[@name='name']")
    assert words(shown.get_element_by_id(name.get("aria-describedby"))) == "与身份证一致"


def test_what_is_required_says_so_in_words(site: Site):
    site.locale = "en"
    shown = page(site, "every_kind")
    assert words(shown.xpath("//label[@for='f-name']")[0]) == "Name (required)"
    assert words(shown.xpath("//label[@for='f-story']")[0]) == "What happened"


def test_an_english_reader_gets_english_where_there_is_any(site: Site):
    site.locale = "en"
    first, second = page(site, "every_kind"), page(site, "every_kind", 2, name="Wang")
    assert "A person" in words(first)
    assert "As on the identity card" in words(first)
    assert "Please take care, Wang." in words(second)
    assert second.xpath("//strong[text()='care']")
    assert "Step 2 of 2" in words(second)


def test_errors_stand_in_a_summary_that_leads_to_each_input_and_beside_it(site: Site):
    shown = failed(site, "every_kind", name="", amount="一千")
    (summary,) = shown.xpath("//*[@role='alert']")
    links = summary.xpath(".//a/@href")
    assert links == ["#f-name", "#f-amount", "#f-kind"]
    for link in links:
        target = shown.get_element_by_id(link[1:])
        group = target.xpath("ancestor-or-self::*[@aria-invalid][1]")[0]
        assert shown.get_element_by_id(f"{link[1:]}-error") is not None
        assert f"{link[1:]}-error" in group.get("aria-describedby").split()
    assert shown.xpath("//input[@name='amount']/@value") == ["一千"]


def test_an_error_in_a_row_says_which_row(site: Site):
    row = {"kind": "pay", "action": "x", "amount": "1", "instalments": [{"amount": "?"}]}
    shown = failed(site, "obligations", obligations=[{"kind": "do", "action": "y"}, row])
    assert "义务 2 分期 1 本期金额" in words(shown.xpath("//*[@role='alert']")[0])


def test_an_error_of_no_question_is_told_all_the_same(site: Site):
    turn = site.turn("every_kind")
    turn.errors = {"bribe": forms.Message("This was not asked.")}
    assert "bribe" in words(drawn(site, turn).xpath("//*[@role='alert']")[0])


def test_a_list_without_enough_rows_leads_to_itself(site: Site):
    shown = failed(site, "obligations", obligations=[])
    assert shown.xpath("//*[@role='alert']//a/@href") == ["#f-obligations"]
    assert shown.get_element_by_id("f-obligations").tag == "fieldset"


def test_markup_in_answers_and_contexts_stays_text(site: Site):
    site.contexts["every_kind"] = {"places": [{"value": HOSTILE, "label": HOSTILE}]}
    for number in (1, 2):
        shown = page(
            site, "every_kind", number, name=HOSTILE, story=f"\n{HOSTILE}", amount=HOSTILE, scans=[HOSTILE]
        )
        assert not shown.xpath("//body//script|//img|//*[@onerror]")
        assert "7*7" in html.tostring(shown, encoding="unicode") or number == 2
    first = page(site, "every_kind", name=HOSTILE, story=f"\n{HOSTILE}")
    assert first.xpath("//input[@name='name']/@value") == [HOSTILE]


@pytest.mark.parametrize("kind", ["text", "html"])
def test_prose_keeps_only_harmless_markup(site: Site, kind: str):
    source = '<p onclick="x()">好<script>alert(1)</script><a href="javascript:x()">a</a></p> {{ who }}'
    form = load({"type": kind, "id": "t", "text" if kind == "text" else "content": source}, ask())
    shown = drawn(site, Turn(form, "small", 0, {}, {"who": "<b>王</b>"}))
    (prose,) = shown.xpath("//*[@class='guided-prose']")
    assert not prose.xpath(".//script|.//@onclick|.//@href|.//b")
    assert "<b>王</b>" in prose.text_content()


def test_markdown_typed_by_a_party_is_not_read_as_markdown(site: Site):
    form = load({"type": "text", "id": "t", "text": "当事人：{{ who }}"}, ask())
    shown = drawn(site, Turn(form, "small", 0, {}, {"who": "**王** [x](https://example.cn)\n\n# 判决"}))
    (prose,) = shown.xpath("//*[@class='guided-prose']")
    assert not prose.xpath(".//strong|.//a|.//h1")


def test_a_fixed_row_is_headed_by_the_person_it_is_about(site: Site):
    shown = page(site, "consents")
    assert [words(legend) for legend in shown.xpath("//fieldset[@class='guided-row']/legend")] == [
        "王建国",
        "李秀英",
    ]
    assert not shown.xpath("//*[contains(@name, 'party_id')]")
    assert not shown.xpath("//button[starts-with(@value, 'add') or starts-with(@value, 'remove')]")


def test_a_hidden_question_is_not_on_the_page(site: Site):
    assert not page(site, "every_kind", kind="natural").xpath("//*[@name='representative']")
    assert page(site, "every_kind", kind="legal").xpath("//*[@name='representative']")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("15", True), ("17 岁", True), ("18", False), ("３０", False), (30, False), ("x", True), ("", False)],
)
def test_a_condition_sees_what_was_typed_as_a_number_and_the_page_as_text(typed: Any, shown: bool):
    age = ask(key="age", type="number", appearance={"suffixAdorner": "岁"})
    guardian = ask(key="guardian", conditional={"hide": "=age = null or age >= 18"})
    form = load({"type": "group", "id": "g", "label": "x", "components": [age, guardian]})
    parts = form.draw(0, {"age": typed}, {}, forms.Drawing({}, "zh", {}))
    assert [part.name for part in parts] == ["age", "guardian"][: 1 + shown]
    assert parts[0].value == str(typed)


def test_a_page_knows_which_answers_change_it():
    assert sample("every_kind").watched(0) == {"kind"}
    assert sample("obligations").watched(0) == {"kind"}
    assert sample("signing").watched(0) == frozenset()


def test_the_year_of_a_date_takes_four_digits_so_that_the_month_comes_next(site: Site):
    shown = page(site, "every_kind", 2)
    latest = {field.get("type"): field.get("max") for field in shown.xpath("//input[@type!='hidden']")}
    assert (latest["date"], latest["datetime-local"]) == ("9999-12-31", "9999-12-31T23:59")
    assert latest["time"] is None


def test_the_first_button_goes_on_so_that_enter_does(site: Site):
    buttons = page(site, "obligations").xpath("//form//button/@value")
    assert buttons[0] == "next"
    assert buttons[-1] == "save"
    assert "back" not in buttons
    assert "back" in page(site, "every_kind", 2).xpath("//form//button/@value")


def test_a_page_hidden_by_earlier_answers_is_left_out():
    group = {
        "type": "group",
        "label": "x",
        "components": [ask(key="b")],
        "conditional": {"hide": '=a = "no"'},
    }
    form = load({"type": "group", "id": "g", "label": "x", "components": [ask(key="a")]}, group | {"id": "h"})
    assert not form.shows_all
    assert form.shown_pages({"a": "no"}, {}) == [0]
    assert form.shown_pages({"a": "yes"}, {}) == [0, 1]


def test_an_answer_that_is_hidden_itself_hides_no_page():
    group = {"type": "group", "label": "x"}
    first = [ask(key="a", conditional={"hide": '=b = "no"'}), ask(key="b")]
    last = {"components": [ask(key="c")], "conditional": {"hide": '=a = "no"'}}
    form = load(group | {"id": "g", "components": first}, group | {"id": "h"} | last)
    assert form.shown_pages({"a": "no", "b": "yes"}, {}) == [0]
    assert form.shown_pages({"a": "no", "b": "no"}, {}) == [0, 1]


def test_the_signature_needs_script_and_says_so(site: Site):
    shown = page(site, "signing")
    assert shown.xpath("//input[@data-signature]/@name") == ["signature"]
    assert shown.xpath("//noscript")


def test_no_page_has_style_or_script_in_it(site: Site):
    for name, number in [("every_kind", 1), ("every_kind", 2), ("obligations", 1), ("signing", 1)]:
        shown = page(site, name, number)
        assert not shown.xpath("//style|//@style|//script[not(@src)]|//@*[starts-with(name(), 'on')]")


def test_a_text_in_which_something_of_the_case_is_said_is_not_kept():
    def shown(text: str, name: str) -> str:
        form = load({"type": "text", "id": "t", "text": text}, ask())
        return str(form.draw(0, {}, {"name_of": name}, forms.Drawing({}, "zh", {}))[0].html)

    assert "罗小琴" in shown("申请人 **{{name_of}}**", "罗小琴")
    before = prose._rendered.cache_info()
    assert "陈大勇" in shown("申请人 **{{name_of}}**", "陈大勇")
    assert prose._rendered.cache_info() == before
    assert shown("**请坐**，慢慢说", "") == shown("**请坐**，慢慢说", "罗小琴")
    assert prose._rendered.cache_info().hits == before.hits + 1
