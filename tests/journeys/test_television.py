"""Cases on television: what is television's in Chromium, what is every path's by a plain visitor."""

import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from tests.journeys import script
from tests.journeys.browser import Person, chromium
from tests.journeys.server import running
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROCESSES = Path(__file__).resolve().parents[2] / "processes"
APPLICANT, RESPONDENT = "黎桂芳", "唐永福"
PARTIES = {APPLICANT, RESPONDENT}
# What is clicked of each case, the first time that it is asked; a plain visitor answers the rest.
CLICKED = {
    "tv_lift": {
        "assess_tv_eligibility", "record_broadcast_consents", "agree_on_guests", "record_footage",
        "begin_cooling_off", "lock_edit", "preview_footage", "broadcast_footage", "take_down_footage",
    },
    "tv_cameras_off": {"record_footage"},
}  # fmt: skip
PATIENCE = 30


class Hall:
    """The people of the case: each has a window in Chromium and, for what other journeys click, none."""

    def __init__(self, address: str, window: Callable[[], Person], clicked: set[str]) -> None:
        self.address, self.window, self.clicked = address, window, set(clicked)
        self.names = names_of_tasks()
        self.windows: dict[str, Person] = {}
        self.plain: dict[str, Visitor] = {}
        self.case = ""

    def take(self, step: dict[str, Any]) -> None:
        who = step["as"]
        if "take_back" in step:
            self._take_back(self._window(who), step["take_back"], own=who in PARTIES)
        elif step["task"] in self.clicked:
            self.clicked.remove(step["task"])
            person = self._window(who)
            person.page.goto(self._address(self._visitor(who), step["task"]))
            person.answer(step["task"], step["answers"])
        else:
            visitor = self._visitor(who)
            visitor.fill(self._task(visitor, step), step["answers"])

    def _task(self, visitor: Visitor, step: dict[str, Any]) -> str:
        if step["task"] == "register_dispute":
            return visitor.open_case()
        return visitor.find_own_task() if step["as"] in PARTIES else self._address(visitor, step["task"])

    def _address(self, visitor: Visitor, node_id: str) -> str:
        """The address of the open task of this name: the programme's stand beside the others."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for view in ("mine", "role"):
                visitor.get(f"/tasks?{urllib.parse.urlencode({'view': view, 'search': APPLICANT})}")
                for link in visitor.page.xpath("//main//a[starts-with(@href, '/tasks/')]"):
                    if any(name in link.text_content() for name in self.names[node_id]):
                        return str(link.get("href"))
            time.sleep(0.2)
        raise AssertionError(f"{node_id} is not open: {visitor.text()}")

    def _take_back(self, person: Person, asked: dict[str, str], *, own: bool) -> None:
        person.page.goto("/party" if own else self._case())
        person.look("party-television" if own else "case-television")
        if own:
            person.page.locator(f"form:has(input[name=item][value={asked['item']}]) button").click()
        else:
            form = person.page.locator("details", has=person.page.locator("#consent-item"))
            form.locator("summary").click()
            person.page.select_option("#consent-party", label=asked["party"])
            person.page.select_option("#consent-item", asked["item"])
            form.locator("button").click()
        person.page.wait_for_load_state()
        assert "收回" in person.page.locator("main").inner_text()

    def _window(self, who: str) -> Person:
        if who not in self.windows:
            person = self.window()
            self.windows[who] = person.enter(*self._links()[who]) if who in PARTIES else person.sign_in(who)
        return self.windows[who]

    def _visitor(self, who: str) -> Visitor:
        if who not in self.plain:
            visitor = Visitor(self.address)
            self.plain[who] = visitor.enter(*self._links()[who]) if who in PARTIES else visitor.sign_in(who)
        return self.plain[who]

    def _links(self) -> dict[str, tuple[str, str]]:
        return self._visitor("mediator").links(self._case())

    def _case(self) -> str:
        if not self.case:
            visitor = self._visitor("mediator")
            visitor.get(f"/cases?{urllib.parse.urlencode({'search': APPLICANT})}")
            self.case = str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])
        return self.case


def names_of_tasks() -> dict[str, set[str]]:
    """What the diagrams call the tasks, by their ids."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in PROCESSES.glob("*.bpmn"):
        for node in bpmn.load(path.read_bytes()).nodes.values():
            if node.kind == "user_task":
                found[node.id].add(node.name or "")
    return found


@pytest.mark.parametrize("name", CLICKED)
def test_a_case_on_television_is_clicked_through(name: str, tmp_path: Path) -> None:
    with running(tmp_path / "data") as server, chromium() as browser:
        seen: set[str] = set()
        hall = Hall(server.address, lambda: Person(browser, server.address, seen), CLICKED[name])
        for step in script.steps(name):
            hall.take(step)
        mediator = hall.windows["mediator"]
        mediator.page.goto(hall.case)
        mediator.look(f"case-{name}")
        assert "已下架" in mediator.page.locator("#broadcast + dl").inner_text()
