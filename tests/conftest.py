"""What every test may ask for: databases of both kinds, an Engine on them, people of a committee."""

import datetime as dt
import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2.profiles import CHEAPEST
from flask import Flask
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine as Database
from sqlalchemy import event, select
from sqlalchemy.pool import Pool
from werkzeug.routing import Rule

import forms
from engine import Engine, checks, definitions, keys, migrations, people, releases
from engine.calendar import day_of
from engine.documents.render import Renderer
from engine.mediation import register
from engine.mediation.register import NewMediator
from engine.models.base import new_id
from engine.models.people import Body, Tenant
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.services import Services
from engine.sessions import Sessions, Tally
from tests import postgres, small_forms
from web import settings

TENANT = "00000000-0000-7000-8000-000000000001"
MORNING = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
PASSWORD = "woshou-demo-2026"
ROLES = ("reception", "mediator", "chief_mediator", "seal_keeper", "administrator")
WITHOUT_TENANT = ("tenants", "alembic", "sqlite_master", "pg_catalog", "PRAGMA", "SAVEPOINT", "RELEASE")


# Hundreds of tests sign in; what a real hash costs is looked at by the servers of the journeys.
people.HASHER._parameters = CHEAPEST


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take long come first: where one begins last, all processors but one wait for it.

    Those of Chromium are spread among them, for two at once slow each other down.
    """
    marks = {mark: dict[Path, None]() for mark in ("browser", "slow")}
    for item in items:
        found = next((mark for mark in marks if item.get_closest_marker(mark)), None)
        if found:
            marks[found].setdefault(item.path)
    files = [list(marks["browser"]), [path for path in marks["slow"] if path not in marks["browser"]]]
    places = {path: (at + 0.5) / len(paths) for paths in files for at, path in enumerate(paths)}
    items.sort(key=lambda item: places.get(item.path, 1))


@dataclass
class Clock:
    """A clock that stands still until a test sets it."""

    moment: dt.datetime = MORNING

    def __call__(self) -> dt.datetime:
        return self.moment

    def forward(self, **duration: float) -> None:
        self.moment += dt.timedelta(**duration)


@dataclass
class House:
    """An engine with one committee in it, and the people by their role."""

    engine: Engine
    clock: Clock
    body_id: str
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, role: str) -> Actor:
        try:
            return self.actors[role]
        except KeyError:
            raise AttributeError(role) from None

    def deploy(self, files: Mapping[str, bytes]) -> str:
        return releases.deploy(self.engine, self.administrator, {"blank.form": small_forms.BLANK, **files})


@pytest.fixture(scope="session", autouse=True)
def _collected_seldom() -> Iterator[None]:
    """What tests hold in common is no garbage: looking through all of it took a third of their time."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 1_000)
    yield
    gc.set_threshold(*before)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is compiled of templates and addresses serves all applications: it took most of a page's time."""
    cached = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))

    made, builder = Environment.__init__, Rule._compile_builder

    def address(rule: Rule, *unknown: bool) -> Any:
        return (tuple(rule._trace), repr(rule.defaults), *unknown)

    def compiled(self: Environment, app: Flask, **options: Any) -> None:
        made(self, app, bytecode_cache=cached, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "__init__", compiled)
        patch.setattr(Rule, "_compile_builder", _once(builder, address))
        yield


@pytest.fixture(scope="session", autouse=True)
def _installed_once(sqlite_template: Path) -> Iterator[None]:
    """The tables of a new SQLite database are copied, and all houses that tests open have one renderer."""
    upgrade, shared = migrations.upgrade, cache(_Shared)

    def copied(url: str, revision: str = "head") -> None:
        path = Path(url.removeprefix("sqlite:///"))
        if revision == "head" and url.startswith("sqlite:///") and not path.exists():
            shutil.copy(sqlite_template, path)
        else:
            upgrade(url, revision)

    def renderer(fonts: Path) -> Renderer:
        at_the_end.callback(shared(fonts).close)
        return shared(fonts)

    with pytest.MonkeyPatch.context() as patch, ExitStack() as at_the_end:
        patch.setattr(migrations, "upgrade", copied)
        patch.setattr(settings, "Renderer", renderer)
        yield


class _Shared(Renderer):
    """A renderer that stays when one of those that use it is done."""

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session", autouse=True)
def checked_once() -> Iterator[None]:
    """The same files under the same services are read and proved once: many tests deploy the shipped ones."""

    def content(_known: definitions.Definitions, kind: str, content: bytes) -> tuple[Any, ...]:
        return (kind, content)

    def alone(_engine: Engine, file: Any, known: Any) -> tuple[Any, ...] | None:
        return (file.content, *map(frozenset, vars(known).values())) if file.kind == "process" else None

    def together(engine: Engine, deployed: list[Any], base: Any, findings: list[Any]) -> Any:
        files = tuple((file.name, file.hash) for file in deployed)
        key = (files, _declared(engine.services), engine.now().date(), repr(findings))
        return None if base else key

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definitions.Definitions, "parse", _once(definitions.Definitions.parse, content))
        patch.setattr(checks, "_in_file", _once(checks._in_file, alone))
        patch.setattr(checks, "_between", _once(checks._between, together))
        yield


def _once(function: Callable[..., Any], key_of: Callable[..., Any]) -> Callable[..., Any]:
    """The function called once for each key, and each time where the key is None."""
    known = dict[Any, Any]()

    def once(*arguments: Any) -> Any:
        key = key_of(*arguments)
        if key is None:
            return function(*arguments)
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return once


