"""The log says what happened, and nothing of anybody: not in lines, not in failures, not by libraries."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from engine import errors
from engine.documents.press import Message, Press, work
from tests.conftest import TENANT, House
from tests.journeys import script
from tests.journeys.server import running
from tests.journeys.visitor import Refused, Visitor
from web import logs, settings
from web.demo import PASSWORD
from web.demo import PEOPLE as STAFF

from .conftest import Browser, Office

NAME = "罗小琴"
PHONE = "13800138000"
ACTOR = re.compile(r"[0-9a-f-]{36}")
FORMATTERS = {"json": logs.AsJson(), "text": logs.Plain()}


class Lines(logging.Handler):
    """What would have been written, in one of the formats."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture(params=FORMATTERS)
def written(request: pytest.FixtureRequest) -> Iterator[Lines]:
    yield from listen(request.param)


@pytest.fixture
def as_json() -> Iterator[Lines]:
    yield from listen("json")


def listen(kind: str) -> Iterator[Lines]:
    lines, root, ours = Lines(FORMATTERS[kind]), logging.getLogger(), logging.getLogger(logs.OURS)
    before = ours.level
    root.addHandler(lines)
    ours.setLevel(logging.INFO)
    yield lines
    root.removeHandler(lines)
    ours.setLevel(before)


def answered(lines: Lines) -> list[dict[str, Any]]:
    return [facts for facts in lines.facts if facts["message"] == "answered"]


def test_a_request_is_one_line_with_its_route_status_time_tenant_and_actor(
    office_at: Callable[[str], Office], as_json: Lines
) -> None:
    office = office_at("invite_party")
    task = office.task_id("invite_party")
    page = office.person("reception").get(f"/tasks/{task}?next={NAME}")
    (line,) = answered(as_json)
    assert (line["route"], line["status"], line["tenant"]) == ("tasks.show", 200, TENANT)
    assert line["level"] == "info"
    assert 0 < line["ms"] < 60_000
    assert ACTOR.fullmatch(line["actor"])
    assert line["request"] == page.headers["X-Request-Id"]
    assert task not in as_json.lines[0]
    assert set(line) == {
        "at", "level", "logger", "message", "request", "route", "tenant", "actor", "status", "ms"
    }  # fmt: skip


def test_each_request_has_an_id_of_its_own_and_takes_none_from_outside(browser: Browser) -> None:
    answers = [browser.client.get("/sign-in", headers={"X-Request-Id": NAME.encode()}) for _ in range(2)]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids)


def test_watchdogs_and_static_files_make_no_lines(browser: Browser, as_json: Lines) -> None:
    for path in ("/health", "/ready", "/metrics", "/static/nothing.js"):
        browser.client.get(path)
    assert answered(as_json) == []


def test_a_failure_is_told_by_its_kinds_and_places_without_what_it_says(
    app: Flask, browser: Browser, written: Lines
) -> None:
    def view() -> str:
        try:
            raise KeyError(PHONE)
        except KeyError as unknown:
            raise ValueError(f"{NAME} is not known") from unknown

    app.add_url_rule(f"/fails/{NAME}", "fails", view)
    assert browser.get(f"/fails/{NAME}?phone={PHONE}").status_code == 500
    (line,) = [line for line in written.lines if "a page failed" in line]
    assert re.search(r"ValueError.*web/test_logs.py:\d+ view.*KeyError.*web/test_logs.py:\d+ view", line)
    assert "fails" in line
    shows_nothing(written)


def test_what_a_database_says_of_a_row_stays_out(house: House, written: Lines) -> None:
    statement = text("INSERT INTO accounts (tenant_id, name) VALUES (:tenant_id, :name)")
    with (
        pytest.raises(IntegrityError, match=NAME) as failed,
        house.engine.sessions.command(TENANT) as session,
    ):
        session.execute(statement, {"tenant_id": TENANT, "name": NAME})
    logging.getLogger("woshou.jobs").error("job %s failed", "service", exc_info=failed.value)
    assert "IntegrityError" in written.lines[0]
    shows_nothing(written)


def test_what_a_refusal_says_stays_out_of_a_job_s_failure(written: Lines) -> None:
    try:
        raise errors.TaskClaimed(who=NAME)
    except errors.Refusal as refused:
        logging.getLogger("woshou.jobs").error("job %s failed: %s", "service", errors.traced(refused))
    assert "TaskClaimed" in written.lines[0]
    assert "\n" not in written.lines[0]
    shows_nothing(written)


def test_the_words_of_libraries_stay_out_but_not_their_places(written: Lines) -> None:
    logging.getLogger("waitress").warning("Exception while serving %s", f"/p/{NAME}")
    logging.getLogger("web").error(f"Exception on {NAME}")
    logging.getLogger("woshoulder").error(NAME)
    assert len(written.lines) == 3
    assert all("web/test_logs.py:" in line for line in written.lines)
    shows_nothing(written)


def shows_nothing(written: Lines) -> None:
    everything = "\n".join(written.lines)
    assert NAME not in everything
    assert json.dumps(NAME) not in everything
    assert quote(NAME) not in everything
    assert PHONE not in everything


