"""The scripted cases: they fit the diagrams and forms, and play to the end that the law gives them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import forms
from engine import bpmn
from web import rehearsal
from web.settings import Settings

from .conftest import CASE_FILES, ROOT

each_case = pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
REAL_MOBILE = re.compile(r"\b1[3-9]\d{9}\b")


def script_of(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


@each_case
def test_every_step_is_a_task_of_the_diagrams_with_answers_that_its_form_asks_for(
    path: Path, definitions: dict[str, bpmn.Definition], shipped_forms: dict[str, forms.Form]
) -> None:
    tasks = {node.id for one in definitions.values() for node in one.nodes.values()}
    for step in script_of(path)["steps"]:
        assert step["task"] in tasks
        assert set(step["answers"]) <= shipped_forms[step["task"]].fields, step["task"]


@each_case
def test_steps_are_in_order_and_their_people_are_known(path: Path) -> None:
    script = script_of(path)
    moments = [step["at"] for step in script["steps"]]
    assert moments == sorted(moments)
    registered = script["steps"][0]["answers"]
    names = {one["name"] for side in ("applicants", "respondents") for one in registered[side]}
    staff = {person["username"] for person in script["people"]}
    assert {step["as"] for step in script["steps"]} <= names | staff


@each_case
def test_the_people_are_fictional(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not REAL_MOBILE.search(text)
    assert "id_number" not in text


@pytest.mark.slow
@each_case
def test_a_case_plays_to_the_end_that_it_expects(path: Path, tmp_path: Path) -> None:
    """play_file compares the end with the script's `expect` and raises where they differ."""
    played = play(path, tmp_path)
    script = script_of(path)
    assert played == [step["task"] for step in script["steps"]]
    assert {file.stem for file in (tmp_path / "out").iterdir()} == set(script["expect"]["documents"])


def test_the_three_issued_stories_are_there() -> None:
    assert {path.stem for path in CASE_FILES} >= {"tricycle_accident", "three_brothers", "refused"}


def test_the_format_is_described(definitions: dict[str, bpmn.Definition]) -> None:
    described = (ROOT / "docs" / "case_format.md").read_text(encoding="utf-8")
    for name in ("committee", "people", "steps", "expect", "withdraw", "signature", "scan", "account"):
        assert f"`{name}`" in described or f'"{name}"' in described


def changed(path: Path, folder: Path, steps: list[dict[str, Any]], expect: dict[str, Any]) -> Path:
    """A script with other steps and another end, in a folder of its own."""
    other = folder / "changed.json"
    other.write_text(json.dumps(script_of(path) | {"steps": steps, "expect": expect}), encoding="utf-8")
    return other


def play(path: Path, folder: Path) -> list[str]:
    settings = Settings(folder, f"sqlite:///{folder / 'woshou.db'}", folder / "authority")
    return [step.what for step in rehearsal.play_file(settings, path, folder / "out")]


def test_a_sign_of_a_crime_reaches_the_chief_mediator_as_a_proposal_to_report(tmp_path: Path) -> None:
    """The proposal can't be changed in the form, so naming it here proves what the table said."""
    refused = next(path for path in CASE_FILES if path.stem == "refused")
    register, assess, decide, _, tell = script_of(refused)["steps"]
    assess["answers"]["crime_clue"] = "yes"
    decide["answers"] = {"proposal": "report_police", "proposed_path": "none", "decision": "transferred"}
    decide["answers"] |= {"transferred_to": "派出所", "reason": "有犯罪线索，已经报警。"}
    tell["answers"] |= {"end_code": "transferred", "reason": "已经移送公安机关。"}
    expect = {"status": "transferred", "end_code": "transferred", "documents": ["receipt", "routes_notice"]}
    script = changed(refused, tmp_path, [register, assess, decide, tell], expect)
    assert play(script, tmp_path)[-1] == "tell_other_routes"


@pytest.mark.slow
def test_when_one_brother_leaves_the_agreement_begins_anew_and_with_the_second_the_case_ends(
    tmp_path: Path,
) -> None:
    brothers = next(path for path in CASE_FILES if path.stem == "three_brothers")
    steps = script_of(brothers)["steps"]
    approved = next(at for at, step in enumerate(steps) if step["answers"].get("decision") == "approved")
    draft = dict(steps[approved - 1], at="2026-09-25T10:00:00+08:00")
    draft["answers"] = draft["answers"] | {"obligations": draft["answers"]["obligations"][:1]}
    tell = {"end_code": "withdrawn", "reason": "当事人要求终止调解。", "routes": ["court"], "told": True}
    tell |= {"manner": "in_person", "told_on": "2026-09-26"}
    leaving = [
        {"at": "2026-09-25T09:00:00+08:00", "as": "沈立川", "withdraw": {"party": "沈立川"}},
        draft,
        {"at": "2026-09-26T09:00:00+08:00", "as": "reception", "withdraw": {"party": "沈立山"}},
        {"at": "2026-09-26T09:30:00+08:00", "as": "mediator", "task": "tell_other_routes", "answers": tell},
    ]
    expect = {"status": "ended", "end_code": "withdrawn", "effective_at": None}
    script = changed(brothers, tmp_path, [*steps[: approved + 1], *leaving], expect)
    assert play(script, tmp_path)[-4:] == ["withdraw", "draft_agreement", "withdraw", "tell_other_routes"]
