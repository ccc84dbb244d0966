"""Cases on television: what is television's in Chromium, what is every path's by a plain visitor."""

from pathlib import Path

import pytest

from tests.journeys import script
from tests.journeys.browser import PASSED, Person, chromium
from tests.journeys.hall import Hall
from tests.journeys.server import running

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PARTIES = ("黎桂芳", "唐永福")
# What is clicked of each case, the first time that it is asked; a plain visitor answers the rest.
CLICKED = {
    "tv_lift": {
        "assess_tv_eligibility", "record_broadcast_consents", "agree_on_guests", "record_footage",
        "begin_cooling_off", "lock_edit", "preview_footage", "broadcast_footage", "take_down_footage",
    },
    "tv_cameras_off": {"record_footage"},
}  # fmt: skip


@pytest.mark.parametrize("name", CLICKED)
def test_a_case_on_television_is_clicked_through(name: str, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server, chromium() as browser:
        seen = set(PASSED)
        hall = Hall(server.address, lambda: Person(browser, server.address, seen), PARTIES, CLICKED[name])
        for step in script.steps(name):
            hall.take(step)
        mediator = hall.windows["mediator"]
        mediator.page.goto(hall.page_of_case())
        mediator.look(f"case-{name}")
        assert "已下架" in mediator.page.locator("#broadcast + dl").inner_text()
