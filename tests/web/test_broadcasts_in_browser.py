"""The ledger and a party's nine consents in Chromium, in two widths: readable, pressable, within the page."""

import pytest

from tests.journeys.browser import NARROW, SCREENS, WIDE, Person, chromium

from .conftest import Office
from .test_broadcasts import office
from .test_clocks_in_browser import served, signed_in
from .test_pages_in_browser import BEYOND, LEAST_TARGET, LEAST_TEXT, SMALL_TARGETS, SMALL_TEXT

__all__ = ["office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_ledger_and_the_party_s_consents_are_large_enough_and_stay_within_the_page(
    office: Office,
) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    pages = [
        ("staff", office.person("mediator"), f"/cases/{office.case_id}"),
        ("party", office.party("罗小琴"), "/party"),
    ]
    with served(office) as address, chromium() as browser:
        for who, visitor, path in pages:
            person = Person(browser, address, set())
            signed_in(person, visitor, address)
            person.page.goto(path)
            for size in (WIDE, NARROW):
                person.page.set_viewport_size(size)  # type: ignore[arg-type]
                assert person.page.evaluate(SMALL_TEXT, LEAST_TEXT) == []
                assert person.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
                assert person.page.evaluate(BEYOND) == []
                shot = SCREENS / f"broadcast-{who}-{size['width']}.png"
                person.page.screenshot(path=shot, full_page=True)
