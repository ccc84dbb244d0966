"""A person at a Chromium window: signs in, answers guided forms, draws signatures, looks at every page."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.journeys import script
from tests.journeys.visitor import PEOPLE
from web.demo import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "build" / "screens"
AXE = (ROOT / "web" / "assets" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# An answer on which others hang has the page drawn again: `redrawing` until it is there.
REDRAWING = """
document.addEventListener("change", ({target}) => {
  const watched = document.querySelector("form.guided-form")?.dataset.watched.split(" ") || [];
  window.redrawing = watched.includes(target.name.split("-").pop());
}, true);
document.addEventListener("guided:drawn", () => { window.redrawing = false; });
"""
# Pages that every journey passes: the walk of the whole dispute looks at them for all.
PASSED = frozenset(("sign-in", "inbox-mine", "inbox", "party-code", "party"))
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that the tests drive; CHROMIUM names another one."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Person:
    """One person with a window of their own; `seen` are the pages already looked at."""

    def __init__(self, browser: Browser, base: str, seen: set[str]) -> None:
        context = browser.new_context(viewport=WIDE, locale="zh-CN", base_url=base)
        context.add_init_script(REDRAWING)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.seen, self.complaints = seen, list[str]()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def sign_in(self, username: str) -> "Person":
        self.page.goto("/sign-in")
        self.look("sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.click("main button")
        expect(self.page.locator("h1")).not_to_have_text("登录")
        return self

    def enter(self, link: str, code: str) -> "Person":
        self.page.goto(re.sub(r"^https?://[^/]+", "", link))
        self.look("party-code")
        self.page.fill("#code", code)
        self.page.click("main button")
        self.page.wait_for_url("**/party")
        self.look("party")
        return self

    def open_case(self) -> None:
        self.page.goto("/tasks")
        self.look("inbox-mine")
        self.page.goto("/tasks?view=role")
        self.look("inbox")
        self.page.click("form[action='/cases'] button")
        self.page.wait_for_url("**/tasks/*")

    def open_task(self, search: str | None) -> None:
        """Go to the one open task: through the inbox's search, or on the party's own page."""
        for _ in range(40):
            for view in ("mine", "role"):
                self.page.goto(f"/tasks?view={view}&search={search}" if search else "/party")
                found = self.page.locator("main a[href^='/tasks/']:visible")
                if found.count():
                    found.first.click()
                    self.page.wait_for_url("**/tasks/*")
                    return
            self.page.wait_for_timeout(250)
        raise AssertionError(f"no task is open for {search}")

    def answer(self, node_id: str, answers: dict[str, Any]) -> None:
        """Fill in a task's form, page by page, until it is submitted."""
        task = self.page.url.split("?")[0]
        number = 0
        while self.page.url.split("?")[0] == task:
            number += 1
            self._add_rows(script.row_counts(answers))
            self._fill(script.flat(answers))
            self.look(f"{node_id}-{number}")
            before = self.page.url
            self.page.click(".guided-buttons button[value=next]")
            self.page.wait_for_url(lambda url, before=before: url != before)

    def look(self, name: str) -> None:
        """Screenshots in two widths, and what axe and the console have to say; once for each page."""
        assert not self.complaints, f"{name}: {self.complaints}"
        if name in self.seen:
            return
        self.seen.add(name)
        SCREENS.mkdir(parents=True, exist_ok=True)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            overflow = self.page.locator("html").evaluate("html => html.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{name} is {overflow} px too wide at {size['width']}"
            self.page.screenshot(path=SCREENS / f"{name}-{size['width']}.png", full_page=True)
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert not found["violations"], f"{name}: {[told(violation) for violation in found['violations']]}"

    def _add_rows(self, counts: dict[str, int]) -> None:
        for name, wanted in counts.items():
            add = self.page.locator(f"button[value='add:{name}']")
            while add.count() and self._rows(name) < wanted:
                shown = self._rows(name)
                add.click()
                expect(self.page.locator(f"input[name='{name}-count']")).to_have_value(str(shown + 1))

    def _rows(self, name: str) -> int:
        return int(self.page.locator(f"input[name='{name}-count']").input_value())

    def _fill(self, answers: dict[str, Any]) -> None:
        for name, value in answers.items():
            field = self.page.locator(f"main [name='{name}']")
            if field.count() and self._is_asked(field, value):
                self._put(field, value)
                # Not wait_for_function, which the pages' own policy forbids.
                while self.page.evaluate("window.redrawing"):
                    self.page.wait_for_timeout(10)

    def _is_asked(self, field: Locator, value: Any) -> bool:
        is_drawn = isinstance(value, dict) and "signature" in value
        return is_drawn or field.first.get_attribute("type") != "hidden"

    def _put(self, field: Locator, value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                self._put(field, one)
        elif isinstance(value, dict):
            self._refer(field, *next(iter(value.items())))
        elif field.first.evaluate("e => e.tagName") == "SELECT":
            field.select_option(str(value))
        elif field.first.get_attribute("type") in ("radio", "checkbox"):
            self._tick(field, value)
        else:
            field.fill(str(value))

    def _tick(self, field: Locator, value: Any) -> None:
        if isinstance(value, bool):
            field.set_checked(value)
        else:
            field.and_(self.page.locator(f"[value='{value}']")).check()

    def _refer(self, field: Locator, word: str, who: str) -> None:
        name = PEOPLE.get(who, who)
        if word == "signature":
            self._sign(name)
        elif field.first.evaluate("e => e.tagName") == "SELECT":
            label = field.locator("option", has_text=name).first.text_content() or ""
            field.select_option(label=label.strip())
        else:
            field.and_(self.page.get_by_label(name, exact=False)).check()

    def _sign(self, name: str) -> None:
        """Draw strokes on the pad as a finger would."""
        canvas = self.page.locator(".signature-pad canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        for stroke in range(len(name)):
            left, top = box["x"] + 40 + stroke * 90, box["y"] + 60
            self.page.mouse.move(left, top)
            self.page.mouse.down()
            self.page.mouse.move(left + 50, top + 70, steps=8)
            self.page.mouse.move(left + 10, top + 90, steps=8)
            self.page.mouse.up()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.complaints.append(message.text)


def told(violation: dict[str, Any]) -> str:
    """An axe finding in one line."""
    return f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
