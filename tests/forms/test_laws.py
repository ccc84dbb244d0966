"""What holds for all answers: pages lose nothing, and anything at all is either right or InvalidAnswers."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

import forms
from forms.components import Group
from forms.validation import Container
from forms.wording import Scope
from tests import small_forms
from tests.forms.conftest import PEOPLE, PLACES
from tests.forms.site import Site, Turn, sample
from tests.forms.test_reading import JSON, SHIPPED, load

SITE = Site()
CONTEXT = {"places": PLACES, "people": PEOPLE, "consents": [{"party_id": "p1"}, {"party_id": "p2"}]}
LINE = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=30).map(str.strip).filter(bool)
AREA = st.text(st.characters(exclude_categories=("C",)) | st.just("\n"), max_size=60).map(str.strip)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2026, 12, 31))
MONEY = st.decimals(0, 1_000_000, places=2)


def texts(column: Any) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(column), unique=True).map(lambda chosen: sorted(chosen, key=column.index))


INSTALMENTS = st.lists(st.fixed_dictionaries({"amount": MONEY, "due_on": DAYS}), max_size=3)
PAID = {"kind": st.just("pay"), "action": LINE, "amount": MONEY, "instalments": INSTALMENTS}
DONE = {"kind": st.just("do"), "action": LINE}
OBLIGATIONS = st.fixed_dictionaries(
    {
        "obligations": st.lists(
            st.fixed_dictionaries(PAID) | st.fixed_dictionaries(DONE), min_size=1, max_size=4
        )
    }
)
EVERY = st.fixed_dictionaries(
    {
        "name": LINE,
        "story": AREA.map(lambda text: text or None),
        "amount": st.none() | MONEY,
        "people": st.none() | st.integers(-99, 99),
        "kind": st.just("legal"),
        "representative": LINE,
        "province": st.none() | st.sampled_from(["hc", "yz"]),
        "agree": st.just(True),
        "routes": st.none() | texts(["court", "arbitration"]).map(lambda chosen: chosen or None),
        "tags": st.none(),
        "held_on": DAYS,
        "held_at": st.none() | st.times().map(lambda at: at.replace(second=0, microsecond=0)),
        "next_at": st.none()
        | st.datetimes(dt.datetime(1900, 1, 1)).map(lambda at: at.replace(microsecond=0)),
        "scans": st.lists(st.sampled_from(["a" * 64, "b" * 64]), unique=True).map(
            lambda found: found or None
        ),
    }
)


def through_the_pages(name: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What comes back when a browser sends each page as it was drawn."""
    form, back = sample(name), {}
    for index in form.shown_pages(answers, CONTEXT):
        with SITE.app.test_request_context("/"):
            page = SITE.page(Turn(form, name, index, dict(answers), CONTEXT))[0]
        posted = html.fromstring(page).forms[0].form_values()
        back |= form.parse(MultiDict(posted), index)
    return back


@given(EVERY)
@settings(max_examples=60, deadline=None)
def test_valid_answers_go_through_the_pages_unchanged(answers: dict[str, Any]):
    form = sample("every_kind")
    cleaned = form.validate(answers, CONTEXT)
    assert {key: cleaned[key] for key in answers} == answers
    assert form.validate(through_the_pages("every_kind", answers), CONTEXT) == cleaned


@given(OBLIGATIONS)
@settings(max_examples=40, deadline=None)
def test_rows_in_rows_go_through_the_pages_unchanged(answers: dict[str, Any]):
    form = sample("obligations")
    assert form.validate(answers, {}) == answers
    assert form.validate(through_the_pages("obligations", answers), {}) == answers


@given(st.dictionaries(st.sampled_from(sorted(sample("every_kind").fields)), st.text(max_size=30)))
@settings(max_examples=60, deadline=None)
def test_a_draft_keeps_whatever_was_typed(typed: dict[str, str]):
    form = sample("every_kind")
    kept = form.parse(MultiDict(typed), 0) | form.parse(MultiDict(typed), 1)
    for key in ("name", "story", "amount", "held_on", "kind"):
        assert kept.get(key) == typed.get(key)


ANYTHING = JSON | st.decimals() | st.lists(st.fixed_dictionaries({}, optional={"kind": JSON, "amount": JSON}))


