"""The duties of a consultation in Chromium, in two widths: readable, pressable, within the page."""

import pytest

from tests.journeys.browser import NARROW, SCREENS, WIDE, Person, chromium

from .conftest import Office
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
