"""The clocks of a case in Chromium: the page in two widths, held against axe, and a clock set by hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.journeys.browser import Person, chromium

from .conftest import Browser, Office
from .test_clocks import office, timer

__all__ = ["office"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def served(office: Office) -> Iterator[str]:
    """The address at which the application answers."""
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed_in(person: Person, browser: Browser, address: str) -> None:
    cookie = browser.client.get_cookie("woshou")
    assert cookie is not None
    person.page.context.add_cookies([{"name": "woshou", "value": cookie.value, "url": address}])


def test_a_chief_mediator_sets_stops_and_resumes_the_clocks_of_a_case(office: Office) -> None:
    with served(office) as address, chromium() as browser:
        person = Person(browser, address, set())
        signed_in(person, office.person("chief"), address)
        page = person.page
        page.goto(f"/cases/{office.case_id}")
        person.look("clocks")
        form = page.locator("details", has=page.locator("input[type=time]"))
        form.locator("summary").click()
        person.look("clocks-open")
        form.locator("input[type=date]").fill("2026-12-09")
        form.locator("input[type=time]").fill("08:15")
        form.locator("button").click()
        expect(page.locator(".error-summary")).to_be_focused()
        person.look("clocks-wrong")
        page.click(".error-summary a")
        expect(form.locator("textarea")).to_be_focused()
        expect(form.locator(".guided-error")).to_have_css("color", "rgb(123, 26, 20)")
        form.locator("textarea").fill("双方同意延长")
        form.locator("button").click()
        expect(page.locator("main")).to_contain_text("到2026年12月9日 08:15为止")
        stop = page.locator("details", has_text="暂停计算期限（例如因鉴定）")
        stop.locator("summary").click()
        stop.locator("textarea").fill("等待车辆鉴定")
        stop.locator("button").click()
        expect(page.locator("main")).to_contain_text("起暂停计算")
        person.look("clocks-paused")
        heights = page.locator("#time-limits ~ details summary, #time-limits ~ details button").evaluate_all(
            "all => all.filter(e => e.offsetParent).map(e => e.offsetHeight)"
        )
        assert min(heights) >= 48
    assert timer(office).due_at.isoformat() == "2026-12-09T00:15:00+00:00"
