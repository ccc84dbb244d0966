"""A case's clocks as people stop them, let them go on and set them anew, on both databases."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import and_, select

from engine import audit, calendar, clocks, due, errors
from engine.calendar import ZONE, Calendar
from engine.clocks import Because
from engine.models.clocks import ClockChange, Pause
from engine.models.records import AuditRow
from engine.policy import system
from tests import diagrams
from tests.conftest import TENANT, House, recorded
from tests.engine.test_tasks import begin, the_task
from tests.engine.test_timers import LIMITED, complete, fire, names, the_timer, timer

APPRAISAL = Because("送交车辆损失鉴定", "Online Mediation Rules Art. 26")
CHINA = Calendar()
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31))


@pytest.fixture
def limited(house: House) -> tuple[House, str]:
    house.deploy({"limited.bpmn": LIMITED})
    return house, begin(house, "limited")


def pause(house: House, root_id: str) -> None:
    clocks.pause_clocks(house.engine, house.mediator, root_id, APPRAISAL)


def resume(house: House, root_id: str) -> None:
    clocks.resume_clocks(house.engine, house.mediator, root_id, Because("鉴定意见已收到"))


def test_a_timer_does_not_fire_while_the_clocks_stand_still_and_then_has_as_much_time_left(
    limited: tuple[House, str],
) -> None:
    house, root_id = limited
    house.clock.forward(days=1)
    pause(house, root_id)
    house.clock.forward(days=20)
    assert fire(house) == 0
    resume(house, root_id)
    house.clock.forward(days=2, microseconds=-1)
    assert fire(house) == 0
    house.clock.forward(microseconds=1)
    assert fire(house) == 1
    assert names(house, root_id) == ["close"]


def test_what_was_due_before_the_pause_fires_as_soon_as_it_is_over(limited: tuple[House, str]) -> None:
    house, root_id = limited
    house.clock.forward(days=4)
    pause(house, root_id)
    assert fire(house) == 0
    house.clock.forward(days=5)
    resume(house, root_id)
    assert fire(house) == 1


def test_a_clock_that_begins_in_a_pause_has_its_whole_time_after_it(house: House) -> None:
    first = diagrams.user_task("ask")
    line = diagrams.process(
        "later",
        [
            diagrams.start(),
            first,
            diagrams.user_task("answer"),
            diagrams.boundary("too_late", "answer", timer("PT10H")),
            diagrams.end(),
            diagrams.end("closed"),
        ],
        ["begun -> ask", "ask -> answer", "answer -> ended", "too_late -> closed"],
    )
    house.deploy({"later.bpmn": line})
    root_id = begin(house, "later")
    pause(house, root_id)
    house.clock.forward(hours=100)
    complete(house, root_id, "ask")
    house.clock.forward(hours=50)
    resume(house, root_id)
    assert the_timer(house).due_at == house.clock() + dt.timedelta(hours=10)


def test_a_pause_says_why_and_is_part_of_the_record(limited: tuple[House, str]) -> None:
    house, root_id = limited
    pause(house, root_id)
    with pytest.raises(errors.ClocksPaused):
        pause(house, root_id)
    resume(house, root_id)
    with pytest.raises(errors.ClocksRunning):
        resume(house, root_id)
    assert recorded(house, root_id) == ["process.started", "clocks.paused", "clocks.resumed"]
    assert audit.verify(house.engine, TENANT, {}) == []
    with house.engine.sessions.query(TENANT) as session:
        kept = session.scalars(select(Pause)).one()
    assert (kept.reason, kept.law_ref) == (APPRAISAL.reason, APPRAISAL.law_ref)
    assert (kept.paused_by, kept.resumed_by) == (house.mediator.name, house.mediator.name)


def test_only_who_sees_the_case_and_has_the_role_stops_its_clocks(limited: tuple[House, str]) -> None:
    house, root_id = limited
    with pytest.raises(errors.Forbidden):
        clocks.pause_clocks(house.engine, house.seal_keeper, root_id, APPRAISAL)
    with pytest.raises(errors.NotFound):
        clocks.pause_clocks(house.engine, house.mediator, "none", APPRAISAL)


@pytest.mark.parametrize(
    ("text", "due_on"),
    [
        ("=add working days(today(), 5)", "2026-03-19"),
        ("=last day(today(), 4)", "2026-03-17"),
        ('=date and time("2026-03-06T12:00:00+08:00")', "2026-03-17"),
    ],
)
def test_a_task_s_due_date_moves_by_the_pause_in_its_own_unit(
    sqlite_url: str, make_house: Callable[..., House], text: str, due_on: str
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", due=text)])})
    root_id = begin(house, "p")
    house.clock.forward(days=1)
    pause(house, root_id)
    house.clock.forward(days=11)
    resume(house, root_id)
    task = the_task(house, root_id)
    assert task.due_at is not None
    assert task.due_at.astimezone(ZONE).date().isoformat() == due_on


def left(days: Calendar, unit: str, since: dt.date, last: dt.date) -> int:
    if unit == due.WORKING_DAYS:
        return days.count_working_days(since, last)
    return (last - since).days


@given(DAYS, st.integers(1, 20), st.integers(1, 120), st.sampled_from([due.DAYS, due.WORKING_DAYS]))
def test_after_a_pause_as_many_days_are_left_as_before(
    paused_on: dt.date, days_left: int, length: int, unit: str
) -> None:
    last = CHINA.add_working_days(paused_on, days_left)
    resumed_on = paused_on + calendar.ONE * length
    moved = due.after_pause(
        CHINA,
        due.Due(calendar.end_of(last), unit),
        calendar.start_of(paused_on),
        calendar.start_of(resumed_on),
    )
    new_last = calendar.day_of(moved - due.MOMENT)
    assert CHINA.is_working(new_last)
    before, after = left(CHINA, unit, paused_on, last), left(CHINA, unit, resumed_on, new_last)
    if unit == due.WORKING_DAYS:
        assert after == before
    else:
        assert after == before + (new_last - (last + calendar.ONE * length)).days
        assert not any(
            CHINA.is_working(last + calendar.ONE * (length + extra)) for extra in range(after - before)
        )


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_exact_time_stands_still_exactly(left_seconds: int, length: int) -> None:
    since = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    found = due.Due(since + dt.timedelta(seconds=left_seconds))
    resumed_at = since + dt.timedelta(seconds=length)
    assert due.after_pause(CHINA, found, since, resumed_at) - resumed_at == found.at - since


def test_a_limit_that_a_pause_moves_into_spring_festival_ends_after_it() -> None:
    last = dt.date(2026, 2, 10)
    since, resumed_at = calendar.start_of(dt.date(2026, 2, 9)), calendar.start_of(dt.date(2026, 2, 16))
    moved = due.after_pause(CHINA, due.Due(calendar.end_of(last), due.DAYS), since, resumed_at)
    assert moved == calendar.end_of(dt.date(2026, 2, 24))


@pytest.mark.parametrize(("minute", "days"), [(23 * 60 + 59, 1), (24 * 60 + 1, 0)])
def test_a_pause_that_begins_before_midnight_counts_the_day_that_follows(minute: int, days: int) -> None:
    since = calendar.start_of(dt.date(2026, 3, 2)) + dt.timedelta(minutes=minute)
    resumed_at = calendar.start_of(dt.date(2026, 3, 3)) + dt.timedelta(hours=12)
    found = due.Due(calendar.end_of(dt.date(2026, 3, 4)), due.DAYS)
    moved = due.after_pause(CHINA, found, since, resumed_at)
    assert moved - found.at == calendar.ONE * days


def test_a_timer_is_set_to_another_moment(limited: tuple[House, str]) -> None:
    house, root_id = limited
    later = house.clock() + dt.timedelta(days=9)
    clocks.set_timer_due(house.engine, system(TENANT), the_timer(house).id, later, Because("双方同意延长"))
    house.clock.forward(days=8)
    assert fire(house) == 0
    house.clock.forward(days=1)
    assert fire(house) == 1
    assert recorded(house, root_id) == ["process.started", "due.set", "timer.fired"]


def test_a_task_s_due_date_is_set_to_another_moment(limited: tuple[House, str]) -> None:
    house, root_id = limited
    later = house.clock() + dt.timedelta(days=9)
    task = the_task(house, root_id)
    clocks.set_task_due(house.engine, house.chief_mediator, task.id, later, Because("延期"))
    assert the_task(house, root_id).due_at == later
    complete(house, root_id, "answer")
    with pytest.raises(errors.TaskClosed):
        clocks.set_task_due(house.engine, house.chief_mediator, task.id, later, Because("延期"))
    with pytest.raises(errors.NotFound):
        clocks.set_task_due(house.engine, house.chief_mediator, "none", later, Because("延期"))


def test_each_change_of_a_clock_is_kept_with_its_reason_beside_its_row_in_the_record(
    limited: tuple[House, str],
) -> None:
    house, root_id = limited
    before, later = the_timer(house).due_at, house.clock() + dt.timedelta(days=9)
    clocks.set_timer_due(house.engine, system(TENANT), the_timer(house).id, later, Because("双方同意延长"))
    pause(house, root_id)
    resume(house, root_id)
    with house.engine.sessions.query(TENANT) as session:
        joined = (AuditRow.chain_id == ClockChange.root_id, AuditRow.seq == ClockChange.seq)
        found = select(AuditRow.action, ClockChange).join(ClockChange, and_(*joined)).order_by(AuditRow.seq)
        kept = [(action, row.reason, row.due_before, row.due_after) for action, row in session.execute(found)]
    assert kept == [
        ("due.set", "双方同意延长", before, later),
        ("clocks.paused", APPRAISAL.reason, None, None),
        ("clocks.resumed", "鉴定意见已收到", None, None),
    ]


def test_no_clock_is_set_while_it_stands_still_or_by_anybody(limited: tuple[House, str]) -> None:
    house, root_id = limited
    found = the_timer(house)
    with pytest.raises(errors.Forbidden):
        clocks.set_timer_due(house.engine, house.mediator, found.id, house.clock(), APPRAISAL)
    pause(house, root_id)
    for set_due, subject in (
        (clocks.set_timer_due, found.id),
        (clocks.set_task_due, the_task(house, root_id).id),
    ):
        with pytest.raises(errors.ClocksPaused):
            set_due(house.engine, house.chief_mediator, subject, house.clock(), APPRAISAL)
