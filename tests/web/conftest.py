import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from engine.models.people import Account
from engine.people import HASHER
from web import make_app

from ..conftest import PASSWORD, TENANT, House


@dataclass(frozen=True)
class Settings:
    tenant_id: str = TENANT
    secure_cookies: bool = False


@dataclass
class Browser:
    """A client that fills in the hidden fields of the page before, as a browser does."""

    client: FlaskClient
    last: TestResponse | None = field(default=None)

    def get(self, path: str) -> TestResponse:
        self.last = self.client.get(path, follow_redirects=True, buffered=True)
        return self.last

    def post(self, path: str, follow: bool = True, **data: object) -> TestResponse:
        if self.last is None or hidden(self.last, "csrf_token") is None:
            self.get("/sign-in")
        assert self.last is not None
        sent = {"csrf_token": hidden(self.last, "csrf_token"), "key": hidden(self.last, "key")} | data
        known = {name: value for name, value in sent.items() if value is not None}
        self.last = self.client.post(path, data=known, follow_redirects=follow)
        return self.last

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", username=username, password=password)

    def english(self) -> "Browser":
        self.post("/language", language="en", next="/sign-in")
        return self


def hidden(page: TestResponse, name: str) -> str | None:
    """The value of the first hidden field of this name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return found.group(1) if found else None


@pytest.fixture(scope="session")
def password_hash() -> str:
    return HASHER.hash(PASSWORD)


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House], password_hash: str) -> House:
    made = make_house(sqlite_url)
    with made.engine.sessions.command(TENANT) as session:
        table = Account.__table__
        session.execute(update(table).where(table.c.tenant_id == TENANT).values(password_hash=password_hash))
    return made


@pytest.fixture
def app(house: House) -> Flask:
    return make_app(house.engine, Settings())  # type: ignore[arg-type]


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def reception(browser: Browser) -> Browser:
    browser.sign_in("reception")
    return browser
