"""“Something has happened”: the page of choices, what is wrong in it, and what the case page then shows."""

from collections.abc import Callable

import pytest

from .conftest import Browser, Office

SEEN = "孩子手臂上有瘀伤"


@pytest.fixture
def office(office_at: Callable[[str], Office]) -> Office:
    return office_at("hold_joint_session")


def chosen(office: Office, who: str) -> tuple[Browser, str]:
    browser = office.person(who)
    return browser, browser.get(f"/cases/{office.case_id}/happenings").text


def note(office: Office, browser: Browser, kind: str, **sent: str) -> str:
    return browser.post(f"/cases/{office.case_id}/happenings/{kind}", **sent).text


def test_each_choice_says_what_it_does_and_by_which_article(office: Office) -> None:
    mediator, page = chosen(office, "mediator")
    assert f'href="/cases/{office.case_id}/happenings"' in mediator.get(f"/cases/{office.case_id}").text
    assert page.count('class="law"') == page.count("<textarea") == page.count('name="key"')
    for said in (
        "生病或者长期不在",
        "未成年人可能受到侵害",
        "由首席调解员决定是否继续调解",
        ">第十一条</a>",
        "先打110",
    ):
        assert said in page
    english = office.person("mediator").english().get(f"/cases/{office.case_id}/happenings").text
    assert "A child may have been harmed" in english


def test_a_choice_without_words_is_shown_again_with_what_is_missing(office: Office) -> None:
    mediator, _ = chosen(office, "mediator")
    answer = mediator.post(f"/cases/{office.case_id}/happenings/minor", text="  ")
    assert answer.status_code == 422
    assert 'href="#text-minor"' in answer.text
    assert 'aria-describedby="text-minor-error"' in answer.text
    assert "暂停：等待报告" not in mediator.get(f"/cases/{office.case_id}").text


def test_what_was_noted_suspends_the_case_and_opens_the_report(office: Office) -> None:
    mediator, _ = chosen(office, "mediator")
    page = note(office, mediator, "minor", text=SEEN)
    for said in ("暂停：等待报告", "立即报告", SEEN, "未处理完", "起暂停计算"):
        assert said in page
    assert "恢复计算期限" not in page
    refused = mediator.post(f"/tasks/{office.task_id('hold_joint_session')}", action="complete")
    assert refused.status_code in (409, 422)
    assert "暂停：等待报告" in office.person("chief").get("/cases").text


def test_a_halted_task_says_so_before_it_is_filled_in_and_the_report_does_not(office: Office) -> None:
    mediator, _ = chosen(office, "mediator")
    task = f"/tasks/{office.task_id('hold_joint_session')}"
    assert "案件现在暂停" not in mediator.get(task).text
    note(office, mediator, "minor", text=SEEN)
    halted = mediator.get(task).text
    assert "案件现在暂停" in halted
    assert f'<a href="/cases/{office.case_id}">到案件页面看先要办什么' in halted
    report = mediator.get(f"/tasks/{office.task_id('make_report')}")
    assert "立即报告" in report.text
    assert "案件现在暂停" not in report.text


def test_the_parties_see_nothing_of_it(office: Office) -> None:
    party = office.party("罗小琴")
    before = party.get("/party").text
    note(office, chosen(office, "mediator")[0], "domestic_violence", text=SEEN)
    after = party.get("/party").text
    assert without_keys(after) == without_keys(before)
    assert party.get(f"/cases/{office.case_id}/happenings").status_code == 404


def without_keys(page: str) -> list[str]:
    return [line for line in page.splitlines() if 'type="hidden"' not in line]


def test_reception_sees_that_something_is_reported_and_not_what(office: Office) -> None:
    note(office, chosen(office, "mediator")[0], "crime", text=SEEN)
    page = office.person("reception").get(f"/cases/{office.case_id}").text
    assert "只有本案调解员和首席调解员看得到" in page
    assert SEEN not in page


def test_who_may_not_note_it_and_a_forged_form_are_refused(office: Office) -> None:
    seal = office.person("seal")
    assert seal.get(f"/cases/{office.case_id}/happenings").status_code == 403
    assert "/happenings" not in seal.get(f"/cases/{office.case_id}").text
    mediator, _ = chosen(office, "mediator")
    forged = mediator.post(f"/cases/{office.case_id}/happenings/crime", text=SEEN, csrf_token="x")
    assert forged.status_code == 400
