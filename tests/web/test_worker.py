"""The heads of the record as they are kept outside the database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import audit
from tests.conftest import TENANT, House
from tests.engine.test_tasks import TALK, TALKS, begin
from web.worker import read_anchors, write_anchors


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    house = make_house(sqlite_url)
    house.deploy({"talks.bpmn": TALKS, "talk.form": TALK})
    return house


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anchors.jsonl"


def test_each_chain_that_has_grown_is_written_once(house: House, path: Path) -> None:
    write_anchors(house.engine, TENANT, path)
    write_anchors(house.engine, TENANT, path)
    root_id = begin(house)
    write_anchors(house.engine, TENANT, path)
    assert [anchor.count for anchor in read_anchors(path)[root_id]] == [1]
    assert not audit.verify(house.engine, TENANT, read_anchors(path))


def test_a_torn_line_says_nothing_and_spoils_no_other(house: House, path: Path) -> None:
    root_id = begin(house)
    write_anchors(house.engine, TENANT, path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        write_anchors(house.engine, TENANT, path)
        found = read_anchors(path)
        assert {anchor.count for anchor in found[root_id]} == {1}
        assert not audit.verify(house.engine, TENANT, found)
