"""The page of related cases, and what is known already while a dispute is being registered."""

import re

from engine.mediation import cases
from engine.models.base import new_id
from engine.people import actor_named

from ..conftest import TENANT
from .conftest import Browser, Office
from .test_cases import At

PARTIES = {"applicants-0-name": "罗小琴", "respondents-0-name": "陈大勇"}


def registering(office: Office) -> tuple[Browser, str]:
    actor = actor_named(office.engine, TENANT, "reception")
    case_id = cases.open_case(office.engine, actor, new_id())
    reception = office.person("reception")
    path = re.search(r'href="(/tasks/[0-9a-f-]{36})"', reception.get(f"/cases/{case_id}").text)
    assert path is not None
    return reception, path[1]


def test_who_registers_a_dispute_is_shown_the_cases_that_name_the_same_people(office_at: At) -> None:
    office = office_at("draft_agreement")
    reception, path = registering(office)
    assert "可能已经登记过的案件" not in reception.get(path).text
    post_page(reception, path, 2, "罗小琴", "applicants")
    page = post_page(reception, path, 3, "陈大勇", "respondents")
    assert "可能已经登记过的案件" in page
    assert f'href="/cases/{office.case_id}"' in page
    assert "双方姓名都相同" in page


def post_page(browser: Browser, path: str, number: int, name: str, side: str) -> str:
    page = browser.get(f"{path}?page={number}").text
    names = re.findall(rf'name="([^"]*{side}[^"]*name[^"]*)"', page)
    assert names, page
    browser.post(f"{path}?page={number}", go="save", **{names[0]: name})
    return browser.get(f"{path}?page={number}").text


def test_the_page_of_a_case_that_is_like_no_other_says_so(office_at: At) -> None:
    office = office_at("draft_agreement")
    reception = office.person("reception")
    assert f"/cases/{office.case_id}/relations" in reception.get(f"/cases/{office.case_id}").text
    assert "没有相同的人" in reception.get(f"/cases/{office.case_id}/relations").text


def test_a_party_and_a_stranger_find_no_such_page(office_at: At) -> None:
    office = office_at("sign_agreement")
    path = f"/cases/{office.case_id}/relations"
    assert office.party("罗小琴").get(path).status_code == 404
    assert office.person("seal").get(path).status_code == 403
    assert "查找相关案件" not in office.party("罗小琴").get("/party").text
