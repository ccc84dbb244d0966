"""The list of experts through the web."""

import re

import pytest

from .conftest import Browser

QIN = {
    "kind": "engineer", "name": "秦工", "field": "房屋结构", "institution": "区设计院",
    "contact": "138-0000-0002", "available_from": "2026-03-01", "available_until": "",
}  # fmt: skip


@pytest.fixture
def chief(browser: Browser) -> Browser:
    browser.sign_in("chief_mediator")
    browser.get("/experts")
    return browser


def test_a_chief_mediator_enters_an_expert_and_takes_the_expert_off_the_list(chief: Browser) -> None:
    page = chief.post("/experts", **QIN).text
    assert "已经列入专家名册。" in page
    for said in ("秦工", "工程师、房屋结构、区设计院", "138-0000-0002", "从2026年3月1日起", "能参加"):
        assert said in page
    (address,) = re.findall(r'action="(/experts/[^"]+/end)"', page)
    page = chief.post(address, ended_on="2026-03-02", reason="调离").text
    assert "已经从专家名册中移出。" in page
    assert "2026年3月2日提前结束：调离" in page
    assert address not in page
    assert "会诊专家名册" in chief.get("/bodies").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"name": ""}, "请填写。"), ({"available_from": "昨天"}, "无法识别"), ({"kind": "wizard"}, "请从这些"),
     ({"available_until": "2020-01-01"}, "2026-03-01")],
)  # fmt: skip
def test_what_is_wrong_stands_on_the_page_again_as_it_was_typed(
    chief: Browser, changed: dict[str, str], said: str
) -> None:
    answer = chief.post("/experts", **QIN | changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="房屋结构"' in answer.text
    assert "138-0000-0002" not in chief.get("/experts").text


def test_the_others_of_the_staff_read_the_list_and_change_nothing(chief: Browser) -> None:
    chief.post("/experts", **QIN)
    chief.post("/sign-out")
    chief.sign_in("mediator")
    page = chief.get("/experts").text
    assert "138-0000-0002" in page
    assert "列入名册" not in page
    assert chief.post("/experts", **QIN).status_code == 403


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(browser: Browser) -> None:
    assert browser.get("/experts").request.path == "/sign-in"
