"""The rules for television, row by row: each that fits is listed, and names an article that law.py knows."""

import datetime as dt
from itertools import product
from typing import Any

import pytest

from engine import dmn
from engine.mediation import law, tv_eligibility

from .conftest import PROCESSES

MODEL = dmn.load(PROCESSES / "tv_eligibility.dmn")
QUIET = dict.fromkeys(tv_eligibility.QUESTIONS, "no")
DAY = dt.date(2026, 3, 2)
ROWS = [
    (1, {"child_under_14": "yes"}, "tv_guardian"),
    (2, {"sexual_or_domestic": "yes"}, "tv_domestic"),
    (3, {"trade_secret": "yes"}, "tv_confidence"),
    (4, {"party_objects": "yes"}, "tv_voluntary"),
    (5, {"court_pending": "yes"}, "tv_pending"),
    (6, {}, "tv_consent"),
    (6, {"child_under_14": "yes", "guardian_consents": "yes"}, "tv_consent"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_each_rule_stands_for_one_reason_and_says_it_in_both_languages(row: Any) -> None:
    number, answers, rule = row
    outcome = MODEL.decide("tv_eligibility", QUIET | answers)
    assert outcome.rows == (number,)
    (found,) = outcome.value
    assert (found["rule"], found["eligible"]) == (rule, number == 6)
    assert outcome.annotations[0]["说明"] == found["reason"]
    assert outcome.annotations[0]["Explanation"].isascii()
    assert found["law_ref"]
    assert law.rule(rule, DAY)


def test_all_reasons_are_listed_and_one_is_enough() -> None:
    for values in product(("yes", "no"), repeat=len(QUIET)):
        answers = dict(zip(QUIET, values, strict=True))
        rows = MODEL.evaluate("tv_eligibility", answers)
        against = [name for name, value in answers.items() if value == "yes" and name != "guardian_consents"]
        if answers["guardian_consents"] == "yes" and "child_under_14" in against:
            against.remove("child_under_14")
        assert len(rows) == max(1, len(against))
        assert all(row["eligible"] for row in rows) is (not against)


def test_the_model_has_no_problem() -> None:
    assert MODEL.problems == []
    assert list(MODEL.faults) == []
    assert set(MODEL.inputs.values()) == set(tv_eligibility.QUESTIONS)
