import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from lxml import html
from sqlalchemy import update

from engine.models.people import Account
from web import make_app
from web.ways import safe_path

from ..conftest import PASSWORD, TENANT, House
from .conftest import Browser, Office, Settings


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(browser: Browser) -> None:
    sent = browser.client.get("/tasks?view=role")
    assert sent.status_code == 303
    assert sent.location == "/sign-in?next=/tasks?view%3Drole"
    browser.get(sent.location)
    entered = browser.post(
        "/sign-in", False, username="reception", password=PASSWORD, next="/tasks?view=role"
    )
    assert (entered.status_code, entered.location) == (303, "/tasks?view=role")


def test_a_wrong_password_shows_the_form_again_and_says_neither_which_was_wrong(browser: Browser) -> None:
    wrong = browser.sign_in("reception", "wrong")
    unknown = browser.sign_in("nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或密码不对" in wrong.text
    assert "用户名或密码不对" in unknown.text
    assert 'role="alert"' in wrong.text


def test_after_five_wrong_passwords_there_is_a_pause(browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in("reception", "wrong")
    refused = browser.sign_in("reception")
    assert refused.status_code == 429
    assert "15" in refused.text


def test_the_session_is_a_new_one_after_signing_in(browser: Browser) -> None:
    browser.get("/sign-in")
    before = browser.client.get_cookie("woshou")
    token = re.search(r'name="csrf_token" value="([^"]*)"', browser.last.text).group(1)  # type: ignore[union-attr]
    browser.sign_in("reception")
    after = browser.client.get_cookie("woshou")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert browser.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


def test_the_language_stays_over_signing_in(browser: Browser) -> None:
    assert "Sign out" in browser.english().sign_in("reception").text


def test_signing_out_ends_the_session_on_the_server_too(reception: Browser) -> None:
    cookie = reception.client.get_cookie("woshou")
    assert cookie is not None
    reception.post("/sign-out")
    reception.client.set_cookie("woshou", cookie.value)
    assert reception.client.get("/tasks").status_code == 303


def test_after_two_hours_without_a_sign_of_life_one_signs_in_again(reception: Browser, house: House) -> None:
    house.clock.forward(hours=2, minutes=1)
    assert reception.client.get("/tasks").status_code == 303


def test_what_was_typed_in_a_page_sent_too_late_is_carried_over_signing_in(
    office_at: Callable[[str], Office], password_hash: str
) -> None:
    office = office_at("invite_party")
    with office.engine.sessions.command(TENANT) as session:
        table = Account.__table__
        session.execute(update(table).where(table.c.tenant_id == TENANT).values(password_hash=password_hash))
    reception = office.person("reception")
    reception.get("/tasks")
    task = reception.post("/cases").request.path
    office.clock.moment += timedelta(hours=2, minutes=1)
    asked = reception.post(task, source="application", intake_channel="phone", go="save")
    assert asked.status_code == 401
    assert "刚才填的内容还在" in asked.text
    carried = html.fromstring(asked.text).xpath("//input[@name='carried']/@value")[0]
    wrong = reception.post("/sign-in", username="reception", password="x", next=task, carried=carried)
    assert html.fromstring(wrong.text).xpath("//input[@name='carried']/@value") == [carried]
    again = reception.post("/sign-in", username="reception", password=PASSWORD, next=task, carried=carried)
    form = html.fromstring(again.text).xpath("//main//form")[0]
    assert form.get("action") == task
    sent = {field.get("name"): field.text.strip() for field in form.xpath(".//textarea")}
    assert "csrf_token" not in sent
    kept = reception.post(task, **sent)
    assert html.fromstring(kept.text).xpath("//input[@value='phone']/@checked")


def test_a_password_typed_too_late_is_not_carried_in_the_page(reception: Browser, house: House) -> None:
    house.clock.forward(hours=2, minutes=1)
    sent = reception.post("/password", False, password="secret-of-mine", new_password="another-secret")
    assert sent.status_code == 303
    assert "secret" not in sent.text


@pytest.mark.parametrize("broken", ["[" * 100_000, "{", "[1]", '["ab"]', "[[1]]", "null"])
def test_what_can_not_be_read_of_what_was_carried_is_left(browser: Browser, broken: str) -> None:
    browser.get("/sign-in")
    entered = browser.post(
        "/sign-in", False, username="reception", password=PASSWORD, next="/tasks", carried=broken
    )
    assert entered.status_code in (200, 303)


def test_somebody_already_signed_in_is_not_asked_again(reception: Browser) -> None:
    assert reception.client.get("/sign-in").status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\nb",
        "javascript:1",
        "",
        None,
    ],
)
def test_next_never_leads_to_another_site(browser: Browser, wanted: str | None) -> None:
    assert safe_path(wanted) == "/"
    browser.get("/sign-in")
    entered = browser.post("/sign-in", False, username="reception", password=PASSWORD, next=wanted)
    assert entered.location == "/"


def test_the_cookie_is_hidden_from_scripts_and_other_sites(browser: Browser) -> None:
    cookie = browser.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_a_message_waits_in_the_cookie_also_in_one_of_an_earlier_version(reception: Browser) -> None:
    signing = SecureCookieSessionInterface().get_signing_serializer(reception.client.application)
    cookie = reception.client.get_cookie("woshou")
    assert signing is not None
    assert cookie is not None
    held = signing.loads(cookie.value) | {"_flashes": [("success", "您已经完成过了")]}
    reception.client.set_cookie("woshou", signing.dumps(held))
    assert "您已经完成过了" in reception.get("/tasks").text
    assert "您已经完成过了" not in reception.get("/tasks").text


def test_a_cookie_that_somebody_has_changed_counts_for_nothing(reception: Browser) -> None:
    cookie = reception.client.get_cookie("woshou")
    assert cookie is not None
    other = "A" if cookie.value[9] != "A" else "B"
    reception.client.set_cookie("woshou", f"{cookie.value[:9]}{other}{cookie.value[10:]}")
    assert reception.client.get("/tasks").location.startswith("/sign-in")


def test_with_https_the_cookie_is_secure_and_bound_to_the_host(house: House) -> None:
    app: Flask = make_app(house.engine, Settings(secure_cookies=True))  # type: ignore[arg-type]
    answer = app.test_client().get("/sign-in", base_url="https://woshou.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-woshou=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"]
