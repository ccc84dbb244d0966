"""The pages of consultations in Chromium, in two widths: readable, pressable, within the page."""

import pytest

from engine.calendar import day_of
from engine.mediation import experts, publication_page, publications
from engine.mediation.experts import NewExpert
from engine.mediation.publications import Draft, Review
from engine.models.base import new_id
from tests.journeys.browser import NARROW, SCREENS, WIDE, Person, chromium

from ..conftest import TENANT, add_person
from .conftest import Office
from .test_broadcasts import party_ids, perform
from .test_clocks_in_browser import served, signed_in
from .test_consultations import office
from .test_pages_in_browser import BEYOND, LEAST_TARGET, LEAST_TEXT, SMALL_TARGETS, SMALL_TEXT

__all__ = ["office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_duties_are_large_enough_and_one_is_marked_as_done(office: Office) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, office.person("mediator"), address)
        person.page.goto(f"/cases/{office.case_id}")
        person.look("consultation")
        for size in (WIDE, NARROW):
            person.page.set_viewport_size(size)  # type: ignore[arg-type]
            assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
            assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
            assert person.page.evaluate(BEYOND) == []
            person.page.screenshot(path=SCREENS / f"consultation-{size['width']}.png", full_page=True)
        duty = person.page.locator("li", has_text="复查左腕")
        duty.locator("summary").click()
        duty.locator("input[type=date]").fill(office.clock.moment.date().isoformat())
        duty.locator("button").click()
        assert "绿色：已经办结" in person.page.locator("li", has_text="复查左腕").inner_text()


def filled(office: Office) -> None:
    """Two experts, one of them of the past; a text that is published and one that waits for review."""
    (body,) = office.bodies()
    today = day_of(office.clock.moment)
    perform(office, "opinion_told", told_parties=party_ids(office), told_on=today, as_proposal=True)
    chief = add_person(office.engine, TENANT, body, "chief_mediator", "other_chief")
    second = add_person(office.engine, TENANT, body, "chief_mediator", "second_chief")
    new = NewExpert(
        "doctor", "冯医生", "骨科、运动损伤和工伤的伤情说明", "区人民医院", "138-0000-0004", today
    )
    gone = experts.enter_expert(office.engine, chief, new)
    experts.end_expert(office.engine, chief, gone, today, "调离本区")
    experts.enter_expert(office.engine, chief, new)
    for title in ("电动三轮车碰撞自行车，误工期怎样算", "第二篇"):
        text = "申请人骨裂。\n误工费按三十日算。"
        publications.prepare(office.engine, chief, Draft(office.case_id, title, text), new_id())
    rows = publication_page.show_publications(office.engine, second, office.case_id).rows
    publications.review(office.engine, second, Review(office.case_id, rows[-1].id, True), new_id())


@pytest.mark.parametrize(
    ("who", "path"),
    [("second_chief", "/experts"), ("mediator", "/supervision"), ("second_chief", "/publications"),
     ("second_chief", "/cases/{case}/publications"), ("", "/publications")],
)  # fmt: skip
def test_the_pages_around_a_consultation_are_large_enough_and_stay_within_the_page(
    office: Office, who: str, path: str
) -> None:
    filled(office)
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        if who:
            signed_in(person, office.person(who), address)
        person.page.goto(path.format(case=office.case_id))
        person.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        person.look(f"page{path.replace('/', '-').format(case='case')}-{who or 'everybody'}")
        for size in (WIDE, NARROW):
            person.page.set_viewport_size(size)  # type: ignore[arg-type]
            assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
            assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
            assert person.page.evaluate(BEYOND) == []
