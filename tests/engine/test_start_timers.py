"""Timer start events: armed with their release, kept while they stay the same, replaced when they change."""

import datetime as dt

import pytest
from sqlalchemy import select

from engine import errors, releases
from engine.models.clocks import StartTimer
from tests import diagrams
from tests.conftest import TENANT, House
from tests.engine.test_releases import activate
from tests.engine.test_timers import timer

OTHER = diagrams.in_line("other", [diagrams.user_task("look")])
DAY = dt.timedelta(days=1)


def timed(text: str, kind: str = "timeDuration", process_id: str = "sweep", task: str = "look") -> bytes:
    """A process that a timer starts."""
    nodes = [
        diagrams.event("startEvent", "due", timer(text, kind)),
        diagrams.user_task(task),
        diagrams.end(),
    ]
    return diagrams.process(process_id, nodes, [f"due -> {task}", f"{task} -> ended"])


def start_timers(house: House) -> list[StartTimer]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(StartTimer).order_by(StartTimer.process_id)))


def due_in(house: House) -> list[dt.timedelta]:
    return [row.due_at - house.clock() for row in start_timers(house)]


@pytest.mark.parametrize(
    ("text", "kind", "after"),
    [
        ("P1D", "timeDuration", DAY),
        ('=duration("PT2H")', "timeDuration", dt.timedelta(hours=2)),
        ("2026-03-04T09:00:00+08:00", "timeDate", 2 * DAY),
        ("=add working days(today(), 1)", "timeDate", dt.timedelta(hours=39)),
        ("R3/PT6H", "timeCycle", dt.timedelta(hours=6)),
    ],
)
def test_a_timer_start_is_armed_when_its_release_becomes_active(
    house: House, text: str, kind: str, after: dt.timedelta
) -> None:
    house.deploy({"sweep.bpmn": timed(text, kind), "other.bpmn": OTHER})
    assert due_in(house) == [after]


def test_a_later_release_that_leaves_the_timer_alone_lets_it_count_on(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("P3D")})
    house.clock.forward(days=1)
    house.deploy({"sweep.bpmn": timed("P3D", task="look_again"), "other.bpmn": OTHER})
    assert due_in(house) == [2 * DAY]


def test_a_changed_timer_counts_anew_and_one_that_is_gone_is_forgotten(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("P3D"), "weekly.bpmn": timed("R/P7D", "timeCycle", "weekly")})
    house.clock.forward(days=1)
    house.deploy({"sweep.bpmn": timed("P5D")})
    assert due_in(house) == [5 * DAY, 6 * DAY]
    releases.deploy(house.engine, house.administrator, {}, removed=[("process", "weekly")])
    assert due_in(house) == [5 * DAY]
    releases.deploy(house.engine, house.administrator, {"sweep.bpmn": diagrams.in_line("sweep", [])})
    assert due_in(house) == []


def test_going_back_to_an_older_release_arms_its_timers_and_no_others(house: House) -> None:
    first = house.deploy({"sweep.bpmn": timed("P3D")})
    second = house.deploy({"sweep.bpmn": timed("P9D"), "weekly.bpmn": timed("R/P7D", "timeCycle", "weekly")})
    house.clock.forward(days=1)
    activate(house, first)
    assert due_in(house) == [3 * DAY]
    activate(house, second)
    assert due_in(house) == [9 * DAY, 7 * DAY]


def test_a_deploy_that_is_refused_leaves_the_timers_as_they_were(house: House) -> None:
    house.deploy({"sweep.bpmn": timed("P3D")})
    with pytest.raises(errors.DiagramRefused):
        house.deploy({"sweep.bpmn": timed("=duration(wanted)")})
    with pytest.raises(errors.ExpressionFailed, match="due"):
        house.deploy({"sweep.bpmn": timed('="soon"')})
    assert due_in(house) == [3 * DAY]


def test_only_the_start_of_the_process_itself_starts_it(house: House) -> None:
    inner = diagrams.sub_process(
        "reminded",
        [
            diagrams.event("startEvent", "inner", timer("P1D"), isInterrupting="false"),
            diagrams.end("done"),
        ],
        ["inner -> done"],
        by_event=True,
    )
    nodes = [diagrams.start(), diagrams.user_task("look"), diagrams.end(), inner]
    house.deploy({"p.bpmn": diagrams.process("p", nodes, ["begun -> look", "look -> ended"])})
    assert start_timers(house) == []
