import datetime as dt
import logging

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from engine import errors
from engine.mediation import law
from web import refusals

from .conftest import Browser

NOON = dt.datetime(2026, 3, 2, 4, 0, tzinfo=dt.UTC)
REFUSALS = [
    (errors.NotFound(), 404, "这里没有您可以查看的内容"),
    (errors.Forbidden(action="task.complete"), 403, "办理这项任务"),
    (errors.TaskClosed(who="周小梅", when=NOON), 409, "已由周小梅于2026年3月2日 12:00完成"),
    (errors.TaskCancelled(), 409, "已经不需要了"),
    (errors.TaskClaimed(who="<b>周</b>"), 409, "&lt;b&gt;周&lt;/b&gt;正在办理"),
    (errors.KeyReused(), 409, "只保留了第一次"),
    (errors.ConcurrentChange(), 409, "请再试一次"),
    (errors.RenderingFailed(reason="it has too many pages"), 422, "页数太多"),
    (errors.MissingGlyph(character="𠮷", field="facts"), 422, "“𠮷”"),
    (errors.TooManyAttempts(minutes=15), 429, "请等15分钟"),
    (errors.StateUnreadable(process_id="intake"), 500, "intake"),
]


def raise_at(app: Flask, failure: Exception) -> None:
    def view() -> str:
        raise failure

    app.add_url_rule("/fails", "fails", view)


@pytest.mark.parametrize(("refusal", "status", "text"), REFUSALS, ids=lambda one: type(one).__name__)
def test_each_refusal_has_its_status_and_says_why(
    app: Flask, browser: Browser, refusal: errors.Refusal, status: int, text: str
) -> None:
    raise_at(app, refusal)
    page = browser.get("/fails")
    assert page.status_code == status
    assert text in page.text
    assert 'href="/"' in page.text


@pytest.mark.parametrize("failure", [ValueError("x"), errors.StateUnreadable(process_id="intake")])
def test_a_failure_of_ours_has_the_number_under_which_it_is_logged(
    app: Flask, browser: Browser, failure: Exception
) -> None:
    raise_at(app, failure)
    page = browser.get("/fails")
    assert "请把这个编号告诉管理员" in page.text
    assert f">{page.headers['X-Request-Id']}</span>" in page.text
    assert "这个编号" not in browser.get("/nothing").text


def test_a_refusal_by_law_names_the_article_in_the_reader_s_language(app: Flask, browser: Browser) -> None:
    raise_at(app, law.forbids("paper_only", NOON, "the agreement binds"))
    chinese = browser.get("/fails")
    assert chinese.status_code == 409
    assert "《电子签名法》第三条" in chinese.text
    english = browser.english().get("/fails")
    assert "Electronic Signature Law Art. 3" in english.text


def test_a_form_without_its_token_is_refused_in_plain_words(browser: Browser) -> None:
    page = browser.client.post("/sign-in", data={"username": "reception", "password": "x"})
    assert page.status_code == 400
    assert "页面打开得太久了" in page.text


def test_a_missing_field_is_a_plain_page_too(app: Flask, browser: Browser) -> None:
    raise_at(app, BadRequest())
    assert "浏览器提交的内容不完整" in browser.get("/fails").text


def test_a_wrong_method_is_a_plain_page(browser: Browser) -> None:
    page = browser.get("/sign-out")
    assert page.status_code == 405
    assert "这个地址不能这样打开" in page.text


def test_a_failure_of_ours_shows_nothing_of_itself_and_is_written_down(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    raise_at(app, ZeroDivisionError("secret"))
    with caplog.at_level(logging.ERROR):
        page = browser.get("/fails")
    assert page.status_code == 500
    assert "secret" not in page.text
    assert "a page failed" in caplog.text


def test_a_redirect_is_not_taken_for_a_failure(browser: Browser) -> None:
    assert browser.client.get("/sign-in").status_code == 200
    assert browser.client.get("//sign-in").status_code in (200, 308, 404)


def test_every_status_has_a_title() -> None:
    statuses = {
        kind.status
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.Refusal)
    }
    assert statuses <= set(refusals.TITLES)
