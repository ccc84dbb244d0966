"""Dates, times and durations beside the standard library and dateutil, on random values."""

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import assume, given
from hypothesis import strategies as st

from engine import feel
from engine.feel import temporal
from tests.feel.examples import LAW, value_of

pytestmark = pytest.mark.slow

DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))
MOMENTS = st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2037, 12, 30))
TIMES = st.times()
DURATIONS = st.timedeltas(datetime.timedelta(days=-999), datetime.timedelta(days=999))
MONTHS = st.integers(-2400, 2400)
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"])
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timedelta(minutes=minutes))


@LAW
@given(DATES)
def test_a_date_is_made_of_its_parts_and_tells_them(date):
    assert value_of("date(y, m, d)", y=date.year, m=date.month, d=date.day) == date
    assert value_of("date(t)", t=date.isoformat()) == date
    assert value_of("[v.year, v.month, v.day, v.weekday]", v=date) == [
        date.year,
        date.month,
        date.day,
        date.isoweekday(),
    ]


@LAW
@given(DATES)
def test_a_date_tells_its_place_in_the_calendar_as_python_does(date):
    assert value_of("day of year(v)", v=date) == date.timetuple().tm_yday
    assert value_of("week of year(v)", v=date) == date.isocalendar().week
    assert value_of("day of week(v)", v=date) == date.strftime("%A")
    assert value_of("month of year(v)", v=date) == date.strftime("%B")
    midnight = datetime.datetime.combine(date, datetime.time())
    assert value_of("day of year(m) = day of year(v)", m=midnight, v=date) is True


@LAW
@given(TIMES)
def test_a_time_is_made_of_its_parts_and_tells_them(time):
    seconds = Decimal(time.second) + Decimal(time.microsecond) / 1_000_000
    assert value_of("time(h, m, s)", h=time.hour, m=time.minute, s=seconds) == time
    assert value_of("time(t)", t=time.isoformat()) == time
    assert value_of("[v.hour, v.minute, v.second]", v=time) == [time.hour, time.minute, seconds]


@LAW
@given(MOMENTS)
def test_a_moment_is_a_date_and_a_time_put_together(moment):
    assert value_of("date and time(date(v), time(v))", v=moment) == moment
    assert value_of("date and time(t)", t=moment.isoformat()) == moment
    assert value_of("date(v)", v=moment) == moment.date()
    assert value_of("time(v)", v=moment) == moment.time()


@LAW
@given(MOMENTS, OFFSETS)
def test_an_offset_is_kept_and_counts_in_comparisons(moment, offset):
    zoned = moment.replace(tzinfo=datetime.timezone(offset))
    text = value_of("string(v)", v=zoned)
    assert value_of("date and time(t)", t=text) == zoned
    assert value_of("date and time(t).time offset", t=text) == offset
    assert value_of("v = u", v=zoned, u=zoned.astimezone(datetime.UTC)) is True
    made = "date and time(y, mo, d, h, mi, s, o)"
    parts = {"y": moment.year, "mo": moment.month, "d": moment.day, "h": moment.hour, "mi": moment.minute}
    assert value_of(made, **parts, s=moment.second, o=offset) == zoned.replace(microsecond=0)


@LAW
@given(MOMENTS, ZONES)
def test_a_zone_is_kept_by_its_name(moment, zone):
    moment = moment.replace(microsecond=0)
    zoned = moment.replace(tzinfo=ZoneInfo(zone))
    text = f"{moment.isoformat()}@{zone}"
    assert value_of("date and time(t)", t=text) == zoned
    assert value_of("date and time(t).timezone", t=text) == zone
    assert value_of("string(date and time(t))", t=text) == text
    assert value_of("date and time(t).time offset", t=text) == zoned.utcoffset()


