"""How disputes come in, in Chromium: on a phone and at a desk, held against axe, and one filed by hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import NARROW, WIDE, Person, chromium

from .conftest import Office
from .test_cases import At
from .test_clocks_in_browser import served, signed_in
from .test_pages_in_browser import BEYOND, LEAST_TARGET, LEAST_TEXT, SMALL_TARGETS, SMALL_TEXT
from .test_receipts import code_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def office(office_at: At) -> Office:
    return office_at("draft_agreement")


def measured(person: Person, name: str) -> None:
    person.look(name)
    for size in (WIDE, NARROW):
        person.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert person.page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
        assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
        assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
        assert person.page.evaluate(BEYOND) == []


def test_a_person_on_a_phone_files_a_dispute_and_reception_finds_it_in_the_form(office: Office) -> None:
    with served(office) as address, chromium() as browser:
        visitor = Person(browser, address, set())
        page = visitor.page
        page.goto("/apply")
        measured(visitor, "apply")
        page.click("main button")
        expect(page.locator(".error-summary")).to_be_focused()
        measured(visitor, "apply-wrong")
        page.check("#filed-by-party")
        for name, typed in {"name": "罗小琴", "phone": "139-0000-1201", "other_name": "陈大勇"}.items():
            page.fill(f"#apply-{name}", typed)
        page.fill("#apply-facts", "三轮车撞了我。")
        page.click("main button")
        page.wait_for_url("**/apply/received")
        measured(visitor, "apply-received")
        number = page.locator(".receipt-number").inner_text()
        page.goto("/apply/state")
        measured(visitor, "apply-state")
        page.fill("#number", number)
        page.fill("#phone", "13900001201")
        page.click("main button")
        expect(page.locator("main")).to_contain_text("等待查看")
        measured(visitor, "apply-state-found")
        page.goto(f"/verify/{code_of(office)}")
        measured(visitor, "verify")
        page.goto("/verify")
        measured(visitor, "verify-ask")

        reception = Person(browser, address, set())
        signed_in(reception, office.person("reception"), address)
        page = reception.page
        for path in ("/tasks", "/cases", "/filings", "/filings/poster", "/referrals"):
            page.goto(path)
            measured(reception, f"intake{path.replace('/', '-')}")
        page.goto("/filings")
        page.click(".cards a")
        measured(reception, "filing")
        page.get_by_role("button", name="建立案件").click()
        page.wait_for_url("**/tasks/*")
        measured(reception, "registration-prefilled")
        expect(page.locator("input[value=web]")).to_be_checked()
        page.get_by_label("人民法院委派").check()
        expect(page.get_by_label("移送单位全称")).to_be_visible()
        page.goto(re.sub(r"\?.*", "", page.url) + "?page=2")
        expect(page.get_by_label("姓名").first).to_have_value("罗小琴")
        # Both are in the tricycle case already.
        expect(page.locator("#known-already")).to_be_visible()
        measured(reception, "registration-known-already")
        page.goto(f"/cases/{office.case_id}/relations")
        measured(reception, "relations")
