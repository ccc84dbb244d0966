import re
from collections.abc import Callable

import pytest
from lxml import etree

from engine.mediation.lookup import case_of

from ..conftest import TENANT
from .conftest import Office

At = Callable[[str], Office]
PHONE, FACTS, REQUEST = "139-0000-1201", "罗小琴左腕骨裂", "1. 请求陈大勇赔偿其余医疗费"


def test_reception_opens_a_case_and_is_led_to_its_first_task(office_at: At) -> None:
    reception = office_at("invite_party").person("reception")
    reception.get("/tasks")
    page = reception.post("/cases")
    assert page.request.path.startswith("/tasks/")
    assert "登记纠纷" in page.text


def test_the_same_button_pressed_twice_opens_one_case(office_at: At) -> None:
    reception = office_at("invite_party").person("reception")
    reception.get("/tasks")
    first, second = reception.post("/cases", False), reception.post("/cases", False)
    assert first.location == second.location
    assert "共2件" in reception.get("/cases").text


def test_who_may_not_open_a_case_has_no_button_and_is_refused(office_at: At) -> None:
    mediator = office_at("draft_agreement").person("mediator")
    assert "登记新纠纷" not in mediator.get("/tasks").text
    page = mediator.post("/cases", key="a-key")
    assert page.status_code == 403
    assert "建立案件" in page.text


def test_the_list_of_cases_finds_by_name_and_number(office_at: At) -> None:
    reception = office_at("invite_party").person("reception")
    assert "罗小琴" in reception.get("/cases?search=小琴").text
    assert "罗小琴" in reception.get("/cases?search=0001").text
    assert "没有找到" in reception.get("/cases?search=王五").text


def test_the_staff_read_what_the_dispute_is_and_how_to_reach_the_parties(office_at: At) -> None:
    office = office_at("invite_party")
    for username, reached in (("reception", True), ("chief", False)):
        page = office.person(username).get(f"/cases/{office.case_id}").text.split("进行到哪一步")[0]
        for told in ("道路交通事故", "2026年9月21日", "6,161.00元", FACTS, REQUEST):
            assert told in page, told
        for told in (PHONE, "花滩街道书院路18号"):
            assert (told in page) == reached, told
    assert "Road traffic accident" in office.person("chief").english().get(f"/cases/{office.case_id}").text


def test_who_has_nothing_to_do_in_a_case_learns_what_is_under_way(office_at: At) -> None:
    office = office_at("draft_agreement")
    to_do = office.person("reception").get(f"/cases/{office.case_id}").text.split("纠纷情况")[0]
    assert "正在办的是“起草调解协议”，由陈国安办。" in to_do
    assert "正在办的是" not in office.person("mediator").get(f"/cases/{office.case_id}").text


def test_what_waits_for_a_role_or_the_parties_says_so_and_where_they_do_it(office_at: At) -> None:
    checked = office_at("check_legality")
    page = checked.person("mediator").get(f"/cases/{checked.case_id}").text
    assert "正在办的是“审核是否合法”，由首席调解员办。" in page
    assert "打开自己的链接" not in page
    signed = office_at("sign_agreement")
    page = signed.person("mediator").get(f"/cases/{signed.case_id}").text
    assert "正在办的是“当事人签名”，由当事人办。" in page
    assert "打开自己的链接" in page
    assert "打开自己的链接" not in signed.person("chief").get(f"/cases/{signed.case_id}").text


def test_a_party_s_page_shows_nobody_s_number(office_at: At) -> None:
    page = office_at("sign_agreement").party("陈大勇").get("/party").text
    assert PHONE not in page
    assert "书院路" not in page


def test_the_case_page_says_who_did_what_when_and_by_which_article(office_at: At) -> None:
    office = office_at("draft_agreement")
    page = office.person("reception").get(f"/cases/{office.case_id}")
    timeline = page.text.split('class="timeline"')[1]
    assert "周小梅" in timeline
    assert "联系当事人" in timeline
    assert "2026年10月13日 09:40" in timeline
    assert ">第十七条</a>" in timeline


def test_the_case_page_says_where_it_stands_in_words_too(office_at: At) -> None:
    office = office_at("draft_agreement")
    page = office.person("mediator").get(f"/cases/{office.case_id}")
    current = re.search(r'<li class="is-active" aria-current="step">([^<]+)<', page.text)
    assert current is not None
    assert current.group(1).strip() == "起草调解协议"
    first = page.text.split('class="fold" open')[1].split("</summary>")[0]
    assert "订立协议" in first


