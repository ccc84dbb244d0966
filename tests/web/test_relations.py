"""The page of related cases, and what is known already while a dispute is being registered."""

from engine import tasks
from engine.mediation import cases
from engine.models.base import new_id
from engine.people import actor_named

from ..conftest import TENANT
from .test_cases import At


def test_who_registers_a_dispute_is_shown_the_cases_that_name_the_same_people(office_at: At) -> None:
    office = office_at("draft_agreement")
    actor = actor_named(office.engine, TENANT, "reception")
    case_id = cases.open_case(office.engine, actor, new_id())
    reception, task_id = office.person("reception"), office.task_id("register_dispute")
    page = reception.get(f"/tasks/{task_id}").text
    assert "可能已经登记过的案件" not in page
    typed = {
        "applicants": [{"kind": "natural", "name": "罗小琴"}],
        "respondents": [{"kind": "natural", "name": "陈大勇"}],
    }
    tasks.save_draft(office.engine, actor, task_id, typed)
    page = reception.get(f"/tasks/{task_id}?page=2").text
    assert "可能已经登记过的案件" in page
    assert f'href="/cases/{office.case_id}"' in page
    assert "双方姓名都相同" in page
    assert case_id != office.case_id


def test_the_page_of_a_case_that_is_like_no_other_says_so(office_at: At) -> None:
    office = office_at("draft_agreement")
    reception = office.person("reception")
    assert f"/cases/{office.case_id}/relations" in reception.get(f"/cases/{office.case_id}").text
    assert "没有相同的人" in reception.get(f"/cases/{office.case_id}/relations").text


def test_a_person_links_two_cases_and_both_pages_say_so(office_at: At) -> None:
    office = office_at("draft_agreement")
    actor = actor_named(office.engine, TENANT, "reception")
    twin = cases.open_case(office.engine, actor, new_id())
    people = {"kind": "natural", "address": "书院路18号"}
    answers = {
        "source": "application", "dispute_type": "traffic", "people_count": 2, "facts": "三轮车相撞。",
        "applicants": [people | {"name": "罗小琴"}], "respondents": [people | {"name": "陈大勇"}],
        "requests": [{"text": "赔偿"}],
    }  # fmt: skip
    tasks.complete_task(office.engine, actor, office.task_id("register_dispute"), answers, new_id())
    reception, path = office.person("reception"), f"/cases/{twin}/relations"
    assert "双方姓名都相同" in reception.get(path).text
    assert reception.post(f"{path}/{office.case_id}", kind="duplicate", reason=" ").status_code == 422
    reception.get(path)
    page = reception.post(f"{path}/{office.case_id}", kind="duplicate", reason="登记了两次")
    assert "已经登记两件案件的关系" in page.text
    for one, other in ((twin, office.case_id), (office.case_id, twin)):
        shown = reception.get(f"/cases/{one}").text
        assert f'href="/cases/{other}"' in shown
        assert "登记了两次" in shown


def test_a_party_and_a_stranger_find_no_such_page(office_at: At) -> None:
    office = office_at("sign_agreement")
    path = f"/cases/{office.case_id}/relations"
    assert office.party("罗小琴").get(path).status_code == 404
    assert office.person("seal").get(path).status_code == 403
    assert "查找相关案件" not in office.party("罗小琴").get("/party").text
