"""Accounts in the browser: an administrator lets somebody in, who chooses a password before all else."""

import re

import pytest
from flask import Flask

from engine import accounts

from ..conftest import House
from .conftest import Browser

OWN = "taohua kaizai jiangbian"


@pytest.fixture
def administrator(browser: Browser) -> Browser:
    browser.sign_in("administrator")
    return browser


def make(administrator: Browser, house: House, **changed: object) -> str:
    administrator.get("/accounts")
    data = {"username": "zhou", "name": "周小梅", "roles": ["mediator"], "body_id": house.body_id}
    return administrator.post("/accounts", **(data | changed)).text


def password_on(page: str) -> str:
    found = re.search(r'<dd class="code">([a-z0-9-]{19})</dd>', page)
    assert found is not None, page
    return found.group(1)


def address_of(house: House, name: str) -> str:
    found = accounts.list_accounts(house.engine, house.administrator)
    return next(f"/accounts/{row.id}" for row in found if row.name == name)


def test_who_was_let_in_sees_no_page_before_choosing_a_password(
    house: House, app: Flask, administrator: Browser
) -> None:
    first = password_on(make(administrator, house))
    assert "只在这里显示一次" in str(administrator.last and administrator.last.text)
    assert first not in administrator.get("/accounts").text
    person = Browser(app.test_client())
    assert "请先设置自己的密码" in person.sign_in("zhou", first).text
    for path in ("/tasks", "/cases", "/accounts", "/bodies", "/"):
        assert "请先设置自己的密码" in person.get(path).text
    again = person.post("/password", old=first, new=OWN, again=OWN + "!")
    assert (again.status_code, "两次输入的不一样" in again.text) == (422, True)
    wrong = person.post("/password", old="nothing", new=OWN, again=OWN)
    assert (wrong.status_code, "这不是您现在的密码" in wrong.text) == (422, True)
    assert "您的密码已经修改" in person.post("/password", old=first, new=OWN, again=OWN).text
    assert person.get("/tasks").status_code == 200
    assert Browser(app.test_client()).sign_in("zhou", first).status_code == 401
    assert "请先设置自己的密码" not in Browser(app.test_client()).sign_in("zhou", OWN).text


def test_an_account_is_changed_closed_and_opened_again(
    house: House, app: Flask, administrator: Browser
) -> None:
    first = password_on(make(administrator, house))
    page = address_of(house, "周小梅")
    administrator.get(page)
    data = {"name": "周晓梅", "roles": ["reception", "seal_keeper"], "body_id": house.body_id}
    changed = administrator.post(page, **data).text
    assert "周晓梅" in changed
    assert "接待" in changed
    assert "账号已停用" in administrator.post(f"{page}/closing").text
    assert Browser(app.test_client()).sign_in("zhou", first).status_code == 401
    assert "账号可以重新使用" in administrator.post(f"{page}/opening").text
    second = password_on(administrator.post(f"{page}/password").text)
    assert second != first
    assert Browser(app.test_client()).sign_in("zhou", second).status_code == 200


def test_what_is_wrong_stands_at_its_place_and_what_was_typed_stays(
    house: House, administrator: Browser
) -> None:
    page = make(administrator, house, username="mediator", roles=["reception"])
    assert administrator.last is not None
    assert administrator.last.status_code == 422
    assert "这个用户名已经有人用了" in page
    assert 'value="周小梅"' in page
    assert re.search(r'value="reception" checked', page)
    assert not re.search(r'value="mediator" checked', page)
    assert "至少选一项" in make(administrator, house, roles=[])
    administrator.get(address_of(house, "administrator"))
    last = administrator.post(
        address_of(house, "administrator"), name="王", roles=["reception"], body_id=house.body_id
    )
    assert (last.status_code, "唯一的管理员" in last.text) == (409, True)


def test_only_administrators_come_here(house: House, reception: Browser) -> None:
    assert "账号" not in reception.get("/bodies").text.split("<main")[1]
    for path in ("/accounts", address_of(house, "mediator")):
        assert reception.get(path).status_code == 403
    assert reception.post("/accounts", username="x").status_code == 403
    assert reception.get("/password").status_code == 200


def test_the_pages_speak_english(house: House, administrator: Browser) -> None:
    administrator.english()
    for path in ("/accounts", address_of(house, "mediator"), "/password"):
        text = re.sub(r"<[^>]+>", "", administrator.get(path).text.split("<main")[1])
        for known in ("花滩街道人民调解委员会",):
            text = text.replace(known, "")
        assert not re.search(r"[一-鿿]", text), path
