"""The list of experts: entered and ended on the record, with contacts that the database doesn't show."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine import audit, errors, mediation
from engine.mediation import experts
from engine.mediation.experts import ExpertRow, NewExpert
from engine.models.experts import Expert
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.services import Services

from ..conftest import TENANT, House
from .conftest import TODAY

DAY = dt.timedelta(days=1)
QIN = NewExpert("engineer", "秦工", "房屋结构", "区设计院", "138-0000-0002", TODAY)


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))


def enter(house: House, **changed: Any) -> str:
    return experts.enter_expert(house.engine, house.chief_mediator, replace(QIN, **changed))


def listed(house: House, actor: Actor | None = None) -> list[ExpertRow]:
    return experts.list_experts(house.engine, actor or house.mediator).rows


def offered(house: House, on: dt.date) -> list[str]:
    with house.engine.sessions.query(TENANT) as session:
        return [one["label"] for one in experts.options(session, on)]


def test_who_is_entered_is_offered_with_field_and_institution(house: House) -> None:
    enter(house)
    enter(house, name="艾律师", kind="lawyer", field="继承", institution="")
    assert offered(house, TODAY) == ["秦工（房屋结构，区设计院）", "艾律师（继承）"]
    (qin, _) = listed(house)
    assert (qin.name, qin.kind, qin.contact, qin.state) == ("秦工", "engineer", "138-0000-0002", "running")


@pytest.mark.parametrize(("days", "state"), [(-1, "ahead"), (0, "running"), (5, "running"), (6, "over")])
def test_an_expert_is_available_from_the_first_to_the_last_day(house: House, days: int, state: str) -> None:
    enter(house, available_from=TODAY, available_until=TODAY + 5 * DAY)
    on = TODAY + days * DAY
    assert (offered(house, on) != []) is (state == "running")
    with house.engine.sessions.query(TENANT) as session:
        assert experts.state_of(session.scalars(select(Expert)).one(), on) == state


def test_from_the_day_on_which_the_entry_ends_nobody_invites_the_expert(house: House) -> None:
    expert_id = enter(house)
    experts.end_expert(house.engine, house.chief_mediator, expert_id, TODAY + DAY, "调离")
    assert offered(house, TODAY) != []
    assert offered(house, TODAY + DAY) == []
    assert [(one.ended_on, one.end_reason) for one in listed(house)] == [(TODAY + DAY, "调离")]
    with pytest.raises(errors.NotFound):
        experts.end_expert(house.engine, house.chief_mediator, expert_id, TODAY + DAY, "再次")


def test_ending_needs_a_reason_and_a_day_that_is_not_before_the_first(house: House) -> None:
    expert_id = enter(house)
    with pytest.raises(errors.ReasonMissing):
        experts.end_expert(house.engine, house.chief_mediator, expert_id, TODAY, " ")
    with pytest.raises(errors.InvalidAnswers) as refused:
        experts.end_expert(house.engine, house.chief_mediator, expert_id, TODAY - DAY, "调离")
    assert list(refused.value.errors) == ["ended_on"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [({"kind": "wizard"}, "kind"), ({"name": " "}, "name"), ({"field": ""}, "field"),
     ({"contact": ""}, "contact"), ({"institution": "院" * 101}, "institution"),
     ({"available_until": TODAY - DAY}, "available_until")],
)  # fmt: skip
def test_what_is_incomplete_or_wrong_is_refused_at_its_place(
    house: House, changed: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        enter(house, **changed)
    assert list(refused.value.errors) == [wrong]
    assert listed(house) == []


def test_only_chief_mediators_and_administrators_keep_the_list(house: House) -> None:
    for actor in (house.mediator, house.reception, house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            experts.enter_expert(house.engine, actor, QIN)
    expert_id = experts.enter_expert(house.engine, house.administrator, QIN)
    with pytest.raises(errors.Forbidden):
        experts.end_expert(house.engine, house.mediator, expert_id, TODAY, "调离")
    assert not experts.list_experts(house.engine, house.mediator).may_keep
    with pytest.raises(errors.Forbidden):
        listed(house, replace(house.mediator, party_id="p", instance_id="i", roles=frozenset({"party"})))


def test_both_changes_are_recorded_and_the_contact_is_in_no_table(house: House) -> None:
    expert_id = enter(house)
    experts.end_expert(house.engine, house.chief_mediator, expert_id, TODAY, "调离")
    with house.engine.sessions.query(TENANT) as session:
        rows = select(AuditRow.action).where(AuditRow.subject == expert_id).order_by(AuditRow.seq)
        assert session.scalars(rows).all() == ["expert.entered", "expert.ended"]
        sealed = session.scalars(select(Expert.sealed)).one()
        assert b"138-0000-0002" not in sealed
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_contact_that_was_put_to_another_expert_does_not_open(house: House) -> None:
    enter(house)
    enter(house, name="艾律师", contact="139-0000-0003")
    with house.engine.sessions.command(TENANT) as session:
        first, second = session.scalars(select(Expert)).all()
        first.sealed = second.sealed
    with pytest.raises(errors.SealBroken):
        listed(house)
