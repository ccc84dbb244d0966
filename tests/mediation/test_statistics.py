import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import bodies, errors
from engine.bodies import NewBody
from engine.calendar import ZONE
from engine.mediation import statistics, wording
from engine.mediation.lookup import case_of
from engine.mediation.statistics import BREAKDOWNS, Counted, Line, Period, Statistics
from engine.models.agreements import Agreement
from engine.models.base import new_id
from engine.policy import Actor

from ..conftest import MORNING, TENANT, House
from .conftest import TODAY, Desk, add_case

THIS_MONTH = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
COUNTS = st.integers(0, 500)
LINES = st.builds(Line, COUNTS, COUNTS, COUNTS, COUNTS, st.decimals(0, 10**9, places=2))
KEYS = st.fixed_dictionaries({name: st.sampled_from("abc") for name in BREAKDOWNS if name != "dispute_type"})
TYPES = st.sampled_from(sorted(wording.DISPUTE_TYPES))
CASES = st.builds(lambda keys, kind, line: Counted(keys | {"dispute_type": kind}, line), KEYS, TYPES, LINES)


@given(st.lists(CASES, max_size=30))
def test_the_lines_of_each_part_come_to_the_total(cases: list[Counted]) -> None:
    found = statistics.summed(THIS_MONTH, cases)
    assert found.total == reduce(add, (case.line for case in cases), Line())
    for name in BREAKDOWNS:
        assert reduce(add, found.parts[name].values(), Line()) == found.total, name


@given(CASES)
def test_a_case_counts_in_one_line_of_each_part_and_all_eighteen_types_have_a_line(case: Counted) -> None:
    found = statistics.summed(THIS_MONTH, [case])
    assert list(found.parts["dispute_type"]) == list(wording.DISPUTE_TYPES)
    assert len(wording.DISPUTE_TYPES) == 18
    for name in BREAKDOWNS:
        counted = [key for key, line in found.parts[name].items() if line != Line()]
        assert counted == ([case.keys[name]] if case.line != Line() else [])


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url)


def accepted(house: House, at: dt.datetime = MORNING, body_id: str | None = None, **changed: Any) -> Desk:
    desk = Desk(house, add_case(house, body_id)).register(**changed)
    with desk.command() as session:
        case = case_of(session, desk.case_id)
        case.accepted_at, case.path, case.status = at, "face_to_face", "mediating"
    return desk


def agreed(desk: Desk, *, oral: bool) -> None:
    with desk.command() as session:
        case_of(session, desk.case_id).end_code = "agreed_oral" if oral else "agreed_written"
        session.add(
            Agreement(
                tenant_id=TENANT, id=new_id(), case_id=desk.case_id, oral=oral, effective_at=MORNING,
                facts="", subjects=[], disputed="", responsibility="", content="", drafted_by="",
                party_ids=desk.party_ids, drafted_at=MORNING,
            )
        )  # fmt: skip


def count(house: House, period: Period = THIS_MONTH, actor: Actor | None = None) -> Statistics:
    return statistics.show_statistics(house.engine, actor or house.chief_mediator, period)


def test_cases_parties_results_and_sums_are_counted_exactly(house: House) -> None:
    agreed(accepted(house, amount=Decimal("0.10")), oral=False)
    agreed(accepted(house, amount=Decimal("0.20"), dispute_type="medical"), oral=True)
    accepted(house, respondents=3)
    found = count(house)
    assert found.total == Line(cases=3, parties=8, settled=2, amount=found.total.amount)
    with_amounts = sum(found.parts["ending"][key].amount for key in ("agreed_written", "agreed_oral"))
    assert with_amounts == Decimal("0.30")
    assert {key: line.cases for key, line in found.parts["form"].items()} == {
        "written": 1, "oral": 1, "none": 1
    }  # fmt: skip
    assert {key: line.cases for key, line in found.parts["ending"].items()} == {
        "agreed_written": 1, "agreed_oral": 1, "under_way": 1
    }  # fmt: skip
    assert found.parts["dispute_type"]["medical"].cases == 1
    assert found.parts["path"]["face_to_face"].cases == 3


def test_a_group_is_one_case_and_each_of_its_households_a_party(house: House) -> None:
    desk = accepted(house, applicants=120)
    with desk.command() as session:
        case_of(session, desk.case_id).is_group = True
    total = count(house).total
    assert (total.cases, total.households, total.parties) == (1, 120, 121)


def test_a_period_is_one_of_days_in_shanghai(house: House) -> None:
    midnight = dt.datetime(2026, 4, 1, tzinfo=ZONE)
    accepted(house, at=midnight - dt.timedelta(minutes=1))
    accepted(house, at=midnight + dt.timedelta(minutes=1))
    assert count(house).total.cases == 1
    april = Period(dt.date(2026, 4, 1), dt.date(2026, 4, 1))
    assert count(house, april).total.cases == 1
    with pytest.raises(errors.UnreadableTime):
        Period(april.last, THIS_MONTH.first)


def test_what_was_turned_away_is_counted_apart(house: House) -> None:
    desk = Desk(house, add_case(house)).register()
    with desk.command() as session:
        case = case_of(session, desk.case_id)
        case.status, case.end_code = "refused_intake", "not_accepted"
    add_case(house)
    found = count(house)
    assert (found.total, found.turned_away) == (Line(), 1)


def test_each_counts_the_bodies_in_care_and_administrators_all(house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        other = bodies.ensure_body(session, NewBody("另一个调委会", "另", ""))
    accepted(house)
    accepted(house, body_id=other)
    assert count(house).total.cases == 1
    assert count(house, actor=house.administrator).total.cases == 2
    assert set(count(house, actor=house.administrator).parts["body"]) >= {"另一个调委会"}


@pytest.mark.parametrize("role", ["mediator", "reception"])
def test_who_has_one_case_in_hand_is_not_told_of_all(house: House, role: str) -> None:
    with pytest.raises(errors.Forbidden):
        count(house, actor=getattr(house, role))
    with pytest.raises(errors.Forbidden):
        count(house, actor=replace(house.chief_mediator, roles=frozenset({"party"})))


def test_nothing_happened_in_a_year_without_cases(house: House) -> None:
    found = count(house, Period(TODAY.replace(year=2020), TODAY.replace(year=2020)))
    assert found.total == Line()
    assert set(found.parts["body"]) == set()