@pytest.mark.slow
@given(st.sampled_from(["every_kind", "obligations", "consents", "signing"]), st.data())
@settings(max_examples=300, deadline=None)
def test_any_answers_at_all_are_right_or_invalid_and_can_be_drawn(name: str, data: st.DataObject):
    form = sample(name)
    keys = st.sampled_from(sorted(form.fields)) | st.text(max_size=5)
    answers = data.draw(st.dictionaries(keys, ANYTHING, max_size=8))
    wrong: Mapping[str, forms.Message] = {}
    try:
        cleaned = form.validate(answers, CONTEXT)
    except forms.InvalidAnswers as invalid:
        wrong = invalid.errors
    else:
        assert form.validate(cleaned, CONTEXT) == cleaned
    for index in form.shown_pages(answers, CONTEXT):
        turn = Turn(form, name, index, answers, CONTEXT, errors=dict(wrong))
        with SITE.app.test_request_context("/"):
            assert "<form" in SITE.page(turn)[0]


NAMES = st.sampled_from("abcd")
CONDITIONAL = st.none() | st.builds('={} {} "1"'.format, NAMES, st.sampled_from(["=", "!="]))
ONES_AND_TWOS = st.fixed_dictionaries(dict.fromkeys("abcd", st.sampled_from(["1", "2"])))
PREFILLED = st.dictionaries(NAMES, st.sampled_from(["1", "2"]))
ONE_OR_TWO = [{"label": "一", "value": "1"}, {"label": "二", "value": "2"}]


@st.composite
def pages_that_hide(draw: st.DrawFn) -> forms.Form:
    """A form of questions of every kind whose conditions and options depend on each other at random."""
    pages, inside = [], [[], [], []]
    for key in "abcd":
        asked, told = (small_forms.field("textfield", key, readonly=readonly) for readonly in (False, True))
        computed = small_forms.field("expression", key, expression=f"={draw(NAMES)}")
        less = {"values": ONE_OR_TWO, "properties": {"not_offered": f"={draw(NAMES)}"}}
        question = draw(st.sampled_from([asked, told, computed, small_forms.field("radio", key, **less)]))
        inside[draw(st.integers(0, 2))].append(hiding(question, draw(CONDITIONAL)))
    for number, parts in enumerate(inside):
        within = hiding({"type": "group", "label": "x", "components": parts}, draw(CONDITIONAL))
        shape = {"type": "group", "id": f"page_{number}", "label": "x", "components": [within]}
        pages.append(hiding(shape, draw(CONDITIONAL)))
    return load(*pages)


def hiding(component: dict[str, Any], when: str | None) -> dict[str, Any]:
    return component if when is None else component | {"conditional": {"hide": when}}


def pages_by_all_answers(
    form: forms.Form, answers: Mapping[str, Any], context: Mapping[str, Any]
) -> list[int]:
    groups = tuple(Group(page.id, page.hide, parts=page.parts) for page in form.pages)
    scope = Scope(dict.fromkeys(form.fields) | Container(groups).clean(answers, context, context)[0], context)
    return [number for number, group in enumerate(groups) if not group.is_hidden(scope)]


@given(pages_that_hide(), ONES_AND_TWOS, PREFILLED)
@settings(max_examples=600, deadline=None)
def test_pages_are_shown_as_if_all_answers_were_read(
    form: forms.Form, answers: dict[str, str], prefilled: dict[str, str]
):
    assert form.shown_pages(answers, prefilled) == pages_by_all_answers(form, answers, prefilled)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_pages_of_shipped_forms_are_shown_as_if_all_answers_were_read(path: Path, data: st.DataObject):
    form = forms.load(path.read_text())
    of_each = {
        name: st.sampled_from(sorted(form.choices[name], key=str)) if name in form.choices else ANYTHING
        for name in form.fields
    }
    answers = data.draw(st.fixed_dictionaries({}, optional=of_each))
    assert form.shown_pages(answers, {}) == pages_by_all_answers(form, answers, {})


@given(MONEY, st.sampled_from(["", ",", "，"]))
def test_money_is_the_same_however_it_is_written(amount: Decimal, comma: str):
    wide = str.maketrans("0123456789.", "０１２３４５６７８９．")
    written = f"{amount:,f}".replace(",", comma)
    for text in (written, written.translate(wide), f" {written}元"):
        answers = {"name": "王", "kind": "natural", "agree": True, "held_on": "2026-01-01", "amount": text}
        assert sample("every_kind").validate(answers, CONTEXT)["amount"] == amount
