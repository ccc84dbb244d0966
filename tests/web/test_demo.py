"""The demo's people: in the register on every day on which the demo may be made."""

import datetime as dt

import pytest
from sqlalchemy import select

from engine import bodies
from engine.mediation.mediators import mediators_of
from engine.models.people import Body
from web import demo

from ..conftest import House

OTHER = "00000000-0000-7000-8000-00000000000d"


@pytest.mark.parametrize("today", [dt.date(2026, 11, 26), dt.date(2029, 1, 2), dt.date(2031, 6, 1)])
def test_the_demo_s_mediators_may_be_chosen_in_its_cases_and_today(house: House, today: dt.date) -> None:
    house.clock.moment = dt.datetime.combine(today, dt.time(4), dt.UTC)
    bodies.ensure_tenant(house.engine, OTHER, "演示")
    assert demo.add_people(house.engine, OTHER)
    assert not demo.add_people(house.engine, OTHER)
    with house.engine.sessions.query(OTHER) as session:
        body = session.scalars(select(Body).where(Body.name == demo.COMMITTEE.name)).one()
        below = session.scalars(select(Body).where(Body.parent_id == body.id)).one()
        for day in (dt.date(2026, 9, 1), today):
            found = {account.name for account in mediators_of(session, body.id, day)}
            assert found == {"陈国安", "何素芬"}
    assert (body.kind, below.kind, below.name) == ("town", "village", demo.BELOW[0].name)
