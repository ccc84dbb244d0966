"""The shipped limits: each has its article and source, and holds from its day until a later row does."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mediation import law, limits

TO_THE_END = st.dates(dt.date(2011, 1, 2), dt.date(2100, 1, 1))


def test_each_limit_has_a_name_a_source_and_a_unit() -> None:
    for row in limits.LIMITS:
        assert all([row.name, row.name_zh, row.law_ref, row.law_ref_zh, row.source]), row.key
        assert row.unit in limits.UNITS, row.key
        assert row.value > 0, row.key


def test_what_no_text_of_the_law_was_read_for_is_unverified() -> None:
    unread = {row.key for row in limits.LIMITS if row.verified is None}
    assert unread == {
        "mediation.normal", "mediation.in_suit", "mediation.in_suit_summary",
        "confirmation.special_procedure",
        "follow_up.first", "follow_up.second", "follow_up.third", "grid.red", "grid.yellow", "grid.blue",
        "invitation.answer", "invitation.second_reminder", "duty.soon",
        "reminder.first", "reminder.second", "reminder.third", "group.threshold",
        "group.representatives",
    }  # fmt: skip


def test_no_two_limits_have_the_same_key_and_day() -> None:
    begun = [(row.key, row.effective_from) for row in limits.LIMITS]
    assert len(begun) == len(set(begun))


def test_the_window_of_confirmation_is_thirty_days_and_says_where() -> None:
    row = law.newest(limits.LIMITS, "confirmation.window", dt.date(2026, 1, 1))
    assert (row.value, row.unit, row.law_ref) == (30, limits.DAYS, "People's Mediation Law Art. 33")
    assert row.law_ref_zh == "《人民调解法》第三十三条"


def test_there_is_no_limit_before_its_law_and_none_under_an_unknown_key() -> None:
    with pytest.raises(KeyError):
        law.newest(limits.LIMITS, "confirmation.window", dt.date(2010, 12, 31))
    with pytest.raises(KeyError):
        law.newest(limits.LIMITS, "unknown", dt.date(2026, 1, 1))


@given(changes=TO_THE_END, on=TO_THE_END)
def test_a_limit_that_changes_on_a_day_holds_from_that_day(changes: dt.date, on: dt.date) -> None:
    old = law.newest(limits.LIMITS, "confirmation.window", on)
    new = replace(old, value=20, effective_from=changes)
    found = law.newest((*limits.LIMITS, new), "confirmation.window", on)
    assert found.value == (20 if on >= changes else 30)


def test_of_two_rows_for_one_day_the_later_one_holds() -> None:
    old = law.newest(limits.LIMITS, "confirmation.window", dt.date(2026, 1, 1))
    rows = [replace(old, value=value) for value in (20, 25)]
    assert law.newest((*limits.LIMITS, *rows), "confirmation.window", dt.date(2026, 1, 1)).value == 25
