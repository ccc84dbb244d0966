"""The staff's pages in Chromium, in two widths: large enough to read and to press, and nothing runs out."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from engine import bodies
from tests.journeys.browser import NARROW, WIDE, Person, chromium
from web import demo

from ..conftest import TENANT, add_person
from .conftest import Office
from .test_attendants import At, add, end_of
from .test_clocks_in_browser import served, signed_in
from .test_follow_ups import office as owed
from .test_follow_ups import record
from .test_incidents import office

__all__ = ["office", "owed"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
LEAST_TEXT, LEAST_TARGET = 18, 48
SMALL_TARGETS = """least => [...document.querySelectorAll('main :is(a, button, summary, select, textarea)')]
    .filter(e => e.checkVisibility() && !e.closest('.diagram'))
    .map(e => [e.innerText, e.getBoundingClientRect().height])
    .filter(([, height]) => height > 1 && height < least - 0.5)"""
SMALL_TEXT = """least => [...document.querySelectorAll('body *')]
    .filter(e => e.checkVisibility() && !e.closest('.diagram'))
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [e.innerText, parseFloat(getComputedStyle(e).fontSize)])
    .filter(([, size]) => size < least)"""
BEYOND = """() => { const main = document.querySelector('main'), style = getComputedStyle(main);
    const edge = main.getBoundingClientRect().right - parseFloat(style.paddingRight) + 1;
    return [...main.querySelectorAll('h1, h1 *, h2, h3, p, li, dd, button')]
        .filter(e => !e.closest('.diagram') && e.getBoundingClientRect().right > edge)
        .map(e => e.innerText) }"""


PATHS = [
    ("reception", "/tasks"), ("reception", "/incidents"), ("reception", "/cases/{case}"),
    ("reception", "/cases/{case}/links"), ("reception", "/nowhere"), ("chief", "/bodies"),
    ("chief", "/bodies/{body}"), ("chief", "/statistics"), ("chief", "/bodies/{body}/duties"),
    ("reception", "/bodies/{body}/duties"),
    ("administrator", "/bodies"), ("administrator", "/bodies/{body}"), ("administrator", "/law"),
    ("reception", "/law"), ("mediator", "/cases/{case}/evidence"), ("mediator", "/cases/{case}/happenings"),
    ("administrator", "/accounts"), ("reception", "/password"), ("reception", "/cases/{case}/guardians"),
    ("reception", "/cases/{case}/attendants"), ("mediator", "/cases/{case}/corrections"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "path"), PATHS)
def test_what_is_read_and_pressed_is_large_enough_and_stays_within_the_page(
    office: Office, who: str, path: str
) -> None:
    (body,) = office.bodies()
    above = body
    add_person(office.engine, TENANT, body, "administrator")
    with office.engine.sessions.command(TENANT) as session:
        for below in demo.BELOW:
            above = bodies.ensure_body(session, replace(below, parent_id=above))
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, office.person(who), address)
        person.page.goto(path.format(case=office.case_id, body=body))
        if path.startswith(("/bodies", "/law", "/accounts")) or path.endswith("/happenings"):
            person.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        large_enough(person, f"page{path.replace('/', '-').format(case='case', body='body')}-{who}")


@pytest.mark.parametrize("where", ["/follow-ups", ""])
def test_what_is_owed_by_an_agreement_is_read_and_recorded_as_well(owed: Office, where: str) -> None:
    record(owed.person("mediator"), owed, result="not_performed", claim="wages", note="催了两次没有付")
    with served(owed) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, owed.person("mediator"), address)
        person.page.goto(f"/cases/{owed.case_id}{where}")
        person.page.locator("details.fold").first.evaluate("one => one.open = true")
        large_enough(person, f"page-owed{where.replace('/', '-')}")


def test_the_joint_application_and_the_ruling_are_recorded_as_well(office_at: At) -> None:
    office = office_at("end")
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, office.person("reception"), address)
        person.page.goto(f"/cases/{office.case_id}/confirmation")
        large_enough(person, "page-confirmation")
        for box in person.page.locator("input[type=checkbox]").all():
            box.check()
        person.page.fill("#apply-court", " ")
        person.page.click("form[action$=confirmation] button")
        expect(person.page.locator(".error-summary")).to_be_focused()
        large_enough(person, "page-confirmation-wrong")
        person.page.fill("#apply-court", "合川区人民法院")
        person.page.click("form[action$=confirmation] button")
        expect(person.page.locator("#ruling-result")).to_be_visible()
        large_enough(person, "page-confirmation-applied")


def test_each_partys_link_is_printed_on_a_sheet_of_its_own_and_no_code(office_at: At) -> None:
    office = office_at("sign_agreement")
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, office.person("mediator"), address)
        person.page.goto(f"/cases/{office.case_id}/links")
        codes, sheets = person.page.locator(".code"), person.page.locator(".sheet")
        expect(codes).to_have_count(2)
        expect(codes.first).to_be_visible()
        person.page.emulate_media(media="print")
        for code in codes.all():
            expect(code).to_be_hidden()
        breaks = [sheet.evaluate("one => getComputedStyle(one).breakBefore") for sheet in sheets.all()]
        assert breaks == ["auto", "page"]


def test_interpreters_and_witnesses_are_listed_added_and_corrected_as_well(office_at: At) -> None:
    office = office_at("record_consent")
    reception = office.person("reception")
    for role in ("interpreter", "mark_witness", "fact_witness"):
        added = add(reception, office, role=role)
    reception.post(end_of(added.text))
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, reception, address)
        person.page.goto(f"/cases/{office.case_id}/attendants")
        large_enough(person, "page-attendants")
        person.page.click("form[action$=attendants] button")
        expect(person.page.locator(".error-summary")).to_be_focused()
        large_enough(person, "page-attendants-wrong")


def large_enough(person: Person, name: str) -> None:
    """Look at the page that is open, under this name."""
    # Typing must leave the page's scripts without a complaint, which `look` asks for.
    for typed in person.page.locator("main :is(input:not([type]), input[type=text]):visible").all():
        typed.fill("甲")
        typed.blur()
    person.look(name)
    for size in (WIDE, NARROW):
        person.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert person.page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
        assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
        assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
        assert person.page.evaluate(BEYOND) == []
