"""What failed, as the pages show it, and the button that has it tried again."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import arrivals, errors, jobs
from engine.models.base import new_id, table
from engine.models.records import Incident, Job

from ..conftest import TENANT, add_person
from .conftest import Office

At = Callable[[str], Office]
INCIDENTS = table(Incident)
AGAIN = "重试</button>"


@pytest.fixture
def office(office_at: At) -> Iterator[Office]:
    """The case with a print that nobody could do."""
    office = office_at("draft_agreement")
    place = {"root_id": office.case_id, "instance_id": office.case_id, "wait_id": "gone"}
    given = place | {"node_id": "issue_receipt", "service": "issue_document"}
    with office.engine.sessions.command(TENANT) as session:
        jobs.enqueue(session, arrivals.SERVICE, "broken", office.clock(), given)
    before = office.clock.moment
    for _ in range(jobs.ATTEMPTS):
        jobs.run_due(office.engine, {})
        office.clock.moment += dt.timedelta(minutes=10)
    yield office
    office.clock.moment = before


def case(office: Office) -> str:
    return f"/cases/{office.case_id}"


def test_the_case_page_says_what_failed_how_often_and_why(office: Office) -> None:
    page = office.person("chief").get(case(office)).text
    assert "出错的事项" in page
    assert "出具申请回执" in page
    assert f"已失败{jobs.ATTEMPTS}次" in page
    assert "KeyError" in page
    assert "wait_id = gone" in page
    assert AGAIN in page


def test_what_failed_is_told_in_plain_words_and_the_technical_ones_are_folded_away(office: Office) -> None:
    refused = {"error": errors.CaseClosed.__doc__, "params": {}}
    with office.engine.sessions.command(TENANT) as session:
        session.execute(update(INCIDENTS).where(INCIDENTS.c.tenant_id == TENANT).values(refused))
    page = office.person("mediator").get(case(office)).text
    plain, _, folded = page.partition("出错的事项")[2].partition("技术细节（供管理员查看）")
    assert "系统自动办理" in plain
    assert "本案已经结束" in plain
    assert "接待员、首席调解员或管理员可以重试" in plain
    assert "wait_id" not in plain
    assert "wait_id" in folded


def test_the_list_leads_back_and_says_what_trying_again_does(office: Office) -> None:
    page = office.person("reception").get("/incidents").text
    assert '<a href="/tasks">任务</a></nav>' in page
    assert "案件照常办理" in page
    assert "如果再次出错，还会列在这里" in page


def test_a_case_in_which_more_failed_takes_no_more_statements(office: Office, statements: list[str]) -> None:
    chief = office.person("chief")
    chief.get("/incidents")
    statements.clear()
    chief.get("/incidents")
    for_one = len(statements)
    with office.engine.sessions.command(TENANT) as session:
        row = session.scalars(select(Incident)).one()
        for number in range(3):
            copied = {column.name: getattr(row, column.name) for column in INCIDENTS.c}
            job = copied_job(session, row.subject_id, f"broken-{number}")
            session.add(Incident(**copied | {"id": new_id(), "subject_id": job}))
    statements.clear()
    assert chief.get("/incidents").text.count(AGAIN) == 4
    assert len(statements) == for_one


def copied_job(session: Session, job_id: str, key: str) -> str:
    job = session.scalars(select(Job).where(Job.id == job_id)).one()
    values = {column.name: getattr(job, column.name) for column in table(Job).c}
    session.add(Job(**values | {"id": (copied := new_id()), "key": key}))
    return copied


@pytest.mark.parametrize("who", ["reception", "chief"])
def test_the_button_has_it_tried_again_and_then_nothing_stands_still(office: Office, who: str) -> None:
    person = office.person(who)
    address = retry_address(person.get(case(office)).text)
    page = person.post(address)
    assert page.request.path == case(office)
    assert "正在重试" in page.text
    office.work()
    page = person.get(case(office))
    assert "出错的事项" not in page.text
    assert "要求重试" in page.text


def test_a_second_press_is_told_that_it_is_over(office: Office) -> None:
    person = office.person("chief")
    address = retry_address(person.get(case(office)).text)
    person.post(address)
    page = person.post(address)
    assert page.status_code == 409
    assert "已经重试过" in page.text


def test_others_see_that_something_failed_but_have_no_button_and_are_refused(office: Office) -> None:
    address = retry_address(office.person("reception").get(case(office)).text)
    mediator = office.person("mediator")
    page = mediator.get(case(office)).text
    assert "出错的事项" in page
    assert "首席调解员或管理员可以重试" in page
    assert AGAIN not in page
    assert mediator.post(address).status_code == 403
    assert mediator.get("/incidents").status_code == 403
    assert "等待重试" not in mediator.get("/tasks").text
    assert AGAIN in office.person("reception").get(case(office)).text


def test_parties_learn_nothing_of_it(office: Office) -> None:
    address = retry_address(office.person("reception").get(case(office)).text)
    party = office.party("罗小琴")
    assert "出错" not in party.get("/").text
    assert party.post(address).status_code == 404


def test_the_inbox_counts_what_failed_and_leads_to_the_list(office: Office) -> None:
    chief = office.person("chief")
    assert "有1件事项出错，等待重试" in chief.get("/tasks").text
    page = chief.get("/incidents").text
    assert case(office) in page
    page = chief.post(retry_address(page))
    assert page.request.path == "/incidents"
    assert "没有停住的事项" in page.text
    assert "出错" not in chief.get("/tasks").text


def test_an_administrator_has_it_tried_again_without_seeing_the_case(office: Office) -> None:
    with office.engine.sessions.command(TENANT) as session:
        said = update(INCIDENTS).where(INCIDENTS.c.tenant_id == TENANT).values(error="罗小琴的名字印不出来")
        session.execute(said)
    assert "罗小琴的名字印不出来" in office.person("chief").get("/incidents").text
    (body_id,) = office.bodies()
    add_person(office.engine, TENANT, body_id, "administrator")
    administrator = office.person("administrator")
    page = administrator.get("/incidents").text
    assert "KeyError" in page
    assert "罗小琴" not in page
    assert f'href="{case(office)}"' not in page
    assert "正在重试" in administrator.post(retry_address(page)).text


def test_the_pages_are_there_in_english(office: Office) -> None:
    chief = office.person("chief").english()
    assert "1 thing failed and waits to be tried again" in chief.get("/tasks").text
    page = chief.get(case(office)).text
    assert f"Failed {jobs.ATTEMPTS} times" in page
    assert "%(" not in page


def retry_address(page: str) -> str:
    (form,) = [part for part in page.split('action="')[1:] if "/incidents/" in part.split('"')[0]]
    return form.split('"')[0]
