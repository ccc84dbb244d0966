import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from engine import Engine, jobs, people, policy, service_tasks
from engine.mediation import links
from engine.mediation.play import Clock, Player, Stage
from engine.mediation.rooms import Rooms
from engine.models.cases import Party
from engine.models.people import Account
from engine.models.processes import UserTask
from engine.people import HASHER
from engine.sessions import Sessions
from web import access, make_app, rehearsal, settings

from ..conftest import PASSWORD, TENANT, House

TRICYCLE = Path(__file__).parents[1] / "cases" / "tricycle_accident.json"


@dataclass(frozen=True)
class Settings:
    tenant_id: str = TENANT
    secure_cookies: bool = False
    metrics_token: str = ""
    rooms: Rooms | None = None


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
        answer = self.client.post(path, data=known, follow_redirects=follow)
        self.last = answer if follow else self.last
        return answer

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


@dataclass
class Office:
    """The tricycle case as it stands at one task, on a database of its own."""

    engine: Engine
    clock: Clock
    case_id: str
    app: Flask

    def person(self, username: str) -> Browser:
        """A browser in which somebody of the staff has signed in."""
        with self.engine.sessions.query(TENANT) as session:
            account_id = session.scalars(select(Account.id).where(Account.username == username)).one()
        return self._browser(account_id=account_id)

    def party(self, name: str) -> Browser:
        """A browser in which a party has opened its link."""
        return self._browser(party_id=self.party_id(name))

    def party_id(self, name: str) -> str:
        with self.engine.sessions.query(TENANT) as session:
            return session.scalars(select(Party.id).where(Party.name == name)).one()

    def bodies(self) -> frozenset[str]:
        with self.engine.sessions.query(TENANT) as session:
            return frozenset(session.scalars(select(Account.body_id)))

    def link(self, name: str) -> links.LinkView:
        actor = replace(policy.system(TENANT), roles=frozenset({"reception"}), body_ids=self.bodies())
        found = links.party_links(self.engine, actor, self.case_id)
        return next(link for link in found if link.party_name == name)

    def task_id(self, node_id: str) -> str:
        with self.engine.sessions.query(TENANT) as session:
            open_tasks = select(UserTask.id).where(UserTask.node_id == node_id, UserTask.status == "open")
            return session.scalars(open_tasks).one()

    def work(self) -> None:
        """Do the jobs that are due, as the worker beside the web does."""
        jobs.run_due(self.engine, service_tasks.HANDLERS)

    def _browser(self, **whose: str) -> Browser:
        with self.engine.sessions.command(TENANT) as session:
            token = people.open_session(session, self.engine, **whose)
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie[access.TOKEN] = token
        return Browser(client)


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


@dataclass(frozen=True)
class Played:
    stage: Stage
    case_id: str
    databases: Path


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The tricycle case played once, with a copy of the database before each of its tasks and at the end."""
    folder = tmp_path_factory.mktemp("played")
    script = json.loads(TRICYCLE.read_text(encoding="utf-8"))
    with rehearsal.stage_for(settings.read({"WOSHOU_DATA": str(folder / "data")}), script) as stage:
        player = Player(stage, script, "tricycle")
        for _ in player.play():
            for node_id in player.open_tasks() or ["end"]:
                _copy(stage.engine.sessions.url, folder / f"{node_id}.db")
        yield Played(stage, player.case_id, folder)


@pytest.fixture
def office_at(
    played: Played, sqlite_path: Path, sessions_of: Callable[[str], Sessions]
) -> Iterator[Callable[[str], Office]]:
    """Gives the case as it stood when a task was first open, or at the `end`."""
    opened: list[Sessions] = []
    moment = played.stage.clock.moment

    def at(node_id: str) -> Office:
        path = sqlite_path.with_name(f"office{len(opened)}.db")
        opened.append(sessions_of(f"sqlite:///{shutil.copy(played.databases / f'{node_id}.db', path)}"))
        engine = replace(played.stage.engine, sessions=opened[-1])
        return Office(engine, played.stage.clock, played.case_id, make_app(engine, Settings()))  # type: ignore[arg-type]

    yield at
    played.stage.clock.moment = moment
    for sessions in opened:
        sessions.dispose()


def _copy(url: str, path: Path) -> None:
    if path.exists():
        return
    source, copy = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(path)
    source.backup(copy)
    source.close()
    copy.close()
