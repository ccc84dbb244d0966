"""A group on the pages: its list of households comes as a file or a text, and stays readable."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import tasks
from engine.mediation.play import Player
from engine.mediation.scripts import expanded
from engine.models.cases import Case, Party
from tests.conftest import TENANT
from web import make_app, rehearsal, settings

from .conftest import Office, Settings

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[1] / "cases" / "group_certificates.json"
HOUSEHOLDS = 120


def small(script: dict[str, Any], most: int) -> dict[str, Any]:
    """The script with so few of its listed households, up to the offer that they join."""
    steps = script["steps"][: [step["task"] for step in script["steps"]].index("join_agreement")]
    (election,) = [step["answers"] for step in steps if step["task"] == "elect_representatives"]
    speaker = election["representatives"][0] | {"votes": most}
    election |= {"households": most, "representatives": [speaker]}
    return script | {"households": script["households"][:most], "steps": steps}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The case of 120 households when reception is about to record their consent."""
    script = json.loads(SCRIPT.read_text(encoding="utf-8"))
    folder = tmp_path_factory.mktemp("group")
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(folder / "data")}), script) as stage:
        player = Player(stage, script, "group")
        for step in player.play():
            if step.what == "invite_party":
                break
        engine = replace(stage.engine)
        yield Office(engine, stage.clock, player.case_id, make_app(engine, Settings()))  # type: ignore[arg-type]


def new_registration(office: Office) -> tuple[Any, str]:
    reception = office.person("reception")
    reception.get("/tasks")
    reception.post("/cases")
    assert reception.last is not None
    address = reception.last.request.path
    reception.post(address, go="next", source="application")
    return reception, address


APPLICANT = {
    "applicants-count": "1", "applicants-0-kind": "natural", "applicants-0-name": "郑秀芳",
    "applicants-0-address": "龙溪花园3栋502",
}  # fmt: skip


def test_the_register_has_one_case_and_each_household_as_a_party(office: Office) -> None:
    with office.engine.sessions.query(TENANT) as session:
        cases = session.scalars(select(Case).where(Case.number.is_not(None))).all()
        sides = list(session.scalars(select(Party.side).where(Party.case_id == office.case_id)))
    assert [case.is_group for case in cases] == [True]
    assert (sides.count("applicant"), sides.count("respondent")) == (HOUSEHOLDS, 1)


def test_the_case_page_counts_the_households_and_finds_one(office: Office) -> None:
    page = office.person("reception").get(f"/cases/{office.case_id}")
    assert f"{HOUSEHOLDS}户" in page.text
    assert "还没有推选" in page.text
    listed = page.text.split('<ol class="households">')[1].split("</ol>")[0]
    assert listed.count("<li>") == HOUSEHOLDS
    assert '<details class="fold" >' in page.text
    found = office.person("reception").get(f"/cases/{office.case_id}?household=3栋502").text
    listed = found.split('<ol class="households">')[1].split("</ol>")[0]
    assert (listed.count("<li>"), "郑秀芳" in listed) == (1, True)


def test_a_household_sees_how_many_there_are_and_none_of_the_others(office: Office) -> None:
    page = office.party("郑秀芳").get("/party")
    others = [one.split()[1] for one in json.loads(SCRIPT.read_text(encoding="utf-8"))["households"]]
    assert f"{HOUSEHOLDS}户" in page.text
    assert not [name for name in others if name in page.text]