def test_each_process_of_the_case_has_its_diagram(office_at: At) -> None:
    office = office_at("draft_agreement")
    mediator = office.person("mediator")
    page = mediator.get(f"/cases/{office.case_id}")
    sources = re.findall(r'data-source="([^"]+)"', page.text)
    assert len(sources) == 6
    for source in sources:
        answer = mediator.client.get(source)
        assert answer.content_type.startswith("application/xml")
        assert etree.fromstring(answer.data).tag.endswith("definitions")
    marked = re.findall(r'data-active="([^"]+)"', page.text)
    assert "draft_agreement" in marked[0].split()


def test_a_diagram_of_another_case_is_not_shown(office_at: At) -> None:
    office = office_at("draft_agreement")
    page = office.person("mediator").client.get(f"/cases/{office.case_id}/diagrams/other.bpmn")
    assert page.status_code == 404


def test_somebody_without_a_part_in_the_case_does_not_see_it(office_at: At) -> None:
    office = office_at("invite_party")
    mediator = office.person("mediator")
    assert mediator.get(f"/cases/{office.case_id}").status_code == 404
    assert 'class="cards"' not in mediator.get("/cases?search=罗小琴").text


def test_reception_records_that_a_party_leaves_and_the_case_goes_on_to_the_notice(office_at: At) -> None:
    office = office_at("draft_agreement")
    path = f"/cases/{office.case_id}"
    reception = office.person("reception")
    reception.get(path)
    page = reception.post(f"{path}/withdrawal", party_id=office.party_id("陈大勇"), reason="不想谈了")
    assert "该当事人的调解已经终止" in page.text
    assert "退出" in page.text
    assert office.task_id("tell_other_routes")


def test_a_second_withdrawal_of_the_same_party_is_refused_in_plain_words(office_at: At) -> None:
    office = office_at("draft_agreement")
    path, party_id = f"/cases/{office.case_id}", office.party_id("陈大勇")
    reception = office.person("reception")
    reception.get(path)
    reception.post(f"{path}/withdrawal", party_id=party_id)
    page = reception.post(f"{path}/withdrawal", party_id=party_id, key="another")
    assert page.status_code == 409
    assert "现在不能这样做" in page.text


def test_an_effective_agreement_can_t_be_left_and_the_page_names_the_article(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}")
    assert "协议自2026年10月13日起生效" in page.text
    assert "终止调解" not in page.text.split("办理经过")[1]
    refused = reception.post(
        f"/cases/{office.case_id}/withdrawal", party_id=office.party_id("陈大勇"), key="k"
    )
    assert refused.status_code == 409
    assert "《人民调解法》第三十一条" in refused.text


def test_the_page_says_which_marks_are_missing(office_at: At) -> None:
    office = office_at("sign_as_mediator")
    page = office.person("mediator").get(f"/cases/{office.case_id}")
    assert "协议尚未生效，还缺：" in page.text
    assert "陈国安（调解员）" in page.text
    assert "调委会印章" in page.text
    assert "罗小琴（当事人）" not in page.text


def test_a_mark_of_a_mediator_who_is_not_chosen_yet_is_missing_without_a_name(office_at: At) -> None:
    office = office_at("sign_as_mediator")
    with office.engine.sessions.command(TENANT) as session:
        case_of(session, office.case_id).mediator_id = None
    text = office.person("reception").get(f"/cases/{office.case_id}").text
    missing = text.partition("协议尚未生效，还缺：")[2].partition("</div>")[0]
    assert "调解员" in missing
    assert "（调解员）" not in missing


def test_links_and_codes_are_handed_out_and_renewed(office_at: At) -> None:
    office = office_at("sign_agreement")
    mediator = office.person("mediator")
    page = mediator.get(f"/cases/{office.case_id}/links")
    before = office.link("罗小琴")
    assert before.token in page.text
    assert before.code in page.text
    mediator.post(f"/cases/{office.case_id}/links/{before.party_id}")
    after = office.link("罗小琴")
    assert (after.token, after.code) != (before.token, before.code)
    assert mediator.client.post(f"/p/{before.token}").status_code == 400


def test_the_seal_keeper_is_not_shown_the_links(office_at: At) -> None:
    office = office_at("seal_agreement")
    assert office.person("seal").get(f"/cases/{office.case_id}/links").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_untranslated_place_is_left_on_the_page(office_at: At, language: str) -> None:
    office = office_at("sign_as_mediator")
    mediator = office.person("mediator")
    if language == "en":
        mediator.english()
    text = mediator.get(f"/cases/{office.case_id}").text
    assert "%(" not in text
    assert "None" not in text
