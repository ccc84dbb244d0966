"""Site visits: recorded as often as needed by the case's mediator, for the staff, in one document."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import calendar, errors, mediation
from engine.mediation import lookup
from engine.mediation.contexts import Source, investigation_record
from engine.mediation.site_visits import visit_recorded
from engine.models.cases import SiteVisit
from engine.policy import Actor

from .conftest import TODAY, Desk


def visit(desk: Desk, actor: Actor | None = None, **changed: Any) -> None:
    answers = {
        "visited_on": TODAY, "place": "老屋", "participants": "双方当事人", "questioned": "吴阿姨，邻居",
        "investigators": "陈国安", "content": "屋顶漏雨。",
    } | changed  # fmt: skip
    desk.perform(visit_recorded, actor or desk.house.mediator, **answers)


def record(desk: Desk) -> list[dict[str, str]]:
    with desk.query() as session:
        source = Source(session, desk.house.engine.keys, lookup.case_of(session, desk.case_id))
        return list(investigation_record(source)["visits"])


@pytest.fixture
def heard(desk: Desk) -> Desk:
    return desk.register().consent().appoint()


def test_every_visit_is_in_the_record_in_its_order(heard: Desk) -> None:
    visit(heard)
    visit(heard, place="河边", questioned=None, content="界桩还在。")
    assert record(heard) == [
        {
            "visited_on": "2026年3月2日", "place": "老屋", "participants": "双方当事人",
            "questioned": "吴阿姨，邻居", "content": "屋顶漏雨。", "investigators": "陈国安",
        },
        {
            "visited_on": "2026年3月2日", "place": "河边", "participants": "双方当事人", "questioned": "",
            "content": "界桩还在。", "investigators": "陈国安",
        },
    ]  # fmt: skip
    assert heard.fact()["status"] == "mediating"


def test_a_case_without_a_visit_has_an_empty_record(heard: Desk) -> None:
    assert record(heard) == []


def test_what_was_said_is_encrypted_and_not_kept_with_the_task(heard: Desk) -> None:
    visit(heard)
    with heard.query() as session:
        row = session.scalars(select(SiteVisit)).one()
    assert "屋顶漏雨".encode() not in row.sealed
    assert "吴阿姨".encode() not in row.sealed
    assert mediation.PRIVATE["visit_recorded"] == {"participants", "questioned", "content"}


def test_only_the_mediator_of_the_case_records_a_visit_and_only_with_consent(
    heard: Desk, second_mediator: Actor
) -> None:
    for actor in (second_mediator, heard.house.reception, heard.party(0)):
        with pytest.raises(errors.Forbidden):
            visit(heard, actor)
    with heard.command() as session:
        lookup.parties_of(session, heard.case_id)[1].consents = None
    with pytest.raises(errors.LawForbids, match=r"Art\. 17"):
        visit(heard)
    assert record(heard) == []


def test_a_visit_was_made_while_the_case_was_open(heard: Desk) -> None:
    for day in (TODAY - calendar.ONE, TODAY + calendar.ONE):
        with pytest.raises(errors.InvalidAnswers) as refused:
            visit(heard, visited_on=day)
        assert set(refused.value.errors) == {"visited_on"}
