"""A consultation on the case page: its opinion and its duties, in colours, until they are done."""

import datetime as dt
import re
from collections.abc import Callable

import pytest

from engine.calendar import day_of
from engine.mediation import consultations

from ..conftest import TENANT
from .conftest import Office
from .test_broadcasts import party_ids, perform

LEAD, DOCTOR = "区交警大队事故科", "骨科冯医生"


def invitees(office: Office) -> list[str]:
    with office.engine.sessions.query(TENANT) as session:
        return [one.id for one in consultations.invited(session, office.case_id)]


@pytest.fixture
def office(office_at: Callable[[str], Office]) -> Office:
    return consulted(office_at("sign_agreement"))


def consulted(office: Office) -> Office:
    """The tricycle case with an opinion and three duties: past, due in a few days, due in a month."""
    now = office.clock.moment
    today = day_of(now)
    rows = [("department", LEAD), ("expert", DOCTOR)]
    chosen = [{"kind": kind, "name": name, "reason": "有关"} for kind, name in rows]
    perform(office, "invitees_chosen", invitees=chosen)
    agreed = [{"party_id": one, "answer": "agrees", "shares": "no"} for one in party_ids(office)]
    perform(office, "consultation_consented", consents=agreed)
    perform(office, "case_sheet_written", sheet_facts="罗小琴受伤。", questions="误工多久？")
    lead, doctor = invitees(office)
    coming = [{"invitee_id": one, "answer": "accepts"} for one in (lead, doctor)]
    perform(office, "invitees_answered", answers=coming)
    for one in (lead, doctor):
        perform(office, "written_opinion_received", invitee_id=one, received_on=today, opinion="三十日。")
    perform(
        office, "consultation_met", held_on=today, place="会议室", present=[lead, doctor], minutes="一致。"
    )
    wanted = [("出具说明", 1), ("复查左腕", 5), ("回访双方", 40)]
    duties = [
        {"invitee_id": doctor, "action": action, "due_on": today + dt.timedelta(days)}
        for action, days in wanted
    ]
    perform(
        office, "opinion_drafted", opinion_facts="骨裂。", opinion_law="《民法典》。",
        options=[{"text": "误工费按三十日算。"}], dissent="无。", lead=lead, duties=duties,
    )  # fmt: skip
    office.clock.moment = now + dt.timedelta(days=3)
    return office


@pytest.fixture(autouse=True)
def _the_clock_goes_back(office: Office) -> object:
    before = office.clock.moment - dt.timedelta(days=3)
    yield
    office.clock.moment = before


def duties(page: str) -> list[tuple[str, str]]:
    """(what, colour) of each duty on the page."""
    part = page.partition('id="duties"')[2].partition("<h2>")[0]
    return re.findall(r'<li>\s*<h3>([^<]+)</h3>.*?<span class="tag [^"]+">([^<]+)</span>', part, re.DOTALL)


def test_the_staff_see_the_opinion_and_each_duty_in_its_colour(office: Office) -> None:
    page = office.person("mediator").get(f"/cases/{office.case_id}").text
    present = "到会：区交警大队事故科、骨科冯医生；至少要到2位"
    for said in ("误工费按三十日算。", "申请人1受伤。", "参加会诊", "一致。", present):
        assert said in page
    assert "对谁都没有约束力" in page
    assert duties(page) == [
        ("出具说明", "红色：已经超期"), ("复查左腕", "黄色：快到期"), ("回访双方", "绿色：还有时间"),
    ]  # fmt: skip


def test_a_duty_is_marked_as_done_by_one_button(office: Office) -> None:
    mediator = office.person("mediator")
    page = mediator.get(f"/cases/{office.case_id}").text
    address = re.findall(r'action="(/cases/[^"]+/opinion/duties/[^"]+)"', page)[0]
    done = day_of(office.clock.moment).isoformat()
    page = mediator.post(address, done_on=done, note="已经寄出").text
    assert "已经登记办结。" in page
    assert duties(page)[0] == ("出具说明", "绿色：已经办结")
    assert "已经寄出" in page
    again = mediator.post(address, done_on=done, key="another")
    assert again.status_code == 409
    assert "已经登记办结了" in again.text


@pytest.mark.parametrize("day", ["", "昨天", "2020-01-01", "2099-01-01"])
def test_a_day_on_which_it_can_not_have_been_done_is_refused(office: Office, day: str) -> None:
    mediator = office.person("mediator")
    page = mediator.get(f"/cases/{office.case_id}").text
    address = re.findall(r'action="(/cases/[^"]+/opinion/duties/[^"]+)"', page)[0]
    assert mediator.post(address, done_on=day).status_code == 422


def test_a_party_s_page_shows_neither_opinion_nor_duties(office: Office) -> None:
    page = office.party("罗小琴").get("/party").text
    assert "会诊" not in page
    assert "出具说明" not in page
