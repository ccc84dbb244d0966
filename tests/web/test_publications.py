"""What is published of consultations, through the web: for everybody, and on the way there."""

import re

import pytest

from engine.calendar import day_of

from .conftest import Browser, Office
from .test_broadcasts import party_ids, perform
from .test_consultations import _the_clock_goes_back, office

__all__ = ["_the_clock_goes_back", "office"]
TEXT = "罗小琴骨裂。\n误工费按三十日算。"


@pytest.fixture
def told(office: Office) -> Office:
    today = day_of(office.clock.moment)
    perform(office, "opinion_told", told_parties=party_ids(office), told_on=today, as_proposal=True)
    return office


def address(office: Office) -> str:
    return f"/cases/{office.case_id}/publications"


def prepared(office: Office) -> Browser:
    chief = office.person("chief")
    assert "误工费按三十日算。" in chief.get(address(office)).text
    assert "已经交给别人审核。" in chief.post(address(office), title="三轮车事故", text=TEXT).text
    return chief


def action(page: str, what: str) -> str:
    return re.findall(rf'action="(/cases/[^"]+/publications/[^"]+/{what})"', page)[0]


def everybody(office: Office) -> str:
    return office.app.test_client().get("/publications").text


def test_a_text_is_prepared_reviewed_read_by_everybody_and_withdrawn(told: Office) -> None:
    chief = prepared(told)
    assert "/review" not in chief.get(address(told)).text
    assert "三轮车事故" not in everybody(told)
    keeper = told.person("seal")
    assert "等您审核" in keeper.get("/publications").text
    review = action(keeper.get(address(told)).text, "review")
    assert "已经公布。" in keeper.post(review, decision="publish", note="").text
    page = everybody(told)
    assert "申请人1骨裂。" in page
    assert "罗小琴" not in page
    assert "等您审核" not in page
    withdrawal = action(chief.get(address(told)).text, "withdrawal")
    assert "已经撤下。" in chief.post(withdrawal, reason="当事人要求").text
    assert "申请人1骨裂。" not in everybody(told)
    assert "还没有公布的内容。" in everybody(told)


def test_sending_back_needs_a_reason_which_the_author_reads(told: Office) -> None:
    prepared(told)
    keeper = told.person("seal")
    review = action(keeper.get(address(told)).text, "review")
    assert keeper.post(review, decision="return", note="").status_code == 422
    keeper.get(address(told))
    assert "已经退回。" in keeper.post(review, decision="return", note="能认出来").text
    assert "能认出来" in told.person("chief").get(address(told)).text
    assert "三轮车事故" not in everybody(told)


def test_the_author_s_own_review_is_refused(told: Office) -> None:
    chief = prepared(told)
    keeper = told.person("seal")
    review = action(keeper.get(address(told)).text, "review")
    answer = chief.post(review, decision="publish")
    assert answer.status_code == 409
    assert "必须由作者以外的人审核" in answer.text
    assert "三轮车事故" not in everybody(told)


def test_a_text_without_a_title_stands_on_the_page_again(told: Office) -> None:
    chief = told.person("chief")
    chief.get(address(told))
    answer = chief.post(address(told), title="", text="写了很久。")
    assert answer.status_code == 422
    assert "写了很久。" in answer.text


def test_before_the_opinion_is_told_the_case_page_leads_to_no_publication(office: Office) -> None:
    chief = office.person("chief")
    assert "/publications" not in chief.get(f"/cases/{office.case_id}").text
    assert "交给别人审核" not in chief.get(address(office)).text


def test_a_party_finds_the_page_for_everybody_and_not_the_one_of_its_case(told: Office) -> None:
    party = told.party("罗小琴")
    assert party.get("/publications").status_code == 200
    assert party.get(address(told)).status_code == 404


def test_the_page_for_everybody_speaks_english_too(told: Office) -> None:
    client = Browser(told.app.test_client()).english()
    assert "Results of consultations" in client.get("/publications").text
