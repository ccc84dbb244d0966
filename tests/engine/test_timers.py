"""Timers as they are armed, fire once and in order, repeat, fail alone, and go with what they waited on."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import audit, clocks, due, errors, feel, jobs, tasks, timers
from engine.calendar import ZONE
from engine.models.clocks import Timer
from engine.models.records import AuditRow, Incident
from engine.policy import system
from engine.services import Services
from tests import diagrams
from tests.conftest import TENANT, House, recorded
from tests.engine.test_tasks import begin, open_tasks, the_task


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def caught(node_id: str, event: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{node_id}">{event}</bpmn:intermediateCatchEvent>'


def beside(node_id: str, on: str, event: str) -> str:
    """A boundary event that does not interrupt."""
    armed = diagrams.boundary(node_id, on, event)
    return armed.replace("<bpmn:boundaryEvent", '<bpmn:boundaryEvent cancelActivity="false"')


def waiting(event: str, process_id: str = "waiting") -> bytes:
    nodes = [diagrams.start(), caught("pause", event), diagrams.user_task("go_on"), diagrams.end()]
    return diagrams.process(process_id, nodes, ["begun -> pause", "pause -> go_on", "go_on -> ended"])


def reminding(event: str) -> bytes:
    nodes = [
        diagrams.start(), diagrams.user_task("answer"), beside("late", "answer", event),
        diagrams.user_task("remind"), diagrams.end(), diagrams.end("reminded"),
    ]  # fmt: skip
    flows = ["begun -> answer", "answer -> ended", "late -> remind", "remind -> reminded"]
    return diagrams.process("reminding", nodes, flows)


LIMITED = diagrams.process(
    "limited",
    [
        diagrams.start(),
        diagrams.user_task("answer"),
        diagrams.boundary("too_late", "answer", timer("P3D")),
        diagrams.user_task("close"),
        diagrams.end(),
        diagrams.end("closed"),
    ],
    ["begun -> answer", "answer -> ended", "too_late -> close", "close -> closed"],
)


def armed(house: House) -> list[Timer]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(Timer).order_by(Timer.due_at, Timer.id)))


def the_timer(house: House) -> Timer:
    (found,) = armed(house)
    return found


def names(house: House, root_id: str) -> list[str]:
    return [task.node_id for task in open_tasks(house, root_id)]


def fire(house: House) -> int:
    return timers.fire_due(house.engine)


def complete(house: House, root_id: str, node_id: str) -> None:
    (task,) = [task for task in open_tasks(house, root_id) if task.node_id == node_id]
    tasks.complete_task(house.engine, house.mediator, task.id, {}, f"{task.id}")


@pytest.fixture
def limited(house: House) -> tuple[House, str]:
    house.deploy({"limited.bpmn": LIMITED})
    return house, begin(house, "limited")


def test_a_timer_fires_when_it_is_due_and_not_before(limited: tuple[House, str]) -> None:
    house, root_id = limited
    assert the_timer(house).due_at == house.clock() + dt.timedelta(days=3)
    house.clock.forward(days=3, microseconds=-1)
    assert fire(house) == 0
    house.clock.forward(microseconds=1)
    assert fire(house) == 1
    assert names(house, root_id) == ["close"]
    assert recorded(house, root_id) == ["process.started", "timer.fired"]
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_timer_fires_once_and_leaves_nothing(limited: tuple[House, str]) -> None:
    house, root_id = limited
    house.clock.forward(days=30)
    assert [fire(house), fire(house)] == [1, 0]
    assert armed(house) == []
    complete(house, root_id, "close")
    assert names(house, root_id) == []


def test_a_timer_goes_with_the_task_on_which_it_waits(limited: tuple[House, str]) -> None:
    house, root_id = limited
    complete(house, root_id, "answer")
    assert armed(house) == []
    house.clock.forward(days=30)
    assert fire(house) == 0
    assert "timer.fired" not in recorded(house, root_id)


def test_a_task_whose_time_ran_out_can_no_longer_be_completed(limited: tuple[House, str]) -> None:
    house, root_id = limited
    answer = the_task(house, root_id)
    house.clock.forward(days=3)
    fire(house)
    with pytest.raises(errors.TaskCancelled):
        tasks.complete_task(house.engine, house.mediator, answer.id, {}, "late")


def test_due_timers_fire_in_the_order_of_their_times(house: House) -> None:
    hours = (5, 1, 4, 2, 3)
    house.deploy({f"w{n}.bpmn": waiting(timer(f"PT{n}H"), f"w{n}") for n in hours})
    roots = {begin(house, f"w{n}"): n for n in hours}
    house.clock.forward(hours=6)
    assert fire(house) == 5
    with house.engine.sessions.query(TENANT) as session:
        fired = session.execute(
            select(AuditRow.chain_id, AuditRow.subject).where(AuditRow.action == "timer.fired")
        ).all()
    assert sorted(roots.values()) == [1, 2, 3, 4, 5]
    assert {chain for chain, _ in fired} == set(roots)


def test_more_timers_than_a_batch_holds_each_fire_once(
    sqlite_url: str, make_house: Callable[..., House]
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"w.bpmn": waiting(timer("PT1H"))})
    roots = [begin(house, "waiting") for _ in range(timers.BATCH + 3)]
    house.clock.forward(hours=1)
    assert [fire(house), fire(house), fire(house)] == [timers.BATCH, 3, 0]
    assert all(names(house, root_id) == ["go_on"] for root_id in roots)


def test_a_reminder_comes_as_often_as_it_says_and_ends_with_its_task(house: House) -> None:
    house.deploy({"r.bpmn": reminding(timer("R3/P1D", "timeCycle"))})
    root_id = begin(house, "reminding")
    due_at = [the_timer(house).due_at]
    for reminders in (1, 2):
        house.clock.forward(days=1)
        assert fire(house) == 1
        assert names(house, root_id).count("remind") == reminders
        due_at.append(the_timer(house).due_at)
    assert [later - sooner for sooner, later in zip(due_at, due_at[1:], strict=False)] == [
        dt.timedelta(1)
    ] * 2
    house.clock.forward(days=1)
    assert fire(house) == 1
    assert armed(house) == []
    assert names(house, root_id).count("remind") == 3


def test_reminders_that_were_missed_come_late_one_by_one_and_stop_with_their_task(house: House) -> None:
    house.deploy({"r.bpmn": reminding(timer("R/P1D", "timeCycle"))})
    root_id = begin(house, "reminding")
    house.clock.forward(days=3, hours=1)
    assert [fire(house) for _ in range(4)] == [1, 1, 1, 0]
    complete(house, root_id, "answer")
    assert armed(house) == []


def test_months_of_a_reminder_are_counted_from_its_beginning(house: House) -> None:
    house.clock.moment = dt.datetime(2026, 1, 31, 9, tzinfo=ZONE)
    house.deploy({"r.bpmn": reminding(timer("R/P1M", "timeCycle"))})
    begin(house, "reminding")
    days = []
    for _ in range(3):
        days.append(the_timer(house).due_at.astimezone(ZONE).date())
        house.clock.moment = the_timer(house).due_at
        fire(house)
    assert days == [dt.date(2026, 2, 28), dt.date(2026, 3, 31), dt.date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("text", "kind", "due_at"),
    [
        ("P3D", "timeDuration", "2026-03-05T09:00:00+08:00"),
        ("P1M2DT3H", "timeDuration", "2026-04-04T12:00:00+08:00"),
        ("P2W", "timeDuration", "2026-03-16T09:00:00+08:00"),
        ('=duration("PT90M")', "timeDuration", "2026-03-02T10:30:00+08:00"),
        ('=duration("P1Y")', "timeDuration", "2027-03-02T09:00:00+08:00"),
        ('="PT" + string(hours) + "H"', "timeDuration", "2026-03-02T11:00:00+08:00"),
        ("2026-03-03T17:00:00+08:00", "timeDate", "2026-03-03T17:00:00+08:00"),
        ('=date("2026-03-03")', "timeDate", "2026-03-04T00:00:00+08:00"),
        ("=add working days(today(), 3)", "timeDate", "2026-03-06T00:00:00+08:00"),
        ('=date and time("2026-03-03T09:00:00")', "timeDate", "2026-03-03T09:00:00+08:00"),
        ('="2026-03-03"', "timeDate", "2026-03-04T00:00:00+08:00"),
    ],
)
def test_the_time_of_a_timer_is_iso_text_or_feel(
    sqlite_url: str, make_house: Callable[..., House], text: str, kind: str, due_at: str
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"w.bpmn": waiting(timer(text, kind))})
    begin(house, "waiting", hours=2)
    assert the_timer(house).due_at == dt.datetime.fromisoformat(due_at)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("=5", "timeDuration"), ('="soon"', "timeDuration"), ("=missing", "timeDate"), ("=[]", "timeDate")],
)
def test_a_time_that_is_none_is_refused_where_it_is_armed(
    sqlite_url: str, make_house: Callable[..., House], text: str, kind: str
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"w.bpmn": waiting(timer(text, kind))})
    with pytest.raises(errors.ExpressionFailed, match="pause"):
        begin(house, "waiting")


@pytest.mark.parametrize("text", ["R0/P1D", "R3/PT0S", "R3", "P1D", "R3/2026-01-01T00:00:00Z/P1D"])
def test_a_cycle_that_is_none_is_refused(
    sqlite_url: str, make_house: Callable[..., House], text: str
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"r.bpmn": reminding(timer(f'="{text}"', "timeCycle"))})
    with pytest.raises(errors.ExpressionFailed, match="late"):
        begin(house, "reminding")


def test_a_limit_of_days_has_run_out_when_its_last_day_has_passed(house: House) -> None:
    house.deploy({"w.bpmn": waiting(timer("=add working days(today(), 3)", "timeDate"))})
    begin(house, "waiting")
    house.clock.moment = dt.datetime(2026, 3, 5, 23, 59, tzinfo=ZONE)
    assert fire(house) == 0
    house.clock.moment = dt.datetime(2026, 3, 6, 0, 1, tzinfo=ZONE)
    assert fire(house) == 1


ASKING = diagrams.process(
    "asking",
    [
        diagrams.start(),
        caught("pause", timer("PT1H")),
        diagrams.user_task("go_on", groups="=case.groups"),
        diagrams.end(),
    ],
    ["begun -> pause", "pause -> go_on", "go_on -> ended"],
)


def test_a_timer_that_fails_is_set_aside_alone_and_fires_when_it_is_mended(
    url: str, make_house: Callable[..., House]
) -> None:
    broken: set[str] = set()

    def case(_session: Any, root_id: str) -> Any:
        if root_id in broken:
            raise RuntimeError("罗小琴 13900000000")
        return {"groups": ["mediator"]}

    house = make_house(url, Services(facts={"case": case}))
    house.deploy({"a.bpmn": ASKING})
    roots = [begin(house, "asking") for _ in range(3)]
    broken.add(roots[1])
    house.clock.forward(hours=1)
    assert [fire(house), fire(house)] == [3, 0]
    assert [names(house, root_id) for root_id in roots] == [["go_on"], [], ["go_on"]]
    failed = the_timer(house)
    assert (failed.root_id, failed.status, failed.error) == (roots[1], "failed", "RuntimeError")
    assert recorded(house, roots[1]) == ["process.started"]
    broken.clear()
    clocks.set_timer_due(house.engine, system(TENANT), failed.id, house.clock(), clocks.Because("已修复"))
    assert fire(house) == 1
    assert names(house, roots[1]) == ["go_on"]
    assert armed(house) == []
    assert audit.verify(house.engine, TENANT, {}) == []


TOGETHER = diagrams.process(
    "together",
    [
        diagrams.start(), diagrams.user_task("answer"),
        diagrams.boundary("first", "answer", timer("PT1H")),
        diagrams.boundary("second", "answer", timer("PT1H")),
        diagrams.user_task("remind"), diagrams.user_task("close"),
        diagrams.end(), diagrams.end("reminded"), diagrams.end("closed"),
    ],
    ["begun -> answer", "answer -> ended", "first -> remind", "second -> close", "remind -> reminded",
     "close -> closed"],
)  # fmt: skip


@pytest.mark.parametrize("fails", [False, True])
def test_a_timer_that_ends_what_another_waits_on_leaves_that_one_no_failure(
    url: str, make_house: Callable[..., House], caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    def case(_session: Any, _root_id: str) -> Any:
        raise RuntimeError("no groups")

    house = make_house(url, Services(facts={"case": case}))
    house.deploy({"together.bpmn": TOGETHER, "a.bpmn": ASKING})
    root_id = begin(house, "together")
    failing = [begin(house, "asking")] if fails else []
    house.clock.forward(hours=2)
    assert [fire(house), fire(house)] == [2 + len(failing), 0]
    assert recorded(house, root_id) == ["process.started", "timer.fired"]
    assert len(names(house, root_id)) == 1
    with house.engine.sessions.query(TENANT) as session:
        assert [row.root_id for row in session.scalars(select(Incident))] == failing
    assert len(caplog.records) == len(failing)


TWICE = diagrams.process(
    "twice",
    [
        diagrams.start(),
        diagrams.fork("both"),
        caught("one", timer("PT1H")),
        caught("other", timer("PT2H")),
        diagrams.user_task("first"),
        diagrams.boundary("too_late", "first", timer("PT0S")),
        diagrams.user_task("second"),
        diagrams.end(),
        diagrams.end("late"),
        diagrams.end("done"),
    ],
    ["begun -> both", "both -> one", "both -> other", "one -> first", "other -> second", "first -> ended",
     "second -> done", "too_late -> late"],
)  # fmt: skip


def test_several_timers_of_one_case_fire_in_one_batch_each_as_a_step_of_its_own(house: House) -> None:
    house.deploy({"twice.bpmn": TWICE})
    root_id = begin(house, "twice")
    house.clock.forward(hours=3)
    assert [fire(house) for _ in range(3)] == [2, 1, 0]
    assert names(house, root_id) == ["second"]
    assert recorded(house, root_id) == ["process.started", *["timer.fired"] * 3]
    complete(house, root_id, "second")
    assert audit.verify(house.engine, TENANT, {}) == []


INSIDE = diagrams.process(
    "inside",
    [
        diagrams.start(),
        diagrams.user_task("answer"),
        diagrams.end(),
        diagrams.sub_process(
            "reminding",
            [
                '<bpmn:startEvent id="each_day" isInterrupting="false">'
                f"{timer('R/P1D', 'timeCycle')}</bpmn:startEvent>",
                diagrams.user_task("remind"),
                diagrams.end("reminded"),
            ],
            ["each_day -> remind", "remind -> reminded"],
            by_event=True,
        ),
    ],
    ["begun -> answer", "answer -> ended"],
)


def test_an_event_sub_process_begins_each_time_its_timer_fires(house: House) -> None:
    house.deploy({"inside.bpmn": INSIDE})
    root_id = begin(house, "inside")
    for _ in range(3):
        house.clock.forward(days=1)
        assert fire(house) == 1
        complete(house, root_id, "remind")
    assert names(house, root_id) == ["answer"]
    complete(house, root_id, "answer")
    assert armed(house) == []


def test_the_worker_fires_what_is_due_beside_the_jobs(limited: tuple[House, str]) -> None:
    house, root_id = limited
    house.clock.forward(days=3)
    stop = threading.Event()
    worker = threading.Thread(target=jobs.run_worker, args=(house.engine, {}, stop, [timers.fire_due]))
    worker.start()
    deadline = time.monotonic() + 20
    while names(house, root_id) != ["close"] and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    worker.join(10)
    assert names(house, root_id) == ["close"]
    assert not worker.is_alive()


def test_a_fixed_moment_survives_as_a_feel_literal() -> None:
    text = 'date and time("2026-03-03T09:00:00+08:00")'
    assert feel.evaluate(text) == dt.datetime(2026, 3, 3, 9, tzinfo=ZONE)
    assert due.occurrence(dt.datetime(2026, 1, 31, tzinfo=ZONE), "P1M", 2).date() == dt.date(2026, 3, 31)


def test_a_called_process_may_begin_with_a_clock_that_runs(house: House) -> None:
    outer = diagrams.process(
        "outer",
        [diagrams.start(), diagrams.call_activity("call", "limited"), diagrams.end()],
        ["begun -> call", "call -> ended"],
    )
    house.deploy({"outer.bpmn": outer, "limited.bpmn": LIMITED})
    root_id = begin(house, "outer")
    assert names(house, root_id) == ["answer"]
    house.clock.forward(days=3)
    assert fire(house) == 1
    assert names(house, root_id) == ["close"]
