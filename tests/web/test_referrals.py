"""A referred case played to its agreement: the notice, the duty among the tasks, and its end."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from engine.mediation.play import Player
from web import make_app, rehearsal, settings

from .conftest import TRICYCLE, Office, Settings

pytestmark = pytest.mark.slow

REFERRED = {
    "intake_channel": "court", "referring_body": "合川区人民法院", "referral_reference": "（2026）委调第7号",
    "answer_to": "立案庭周法官", "result_due_on": "2026-10-31",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    script = copy.deepcopy(json.loads(Path(TRICYCLE).read_text(encoding="utf-8")))
    script["steps"][0]["answers"] |= REFERRED
    data = tmp_path_factory.mktemp("referred") / "data"
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(data)}), script) as stage:
        player = Player(stage, script, "referred")
        for _ in player.play():
            pass
        app = make_app(stage.engine, Settings())  # type: ignore[arg-type]
        yield Office(stage.engine, stage.clock, player.case_id, app)


def test_an_agreement_is_told_back_without_a_word_of_it_and_the_duty_ends_when_it_was_sent(
    office: Office,
) -> None:
    reception = office.person("reception")
    assert "有1件移送案件的结果要告知移送单位" in reception.get("/tasks").text
    assert "合川区人民法院" in reception.get("/referrals").text
    path = f"/cases/{office.case_id}/referral"
    page = reception.get(path)
    notice = re.search(r'href="(/documents/[0-9a-f-]+)">打开结果告知书', page.text)
    assert notice is not None
    with pypdfium2.PdfDocument(reception.client.get(notice[1]).data) as document:
        text = "".join("".join(one.get_textpage().get_text_range() for one in document).split())
    for said in ("合川区人民法院", "（2026）委调第7号", "周法官", "已达成调解协议", "花滩人调字第0001号"):
        assert said in text
    for hidden in ("罗小琴", "陈大勇", "三轮车", "2561", "2,561"):
        assert hidden not in text
    assert reception.post(path, on="", manner="post").status_code == 422
    reception.get(path)
    assert reception.post(path, on="2030-01-01", manner="post").status_code == 422
    reception.get(path)
    done = reception.post(path, on=office.clock().date().isoformat(), manner="post")
    assert done.request.path == f"/cases/{office.case_id}"
    assert "邮寄" in done.text
    assert "移送案件的结果" not in reception.get("/tasks").text
    assert "合川区人民法院" not in reception.get("/referrals").text


def test_parties_and_the_seal_keeper_do_not_send_results(office: Office) -> None:
    path = f"/cases/{office.case_id}/referral"
    assert office.party("罗小琴").get(path).status_code == 404
    assert "移送单位" not in office.party("罗小琴").get("/party").text
    assert office.person("seal").get("/referrals").status_code == 403


def test_the_list_of_cases_is_filtered_by_the_way_they_came(office: Office) -> None:
    reception = office.person("reception")
    assert "罗小琴" in reception.get("/cases?channel=court").text
    page = reception.get("/cases?channel=police").text
    assert "罗小琴" not in page
    assert "没有从这个渠道来的案件" in page
    assert "人民法院移送" in reception.get(f"/cases/{office.case_id}").text
