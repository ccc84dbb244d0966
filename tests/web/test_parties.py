import re
from collections.abc import Callable

import pytest

from .conftest import Browser, Office, hidden

At = Callable[[str], Office]


def knock(office: Office, name: str = "罗小琴") -> tuple[Browser, str, str]:
    link, visitor = office.link(name), Browser(office.app.test_client())
    visitor.get(f"/p/{link.token}")
    return visitor, f"/p/{link.token}", link.code


def test_link_and_code_open_the_party_s_own_page(office_at: At) -> None:
    visitor, path, code = knock(office_at("sign_agreement"))
    page = visitor.post(path, code=code)
    assert page.request.path == "/party"
    assert "罗小琴" in page.text
    assert "当事人签名" in page.text
    assert "人民调解协议书" in page.text
    assert "《人民调解法》第四条、第二十三条" in page.text


def test_a_code_with_blanks_is_the_same_code(office_at: At) -> None:
    visitor, path, code = knock(office_at("sign_agreement"))
    assert visitor.post(path, code=f" {code[:4]} {code[4:]} ").request.path == "/party"


def test_the_link_alone_tells_nothing(office_at: At) -> None:
    visitor, path, _ = knock(office_at("sign_agreement"))
    page = visitor.get(path)
    for word in ("罗小琴", "陈大勇", "人调字"):
        assert word not in page.text


def test_an_unknown_link_looks_like_a_known_one_until_the_code(office_at: At) -> None:
    visitor, path, code = knock(office_at("sign_agreement"))
    known = re.sub(r"/p/[^\"]+|value=\"[^\"]+\"", "", visitor.get(path).text)
    unknown = re.sub(r"/p/[^\"]+|value=\"[^\"]+\"", "", visitor.get("/p/unknown").text)
    assert known == unknown
    assert visitor.post("/p/unknown", code=code).status_code == 404


def test_a_wrong_code_is_said_and_after_five_there_is_a_pause(office_at: At) -> None:
    visitor, path, code = knock(office_at("sign_agreement"))
    for _ in range(5):
        page = visitor.post(path, code="00000000" if code != "00000000" else "11111111")
        assert page.status_code == 401
        assert "验证码不对" in page.text
    assert visitor.post(path, code=code).status_code == 429


def test_a_party_s_session_replaces_that_of_the_staff(office_at: At) -> None:
    office = office_at("sign_agreement")
    browser, link = office.person("mediator"), office.link("罗小琴")
    browser.get(f"/p/{link.token}")
    browser.post(f"/p/{link.token}", code=link.code)
    assert browser.get("/tasks").status_code == 404


def test_the_first_page_of_a_party_is_its_own(office_at: At) -> None:
    assert office_at("sign_agreement").party("罗小琴").get("/").request.path == "/party"


def test_the_party_s_page_needs_a_party(office_at: At) -> None:
    office = office_at("sign_agreement")
    assert office.person("mediator").get("/party").status_code == 404
    ended = office.app.test_client().get("/party")
    assert ended.status_code == 404
    assert "请打开调解员给您的链接" in ended.text


def test_a_party_ends_mediation_in_one_step(office_at: At) -> None:
    office = office_at("sign_agreement")
    party = office.party("陈大勇")
    party.get("/party")
    page = party.post("/party/withdrawal")
    assert page.status_code == 200
    assert "您已经退出本次调解" in page.text
    assert "我要终止调解" not in page.text


def test_a_party_can_t_end_mediation_for_another(office_at: At) -> None:
    office = office_at("sign_agreement")
    party = office.party("陈大勇")
    party.get("/party")
    other = office.party_id("罗小琴")
    party.post("/party/withdrawal", party_id=other)
    mine = party.post(f"/cases/{office.case_id}/withdrawal", party_id=other)
    assert mine.status_code == 404
    assert "我要终止调解" in office.party("罗小琴").get("/party").text or office.task_id("tell_other_routes")


def test_at_the_end_a_party_has_its_copy(office_at: At) -> None:
    party = office_at("end").party("罗小琴")
    page = party.get("/party")
    assert "协议自2026年10月13日起生效" in page.text
    path = re.search(r'href="(/documents/[^"?]+)">人民调解协议书', page.text)
    assert path is not None
    copy = party.client.get(path.group(1), buffered=True)
    assert copy.data.startswith(b"%PDF-")


def test_closing_the_page_ends_the_party_s_session(office_at: At) -> None:
    party = office_at("sign_agreement").party("罗小琴")
    assert "关闭我的页面" in party.get("/party").text
    party.post("/sign-out")
    assert party.client.get("/party").status_code == 404


@pytest.mark.parametrize("path", ["/party", "/p/token"])
def test_the_party_s_pages_speak_english_by_choice(office_at: At, path: str) -> None:
    party = office_at("sign_agreement").party("罗小琴")
    party.get("/party")
    page = party.post("/language", language="en", next=path)
    assert "Your mediation" in page.text
    assert hidden(page, "csrf_token")
