import re
from collections.abc import Callable
from io import BytesIO

import pytest
from lxml import html

from engine import errors, open_tasks, people, tasks
from engine.mediation import props
from tests.conftest import TENANT

from .conftest import Office

At = Callable[[str], Office]
ANSWER = {
    "answers-count": "1",
    "answers-0-channel": "phone",
    "answers-0-answer": "willing",
    "answers-0-contacted_on": "2026-10-13",
    "answers-0-note": "",
}


def invitation(office: Office) -> dict[str, str]:
    return {**ANSWER, "answers-0-party_id": office.party_id("陈大勇")}


def test_the_inbox_counts_what_each_tab_holds(office_at: At) -> None:
    office = office_at("invite_party")
    page = office.person("reception").get("/tasks?view=role")
    assert re.findall(r'class="count [^"]*">(\d+)<', page.text) == ["0", "1", "0"]
    assert "联系当事人" in page.text
    assert "罗小琴" in page.text


def test_an_empty_list_of_one_s_own_leads_to_what_is_open_to_the_role(office_at: At) -> None:
    reception = office_at("invite_party").person("reception")
    assert '<a href="/tasks?view=role">本岗位还有1件等人办</a>' in reception.get("/tasks").text
    assert "等人办" not in reception.get("/tasks?search=王五").text
    assert "等人办" not in office_at("invite_party").person("seal").get("/tasks").text


@pytest.mark.parametrize("search", ["小琴", "联系", "0001"])
def test_two_characters_of_a_name_find_the_task(office_at: At, search: str) -> None:
    page = office_at("invite_party").person("reception").get(f"/tasks?view=role&search={search}")
    assert "/tasks/" in page.text.split("<ul")[1]


def test_a_search_without_result_says_so_and_shows_what_was_typed_as_text(office_at: At) -> None:
    page = office_at("invite_party").person("reception").get("/tasks?view=role&search=<script>x</script>")
    assert "&lt;script&gt;x&lt;/script&gt;" in page.text
    assert "<script>x" not in page.text


@pytest.mark.parametrize("query", ["view=nothing", "page=x", "page=-3", "page=999"])
def test_a_strange_address_of_the_inbox_is_no_failure(office_at: At, query: str) -> None:
    assert office_at("invite_party").person("reception").get(f"/tasks?{query}").status_code == 200


def test_an_overdue_task_is_marked(office_at: At) -> None:
    office = office_at("invite_party")
    before = office.clock.moment
    try:
        office.clock.moment = before.replace(month=11)
        page = office.person("reception").get("/tasks?view=overdue")
    finally:
        office.clock.moment = before
    assert "2026年10月16日到期，已超期" in page.text


def test_a_task_shows_its_article_and_its_questions(office_at: At) -> None:
    office = office_at("invite_party")
    page = office.person("reception").get(f"/tasks/{office.task_id('invite_party')}")
    assert '《人民调解法》<a href="/law#refusal">第十七条</a>' in page.text
    assert "陈大勇" in page.text
    assert 'name="answers-0-answer"' in page.text


