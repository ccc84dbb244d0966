"""Words that only some may read, looked for in backups, in the log, and on every page of every role."""

import copy
import datetime as dt
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from engine import tasks
from engine.bodies import NewBody
from engine.mediation.play import Clock, Player, Stage
from engine.models.people import Account
from engine.models.processes import UserTask
from engine.people import account_actor
from web import backups, installation, make_app, rehearsal, settings

from ..conftest import TENANT
from .conftest import TRICYCLE, Browser, Office
from .test_logs import listen

pytestmark = pytest.mark.slow
NUMBER, PHONE = "11010519491231002X", "139-0000-1299"
SAID, CONCESSION, TYPED = "私下底线甲乙丙丁戊", "愿让步己庚辛壬癸", "草稿里的子丑寅卯"
MARKERS = (NUMBER, PHONE, SAID, CONCESSION, TYPED)
TALKED = 9  # steps of the script until both separate talks were held
MORE_PEOPLE = {"second": "mediator", "administrator": "administrator", "overseer": "overseer"}
STAFF = ("reception", "mediator", "chief", "seal", *MORE_PEOPLE)
PARTIES = ("罗小琴", "陈大勇")
LINK = re.compile(r'(?:href|src|data-source)="(/[^"#]*)"')
FORM = re.compile(r"/tasks/[0-9a-f-]{36}")
WEEK = "day="  # the roster leads from week to week, for ever
ELSEWHERE = ("/static", "/language")


@dataclass
class Haunted:
    """A case with the markers in it, played step by step."""

    chosen: settings.Settings
    stage: Stage
    player: Player
    steps: Iterator[Any]

    def until_talked(self) -> None:
        for _ in islice(self.steps, TALKED):
            pass
        self._type()

    def until_the_end(self) -> None:
        for _ in self.steps:
            pass

    def backup(self, name: str) -> bytes:
        path = self.chosen.data.parent / name
        backups.make(self.chosen, path)
        backups.verify(self.chosen, backups.Source(path))
        return gzip.decompress(path.read_bytes())

    def office(self) -> Office:
        app = make_app(self.stage.engine, self.chosen)
        return Office(self.stage.engine, self.stage.clock, self.player.case_id, app)

    def _type(self) -> None:
        engine = self.stage.engine
        with engine.sessions.query(TENANT) as session:
            account_id = session.scalars(select(Account.id).where(Account.username == "mediator")).one()
            task_id = session.scalars(select(UserTask.id).where(UserTask.status == "open")).one()
        actor = account_actor(engine, TENANT, account_id)
        assert actor is not None
        tasks.save_draft(engine, actor, task_id, {"record": TYPED})


def script() -> dict[str, Any]:
    found = copy.deepcopy(json.loads(TRICYCLE.read_text(encoding="utf-8")))
    first = found["steps"][0]["answers"]["applicants"][0]
    first |= {"id_number": NUMBER, "phone": PHONE}
    told, private = found["steps"][TALKED - 2]["answers"]["statements"]
    told["text"], private["text"] = CONCESSION, SAID
    for username, role in MORE_PEOPLE.items():
        found["people"].append({"username": username, "name": username, "roles": [role]})
    return dict(found)


@contextmanager
def haunted(url: str, folder: Path) -> Iterator[Haunted]:
    told = script()
    chosen = replace(settings.read({"WOSHOU_DATA": str(folder / "data")}), database=url)
    clock = Clock(dt.datetime.fromisoformat(told["steps"][0]["at"]))
    body = NewBody(told["committee"]["name"], told["committee"]["code"], told["committee"]["court"])
    installation.prepare(chosen, body.name)
    with settings.opened(chosen, clock) as engine:
        installation.found(engine, TENANT, body)
        installation.deploy(engine, TENANT, settings.shipped_files())
        rehearsal.add_people(engine, TENANT, (body, told["people"]))
        stage = Stage(engine, clock, TENANT)
        player = Player(stage, told, "haunted")
        yield Haunted(chosen, stage, player, player.play())


@pytest.fixture
def place(url: str, tmp_path: Path) -> Iterator[Haunted]:
    with haunted(url, tmp_path) as found:
        yield found


