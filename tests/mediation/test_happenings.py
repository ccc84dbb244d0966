"""Appraisals, death or incapacity, another competent body: how each halts a case, and what settles it."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine import errors, mediation
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation.lookup import parties_of
from engine.models.cases import Case

from ..conftest import TENANT, House, add_person, recorded
from .conftest import TODAY
from .test_extensions import last_days, run_down
from .test_guards import make_journey, replaced, services
from .test_journey import SIGNATURE, Journey, deployed
from .test_reports import REPORTED, TOLD, clocks_stand_still, decide, note

__all__ = ["make_journey", "services"]


@pytest.fixture
def journey(
    url: str, make_house: Callable[..., House], renderer: Renderer, issuer: authority.Authority
) -> Journey:
    return Journey(deployed(make_house(url, mediation.services(renderer, issuer))), issuer)


def result(journey: Journey) -> None:
    answers = {"ended_on": journey.house.clock().date(), "appraisal_result": "十级伤残"}
    journey.do("record_appraisal", journey.house.mediator, **answers)


@pytest.mark.slow
def test_the_time_of_an_appraisal_does_not_count_and_the_talks_go_on_meanwhile(journey: Journey) -> None:
    journey.mediating()
    note(journey, "appraisal", text="伤残等级鉴定")
    assert journey.view().status == "suspended_appraisal"
    journey.do("hold_separate_talk", journey.house.mediator, needed="no")
    run_down(journey, days=60)
    assert "ask_extension" not in journey.open()
    result(journey)
    assert journey.view().status == "mediating"
    assert not clocks_stand_still(journey)
    # As many days are left as when it began; the last is put off to a working day.
    assert last_days(journey) == [dt.date(2026, 6, 1)]


@pytest.mark.slow
def test_a_report_during_an_appraisal_holds_the_clocks_until_both_are_settled(journey: Journey) -> None:
    journey.mediating()
    note(journey, "appraisal")
    note(journey, "minor")
    assert journey.view().status == "suspended_report"
    with pytest.raises(errors.LawForbids, match=r"Minors Protection Law Art\. 11"):
        result(journey)
    journey.do("make_report", journey.house.mediator, **REPORTED)
    decide(journey, "goes_on")
    assert journey.view().status == "suspended_appraisal"
    assert clocks_stand_still(journey)
    result(journey)
    assert not clocks_stand_still(journey)
    assert recorded(journey.house, journey.case_id).count("clocks.paused") == 1


@pytest.mark.slow
def test_an_agreement_that_binds_ends_the_waiting_for_an_appraisal(journey: Journey) -> None:
    journey.signing()
    note(journey, "appraisal")
    for party in journey.parties().values():
        journey.do("sign_agreement", party, read=True, signature=SIGNATURE)
    journey.do("sign_as_mediator", journey.house.mediator, read=True, signature=SIGNATURE)
    journey.do("seal_agreement", journey.house.seal_keeper, confirm=True)
    assert journey.view().status == "effective"
    assert not clocks_stand_still(journey)
    served = {"manner": "both", "served_on": TODAY}
    journey.do("serve_copies", journey.house.reception, **journey.rows("copies", "serve_copies", **served))
    assert journey.open() == {}


def party_id(journey: Journey, name: str) -> str:
    return next(one.id for one in journey.view().parties if one.name == name)


@pytest.mark.slow
def test_after_a_death_the_case_waits_for_a_successor_who_is_told_and_willing(journey: Journey) -> None:
    journey.mediating()
    note(journey, "incapacity", text="申请人去世", party_id=party_id(journey, "申请人0"))
    mediator = journey.house.mediator
    assert journey.view().status == "suspended"
    assert clocks_stand_still(journey)
    with pytest.raises(errors.LawForbids, match=r"Civil Procedure Law Art\. 153"):
        journey.do("hold_separate_talk", mediator, needed="no")
    known = {"successor": "陈小燕", "relation": "女儿，继承人"}
    willing = {"successor_told": True, "successor_agrees": True}
    journey.do("record_successor", mediator, successor_outcome="goes_on", **known, **willing)
    assert journey.view().status == "mediating"
    with journey.house.engine.sessions.query(TENANT) as session:
        (first, _) = parties_of(session, journey.case_id)
        assert first.representative == "陈小燕（女儿，继承人）"
    journey.do("hold_separate_talk", mediator, needed="no")


@pytest.mark.slow
def test_where_nobody_succeeds_the_mediation_ends_with_the_other_ways(journey: Journey) -> None:
    journey.mediating()
    note(journey, "incapacity", party_id=party_id(journey, "被申请人0"))
    ends = {"successor_outcome": "ends", "successor_note": "没有继承人愿意参加"}
    journey.do("record_successor", journey.house.mediator, **ends)
    assert list(journey.open()) == ["tell_other_routes"]
    journey.do("tell_other_routes", journey.house.reception, **TOLD)
    assert journey.view().status == "ended"
    assert not clocks_stand_still(journey)


def test_which_party_it_is_must_be_said_and_be_one_that_takes_part(journey: Journey) -> None:
    journey.accepted()
    with pytest.raises(errors.PartyMissing):
        note(journey, "incapacity", journey.house.reception)
    with pytest.raises(errors.NotFound):
        note(journey, "incapacity", journey.house.reception, party_id="nobody")


@pytest.mark.slow
def test_a_matter_for_another_body_is_handed_over_against_a_receipt_and_ends(journey: Journey) -> None:
    journey.mediating()
    note(journey, "other_body", text="属于行政处罚")
    with pytest.raises(errors.LawForbids, match=r"Online Mediation Rules Art\. 9"):
        journey.do("hold_separate_talk", journey.house.mediator, needed="no")
    given = {"handed_to": "区城管局", "receipt": "回执12", "handed_on": TODAY}
    journey.do("hand_over", journey.house.reception, **given)
    assert list(journey.open()) == ["tell_other_routes"]
    journey.do("tell_other_routes", journey.house.reception, **TOLD | {"end_code": "transferred"})
    with journey.house.engine.sessions.query(TENANT) as session:
        case = session.scalars(select(Case)).one()
        assert (case.status, case.end_code, case.transferred_to) == ("ended", "transferred", "区城管局")
    assert journey.view().happenings[0].outcome == "ended"


@pytest.mark.slow
def test_a_party_may_leave_while_the_case_is_suspended(journey: Journey) -> None:
    journey.mediating()
    note(journey, "other_body")
    journey.withdraw("申请人0", journey.parties()["申请人0"])
    assert list(journey.open()) == ["tell_other_routes"]


@pytest.mark.slow
def test_after_a_complaint_another_mediator_takes_over_what_is_to_be_done(journey: Journey) -> None:
    house = journey.house
    other = add_person(house.engine, TENANT, house.body_id, "mediator", "李调解")
    journey.mediating()
    note(journey, "mediator", house.reception, text="偏袒一方")
    with pytest.raises(errors.LawForbids, match=r"Online Mediation Rules Art\. 14"):
        journey.do("hold_separate_talk", house.mediator, needed="no")
    read = {role: journey.view(house.actors[role]).happenings[0].text for role in ("mediator", "reception")}
    assert read == {"mediator": None, "reception": "偏袒一方"}
    journey.do("choose_mediator", house.chief_mediator, method="joint_choice", mediator=other.id)
    assert not journey.sees(house.mediator)
    house.actors["other"] = other
    journey.do("disclose_conflicts", other, accepts="yes", conflict="none")
    assert (journey.view().status, journey.view().happenings[0].outcome) == ("mediating", "replaced")
    journey.do("hold_separate_talk", other, needed="no")
    assert list(journey.open()) == ["hold_joint_session"]


@pytest.mark.slow
def test_a_mediator_who_declines_is_followed_by_another_and_the_case_waits(journey: Journey) -> None:
    house = journey.house
    journey.mediating()
    note(journey, "mediator", text="我是申请人的表弟")
    journey.do("choose_mediator", house.chief_mediator, method="joint_choice", mediator=house.mediator.id)
    journey.do("disclose_conflicts", house.mediator, accepts="no", decline_reason="有亲属关系")
    assert "choose_mediator" in journey.open()
    assert journey.view().status == "suspended"


def test_nobody_complains_of_a_mediator_whom_there_is_not(journey: Journey) -> None:
    with pytest.raises(errors.NobodyMediates):
        note(journey, "mediator", journey.house.reception)


@pytest.mark.slow
def test_a_party_that_cannot_be_reached_leaves_and_the_case_ends_with_the_last_of_its_side(
    journey: Journey,
) -> None:
    journey.mediating(2)
    tried = "三次电话、一次上门都没有找到"
    note(journey, "unreachable", text=tried, party_id=party_id(journey, "被申请人0"))
    assert [party.takes_part for party in journey.view().parties] == [True, False, True]
    assert list(journey.open()) == ["hold_separate_talk"]
    note(journey, "unreachable", text=tried, party_id=party_id(journey, "被申请人1"))
    assert list(journey.open()) == ["tell_other_routes"]
    assert journey.view().end_code == "unreachable"
    assert [one.outcome for one in journey.view().happenings] == ["left", "left"]


def nobody_hears_of_a_successor(files: dict[str, bytes]) -> None:
    replaced(files, "mediation.bpmn", 'name="party_incapable"', 'name="heard_by_nobody"')


@pytest.mark.slow
def test_what_no_diagram_could_settle_is_refused_and_the_case_goes_on(
    make_journey: Callable[..., Journey],
) -> None:
    journey = make_journey(nobody_hears_of_a_successor).mediating()
    party_id = journey.view().parties[0].id
    with pytest.raises(errors.NoReceiver):
        note(journey, "incapacity", party_id=party_id)
    assert journey.view().status == "mediating"
    journey.do("hold_separate_talk", journey.house.mediator, needed="no")
