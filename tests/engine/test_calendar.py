"""Legal days: where they begin, which are for work, and when limits end."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import audit, calendar, errors, feel
from engine.calendar import Calendar
from tests.conftest import TENANT, House, recorded

CHINA = Calendar()
STARTS = st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1))
FEW = st.integers(0, 15)


def test_working_days_pass_over_spring_festival_and_count_the_weekend_worked_instead() -> None:
    assert CHINA.add_working_days(dt.date(2026, 2, 13), 1) == dt.date(2026, 2, 14)
    assert CHINA.add_working_days(dt.date(2026, 2, 14), 1) == dt.date(2026, 2, 24)


def test_a_year_whose_holidays_are_not_announced_has_working_days_from_monday_to_friday() -> None:
    assert CHINA.add_working_days(dt.date(2099, 1, 2), 1) == dt.date(2099, 1, 5)


def test_a_limit_of_days_that_ends_in_spring_festival_ends_after_it() -> None:
    assert CHINA.last_day(dt.date(2026, 2, 3), 12) == dt.date(2026, 2, 24)
    assert CHINA.last_day(dt.date(2026, 2, 3), 11) == dt.date(2026, 2, 14)


@pytest.mark.parametrize("days", [-1, 10_001])
def test_a_limit_that_is_none_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        CHINA.add_working_days(dt.date(2026, 3, 2), days)
    with pytest.raises(ValueError, match="limit"):
        CHINA.last_day(dt.date(2026, 3, 2), days)


@given(STARTS, FEW, FEW)
def test_limits_in_working_days_add_up(start: dt.date, one: int, other: int) -> None:
    in_steps = CHINA.add_working_days(CHINA.add_working_days(start, one), other)
    assert in_steps == CHINA.add_working_days(start, one + other)


@given(STARTS, st.integers(1, 60))
def test_a_last_day_is_the_first_working_day_not_before_the_limits_end(start: dt.date, days: int) -> None:
    last, end = CHINA.last_day(start, days), start + dt.timedelta(days)
    assert last >= end
    assert CHINA.is_working(last)
    assert CHINA.count_working_days(end - calendar.ONE, last) == 1


@given(STARTS, FEW)
def test_as_many_working_days_are_counted_as_were_added(start: dt.date, days: int) -> None:
    assert CHINA.count_working_days(start, CHINA.add_working_days(start, days)) == days


@given(STARTS, st.integers(0, 40), st.integers(0, 600))
def test_months_are_those_of_the_calendar_and_hours_those_of_the_clock(
    day: dt.date, months: int, hours: int
) -> None:
    at = calendar.start_of(day)
    later = calendar.after(at, months, dt.timedelta(hours=hours))
    whole = calendar.after(at, months, dt.timedelta())
    assert later - whole == dt.timedelta(hours=hours)
    assert (whole.year * 12 + whole.month) - (day.year * 12 + day.month) == months
    assert whole.day == day.day or (whole + calendar.ONE).day == 1


def call(house: House, text: str, **context: Any) -> Any:
    functions = calendar.functions(lambda: calendar.of_tenant(house.engine, TENANT))
    return feel.evaluate(text, {**functions, **context})


def test_a_limit_that_begins_at_one_past_midnight_begins_on_the_new_day(house: House) -> None:
    late = dt.datetime(2026, 3, 2, 15, 59, tzinfo=dt.UTC)
    assert call(house, "add working days(at, 3)", at=late) == dt.date(2026, 3, 5)
    assert call(house, "add working days(at, 3)", at=late + dt.timedelta(minutes=2)) == dt.date(2026, 3, 6)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('last day(date("2026-03-02"), 30)', dt.date(2026, 4, 1)),
        ('last day(date("2026-03-02"), duration("P3D"))', dt.date(2026, 3, 5)),
        ('last day(date("2026-01-31"), duration("P1M"))', dt.date(2026, 2, 28)),
        ('last day(from: date("2026-02-03"), limit: 12)', dt.date(2026, 2, 24)),
        ('is working day(date("2026-02-14"))', True),
        ('is working day(date("2026-02-17"))', False),
        ('add working days(date("2026-03-02"), 0.5)', None),
        ('add working days("2026-03-02", 1)', None),
        ('last day(date("2026-03-02"), duration("PT5H"))', None),
        ('last day(date("2026-03-02"), -1)', None),
        ('last day(date("2026-03-02"), "soon")', None),
    ],
)
def test_diagrams_ask_for_limits_by_names_that_people_read(house: House, text: str, value: object) -> None:
    assert call(house, text) == value


def announce(house: House, days: Mapping[dt.date, bool]) -> None:
    calendar.announce_days(house.engine, house.administrator, days)


def test_days_that_are_announced_go_before_the_published_ones(house: House) -> None:
    friday, saturday = dt.date(2099, 1, 2), dt.date(2099, 1, 3)
    announce(house, {saturday: True, saturday + calendar.ONE: False})
    assert call(house, "add working days(day, 1)", day=friday) == saturday
    announce(house, {saturday: False})
    assert call(house, "add working days(day, 1)", day=friday) == dt.date(2099, 1, 5)
    assert recorded(house, TENANT) == ["calendar.announced"] * 2
    assert audit.verify(house.engine, TENANT, {}) == []


def test_only_an_administrator_announces_days(house: House) -> None:
    with pytest.raises(errors.Forbidden):
        calendar.announce_days(house.engine, house.mediator, {dt.date(2099, 1, 3): True})
    assert calendar.of_tenant(house.engine, TENANT) == Calendar({})


def test_days_that_are_decimals_of_a_form_are_days_too(house: House) -> None:
    assert call(house, "add working days(day, n)", day=dt.date(2026, 3, 2), n=Decimal("3.0")) == dt.date(
        2026, 3, 5
    )
