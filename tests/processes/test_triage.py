"""The triage table, row by row: the first that fits decides, and each says by which article."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import dmn

from .conftest import PROCESSES

QUIET: dict[str, Any] = {
    "group_threshold": 30,
    "crime_clue": "no",
    "minor_at_risk": "no",
    "party_refused": "no",
    "other_authority": "no",
    "petition_planned": "no",
    "departments": 0,
    "expert_needed": "no",
    "failed_attempts": 0,
    "online_wished": "no",
    "tv_wished": "no",
    "case": {"people_count": 2},
}
ROWS = [
    (1, {"crime_clue": "yes"}, "report_police", "none", "《人民调解法》第二十五条"),
    (2, {"minor_at_risk": "yes"}, "report_police", "none", "《未成年人保护法》第十一条"),
    (3, {"party_refused": "yes"}, "refuse", "none", "《人民调解法》第十七条"),
    (4, {"other_authority": "yes"}, "transfer", "none", "鲁信访〔2025〕6号"),
    (5, {"petition_planned": "yes"}, "accept", "consultation", "《人民调解法》第二十五条"),
    (5, {"case": {"people_count": 30}}, "accept", "consultation", "《人民调解法》第二十五条"),
    (6, {"departments": 2}, "accept", "consultation", "《人民调解法》第二十条"),
    (6, {"expert_needed": "yes"}, "accept", "consultation", "《人民调解法》第二十条"),
    (6, {"failed_attempts": 2}, "accept", "consultation", "《人民调解法》第二十条"),
    (7, {"online_wished": "yes"}, "accept", "online", "《人民法院在线调解规则》第四条"),
    (8, {"tv_wished": "yes"}, "accept", "tv", "《人民调解法》第二十条"),
    (9, {}, "accept", "face_to_face", "《人民调解法》第二十一条"),
    (9, {"departments": 1, "failed_attempts": 1}, "accept", "face_to_face", "《人民调解法》第二十一条"),
    (9, {"case": {"people_count": 29}}, "accept", "face_to_face", "《人民调解法》第二十一条"),
]


@pytest.fixture(params=ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def row(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_table_proposes_what_the_annex_says(row: Any, triage: dmn.Model) -> None:
    number, answers, proposal, path, law_ref = row
    outcome = triage.decide("triage", QUIET | answers)
    assert outcome.rows == (number,)
    assert (outcome.value["proposal"], outcome.value["path"]) == (proposal, path)
    assert outcome.value["law_ref"].startswith(law_ref)


def test_every_row_explains_itself_in_both_languages(row: Any, triage: dmn.Model) -> None:
    outcome = triage.decide("triage", QUIET | row[1])
    assert outcome.annotations[0]["说明"] == outcome.value["reason"]
    assert outcome.annotations[0]["Explanation"].isascii()


ANSWERS = st.fixed_dictionaries(
    {
        name: st.integers(0, 3)
        if name in {"departments", "failed_attempts"}
        else st.sampled_from(["yes", "no"])
        for name in QUIET
        if name not in {"case", "group_threshold"}
    }
    | {"group_threshold": st.integers(2, 100)}
    | {"case": st.fixed_dictionaries({"people_count": st.integers(1, 500)})}
)
MODEL = dmn.load(PROCESSES / "triage.dmn")


def test_a_group_begins_at_the_threshold_that_held_at_registration(triage: dmn.Model) -> None:
    """The number is a limit that an administrator may change from a day on; intake.bpmn asks for it."""
    ten = QUIET | {"case": {"people_count": 10}}
    assert triage.decide("triage", ten).rows == (9,)
    assert triage.decide("triage", ten | {"group_threshold": 10}).rows == (5,)
    asked = (PROCESSES / "intake.bpmn").read_text(encoding="utf-8")
    assert '"=limit(&quot;group.threshold&quot;)" target="group_threshold"' in asked


@given(ANSWERS)
def test_there_is_always_exactly_one_proposal_and_danger_comes_first(answers: dict[str, Any]) -> None:
    outcome = MODEL.decide("triage", answers)
    assert len(outcome.rows) == 1
    assert all(outcome.value.values())
    if "yes" in (answers["crime_clue"], answers["minor_at_risk"]):
        assert outcome.value["proposal"] == "report_police"
    elif answers["party_refused"] == "yes":
        assert outcome.value["proposal"] == "refuse"


def test_there_are_nine_rows_and_no_model_problem(triage: dmn.Model) -> None:
    assert triage.problems == []
    assert list(triage.faults) == []
    assert (PROCESSES / "triage.dmn").read_text(encoding="utf-8").count("<rule ") == 9
    assert {number for number, *_ in ROWS} == set(range(1, 10))
