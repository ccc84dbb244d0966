import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import audit, bodies, errors
from engine.bodies import NewBody
from engine.calendar import ONE
from engine.mediation import roster
from engine.mediation.roster import Shift
from engine.models.records import AuditRow
from engine.policy import Actor

from ..conftest import TENANT, House, add_person
from .conftest import TODAY


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url)


@given(st.dates())
def test_a_week_is_seven_days_from_a_monday_with_the_day_among_them(day: dt.date) -> None:
    if day.year in (1, 9999):
        return
    days = roster.week_of(day)
    assert (len(days), days[0].weekday(), days[-1] - days[0]) == (7, 0, 6 * ONE)
    assert day in days


def plan(house: House, *shifts: Shift, day: dt.date = TODAY) -> None:
    roster.plan_week(house.engine, house.chief_mediator, house.body_id, day, shifts)


def test_a_week_is_planned_anew_as_a_whole_and_others_stay(house: House) -> None:
    second = add_person(house.engine, TENANT, house.body_id, "chief_mediator", "刘正明")
    chief = house.chief_mediator
    later = Shift(TODAY + 7 * ONE, "morning", chief.id)
    plan(house, later, day=later.day)
    plan(house, Shift(TODAY, "morning", chief.id), Shift(TODAY, "morning", second.id))
    plan(house, Shift(TODAY, "afternoon", second.id), Shift(TODAY + 6 * ONE, "morning", chief.id))
    week = roster.show_week(house.engine, house.reception, house.body_id)
    assert sorted(week.shifts) == [
        Shift(TODAY, "afternoon", second.id), Shift(TODAY + 6 * ONE, "morning", chief.id),
    ]  # fmt: skip
    assert [name for _, name in week.chiefs] == ["chief_mediator", "刘正明"]
    following = roster.show_week(house.engine, house.reception, house.body_id, TODAY + 9 * ONE)
    assert (following.shifts, following.days[0]) == ({later}, TODAY + 7 * ONE)


def test_the_reception_learns_who_is_on_duty_today_in_its_own_body(house: House) -> None:
    second = add_person(house.engine, TENANT, house.body_id, "chief_mediator", "刘正明")
    plan(
        house, Shift(TODAY, "morning", house.chief_mediator.id), Shift(TODAY, "morning", second.id),
        Shift(TODAY + ONE, "afternoon", second.id),
    )  # fmt: skip
    today = roster.on_duty_today(house.engine, house.reception)
    assert (today.morning, today.afternoon) == (["chief_mediator", "刘正明"], [])
    elsewhere = roster.on_duty_today(house.engine, replace(house.reception, body_id="elsewhere"))
    assert (elsewhere.morning, elsewhere.afternoon) == ([], [])
    # Half an hour past midnight here, while it is still yesterday in UTC.
    house.clock.moment = dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC)
    assert roster.on_duty_today(house.engine, house.reception).afternoon == ["刘正明"]


@pytest.mark.parametrize(
    "changed", [{"day": TODAY - ONE}, {"day": TODAY + 7 * ONE}, {"half": "night"}, {"account_id": "nobody"}]
)
def test_what_is_no_shift_of_that_week_and_body_is_refused_as_a_whole(
    house: House, changed: dict[str, object]
) -> None:
    good = Shift(TODAY, "morning", house.chief_mediator.id)
    plan(house, good)
    with pytest.raises(errors.NotFound):
        plan(house, replace(good, half="afternoon"), replace(good, **changed))  # type: ignore[arg-type]
    assert roster.show_week(house.engine, house.mediator, house.body_id).shifts == {good}


def test_only_chief_mediators_are_on_duty_and_only_who_cares_for_the_body_plans(house: House) -> None:
    with pytest.raises(errors.NotFound):
        plan(house, Shift(TODAY, "morning", house.mediator.id))
    strange = replace(house.chief_mediator, body_ids=frozenset())
    for actor, refusal in ((house.reception, errors.Forbidden), (strange, errors.NotFound)):
        with pytest.raises(refusal):
            roster.plan_week(house.engine, actor, house.body_id, TODAY, [])
    for actor, may in ((house.chief_mediator, True), (strange, False), (house.reception, False)):
        assert roster.show_week(house.engine, actor, house.body_id).may_plan is may
    with pytest.raises(errors.Forbidden):
        roster.show_week(house.engine, Actor(TENANT, "p", "p", party_id="p"), house.body_id)
    for command in (
        lambda: roster.show_week(house.engine, house.administrator, "nowhere"),
        lambda: roster.plan_week(house.engine, house.administrator, "nowhere", TODAY, []),
    ):
        with pytest.raises(errors.NotFound):
            command()


def test_nothing_is_planned_in_a_closed_body(house: House) -> None:
    new = NewBody("龙溪镇人民调解委员会", "龙溪")
    body_id = bodies.add_body(house.engine, house.administrator, new)
    bodies.close_body(house.engine, house.administrator, body_id)
    with pytest.raises(errors.BodyClosed):
        roster.plan_week(house.engine, house.administrator, body_id, TODAY, [])


def test_a_plan_stands_in_the_district_s_record(house: House) -> None:
    plan(house, Shift(TODAY, "morning", house.chief_mediator.id))
    with house.engine.sessions.query(TENANT) as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.chain_id == TENANT)).all()
    assert [(row.action, row.subject) for row in rows] == [("duties.planned", house.body_id)]
    assert audit.verify(house.engine, TENANT, {}) == []
