import datetime as dt

import pytest
from flask import Flask, session

from engine import errors, failures, feel
from engine.models.base import dump_json, load_json
from web import language, words

MIDNIGHT = dt.datetime(2026, 2, 16, 16, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["zh", "en"])
def reader(request: pytest.FixtureRequest, app: Flask) -> object:
    with app.test_request_context("/"):
        session["language"] = request.param
        yield request.param


def test_moments_and_days_are_those_of_the_tenant_s_zone(reader: str) -> None:
    expected = {"zh": ("2026年2月17日 00:01", "2026年2月17日"), "en": ("17 Feb 2026, 00:01", "17 Feb 2026")}
    assert (words.moment(MIDNIGHT), words.day(MIDNIGHT)) == expected[reader]


def test_a_calendar_day_is_not_moved_by_any_zone(reader: str) -> None:
    assert words.day(dt.date(2026, 2, 17)) == {"zh": "2026年2月17日", "en": "17 Feb 2026"}[reader]


def test_nothing_is_shown_for_no_day(reader: str) -> None:
    assert words.day(None) == words.moment(None) == ""


def test_an_unknown_code_is_shown_as_it_is(reader: str) -> None:
    assert words.word("something_new", "status") == "something_new"
    assert words.word(None, "status") == ""


def test_a_name_has_english_only_for_english_readers(reader: str) -> None:
    assert language.named("受理", "Intake") == {"zh": "受理", "en": "Intake"}[reader]
    assert language.named("受理", None) == language.named("受理", "") == "受理"


def test_places_without_a_value_do_not_break_a_message(reader: str) -> None:
    assert "…" in words.filled("{who} is working on this task.", {})


def test_an_unknown_language_is_not_taken(app: Flask) -> None:
    with app.test_request_context("/"):
        session["language"] = "xx"
        assert language.chosen() == "zh"


def test_a_problem_of_an_expression_is_told_in_the_reader_s_language_kept_or_not(reader: str) -> None:
    with pytest.raises(feel.FeelError) as found:
        feel.parse("1 +")
    failed = errors.ExpressionFailed(element_id="ask", problem=found.value)
    said = {
        "zh": "ask处的表达式无法计算：表达式在应为值处结束。（第1行第4列）。",
        "en": "The expression at ask can't be evaluated: The expression ends where a value is expected."
        " (line 1, column 4).",
    }[reader]
    assert words.filled(failed.message, failed.params) == said
    kept = {name: failures.kept(value) for name, value in failed.params.items()}
    assert words.filled(failed.message, load_json(dump_json(kept))) == said