@pytest.fixture
def small_place(sqlite_url: str, tmp_path: Path) -> Iterator[Haunted]:
    with haunted(sqlite_url, tmp_path) as found:
        yield found


def holding(raw: bytes) -> list[str]:
    """The markers that stand in bytes, as text or as JSON would escape them."""
    return [one for one in MARKERS if one.encode() in raw or json.dumps(one).strip('"').encode() in raw]


def read_by(browser: Browser) -> dict[str, str]:
    """Every page that can be reached from the first one, by its path; PDFs as their text."""
    seen: dict[str, str] = {}
    todo = ["/", "/tasks", "/tasks?view=role", "/tasks?view=overdue", "/cases", "/bodies", "/duties"]
    while todo:
        path = todo.pop().replace("&amp;", "&")
        if path in seen or path.startswith(ELSEWHERE) or WEEK in path:
            continue
        answer = browser.client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        is_pdf = answer.content_type == "application/pdf"
        seen[path] = pdf_text(answer.data) if is_pdf else answer.data.decode(errors="replace")
        if answer.content_type.startswith("text/html"):
            todo += LINK.findall(answer.text)
        if FORM.fullmatch(path):
            todo += [f"{path}?page={page}" for page in (2, 3, 4)]
    return seen


def pdf_text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join(document[index].get_textpage().get_text_range() for index in range(len(document)))


def browsers(office: Office) -> dict[str, Browser]:
    return {name: office.person(name) for name in STAFF} | {name: office.party(name) for name in PARTIES}


def found_by(office: Office) -> dict[str, set[tuple[str, str]]]:
    """Who comes upon which marker, and on what kind of page."""
    return {name: found_on(read_by(browser)) for name, browser in browsers(office).items()}


def found_on(pages: Mapping[str, str]) -> set[tuple[str, str]]:
    found = {(path, marker) for path, text in pages.items() for marker in MARKERS if marker in text}
    found = {("/party" if path == "/" else path, marker) for path, marker in found}
    return {(path.split("/")[1].split("?")[0], marker) for path, marker in found}


def test_no_backup_holds_a_word_of_it_and_each_holds(place: Haunted) -> None:
    place.until_talked()
    midway = place.backup("midway.backup")
    place.until_the_end()
    at_the_end = place.backup("end.backup")
    for raw in (midway, at_the_end):
        assert "三轮车".encode() in raw
        assert holding(raw) == []


def test_each_role_comes_upon_what_it_may_read_alone(small_place: Haunted) -> None:
    with contextmanager(listen)("json") as lines:
        small_place.until_talked()
        midway = found_by(small_place.office())
        small_place.until_the_end()
        at_the_end = found_by(small_place.office())
    nothing: dict[str, set[tuple[str, str]]] = {name: set() for name in (*STAFF, *PARTIES)}
    talks = {
        "mediator": {("cases", SAID), ("cases", CONCESSION)},
        "罗小琴": {("party", SAID), ("party", CONCESSION)},
    }
    # Who calls the parties finds their numbers on the page of the case.
    reached = {"reception": {("cases", PHONE)}, "mediator": talks["mediator"] | {("cases", PHONE)}}
    assert midway == nothing | talks | reached | {"mediator": reached["mediator"] | {("tasks", TYPED)}}
    printed = {("documents", NUMBER), ("documents", PHONE)}
    readers = ("reception", "mediator", "chief", "seal", *PARTIES)
    known = talks | reached
    assert at_the_end == nothing | {name: printed | known.get(name, set()) for name in readers}
    assert lines.lines
    assert holding("\n".join(lines.lines).encode()) == []


def test_no_search_finds_a_case_by_it(small_place: Haunted) -> None:
    small_place.until_talked()
    office = small_place.office()
    reception, mediator = office.person("reception"), office.person("mediator")
    assert "罗小琴" in reception.get("/cases?search=罗小琴").text
    for marker in MARKERS:
        for browser in (reception, mediator):
            for path in ("/cases?search=", "/tasks?search=", "/tasks?view=role&search="):
                assert "罗小琴" not in browser.client.get(path + marker).text, (path, marker)
