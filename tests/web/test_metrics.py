"""What Prometheus reads: right numbers, names out of the code alone, and for nobody else's eyes."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from engine import audit, jobs, policy
from engine.models.people import Tenant
from engine.models.records import Job
from tests.conftest import TENANT, House
from web import make_app, metrics
from web.words import ACTIONS

from .conftest import Browser, Office, Settings
from .test_tasks import ANSWER

At = Callable[[str], Office]
LABEL = re.compile(r"[A-Za-z_.]{1,40}|[1-5]\d\d|\+Inf|\d+\.\d+")
TOKEN = "0123456789abcdef"
Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(client: FlaskClient) -> Values:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(values: Values, name: str, **labels: str) -> float:
    return values.get((name, frozenset(labels.items())), 0.0)


def test_requests_are_counted_by_the_name_of_their_route(browser: Browser) -> None:
    browser.get("/sign-in")
    browser.get("/sign-in?next=/cases")
    browser.get("/nothing/of/this/kind")
    browser.client.open("/sign-in", method="罗小琴".encode().decode("latin-1"))
    browser.sign_in("reception", "wrong")
    found = read(browser.client)
    requests = "woshou_requests_total"
    assert value(found, requests, route="sign_in.show", method="GET", status="200") == 3
    assert value(found, requests, route="sign_in.enter", method="POST", status="401") == 1
    assert value(found, requests, route="unknown", method="GET", status="404") == 1
    assert value(found, "woshou_request_seconds_count", route="sign_in.show") == 3
    assert value(found, requests, route="unknown", method="other", status="405") == 1
    assert 0 < value(found, "woshou_request_seconds_sum", route="sign_in.show") < 30
    assert value(found, "woshou_refusals_total", kind="SignInRefused") == 1


def test_a_step_and_a_refusal_are_counted_once_and_what_waits_is_as_in_the_database(office_at: At) -> None:
    office = office_at("invite_party")
    person, task = office.person("reception"), office.task_id("invite_party")
    person.get(f"/tasks/{task}")
    answers = {**ANSWER, "answers-0-party_id": office.party_id("陈大勇"), "go": "next"}
    before = read(person.client)
    assert office.person("mediator").post(f"/tasks/{task}/claim").status_code == 404
    person.get(f"/tasks/{task}")
    assert person.post(f"/tasks/{task}", **answers).status_code == 200
    after = read(person.client)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("woshou_commands_total", action="task.completed") == 1
    assert more("woshou_refusals_total", kind="NotFound") == 1
    assert more("woshou_requests_total", route="tasks.submit", method="POST", status="303") == 1
    assert value(before, "woshou_user_tasks_open") == 1


def record(house: House, failure: type[Exception] | None = None) -> None:
    """A recorded command that fails at its end, or does not."""
    with house.engine.sessions.command(TENANT) as session:
        tenant = session.scalars(select(Tenant)).one()
        entry = audit.Entry("calendar.announced", TENANT, house.clock())
        audit.record(session, house.engine.keys, tenant, policy.system(TENANT), entry)
        if failure:
            raise failure


def test_what_was_rolled_back_is_not_counted(house: House) -> None:
    before = house.engine.sessions.recorded.counts()
    with pytest.raises(ZeroDivisionError):
        record(house, ZeroDivisionError)
    assert house.engine.sessions.recorded.counts() == before
    record(house)
    assert house.engine.sessions.recorded.counts() == before | {"calendar.announced": 1}


@dataclass
class Waiting:
    """Jobs of each status in a database."""

    house: House

    def add(self, key: str, status: str, minutes: float) -> None:
        with self.house.engine.sessions.command(TENANT) as session:
            run_at = self.house.clock()
            jobs.enqueue(session, "print", key, run_at, {})
            table = Job.__table__
            this = (table.c.tenant_id == TENANT, table.c.key == key)
            session.execute(update(table).where(*this).values(status=status))
        self.house.clock.forward(minutes=minutes)


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> Iterator[House]:
    """On both databases."""
    return make_house(url)


def test_jobs_are_counted_by_status_with_the_delay_of_the_oldest(house: House, app: Flask) -> None:
    waiting = Waiting(house)
    for key, status in (("a", "done"), ("b", "failed"), ("c", "waiting"), ("d", "waiting"), ("e", "doing")):
        waiting.add(key, status, minutes=1)
    found = read(app.test_client())
    assert {
        status: value(found, "woshou_jobs", status=status) for status in ("waiting", "doing", "failed")
    } == {"waiting": 2, "doing": 1, "failed": 1}
    assert value(found, "woshou_job_delay_seconds") == 180
    assert value(found, "woshou_timer_delay_seconds") == 0
    assert value(found, "process_resident_memory_bytes") > 10**7
    assert value(found, "process_cpu_seconds_total") > 0


def test_no_label_holds_an_id_a_path_or_a_name_of_a_person(office_at: At) -> None:
    office = office_at("sign_agreement")
    party = office.party("罗小琴")
    for path in ("/party", f"/tasks/{office.task_id('sign_agreement')}", f"/p/{office.link('陈大勇').token}"):
        party.get(path)
    found = read(party.client)
    texts = {text for _, labels in found for _, text in labels}
    assert {text for text in texts if not LABEL.fullmatch(text)} == set()
    assert {text for text in texts if text.partition(".")[0] in ("task", "case")} <= set(ACTIONS)


@pytest.mark.parametrize(
    ("address", "sent", "behind_proxy", "status"),
    [
        ("127.0.0.1", "", False, 200),
        ("::1", "", False, 200),
        ("10.0.0.7", "", False, 404),
        ("10.0.0.7", "Bearer ", False, 404),
        ("10.0.0.7", f"Bearer {TOKEN}", True, 200),
        ("10.0.0.7", f"Bearer {TOKEN[:-1]}", True, 404),
        ("10.0.0.7", TOKEN, True, 404),
        ("127.0.0.1", "", True, 404),
        ("127.0.0.1", f"Bearer {TOKEN}é", True, 404),
        ("", "", False, 404),
    ],
)
def test_only_the_machine_itself_or_the_token_reads_them(
    house: House, address: str, sent: str, behind_proxy: bool, status: int
) -> None:
    settings = Settings(secure_cookies=behind_proxy, metrics_token=TOKEN if behind_proxy else "")
    client = make_app(house.engine, settings).test_client()  # type: ignore[arg-type]
    asked = client.get(
        "/metrics", environ_overrides={"REMOTE_ADDR": address}, headers={"Authorization": sent}
    )
    assert asked.status_code == status
    assert ("woshou_requests" in asked.text) == (status == 200)


def test_counting_costs_less_than_20_microseconds(app: Flask) -> None:
    with app.test_request_context("/sign-in"):
        counters = metrics.of_app()
        took = []
        for _ in range(7):
            begun = time.thread_time()
            for _ in range(2_000):
                counters.count("sign_in.show", 200, 0.004)
            took.append((time.thread_time() - begun) / 2_000)
    assert min(took) < 20e-6