def test_a_csv_file_of_a_spreadsheet_fills_the_list_and_each_wrong_line_is_named(office: Office) -> None:
    reception, address = new_registration(office)
    lines = "姓名,住址,电话\r\n王建国,一栋101,136-0000-0001\r\n李秀英,,\r\n".encode("gb18030")
    posted = {**APPLICANT, "go": "next"}
    file = (BytesIO(lines), "名单.csv")
    reception.get(f"{address}?page=2")
    page = reception.post(f"{address}?page=2", **(posted | {"households": ["赵玉兰\t二栋202\tabc", file]}))
    assert page.status_code == 422
    text = re.sub(r"\s+", " ", page.text)
    assert "第1行 电话" in text
    assert "第3行 住址" in text
    area = page.text.split('<textarea id="f-households"')[1].split("</textarea>")[0]
    assert [line.split("\t")[0] for line in area.split(">\n", 1)[1].splitlines()] == [
        "赵玉兰", "王建国", "李秀英",
    ]  # fmt: skip


def test_a_spreadsheet_itself_is_refused_in_words_and_what_was_typed_stays(office: Office) -> None:
    reception, address = new_registration(office)
    reception.get(f"{address}?page=2")
    sent = {**APPLICANT, "households": ["赵玉兰\t二栋202", (BytesIO(b"PK\x03\x04\xff\xff\x00"), "名单.xlsx")]}
    page = reception.post(f"{address}?page=2", go="save", **sent)
    assert "请另存为 CSV" in page.text
    assert "赵玉兰\t二栋202" in page.text


def test_a_list_of_households_is_not_kept_with_the_task(office: Office) -> None:
    with office.engine.sessions.query(TENANT) as session:
        done = select(tasks.UserTask).where(tasks.UserTask.node_id == "register_dispute")
        answers = [task.answers for task in session.scalars(done) if task.answers]
    assert answers
    assert not any({"households", "applicants", "respondents"} & set(one) for one in answers)


def test_everybody_is_named_by_one_word(office: Office) -> None:
    roles = re.compile(r'class="who-roles">([^<]*)<')
    assert roles.findall(office.party("恒川置业有限公司").get("/party").text) == ["当事人"]
    assert roles.findall(office.party("郑秀芳").get("/party").text) == ["住户、当事人"]


def test_a_script_writes_out_each_household_once() -> None:
    script = {
        "households": ["一栋101 王建国", "一栋102 李秀英", "一栋103 赵玉兰"],
        "steps": [
            {
                "as": "reception",
                "answers": {"rows": [{"x": 1}, {"each_household": {"n": "$name"}, "from": 2}]},
            },
            {"as": "each_household", "to": 2, "answers": {"at": "$address"}},
        ],
    }
    steps = expanded(script)["steps"]
    assert steps[0]["answers"]["rows"] == [{"x": 1}, {"n": "李秀英"}, {"n": "赵玉兰"}]
    assert [(step["as"], step["answers"]["at"]) for step in steps[1:]] == [
        ("王建国", "一栋101"), ("李秀英", "一栋102"),
    ]  # fmt: skip
    assert expanded({"steps": [{"as": "reception"}]})["steps"] == [{"as": "reception"}]


def test_a_household_sees_its_own_copy_before_it_signs_and_the_staff_see_all_folded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    script = small(json.loads(SCRIPT.read_text(encoding="utf-8")), 5)
    folder = tmp_path_factory.mktemp("offer")
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(folder / "data")}), script) as stage:
        player = Player(stage, script, "offer")
        assert [step.what for step in player.play()][-1] == "check_legality"
        office = Office(stage.engine, stage.clock, player.case_id, make_app(stage.engine, Settings()))  # type: ignore[arg-type]
        page = office.party("郑秀芳").get(f"/tasks/{office.task_id('join_agreement')}").text
        assert re.findall(r'<h2 id="paper-\d">([^<]+)<', page) == ["人民调解协议书", "加入协议书"]
        refused = office.party("恒川置业有限公司").get(f"/tasks/{office.task_id('join_agreement')}")
        assert 'name="answer"' not in refused.text
        staff = office.person("mediator").get(f"/cases/{player.case_id}").text
        copies = staff.split("各户的加入协议书")[1].split("</ul>")[0]
        assert copies.count("<li>") == 6
        assert "加入0户，不加入0户，未答复6户" in staff