@LAW
@given(MOMENTS, MOMENTS, OFFSETS, OFFSETS)
def test_moments_with_offsets_differ_as_in_python(a, b, first, second):
    a, b = a.replace(tzinfo=datetime.timezone(first)), b.replace(tzinfo=datetime.timezone(second))
    assert value_of("a - b", a=a, b=b) == a - b
    assert value_of("b + (a - b) = a", a=a, b=b) is True
    seconds = (a - b) // datetime.timedelta(seconds=1)
    assume(abs(seconds) > 1)
    assert value_of("a < b", a=a, b=b) is (a < b)


@LAW
@given(MOMENTS, DURATIONS)
def test_a_duration_is_added_to_a_moment_as_in_python(moment, duration):
    assert value_of("m + d", m=moment, d=duration) == moment + duration
    assert value_of("d + m", m=moment, d=duration) == moment + duration
    assert value_of("m - d", m=moment, d=duration) == moment - duration
    assert value_of("(m + d) - m = d", m=moment, d=duration) is True


@LAW
@given(TIMES, DURATIONS)
def test_a_duration_moves_a_time_round_the_clock(time, duration):
    moved = (datetime.datetime.combine(datetime.date(2026, 1, 1), time) + duration).time()
    assert value_of("t + d", t=time, d=duration) == moved
    assert value_of("(t + d) - d = t", t=time, d=duration) is True


@LAW
@given(DATES, st.integers(-999, 999), st.integers(0, 86_399))
def test_a_date_moves_by_whole_days_counted_from_its_midnight(date, days, seconds):
    duration = datetime.timedelta(days=days, seconds=seconds)
    assert value_of("v + d", v=date, d=duration) == date + datetime.timedelta(days=days)


@LAW
@given(DATES, MONTHS)
def test_months_are_added_as_by_dateutil_and_moments_keep_their_clock(date, months):
    context = {"v": date, "m": feel.YearsMonths(months)}
    moved = date + relativedelta(months=months)
    assert value_of("v + m", **context) == moved
    assert value_of("v - m", **context) == date - relativedelta(months=months)
    clock = datetime.time(13, 5)
    moment = datetime.datetime.combine(date, clock)
    assert value_of("w + m", w=moment, m=context["m"]) == datetime.datetime.combine(moved, clock)


@LAW
@given(DATES, DATES)
def test_completed_months_are_those_of_dateutil(a, b):
    """Where a month is too short for the day dateutil counts a month as complete at its last day."""
    assume(max(a.day, b.day) <= 28)
    gap = relativedelta(b, a)
    found = value_of("years and months duration(a, b)", a=a, b=b)
    assert found == feel.YearsMonths(gap.years * 12 + gap.months)
    assert value_of("years and months duration(b, a) = -years and months duration(a, b)", a=a, b=b) is True


@LAW
@given(DATES, DATES)
def test_completed_months_never_reach_beyond_the_end(a, b):
    start, end = sorted((a, b))
    context = {"a": start, "b": end}
    assert value_of("a + years and months duration(a, b) <= b", **context) is True
    assert value_of('a + years and months duration(a, b) + @"P1M" > b or b.day < a.day', **context) is True


@LAW
@given(DURATIONS, DURATIONS)
def test_durations_are_numbers_of_microseconds(a, b):
    assert value_of("a + b", a=a, b=b) == a + b
    assert value_of("a - b", a=a, b=b) == a - b
    assert value_of("-a", a=a) == -a
    assert value_of("abs(a)", a=a) == abs(a)
    assert value_of("a < b", a=a, b=b) is (a < b)
    if b:
        ratio = value_of("a / b", a=a, b=b)
        assert abs(ratio * temporal.micros_of(b) - temporal.micros_of(a)) < Decimal("1e-12")


@LAW
@given(DURATIONS, st.integers(-50, 50))
def test_a_duration_times_a_whole_number_is_that_many_of_it(duration, count):
    assert value_of("d * n", d=duration, n=count) == duration * count
    assert value_of("n * d = d * n", d=duration, n=count) is True
    if count:
        assert value_of("d * n / n", d=duration, n=count) == duration


