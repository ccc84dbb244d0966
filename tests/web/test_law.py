"""The page of the law: every rule and limit, a limit changed, and the way to it from a task."""

import re

import pytest

from engine.mediation import law, limits
from web.law_links import linked

from ..conftest import House
from .conftest import Browser, Office

CHANGE = {
    "value": "20", "unit": "days", "effective_from": "2026-05-01", "source": "高院通知", "reason": "上级要求",
}  # fmt: skip
DELEGATED = "/law/mediation.delegated"


@pytest.fixture
def administrator(browser: Browser) -> Browser:
    browser.sign_in("administrator")
    return browser


def entry(page: str, key: str) -> str:
    """What stands under one heading of the page."""
    return re.split(r'<li id="', page.partition(f'<li id="{key}"')[2])[0]


def test_every_rule_and_limit_stands_there_with_article_source_and_mark(reception: Browser) -> None:
    page = reception.get("/law").text
    for row in (*law.RULES, *limits.LIMITS):
        here = entry(page, row.key)
        assert row.law_ref_zh in here, row.key
        assert row.source in here, row.key
        assert ("未核实" in here) == (row.verified is None), row.key
    assert "联系对方当事人：3个工作日" in page
    assert "2022年1月1日" in entry(page, "contact.other_party")
    assert "修改这个期限" not in page


def test_an_administrator_changes_a_limit_and_the_page_tells_of_it(administrator: Browser) -> None:
    administrator.get("/law")
    page = administrator.post(DELEGATED, **CHANGE).text
    assert "期限已变更" in page
    here = entry(page, "mediation.delegated")
    assert "法院委派调解的期限：30天" in here
    assert "从2026年5月1日" in here
    assert "20天" in here
    history = page.partition('id="changes"')[2]
    assert "administrator：法院委派调解的期限" in history
    assert "上级要求" in history
    assert "高院通知" in history


def test_a_limit_that_holds_is_marked_as_changed_here(house: House, administrator: Browser) -> None:
    administrator.get("/law")
    administrator.post(DELEGATED, **CHANGE)
    house.clock.forward(days=60)
    administrator.sign_in("administrator")
    here = entry(administrator.get("/law").text, "mediation.delegated")
    assert "法院委派调解的期限：20天" in here
    assert "本地已修改" in here


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("value", "2O", "1 到 1000 的整数"), ("value", "9" * 5000, "1 到 1000 的整数"),
        ("effective_from", "2026-03-01", "不能早于"), ("effective_from", "soon", "请重新填写"),
        ("reason", " ", "请写明原因"), ("source", "", "请写明规定这个期限的文件"), ("unit", "hours", "选"),
    ],
)  # fmt: skip
def test_what_is_refused_stands_on_the_page_again(
    administrator: Browser, field: str, value: str, said: str
) -> None:
    administrator.get("/law")
    answer = administrator.post(DELEGATED, **(CHANGE | {field: value}))
    assert answer.status_code == 422
    here = entry(answer.text, "mediation.delegated")
    assert "<details" in here
    assert "open>" in here
    assert said in here
    assert f'id="limit-mediation.delegated-{field}-error"' in here


def test_only_an_administrator_may_change_a_limit(reception: Browser) -> None:
    reception.get("/law")
    assert reception.post(DELEGATED, **CHANGE).status_code == 403


def test_a_stranger_does_not_see_the_page(browser: Browser) -> None:
    assert "/sign-in" in browser.get("/law").request.path


def test_the_articles_on_a_task_lead_to_their_entries_for_the_staff(office_at: Office) -> None:
    office = office_at("invite_party")  # type: ignore[operator]
    page = office.person("reception").get(f"/tasks/{office.task_id('invite_party')}").text
    assert '<a href="/law#refusal">第十七条</a>' in page
    assert '<a href="/law#contact.other_party">第十五条</a>' in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("《人民调解法》第十七条", '《人民调解法》<a href="/law#refusal">第十七条</a>'),
        ("《民法典》第十七条", "《民法典》第十七条"),
        ("《人民调解法》第九百条；第十七条", "《人民调解法》第九百条；第十七条"),
        (
            "Online Mediation Rules, Arts. 13 and 15",
            'Online Mediation Rules, Arts. <a href="/law#conflict">13</a> and '
            '<a href="/law#contact.other_party">15</a>',
        ),
        ("People's Mediation Law Art. 17", '《人民调解法》<a href="/law#refusal">第十七条</a>'),
        ("100%o 《人民调解法》{第三条}", '100%o 《人民调解法》{<a href="/law#legality">第三条</a>}'),
        ("<b>《人民调解法》</b>", "&lt;b&gt;《人民调解法》&lt;/b&gt;"),
        ("", ""),
    ],
)
def test_a_reference_is_linked_where_there_is_an_entry(
    house: House, app: object, text: str, shown: str
) -> None:
    with app.test_request_context():  # type: ignore[attr-defined]
        assert str(linked(text)) == shown