@pytest.mark.slow
@pytest.mark.parametrize("kind", FORMATTERS)
def test_what_ends_a_thread_or_the_process_is_logged_in_the_same_way(kind: str) -> None:
    program = f"""
import logging, threading, warnings
from web import logs
logs.begin({kind!r})
def fail():
    raise ValueError({NAME!r})
thread = threading.Thread(target=fail)
thread.start()
thread.join()
warnings.warn({NAME!r})
logging.getLogger("woshou.jobs").info("%d jobs", {NAME!r})
class Left:
    def __repr__(self):
        return {NAME!r}
    def __del__(self):
        raise ValueError({NAME!r})
Left()
fail()
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env={"PYTHONPATH": str(settings.ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("something ended that should not") == 2
    assert done.stderr.count("something failed that could not be told") == 1
    assert done.stderr.count("ValueError") == 3
    assert NAME not in done.stderr
    assert json.dumps(NAME) not in done.stderr
    if kind == "json":
        assert all(json.loads(line) for line in done.stderr.splitlines())


def test_what_fails_in_the_child_that_prints_says_nothing_of_the_document(
    capfd: pytest.CaptureFixture[str],
) -> None:
    class Broken(Press):
        def __init__(self) -> None:
            pass

        def print_document(self, html: str, css: str, enclosed: object = ()) -> Message:
            raise ValueError(html)

    answer = work(Broken(), Message({"job": "print", "enclosed": []}, [NAME.encode(), b""]), 10_000)
    assert answer.head == {"problem": "failed"}
    shown = capfd.readouterr().err
    assert "ValueError" in shown
    assert "print_document" in shown
    assert NAME not in shown


@pytest.mark.parametrize(("said", "kind"), [("text", "text"), ("json", "json"), ("", "json")])
def test_the_environment_chooses_the_format_and_without_a_terminal_it_is_json(said: str, kind: str) -> None:
    assert settings.read({"WOSHOU_LOG": said}).log == kind


@pytest.mark.slow
def test_a_whole_case_through_http_leaves_nothing_of_anybody_in_the_log(tmp_path: Path) -> None:
    steps = script.tasks("tricycle_accident")
    secrets: set[str] = set()
    with running(tmp_path / "data") as server:
        staff = {step["as"] for step in steps} & {username for username, *_ in STAFF}
        visitors = {name: Visitor(server.address).sign_in(name) for name in staff | {"mediator"}}
        case = walk(steps, visitors, secrets)
        disturb(visitors["reception"], server.address, case, secrets)
        server.stop()
    log = (tmp_path / "serve.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    posts = [line for line in lines if line.get("route") == "tasks.submit"]
    assert len(posts) >= len(steps)
    assert {line["level"] for line in lines} <= {"info", "warning"}
    typed = set(texts([step["answers"] for step in steps]))
    people = {name for _, name, _, _ in STAFF} | {body.name for *_, body in STAFF}
    forbidden = typed | people | secrets | {PASSWORD}
    assert len(forbidden) > 35
    assert {NAME, "陈大勇"} <= forbidden
    assert {one for one in forbidden if any(form in log for form in forms_of(one))} == set()


def forms_of(text: str) -> set[str]:
    """A text as it is, in an address and in JSON."""
    return {text, quote(text), json.dumps(text)[1:-1]}


def walk(steps: list[dict[str, Any]], visitors: dict[str, Visitor], secrets: set[str]) -> str:
    """Play a case as its people do; the links and codes of the parties go to the secrets."""
    case = ""
    for number, step in enumerate(steps):
        name = step["as"]
        if name not in visitors:
            link, code = visitors["mediator"].links(case)[name]
            secrets |= {urlsplit(link).path.rsplit("/", 1)[1], code}
            visitors[name] = Visitor(visitors["reception"].base).enter(link, code)
        visitor = visitors[name]
        if number == 0:
            task = visitor.open_case()
        else:
            is_party = name in (NAME, "陈大勇")
            task = visitor.find_own_task() if is_party else visitor.find_task(NAME)
        visitor.fill(task, step["answers"])
        if not case:
            visitor.get(f"/cases?search={quote(NAME)}")
            case = str(visitor.page.xpath("//main//a[starts-with(@href, '/cases/')]/@href")[0])
            secrets |= {case.rsplit("/", 1)[1], urlsplit(task).path.rsplit("/", 1)[1]}
    return case


def disturb(visitor: Visitor, base: str, case: str, secrets: set[str]) -> None:
    """Ask for what is not there or not allowed, with data in the address and in the form."""
    name, stranger = quote(NAME), Visitor(base)
    for path in (f"/cases/{name}", f"/p/{PHONE}", f"{case}/{PHONE}", f"/tasks/{PHONE}?search={name}"):
        with suppress(Refused):
            visitor.get(path)
    for username, password in ((NAME, PHONE), ("reception", NAME)):
        with pytest.raises(Refused):
            stranger.post("/sign-in", [("username", username), ("password", password)])
    with pytest.raises(Refused):
        stranger.sign_in(NAME)
    secrets.add(PHONE)


def texts(answers: Any) -> Iterator[str]:
    """Everything in answers that somebody has typed: names, numbers, sentences."""
    if isinstance(answers, dict):
        for value in answers.values():
            yield from texts(value)
    elif isinstance(answers, list):
        for value in answers:
            yield from texts(value)
    elif isinstance(answers, str) and (re.search(r"[\u4e00-\u9fff]|\d{6}", answers) or len(answers) > 40):
        yield answers