@LAW
@given(DURATIONS)
def test_a_duration_is_the_sum_of_its_parts_and_all_have_its_sign(duration):
    days, hours, minutes, seconds = value_of("[d.days, d.hours, d.minutes, d.seconds]", d=duration)
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    assert total * 1_000_000 == temporal.micros_of(duration)
    assert {part > 0 for part in (days, hours, minutes, seconds) if part} <= {duration > datetime.timedelta()}
    assert abs(hours) < 24
    assert abs(minutes) < 60
    assert abs(seconds) < 60


@LAW
@given(MONTHS, MONTHS, st.integers(-20, 20))
def test_years_and_months_are_a_number_of_months(a, b, count):
    context = {"a": feel.YearsMonths(a), "b": feel.YearsMonths(b)}
    assert value_of("a + b", **context) == feel.YearsMonths(a + b)
    assert value_of("a - b", **context) == feel.YearsMonths(a - b)
    assert value_of("a * n", n=count, **context) == feel.YearsMonths(a * count)
    assert value_of("a < b", **context) is (a < b)
    assert value_of("a.years * 12 + a.months", **context) == a
    if b:
        assert abs(value_of("a / b", **context) * b - a) < Decimal("1e-28")


@LAW
@given(DURATIONS | MONTHS.map(feel.YearsMonths))
def test_a_duration_is_read_back_from_its_string(duration):
    assert value_of("duration(string(d))", d=duration) == duration
    assert value_of("duration(d)", d=duration) == duration


@LAW
@given(MOMENTS, OFFSETS)
def test_a_local_moment_is_compared_at_the_others_offset(moment, offset):
    zoned = moment.replace(tzinfo=datetime.timezone(offset))
    later = datetime.timedelta(seconds=2)
    assert value_of("a < b", a=moment, b=zoned + later) is True
    assert value_of("a > b", a=moment, b=zoned - later) is True
    assert value_of("b >= a", a=moment, b=zoned) is True
    assert value_of("a - b", a=moment, b=zoned) is None


KINDS = {
    "date": '@"2026-11-23"',
    "time": '@"10:00:00"',
    "moment": '@"2026-11-23T10:00:00"',
    "duration": '@"PT1H"',
    "months": '@"P1M"',
    "number": "2",
    "text": '"a"',
}
SUMS = {("date", "duration"), ("date", "months"), ("moment", "duration"), ("moment", "months")} | {
    ("time", "duration"),
    ("duration", "duration"),
    ("months", "months"),
    ("number", "number"),
    ("text", "text"),
}
DIFFERENCES = (SUMS - {("text", "text")}) | {("date", "date"), ("moment", "moment"), ("time", "time")}
PRODUCTS = {("duration", "number"), ("months", "number"), ("number", "number")}
QUOTIENTS = PRODUCTS | {("duration", "duration"), ("months", "months")}


@pytest.mark.parametrize("right", KINDS)
@pytest.mark.parametrize("left", KINDS)
def test_only_kinds_that_have_a_sum_difference_product_or_quotient_give_one(left, right):
    def has_value(symbol):
        return feel.evaluate(f"{KINDS[left]} {symbol} {KINDS[right]}") is not None

    pair, swapped = (left, right), (right, left)
    assert has_value("+") is (pair in SUMS or swapped in SUMS)
    assert has_value("*") is (pair in PRODUCTS or swapped in PRODUCTS)
    assert has_value("/") is (pair in QUOTIENTS)
    assert has_value("**") is (pair == ("number", "number"))
    if {left, right} != {"date", "moment"}:
        assert has_value("-") is (pair in DIFFERENCES)
    assert has_value("<") is (left == right)


@pytest.mark.parametrize("zone", ["", "Z", "+08:00", "@Asia/Shanghai"])
def test_a_date_less_a_moment_counts_from_midnight_in_utc(zone):
    text = f'@"2026-11-23T10:00:00{zone}" - @"2026-11-22"'
    expected = {"": 34, "Z": 34, "+08:00": 26, "@Asia/Shanghai": 26}[zone]
    assert feel.evaluate(text) == datetime.timedelta(hours=expected)
