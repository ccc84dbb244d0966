"""Guided forms in Chromium: by keyboard, without script, with script, on a phone, under a strict policy."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.forms.site import Site, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = ["/every_kind/1", "/every_kind/2", "/obligations/1", "/consents/1", "/signing/1"]
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def plain_page(chromium: Browser, address: str) -> Iterator[Page]:
    """A browser with script switched off."""
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    yield context.new_page()
    context.close()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(browser_page: Page, path: str):
    for size in ({"width": 1280, "height": 900}, NARROW):
        browser_page.set_viewport_size(size)  # type: ignore[arg-type]
        browser_page.goto(path)
        assert violations(browser_page) == []
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        browser_page.locator(".guided-buttons .button").click()
        assert violations(browser_page) == []


@pytest.mark.parametrize("path", PAGES)
def test_text_is_20_px_and_targets_are_48_px_high(browser_page: Page, path: str):
    browser_page.goto(path)
    sizes = browser_page.evaluate(
        """() => [...document.querySelectorAll('.guided label, .guided-hint, .guided legend, .guided p')]
            .filter(e => e.offsetHeight > 1 && e.textContent.trim())
            .map(e => parseFloat(getComputedStyle(e).fontSize))"""
    )
    heights = browser_page.evaluate(
        """() => [...document.querySelectorAll(
              '.guided-form button:not(.hidden-text), .guided-form select, .guided-form textarea, '
              + '.guided-choice label, .guided-form input:not([type=hidden], [type=radio], [type=checkbox])')]
            .map(e => e.getBoundingClientRect().height)"""
    )
    assert min(sizes, default=20) >= 20
    assert min(heights) >= 48


def test_a_page_is_filled_by_keyboard_alone(browser_page: Page, site: Site):
    browser_page.goto("/every_kind/1")
    browser_page.locator("#f-name").focus()
    browser_page.keyboard.insert_text("王建国")
    press(browser_page, "Tab")
    browser_page.keyboard.insert_text("碰了三轮车")
    press(browser_page, "Tab")
    browser_page.keyboard.insert_text("１，２００元")
    press(browser_page, "Tab", "Tab", "Space", "Tab")
    assert focused(browser_page) == "f-province"
    press(browser_page, "ArrowDown", "Tab", "Enter")
    browser_page.wait_for_url("**/every_kind/2")
    kept = site.drafts["every_kind"]
    assert {key: kept[key] for key in ("name", "amount", "kind", "province")} == {
        "name": "王建国", "amount": "１，２００元", "kind": "natural", "province": "hc",
    }  # fmt: skip


def test_enter_in_an_input_goes_on_and_not_back_or_to_a_row(browser_page: Page):
    browser_page.goto("/obligations/1")
    browser_page.locator("#f-obligations-0-action").press("Enter")
    expect(browser_page.locator("[role=alert]")).to_be_visible()
    expect(browser_page.locator(".guided-row")).to_have_count(1)


def test_after_errors_the_summary_has_the_focus_and_leads_to_the_input(browser_page: Page):
    browser_page.goto("/every_kind/1")
    browser_page.locator(".guided-buttons .button").click()
    expect(browser_page.locator("[role=alert]")).to_be_focused()
    press(browser_page, "Tab", "Enter")
    assert focused(browser_page) == "f-name"
    press(browser_page, "Shift+Tab")
    browser_page.locator("[role=alert] a").last.press("Enter")
    assert focused(browser_page) == "f-kind"


def test_focus_can_be_seen(browser_page: Page):
    browser_page.goto("/every_kind/1")
    browser_page.locator("#f-name").focus()
    press(browser_page, "Tab", "Tab", "Tab", "Tab", "Tab", "Tab")
    outline = browser_page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"


def test_rows_come_and_go_without_script(plain_page: Page, site: Site):
    plain_page.goto("/obligations/1")
    plain_page.locator("input[name=obligations-0-kind][value=pay]").check()
    plain_page.locator("#f-obligations-0-action").fill("赔偿")
    plain_page.locator("button[value='add:obligations']").click()
    expect(plain_page.locator("#f-obligations-1-action")).to_be_visible()
    expect(plain_page.locator("#f-obligations-0-action")).to_have_value("赔偿")
    plain_page.locator("#f-obligations-0-amount").fill("不确定")
    plain_page.locator("button[value='add:obligations-0-instalments']").click()
    expect(plain_page.locator("#f-obligations-0-amount")).to_have_value("不确定")
    plain_page.locator("#f-obligations-0-instalments-0-amount").fill("500")
    plain_page.locator("button[value='remove:obligations:1']").click()
    expect(plain_page.locator("#f-obligations > .guided-row")).to_have_count(1)
    assert site.drafts["obligations"]["obligations"][0]["instalments"][0]["amount"] == "500"


def test_with_script_rows_come_without_a_new_page_and_the_new_one_has_the_focus(browser_page: Page):
    browser_page.goto("/obligations/1")
    browser_page.evaluate("window.same = true")
    browser_page.locator("#f-obligations-0-action").fill("赔偿")
    browser_page.locator("button[value='add:obligations']").click()
    expect(browser_page.locator("#f-obligations > .guided-row")).to_have_count(2)
    expect(browser_page.locator("#f-obligations-0-action")).to_have_value("赔偿")
    assert browser_page.evaluate("window.same")
    assert focused(browser_page) == "f-obligations-1-kind"
    browser_page.locator("button[value='remove:obligations:0']").click()
    expect(browser_page.locator("#f-obligations > .guided-row")).to_have_count(1)
    assert focused(browser_page) == "f-obligations"


def test_an_answer_shows_what_hangs_on_it_and_the_focus_stays(browser_page: Page):
    browser_page.goto("/every_kind/1")
    browser_page.locator("#f-name").fill("某公司")
    browser_page.locator("input[value=legal]").check()
    expect(browser_page.locator("#f-representative")).to_be_visible()
    expect(browser_page.locator("#f-name")).to_have_value("某公司")
    assert focused(browser_page) == "f-kind-1"
    browser_page.locator("input[value=natural]").check()
    expect(browser_page.locator("#f-representative")).to_have_count(0)


def test_what_is_written_while_the_page_is_drawn_again_is_not_lost(browser_page: Page):
    browser_page.goto("/every_kind/1")
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        if route.request.method == "POST" and not waiting:
            waiting.append(route)
        else:
            route.continue_()

    browser_page.route("**/every_kind/1", hold)
    browser_page.locator("input[value=legal]").check()
    browser_page.locator("#f-story").fill("写到一半")
    waiting[0].continue_()
    expect(browser_page.locator("#f-representative")).to_be_visible()
    expect(browser_page.locator("#f-story")).to_have_value("写到一半")


def test_a_draft_is_kept_by_itself_and_says_when(browser_page: Page, site: Site):
    browser_page.clock.install()
    browser_page.goto("/every_kind/1")
    browser_page.locator("#f-amount").fill("大约一千")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-saved]")).to_have_text(re.compile(r"\d\d:\d\d"))
    assert site.drafts["every_kind"]["amount"] == "大约一千"


def test_a_draft_that_can_not_be_kept_says_so_and_is_tried_again(browser_page: Page, site: Site):
    browser_page.clock.install()
    browser_page.goto("/every_kind/1")
    browser_page.route("**/draft/**", lambda route: route.abort())
    browser_page.locator("#f-story").fill("断网")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-saved][data-failed]")).not_to_be_empty()
    browser_page.unroute("**/draft/**")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-saved]:not([data-failed])")).not_to_be_empty()
    assert site.drafts["every_kind"]["story"] == "断网"


def test_who_leaves_at_once_finds_what_was_typed_last(browser_page: Page, site: Site):
    browser_page.goto("/every_kind/1")
    browser_page.locator("#f-story").fill("写到一半就走了")
    browser_page.goto("/consents/1")
    browser_page.wait_for_timeout(500)
    assert site.drafts["every_kind"]["story"] == "写到一半就走了"


def test_who_must_sign_in_again_is_told_so_and_loses_nothing(browser_page: Page, site: Site):
    browser_page.clock.install()
    browser_page.goto("/every_kind/1")
    browser_page.route("**/draft/**", lambda route: route.fulfill(status=401))
    browser_page.locator("#f-story").fill("两小时以后")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-sign-in] a")).to_be_visible()
    expect(browser_page.locator("[data-saved][data-failed]")).to_contain_text("重新登录")
    browser_page.unroute("**/draft/**")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-sign-in] a")).to_be_hidden()
    assert site.drafts["every_kind"]["story"] == "两小时以后"


def test_a_page_goes_on_after_signing_in_again_in_another_window(browser_page: Page, site: Site):
    browser_page.clock.install()
    browser_page.goto("/every_kind/1")
    browser_page.locator("form.guided-form [name=csrf_token]").evaluate("token => { token.value = 'old'; }")

    def guarded(route: Route) -> None:
        old = "\r\nold\r\n" in (route.request.post_data or "")
        route.fulfill(status=400) if old else route.continue_()

    browser_page.route("**/draft/**", guarded)
    browser_page.locator("#f-story").fill("另一个窗口")
    browser_page.clock.run_for(4000)
    expect(browser_page.locator("[data-saved]:not([data-failed])")).not_to_be_empty()
    assert site.drafts["every_kind"]["story"] == "另一个窗口"


def test_a_form_is_sent_whole_from_page_to_page_without_script(plain_page: Page, site: Site):
    plain_page.goto("/every_kind/1")
    plain_page.locator("#f-name").fill("王建国")
    plain_page.locator("input[value=natural]").check()
    plain_page.locator(".guided-buttons .button").click()
    plain_page.locator("button[value=back]").click()
    expect(plain_page.locator("#f-name")).to_have_value("王建国")
    plain_page.locator(".guided-buttons .button").click()
    plain_page.locator("#f-agree").check()
    plain_page.locator("#f-held_on").fill("2026-11-23")
    plain_page.locator(".guided-buttons .button").click()
    expect(plain_page.locator("h1")).to_have_text("sent")
    assert site.sent["every_kind"]["name"] == "王建国"


def test_a_drawn_signature_is_sent(browser_page: Page, site: Site):
    browser_page.goto("/signing/1")
    box = browser_page.locator("canvas").bounding_box()
    assert box is not None
    assert box["height"] >= 200
    browser_page.mouse.move(box["x"] + 40, box["y"] + 60)
    browser_page.mouse.down()
    for step in range(1, 20):
        browser_page.mouse.move(box["x"] + 40 + 12 * step, box["y"] + 60 + 40 * (step % 2))
    browser_page.mouse.up()
    browser_page.locator(".guided-buttons .button").click()
    expect(browser_page.locator("h1")).to_have_text("sent")
    assert site.sent["signing"]["signature"].startswith("data:image/png;base64,")


def test_nothing_on_the_pages_breaks_the_policy(browser_page: Page):
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text))
    for path in PAGES:
        browser_page.goto(path)
        browser_page.wait_for_load_state("networkidle")
    assert said == []
