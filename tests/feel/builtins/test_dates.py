"""Date and time functions."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "day of week": [
        ('day of week(@"2026-11-23")', '"Monday"'),
        ('day of week(@"2019-09-17")', '"Tuesday"'),
        ('day of week("2019-09-17")', "null"),
        ("day of week(null)", "null"),
        ('day of week(@"2026-11-23T23:59:59")', '"Monday"'),
        ('day of week(@"10:00:00")', "null"),
    ],
    "day of year": [
        ('day of year(date: @"2019-09-17")', "260"),
        ('day of year(@"2024-12-31")', "366"),
        ('day of year(@"2023-12-31")', "365"),
    ],
    "month of year": [
        ('month of year(@"2019-09-17T00:00:00")', '"September"'),
        ('month of year(@"2026-02-01")', '"February"'),
        ("month of year(null)", "null"),
    ],
    "now": [
        ("now(1)", "null"),
        ("now() instance of date and time", "true"),
    ],
    "today": [
        ("today(1)", "null"),
        ("today() instance of date", "true"),
    ],
    "week of year": [
        ('week of year(@"2005-01-01")', "53"),
        ('week of year(@"2019-09-17")', "38"),
        ('week of year(@"2003-12-29")', "1"),
        ('week of year(@"2026-12-31")', "53"),
        ('week of year(@"2021-01-03")', "53"),
        ('week of year(date: @"2026-01-01")', "1"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_dates_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
