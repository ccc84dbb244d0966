"""The people of one scripted case: who has a window in Chromium, and who answers as a plain visitor."""

import time
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from engine import bpmn
from tests.journeys.browser import Person
from tests.journeys.visitor import Visitor

PROCESSES = Path(__file__).resolve().parents[2] / "processes"
PATIENCE = 30


class Hall:
    """The people of the case: each has a window in Chromium and, for what other journeys click, none.

    `parties` are their names, the one by whom the case is found first; a task is clicked as often as it is
    in `clicked`.
    """

    def __init__(
        self, address: str, window: Callable[[], Person], parties: Collection[str], clicked: Iterable[str]
    ) -> None:
        self.address, self.window, self.clicked = address, window, Counter(clicked)
        self.parties, self.applicant = frozenset(parties), next(iter(parties))
        self.names = names_of_tasks()
        self.windows: dict[str, Person] = {}
        self.plain: dict[str, Visitor] = {}
        self.case = ""

    def take(self, step: dict[str, Any]) -> None:
        who = step["as"]
        if "take_back" in step:
            self._take_back(self._window(who), step["take_back"], own=who in self.parties)
        elif self.clicked[step["task"]]:
            self.clicked[step["task"]] -= 1
            person = self._window(who)
            person.page.goto(self._address(self._visitor(who), step["task"]))
            person.answer(step["task"], step["answers"])
        else:
            visitor = self._visitor(who)
            visitor.fill(self._task(visitor, step), step["answers"])

    def _task(self, visitor: Visitor, step: dict[str, Any]) -> str:
        if step["task"] == "register_dispute":
            return visitor.open_case()
        return visitor.find_own_task() if step["as"] in self.parties else self._address(visitor, step["task"])

    def _address(self, visitor: Visitor, node_id: str) -> str:
        """The address of the open task of this name: the programme's stand beside the others."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for view in ("mine", "role"):
                visitor.get(f"/tasks?{urllib.parse.urlencode({'view': view, 'search': self.applicant})}")
                for link in visitor.page.xpath("//main//a[starts-with(@href, '/tasks/')]"):
                    if any(name in link.text_content() for name in self.names[node_id]):
                        return str(link.get("href"))
            time.sleep(0.2)
        raise AssertionError(f"{node_id} is not open: {visitor.text()}")

    def _take_back(self, person: Person, asked: dict[str, str], *, own: bool) -> None:
        person.page.goto("/party" if own else self.page_of_case())
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
            by_link = who in self.parties
            self.windows[who] = person.enter(*self._links()[who]) if by_link else person.sign_in(who)
        return self.windows[who]

    def _visitor(self, who: str) -> Visitor:
        if who not in self.plain:
            visitor = Visitor(self.address)
            by_link = who in self.parties
            self.plain[who] = visitor.enter(*self._links()[who]) if by_link else visitor.sign_in(who)
        return self.plain[who]

    def _links(self) -> dict[str, tuple[str, str]]:
        return self._visitor("mediator").links(self.page_of_case())

    def page_of_case(self) -> str:
        if not self.case:
            visitor = self._visitor("mediator")
            visitor.get(f"/cases?{urllib.parse.urlencode({'search': self.applicant})}")
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
