"""The small site of sample forms, and a browser to look at it."""

import logging
import threading
from typing import Any

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.forms.site import Site
from tests.journeys import browser

PEOPLE = [{"value": "p1", "label": "王建国"}, {"value": "p2", "label": "李秀英"}]
PLACES = [{"value": "hc", "label": "合川区"}, {"value": "yz", "label": "渝中区"}]


@pytest.fixture
def site() -> Site:
    """Sample forms with people and places to choose from."""
    made = Site()
    made.contexts["every_kind"] = {"places": PLACES}
    made.contexts["consents"] = {"people": PEOPLE, "consents": [{"party_id": "p1"}, {"party_id": "p2"}]}
    return made


@pytest.fixture(scope="module")
def chromium() -> Any:
    """A browser for one module: while it is open no other event loop can run in this thread."""
    with browser.chromium() as opened:
        yield opened


@pytest.fixture
def address(site: Site) -> Any:
    """The site on a port of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser_page(chromium: Browser, address: str) -> Any:
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(8000)
    yield page
    context.close()
