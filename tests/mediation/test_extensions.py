"""The period of a mediation: over after a month, extended only if all parties agree, else the case ends."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import clocks, errors, jobs, mediation, service_tasks, timers
from engine.calendar import day_of
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import law_changes
from engine.mediation.law_changes import LimitChange
from engine.models.clocks import Timer
from engine.models.records import Job

from ..conftest import TENANT, House
from .conftest import TODAY
from .test_guards import make_journey, replaced, services
from .test_journey import SIGNATURE, Journey, deployed
from .test_reports import TOLD

MONTH_LATER = dt.date(2026, 4, 2)
__all__ = ["make_journey", "services"]


@pytest.fixture
def journey(
    url: str, make_house: Callable[..., House], renderer: Renderer, issuer: authority.Authority
) -> Journey:
    return Journey(deployed(make_house(url, mediation.services(renderer, issuer))), issuer)


def run_down(journey: Journey, **duration: float) -> None:
    journey.house.clock.forward(**duration)
    while timers.fire_due(journey.house.engine):
        jobs.run_due(journey.house.engine, service_tasks.HANDLERS)


def answer(journey: Journey, *agrees: str, until: dt.date | None = None) -> None:
    rows = journey.rows("extensions", "ask_extension")["extensions"]
    said = [row | {"agrees": word} for row, word in zip(rows, agrees, strict=True)]
    answers: dict[str, Any] = {"extensions": said} | ({"extended_until": until} if until else {})
    journey.do("ask_extension", journey.house.mediator, **answers)


def last_days(journey: Journey) -> list[dt.date]:
    with journey.house.engine.sessions.query(TENANT) as session:
        found = session.scalars(select(Timer).where(Timer.unit == "days").order_by(Timer.id)).all()
        return [day_of(one.due_at - dt.timedelta(microseconds=1)) for one in found]


@pytest.mark.slow
def test_after_a_month_nothing_goes_on_until_all_parties_agree_to_more_time(journey: Journey) -> None:
    journey.mediating()
    assert last_days(journey) == [MONTH_LATER]
    run_down(journey, days=31)
    assert "ask_extension" not in journey.open()
    run_down(journey, days=1)
    assert journey.view().status == "suspended_expiry"
    with pytest.raises(errors.LawForbids, match=r"Mediation Work Art\. 33"):
        journey.do("hold_separate_talk", journey.house.mediator, needed="no")
    answer(journey, "yes", "yes", until=dt.date(2026, 4, 20))
    assert journey.view().status == "mediating"
    assert last_days(journey) == [dt.date(2026, 4, 20)]
    journey.do("hold_separate_talk", journey.house.mediator, needed="no")
    run_down(journey, days=20)
    assert set(journey.open()) == {"hold_joint_session", "ask_extension"}


@pytest.mark.slow
@pytest.mark.parametrize("said", [("yes", "no"), ("no", "yes"), ("no", "no")])
def test_where_one_party_does_not_agree_the_case_ends_with_the_other_ways(
    journey: Journey, said: tuple[str, str]
) -> None:
    journey.mediating()
    run_down(journey, days=40)
    answer(journey, *said)
    assert list(journey.open()) == ["tell_other_routes"]
    told = TOLD | {"end_code": "expired", "told_on": TODAY + dt.timedelta(days=40)}
    journey.do("tell_other_routes", journey.house.reception, **told)
    assert (journey.view().status, journey.view().end_code) == ("ended", "expired")
    assert [one.outcome for one in journey.view().happenings] == ["ended"]
    assert last_days(journey) == []


@pytest.mark.slow
def test_the_new_last_day_is_needed_and_still_to_come(journey: Journey) -> None:
    journey.mediating()
    run_down(journey, days=40)
    for until in (TODAY, TODAY + dt.timedelta(days=40)):
        with pytest.raises(errors.InvalidAnswers) as refused:
            answer(journey, "yes", "yes", until=until)
        assert list(refused.value.errors) == ["extended_until"]
    assert journey.view().status == "suspended_expiry"


@pytest.mark.slow
def test_days_in_which_the_clocks_stood_still_are_not_counted(journey: Journey) -> None:
    journey.mediating()
    house = journey.house
    clocks.pause_clocks(house.engine, house.mediator, journey.case_id, clocks.Because("鉴定"))
    run_down(journey, days=40)
    assert "ask_extension" not in journey.open()
    clocks.resume_clocks(house.engine, house.mediator, journey.case_id, clocks.Because("鉴定完毕"))
    # Forty days later, put off to the next working day.
    assert last_days(journey) == [dt.date(2026, 5, 12)]


@pytest.mark.slow
def test_a_limit_that_changes_holds_for_cases_that_are_accepted_later(journey: Journey) -> None:
    journey.accepted()
    house = journey.house
    change = LimitChange("mediation.normal", 20, TODAY, "县司法局通知", "试行", "days")
    law_changes.change_limit(house.engine, house.administrator, change)
    other = Journey(house, journey.office).accepted()
    assert last_days(other) == [MONTH_LATER, dt.date(2026, 3, 23)]


@pytest.mark.slow
def test_a_case_that_is_settled_in_time_is_over_with_its_period(journey: Journey) -> None:
    serve(bound(journey))
    assert {one.status for one in journey.view().positions} <= {"ended", "cancelled"}
    assert last_days(journey) == []


def bound(journey: Journey) -> Journey:
    """The agreement binds; its copies are not served yet."""
    journey.signing()
    for party in journey.parties().values():
        journey.do("sign_agreement", party, read=True, signature=SIGNATURE)
    journey.do("sign_as_mediator", journey.house.mediator, read=True, signature=SIGNATURE)
    return journey.do("seal_agreement", journey.house.seal_keeper, confirm=True)


def serve(journey: Journey) -> None:
    served = {"manner": "both", "served_on": TODAY}
    journey.do("serve_copies", journey.house.reception, **journey.rows("copies", "serve_copies", **served))


@pytest.mark.slow
def test_an_agreement_that_binds_is_not_halted_by_the_end_of_the_period(journey: Journey) -> None:
    run_down(bound(journey), days=40)
    assert list(journey.open()) == ["serve_copies"]
    assert journey.view().status == "effective"
    serve(journey)
    assert {one.status for one in journey.view().positions} <= {"ended", "cancelled"}


def blind(files: dict[str, bytes]) -> None:
    replaced(files, "expiry.bpmn", "=case.effective", "=false")


@pytest.mark.slow
def test_nor_do_diagrams_end_it_that_do_not_ask_whether_it_binds(
    make_journey: Callable[..., Journey],
) -> None:
    journey = bound(make_journey(blind))
    run_down(journey, days=40)
    assert sorted(journey.open()) == ["ask_extension", "serve_copies"]
    with pytest.raises(errors.LawForbids, match=r"Arts\. 31 and 32"):
        answer(journey, "no", "no")
    serve(journey)
    assert journey.view().status == "effective"
    assert journey.open() == {}


def whoever_says_what(files: dict[str, bytes]) -> None:
    replaced(files, "expiry.bpmn", "=case.extension_missing = 0", "=true")


@pytest.mark.slow
def test_a_diagram_that_goes_on_without_a_party_is_stopped_by_the_guard(
    make_journey: Callable[..., Journey],
) -> None:
    journey = make_journey(whoever_says_what).mediating()
    run_down(journey, days=40)
    answer(journey, "yes", "no")
    with journey.house.engine.sessions.query(TENANT) as session:
        (failed,) = session.scalars(select(Job.error).where(Job.error != ""))
    assert "Mediation Work Art. 33" in failed
    with pytest.raises(errors.LawForbids, match=r"Mediation Work Art\. 33"):
        journey.do("hold_separate_talk", journey.house.mediator, needed="no")


@pytest.mark.slow
def test_and_is_not_deployed_in_the_first_place(make_journey: Callable[..., Journey]) -> None:
    with pytest.raises(errors.DiagramRefused) as refused:
        make_journey(whoever_says_what, mediation.invariants.law_on)
    assert "extend_period" in str(refused.value.params["element_ids"])