def test_a_page_is_read_in_one_transaction_and_what_is_posted_in_one_and_written_in_one(
    office_at: At, statements: list[str]
) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    statements.clear()
    reception.get(path)
    assert [text for text in statements if text.startswith("BEGIN")] == ["BEGIN"]
    assert sum("FROM cases" in text for text in statements) == 1
    statements.clear()
    reception.post(path, follow=False, go="save")
    assert [text for text in statements if text.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


def test_in_english_the_task_is_in_english(office_at: At) -> None:
    office = office_at("invite_party")
    page = office.person("reception").english().get(f"/tasks/{office.task_id('invite_party')}")
    assert '<html lang="en">' in page.text
    assert re.search(r"People(&#39;|')s Mediation Law, Art. <a href=\"/law#refusal\">17</a>", page.text)


def test_wrong_answers_come_back_with_the_page_and_what_is_wrong(office_at: At) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    reception.get(path)
    page = reception.post(path, go="next", **invitation(office) | {"answers-0-answer": ""})
    assert page.status_code == 422
    assert "data-error-summary" in page.text
    assert 'value="2026-10-13"' in page.text
    assert office.task_id("invite_party")


def test_right_answers_complete_the_task_and_lead_to_the_next(office_at: At) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    reception.get(path)
    page = reception.post(path, go="next", **invitation(office))
    assert page.status_code == 200
    assert "已完成：联系当事人" in page.text
    assert page.request.path == f"/tasks/{office.task_id('record_consent')}"


def test_a_double_click_does_nothing_twice(office_at: At) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    reception.get(path)
    first = reception.post(path, False, go="next", **invitation(office))
    second = reception.post(path, False, go="next", **invitation(office))
    assert (first.status_code, second.status_code, second.location) == (303, 303, "/")
    assert "这项任务您已经完成了" in reception.get("/tasks").text


def test_a_task_done_by_somebody_else_says_who_and_when(office_at: At) -> None:
    office = office_at("record_consent")
    path = f"/tasks/{office.task_id('record_consent')}"
    colleague = office.person("chief")
    office.person("reception").get(path)
    page = colleague.get(path)
    assert page.status_code == 200
    assert "这项任务由以下岗位办理" in page.text
    assert "guided-form" not in page.text


def test_an_answer_that_was_not_asked_is_refused_by_the_page_too(office_at: At) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    reception.get(path)
    reception.post(path, go="next", effective="true", **invitation(office))
    case = reception.get(f"/cases/{office.case_id}")
    assert "协议自" not in case.text


def test_a_draft_keeps_what_was_typed_valid_or_not(office_at: At) -> None:
    office = office_at("invite_party")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception = office.person("reception")
    reception.get(path)
    typed = invitation(office) | {"answers-0-answer": "", "answers-0-note": "下午<b>再</b>打"}
    assert reception.post(f"{path}/draft", False, **typed).status_code == 204
    page = reception.get(path)
    assert "下午&lt;b&gt;再&lt;/b&gt;打" in page.text


def test_a_posted_last_page_reads_the_case_only_under_its_lock(office_at: At, statements: list[str]) -> None:
    office = office_at("invite_party")
    path, reception = f"/tasks/{office.task_id('invite_party')}", office.person("reception")
    reception.get(path)
    statements.clear()
    reception.post(path, follow=False, go="next", **invitation(office))
    read = ["FROM cases LEFT OUTER JOIN agreements" in text for text in statements]
    assert sum(read) == 1
    assert statements.index("BEGIN IMMEDIATE") < read.index(True)


def test_a_draft_of_an_older_form_does_not_keep_its_task_from_being_completed(office_at: At) -> None:
    office = office_at("invite_party")
    task_id = office.task_id("invite_party")
    # As it stands once the case has moved to a release that asks less.
    row = {"party_id": office.party_id("陈大勇"), "note": "下午再打", "no_longer_asked": "x"}
    actor = people.actor_named(office.engine, TENANT, "reception")
    tasks.save_draft(office.engine, actor, task_id, {"answers": [row], "asked_before": "y"})
    reception = office.person("reception")
    assert "下午再打" in reception.get(f"/tasks/{task_id}").text
    page = reception.post(f"/tasks/{task_id}", go="next", **invitation(office))
    assert page.status_code == 200
    with pytest.raises(errors.TaskClosed):
        open_tasks.open_task(office.engine, actor, task_id)


def test_pages_go_on_and_back_without_loss(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/tasks/{office.task_id('draft_agreement')}"
    mediator = office.person("mediator")
    mediator.get(path)
    answers = {"facts": "三轮车相撞。", "disputed_matters": "医药费。", "responsibility": "主要责任。"}
    second = mediator.post(f"{path}?page=1", go="next", **answers)
    assert second.request.args["page"] == "2"
    first = mediator.post(f"{path}?page=2", go="back", subjects="payment")
    assert first.request.args["page"] == "1"
    assert "三轮车相撞。" in first.text
    again = mediator.get(f"{path}?page=2")
    assert re.search(r'value="payment" checked', again.text)


def test_a_page_with_a_mistake_is_not_left(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/tasks/{office.task_id('draft_agreement')}"
    mediator = office.person("mediator")
    mediator.get(path)
    page = mediator.post(f"{path}?page=1", go="next", facts="", disputed_matters="x", responsibility="y")
    assert page.status_code == 422
    assert 'href="#f-facts"' in page.text


def test_skipping_pages_leads_back_to_the_first_with_a_mistake(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/tasks/{office.task_id('draft_agreement')}"
    mediator = office.person("mediator")
    mediator.get(path)
    page = mediator.post(f"{path}?page=99", go="next", **{"obligations-count": "0"})
    assert page.status_code == 422
    assert 'href="#f-facts"' in page.text


def test_rows_are_added_and_removed_without_script(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/tasks/{office.task_id('draft_agreement')}"
    mediator = office.person("mediator")
    mediator.get(f"{path}?page=4")
    row = {"obligations-count": "1", "obligations-0-action": "付款", "obligations-0-instalments-count": "0"}
    more = mediator.post(f"{path}?page=4", go="add:obligations", **row)
    assert 'name="obligations-1-action"' in more.text
    assert "付款" in more.text
    fewer = mediator.post(f"{path}?page=4", go="remove:obligations:1", **row | {"obligations-count": "2"})
    assert 'name="obligations-1-action"' not in fewer.text
    assert "付款" in fewer.text


def test_a_claimed_task_is_kept_from_colleagues_until_it_is_given_back(office_at: At) -> None:
    office = office_at("invite_party")
    task_id = office.task_id("invite_party")
    reception = office.person("reception")
    reception.get(f"/tasks/{task_id}")
    assert "退回任务" in reception.post(f"/tasks/{task_id}/claim").text
    assert re.findall(r'class="count [^"]*">(\d+)<', reception.get("/tasks").text) == ["1", "0", "0"]
    assert "任务已退回" in reception.post(f"/tasks/{task_id}/release").text


def test_who_takes_a_task_on_in_the_middle_of_its_form_stays_there(office_at: At) -> None:
    office = office_at("record_consent")
    reception, path = office.person("reception"), f"/tasks/{office.task_id('record_consent')}"
    action = html.fromstring(reception.get(f"{path}?page=2").text).xpath(
        "//*[@class='task-foot']/form/@action"
    )
    assert "第2步" in reception.post(action[0]).text


def test_a_document_is_seen_before_it_is_signed(office_at: At) -> None:
    office = office_at("sign_agreement")
    party = office.party("罗小琴")
    page = party.get(f"/tasks/{office.task_id('sign_agreement')}")
    pictures = re.findall(r'<img src="(/documents/[^"]+/pages/\d+\.png)" alt="[^"]+"', page.text)
    assert pictures
    picture = party.client.get(pictures[0], buffered=True)
    assert picture.content_type == "image/png"
    assert picture.data.startswith(b"\x89PNG")
    beyond = re.sub(r"\d+\.png", "99.png", pictures[0])
    assert party.client.get(beyond).status_code == 404


def test_a_party_signs_on_its_own_page(office_at: At) -> None:
    office = office_at("sign_agreement")
    path = f"/tasks/{office.task_id('sign_agreement')}"
    party = office.party("罗小琴")
    party.get(path)
    party.post(f"{path}?page=1", go="next", read="true")
    drawn = props.drawn_signature("罗小琴")
    page = party.post(f"{path}?page=2", go="next", signature=drawn)
    assert page.request.path == "/party"
    assert "罗小琴（当事人）" not in page.text
    assert "陈大勇（当事人）" in page.text


def test_an_uploaded_file_is_stored_and_kept_with_the_draft(office_at: At) -> None:
    office = office_at("invite_party")
    reception = office.person("reception")
    path = f"/tasks/{office.task_id('invite_party')}"
    reception.get(path)
    page = reception.post(
        path, go="save", scan=(BytesIO(b"MZ not a scan"), "virus.exe"), **invitation(office)
    )
    assert page.status_code == 422
    assert "PDF、JPEG或PNG" in page.text


def test_what_is_too_large_is_refused_in_plain_words(office_at: At) -> None:
    office = office_at("invite_party")
    page = office.person("reception").client.post(
        f"/tasks/{office.task_id('invite_party')}",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(26 * 2**20)},
    )
    assert page.status_code == 413
    assert "25 MB" in page.text


def test_somebody_else_s_task_does_not_exist(office_at: At) -> None:
    office = office_at("sign_agreement")
    party = office.party("罗小琴")
    for path in (
        "/tasks",
        "/cases",
        f"/cases/{office.case_id}",
        f"/cases/{office.case_id}/links",
        "/tasks/none",
    ):
        assert party.get(path).status_code == 404
