"""The tricycle accident in Chromium: reception, mediator, both parties on a tablet, seal-keeper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.documents.verify import verify
from tests.journeys import script
from tests.journeys.browser import PASSED, SCREENS, Person, chromium
from tests.journeys.server import Server, running
from web import previews

pytestmark = [pytest.mark.browser, pytest.mark.slow]
APPLICANT = "罗小琴"
PARTIES = {"罗小琴", "陈大勇"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("office") / "data") as started:
        yield started


def test_a_dispute_walks_from_the_reception_desk_to_a_signed_agreement(tmp_path: Path) -> None:
    steps = script.tasks("tricycle_accident")
    with running(tmp_path / "data") as server, chromium() as browser:
        seen: set[str] = set()
        people = {name: Person(browser, server.address, seen).sign_in(name) for name in staff_of(steps)}
        for number, step in enumerate(steps):
            if step["as"] in PARTIES and step["as"] not in people:
                link, code = way_in(people["mediator"], step["as"])
                people[step["as"]] = Person(browser, server.address, seen).enter(link, code)
            person = people[step["as"]]
            if number == 0:
                person.open_case()
            else:
                person.open_task(None if step["as"] in PARTIES else APPLICANT)
            person.answer(step["task"], step["answers"])
        agreement = see_the_case_through(people["reception"], people[APPLICANT])
        certificate = (server.data / "authority" / "authority.pem").read_bytes()
    report = verify(agreement, [certificate])
    assert report.ok, report.problems
    assert {signature.signer for signature in report.signatures} >= PARTIES | {"陈国安"}
    keep_picture(agreement)


def test_what_was_typed_is_kept_by_itself_and_after_going_back(server: Server) -> None:
    with chromium() as browser:
        person = Person(browser, server.address, set(PASSED)).sign_in("reception")
        person.open_case()
        page = person.page
        address = page.url
        page.check("input[name=source][value=proactive]")
        expect(page.locator("[role=status]").last).to_contain_text("保存", timeout=15_000)
        page.goto("/tasks")
        page.goto(address)
        expect(page.locator("input[name=source][value=proactive]")).to_be_checked()
        page.click(".guided-buttons button[value=next]")
        page.wait_for_url("**page=2*")
        page.fill("[name=applicants-0-name]", "张三丰")
        page.click(".guided-buttons button[value=back]")
        page.wait_for_url("**page=1*")
        page.click(".guided-buttons button[value=next]")
        page.wait_for_url("**page=2*")
        expect(page.locator("[name=applicants-0-name]")).to_have_value("张三丰")


def test_errors_are_listed_linked_and_focused(server: Server) -> None:
    with chromium() as browser:
        person = Person(browser, server.address, set(PASSED)).sign_in("reception")
        person.open_case()
        page = person.page
        page.click(".guided-buttons button[value=next]")
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        summary.locator("a").first.click()
        assert page.evaluate("document.activeElement.name") == "source"
        person.look("register_dispute-errors")


def test_pages_speak_english_by_choice(server: Server) -> None:
    with chromium() as browser:
        person = Person(browser, server.address, set(PASSED)).sign_in("mediator")
        person.page.click("button[name=language][value=en]")
        expect(person.page.locator("html")).to_have_attribute("lang", "en")
        chinese = re.sub(r"[^\u4e00-\u9fff]", "", person.page.locator("main h1").inner_text())
        assert chinese == ""
        person.look("inbox-english")


def staff_of(steps: list[dict[str, object]]) -> list[str]:
    return sorted({str(step["as"]) for step in steps} - PARTIES)


def way_in(mediator: Person, party: str) -> tuple[str, str]:
    """The party's link and code from the mediator's page."""
    open_the_case(mediator)
    mediator.page.click("a[href$='/links']")
    mediator.look("links")
    heading = mediator.page.locator("main h2", has_text=party)
    facts = heading.locator("xpath=following-sibling::dl[1]")
    return facts.locator("a.address").get_attribute("href") or "", facts.locator(".code").inner_text()


def open_the_case(person: Person) -> None:
    person.page.goto(f"/cases?search={APPLICANT}")
    person.look("cases")
    person.page.locator("main a[href^='/cases/']:visible").first.click()
    person.page.wait_for_url("**/cases/*")


def see_the_case_through(reception: Person, party: Person) -> bytes:
    """Look at the case page with its diagrams and at the party's page; gives the agreement's bytes."""
    open_the_case(reception)
    expect(reception.page.locator(".djs-container").first).to_be_visible()
    reception.look("case")
    party.page.goto("/party")
    party.look("party-settled")
    link = reception.page.locator("main a[href^='/documents/']", has_text="协议书").first
    answer = reception.page.request.get(link.get_attribute("href") or "")
    assert answer.ok
    return answer.body()


def keep_picture(agreement: bytes) -> None:
    """The page with the marks as a picture, for the README."""
    page = previews.page_count(agreement) - 1
    (SCREENS / "agreement.png").write_bytes(previews.page_picture(agreement, page))