def _declared(services: Services) -> tuple[Any, ...]:
    tasks = {
        (name, task.effects, None if task.variables is None else frozenset(task.variables))
        for name, task in services.tasks.items()
    }
    private = {(name, frozenset(found)) for name, found in services.private.items()}
    keys = {(name, frozenset(found.keys)) for name, found in services.tenant_functions.items()}
    brought = {(name, frozenset(found)) for name, found in services.messages.items()}
    names = (frozenset(services.effects), frozenset(services.facts), frozenset(services.functions))
    return (services.law, *names, *map(frozenset, (tasks, private, keys, brought)))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        migrations.upgrade(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "woshou.db"
    migrations.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def sqlite_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database") / "woshou.db"


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_path: Path) -> str:
    """One place for the database of all tests, with a new file in it for each."""
    for old in sqlite_path.parent.iterdir():
        old.unlink()
    return f"sqlite:///{shutil.copy(sqlite_template, sqlite_path)}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """One database for all tests, emptied after each: making a new one takes longer than most tests."""
    yield postgres_server
    postgres.empty(postgres_server)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]))


@pytest.fixture(scope="session")
def sessions_of() -> Callable[[str], Sessions]:
    """The sessions of a database, whoever asks: compiling all statements anew took a fifth of the time."""
    return cache(Sessions)


@pytest.fixture(scope="session")
def settled_house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, House]:
    """A database with a house in it, to be copied: to settle it takes longer than most tests."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("settled") / "woshou.db")
    sessions = Sessions(f"sqlite:///{path}")
    house = new_house(sessions, path.parent, Services())
    sessions.dispose()
    return path, house


@pytest.fixture
def make_house(
    tmp_path: Path, sessions_of: Callable[[str], Sessions], settled_house: tuple[Path, House]
) -> Iterator[Callable[..., House]]:
    opened: list[Sessions] = []

    def make(url: str, services: Services | None = None) -> House:
        opened.append(sessions_of(url))
        opened[-1].recorded = Tally()
        if url.startswith("sqlite"):
            shutil.copy(settled_house[0], url.removeprefix("sqlite:///"))
        like = settled_house[1] if url.startswith("sqlite") else None
        return new_house(opened[-1], tmp_path, services or Services(), like)

    yield make
    for sessions in opened:
        sessions.dispose()


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url)


def new_house(sessions: Sessions, folder: Path, services: Services, like: House | None = None) -> House:
    """A house on a database that is set up and empty or has one `like` it; its keys lie in the folder."""
    clock = Clock()
    engine = Engine(
        sessions=sessions,
        definitions=definitions.Definitions(forms),
        services=services,
        forms=forms,
        keys=keys.create(folder / "keys"),
        now=clock,
    )
    return House(engine, clock, like.body_id, dict(like.actors)) if like else settle(engine, clock)


def settle(engine: Engine, clock: Clock, tenant_id: str = TENANT) -> House:
    """A tenant with one body and an account for each role; passwords are not hashed here, to be quick."""
    body_id = new_id()
    with engine.sessions.command(tenant_id) as session:
        session.add(Tenant(id=tenant_id, name="合川区", audit_count=0, audit_head=""))
        session.flush()
        session.add(Body(tenant_id=tenant_id, id=body_id, name="花滩街道人民调解委员会", code="花滩"))
        session.flush()
    house = House(engine, clock, body_id)
    for role in ROLES:
        house.actors[role] = add_person(engine, tenant_id, body_id, role)
    return house


def add_person(engine: Engine, tenant_id: str, body_id: str, role: str, username: str = "") -> Actor:
    """Another account with one role in a body; a mediator is in the register from now on."""
    with engine.sessions.command(tenant_id) as session:
        new = people.NewAccount(username or role, username or role, [role], body_id, "")
        account = people.add_account(session, new, hash_password=lambda _: "-")
        if role == register.ROLE:
            register.enter(session, NewMediator(account.id, day_of(engine.now())))
    return Actor(
        tenant_id, account.id, account.name, frozenset({role}), body_id=body_id, body_ids=frozenset({body_id})
    )


def recorded(house: House, root_id: str) -> list[str]:
    """The actions in a case's record, oldest first."""
    with house.engine.sessions.query(TENANT) as session:
        found = select(AuditRow.action).where(AuditRow.chain_id == root_id)
        return list(session.scalars(found.order_by(AuditRow.seq)))


@pytest.fixture(autouse=True, scope="session")
def _every_statement_names_its_tenant() -> Iterator[None]:
    """Fails a test that reads or writes a tenant's table without naming the tenant."""

    def look(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        assert "tenant_id" in statement or _is_outside_tenants(statement), f"no tenant in: {statement}"

    event.listen(Database, "before_cursor_execute", look)
    yield
    event.remove(Database, "before_cursor_execute", look)


def _is_outside_tenants(statement: str) -> bool:
    verb = statement.lstrip().split(" ", 1)[0].upper()
    return verb not in {"SELECT", "INSERT", "UPDATE", "DELETE"} or any(
        name in statement for name in WITHOUT_TENANT
    )


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements that are executed from now on, on SQLite with the words that begin a transaction."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    def note_begin(statement: str) -> None:
        if statement.startswith("BEGIN"):
            seen.append(statement)

    overheard: list[sqlite3.Connection] = []

    def overhear(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note_begin)
            overheard.append(connection)

    event.listen(Database, "before_cursor_execute", note)
    event.listen(Pool, "checkout", overhear)
    yield seen
    event.remove(Pool, "checkout", overhear)
    for connection in overheard:
        with suppress(sqlite3.ProgrammingError):
            connection.set_trace_callback(None)
    event.remove(Database, "before_cursor_execute", note)
