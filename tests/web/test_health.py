"""A watchdog asks whether the process lives, a load balancer whether it should be sent requests."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, pool, text
from werkzeug.test import TestResponse

from engine.sessions import Sessions
from tests.conftest import TENANT, House
from web import health, make_app
from web.health import Vitals
from web.worker import Worker

from .conftest import Settings

SECRET = "a-password-nobody-may-see"
AWAY = {
    "sqlite": "sqlite:////nowhere/at/all/woshou.db",
    "postgresql": f"postgresql+psycopg://woshou:{SECRET}@127.0.0.1:9/woshou",
}


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    """On both databases, other than most tests of the web."""
    return make_house(url)


def client(house: House, vitals: Vitals | None = None) -> FlaskClient:
    return make_app(house.engine, Settings(), vitals).test_client()  # type: ignore[arg-type]


def failing(answer: TestResponse) -> list[str]:
    assert answer.status_code == 503
    said = json.loads(answer.text)
    assert said.pop("status") == "not ready"
    assert list(said) == ["failing"]
    return list(said["failing"])


def test_a_healthy_process_is_alive_and_ready_for_anybody(house: House, tmp_path: Path) -> None:
    with Worker(house.engine, TENANT, tmp_path / "anchors.jsonl") as worker:
        visitor = client(house, Vitals(worker=worker))
        for path, said in (("/health", {"status": "alive"}), ("/ready", {"status": "ready"})):
            answer = visitor.get(path)
            assert (answer.status_code, json.loads(answer.text)) == (200, said)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Set-Cookie" not in answer.headers


def test_a_process_that_ends_is_alive_but_no_longer_ready(house: House) -> None:
    stopping = threading.Event()
    visitor = client(house, Vitals(stopping))
    assert visitor.get("/ready").status_code == 200
    stopping.set()
    assert failing(visitor.get("/ready")) == ["stopping"]
    assert visitor.get("/health").status_code == 200


@pytest.mark.parametrize("kind", AWAY)
def test_without_its_database_it_is_alive_and_says_nothing_of_why_it_is_not_ready(
    house: House, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    away = replace(house, engine=replace(house.engine, sessions=Sessions(AWAY[kind])))
    with caplog.at_level(logging.ERROR):
        answer = client(away).get("/ready")
    assert failing(answer) == (["database", "disk"] if kind == "sqlite" else ["database"])
    assert SECRET not in answer.text + caplog.text
    assert "check of the database failed" in caplog.text
    assert client(away).get("/health").status_code == 200


def test_a_database_of_another_version_is_not_ready(url: str, house: House) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    with database.begin() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert failing(client(house).get("/ready")) == ["database"]
    finally:
        with database.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": newest})
    assert client(house).get("/ready").status_code == 200


@pytest.mark.slow
def test_a_worker_that_has_ended_or_hangs_is_noticed(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worker(house.engine, TENANT, tmp_path / "anchors.jsonl") as worker:
        visitor = client(house, Vitals(worker=worker))
        time.sleep(3.2)
        monkeypatch.setattr(health, "SWEEP_SECONDS", 3.0)
        assert visitor.get("/ready").status_code == 200
        monkeypatch.setattr(health, "SWEEP_SECONDS", 0.0)
        assert failing(visitor.get("/ready")) == ["worker"]
    monkeypatch.setattr(health, "SWEEP_SECONDS", 60.0)
    assert failing(visitor.get("/ready")) == ["worker"]


def test_a_full_disk_is_noticed_where_the_database_lies(
    url: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "LEAST_ROOM", 2**60)
    answer = client(house).get("/ready")
    if url.startswith("sqlite"):
        assert failing(answer) == ["disk"]
    else:
        assert answer.status_code == 200
