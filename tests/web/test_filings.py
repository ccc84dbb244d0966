"""The public form without an account, the state by number and telephone, and reception's queue."""

import re

import pytest
from flask import Flask

from engine import bodies
from engine.bodies import NewBody

from ..conftest import TENANT, House
from .conftest import Browser, Office
from .test_cases import At

TOLD = {
    "filed_by": "party", "name": "罗小琴", "phone": "139-0000-1201", "address": "花滩街道书院路18号",
    "other_name": "陈大勇", "other_place": "滨江路", "facts": "三轮车撞了我。", "wish": "赔偿医药费",
}  # fmt: skip


def send(visitor: Browser, body_id: str, **changed: str) -> str:
    visitor.get("/apply")
    page = visitor.post("/apply", **TOLD | {"body_id": body_id} | changed)
    assert page.request.path == "/apply/received", page.text
    found = re.search(r'class="receipt-number">(\d{14})<', page.text)
    assert found is not None
    return found[1]


def test_a_person_without_account_files_a_dispute_and_gets_a_number(browser: Browser, house: House) -> None:
    number = send(browser, house.body_id)
    page = browser.post("/apply/state", number=number, phone="13900001201")
    assert "等待查看" in page.text
    for word in ("罗小琴", "陈大勇", "三轮车"):
        assert word not in page.text


def test_a_wrong_number_or_telephone_is_one_and_the_same_answer(browser: Browser, house: House) -> None:
    number = send(browser, house.body_id)
    browser.get("/apply/state")
    wrong_phone = browser.post("/apply/state", False, number=number, phone="13900001299")
    wrong_number = browser.post("/apply/state", False, number="20260302000000", phone="13900001201")
    assert wrong_phone.status_code == wrong_number.status_code == 404
    assert "没有找到" in wrong_phone.text
    for _ in range(3):
        browser.post("/apply/state", False, number=number, phone="13900001299")
    late = browser.post("/apply/state", False, number=number, phone="13900001201")
    assert late.status_code == 429


def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    browser: Browser, house: House
) -> None:
    browser.get("/apply")
    page = browser.post("/apply", **TOLD | {"body_id": house.body_id, "phone": "没有"})
    assert page.status_code == 422
    assert 'href="#apply-phone"' in page.text
    assert re.search(r'id="apply-phone"[^>]*aria-invalid="true"', page.text)
    assert "三轮车撞了我。" in page.text
    assert re.search(r'id="filed-by-party"[^>]*checked', page.text)


def test_without_its_token_nothing_is_taken(app: Flask, house: House) -> None:
    sent = TOLD | {"body_id": house.body_id, "key": "k"}
    assert app.test_client().post("/apply", data=sent).status_code == 400


def test_the_sixth_from_one_place_has_to_wait(browser: Browser, house: House) -> None:
    for _ in range(5):
        send(browser, house.body_id)
    browser.get("/apply")
    assert browser.post("/apply", **TOLD | {"body_id": house.body_id}).status_code == 429


def test_the_code_of_a_committee_chooses_it(browser: Browser, house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        bodies.ensure_body(session, NewBody("书院村人民调解委员会", "书院", kind="village"))
    page = browser.get(f"/apply?at={house.body_id}")
    assert re.search(f'value="{house.body_id}" selected', page.text)
    assert "书院村人民调解委员会" in page.text


def test_the_page_speaks_english_too(browser: Browser, house: House) -> None:
    page = browser.english().get("/apply")
    assert "Ask for mediation" in page.text
    assert "申请调解" not in page.text


def queue(office: Office) -> tuple[Browser, str, str]:
    (body_id,) = office.bodies()
    number = send(Browser(office.app.test_client()), body_id)
    reception = office.person("reception")
    page = reception.get("/filings")
    path = re.search(r'href="(/filings/[0-9a-f-]{36})"', page.text)
    assert path is not None
    return reception, path[1], number


def test_reception_finds_it_among_its_tasks_and_opens_it_as_a_case(office_at: At) -> None:
    office = office_at("draft_agreement")
    reception, path, number = queue(office)
    assert "有1件网上提交的纠纷等您处理" in reception.get("/tasks").text
    page = reception.get(path)
    for word in (number, "139-0000-1201", "三轮车撞了我。"):
        assert word in page.text
    page = reception.post(f"{path}/case")
    assert page.request.path.startswith("/tasks/")
    assert re.search(r'value="web" checked', page.text)
    assert "罗小琴" in reception.get(f"{page.request.path}?page=2").text
    case_path = re.search(r'href="(/cases/[0-9a-f-]{36})"', reception.last.text if reception.last else "")
    assert case_path is not None
    assert path in reception.get(case_path[1]).text
    assert "没有等待处理的内容" in reception.get("/filings").text


def test_declining_needs_a_reason_and_tells_the_public_none(office_at: At) -> None:
    office = office_at("draft_agreement")
    reception, path, number = queue(office)
    reception.get(path)
    assert reception.post(f"{path}/declined", reason=" ").status_code == 422
    reception.get(path)
    assert reception.post(f"{path}/declined", reason="不归本街道管").status_code == 200
    assert "不归本街道管" in reception.get(path).text
    visitor = Browser(office.app.test_client())
    visitor.get("/apply/state")
    page = visitor.post("/apply/state", number=number, phone="13900001201")
    assert "没有接手" in page.text
    assert "不归本街道管" not in page.text


@pytest.mark.parametrize("who", ["mediator", "party"])
def test_nobody_else_reads_the_queue(office_at: At, who: str) -> None:
    office = office_at("sign_agreement")
    _, path, _ = queue(office)
    other = office.party("罗小琴") if who == "party" else office.person(who)
    expected = 404 if who == "party" else 403
    assert [other.get(one).status_code for one in ("/filings", path)] == [expected] * 2
    assert "网上提交的纠纷等您处理" not in other.get("/").text


def test_the_poster_shows_the_address_and_its_code(reception: Browser, house: House) -> None:
    page = reception.get("/filings/poster")
    assert f"/apply?at={house.body_id}" in page.text
    assert 'src="data:image/svg+xml' in page.text
