"""Invitations to a consultation through the real diagram: proposed, answered too late, reminded twice."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from engine import errors, jobs, mediation, open_tasks, service_tasks, timers
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import experts, inbox, law_changes, supervision
from engine.mediation.consultation_page import ConsultationView
from engine.mediation.experts import NewExpert
from engine.mediation.law_changes import LimitChange

from ..conftest import House, recorded
from .conftest import TODAY
from .test_journey import Journey, deployed

THURSDAY, FRIDAY, MONDAY = (dt.date(2026, 3, day) for day in (5, 6, 9))
STREET = "街道办事处（乡镇人民政府）"
HAND = {"kind": "expert", "name": "冯医生", "reason": "看伤情"}


@pytest.fixture
def journey(
    url: str, make_house: Callable[..., House], renderer: Renderer, issuer: authority.Authority
) -> Journey:
    return Journey(deployed(make_house(url, mediation.services(renderer, issuer))), issuer)


def run_down(journey: Journey, **duration: float) -> None:
    journey.house.clock.forward(**duration)
    while timers.fire_due(journey.house.engine):
        jobs.run_due(journey.house.engine, service_tasks.HANDLERS)


def consulting(journey: Journey) -> Journey:
    """In talks, which go on in a consultation."""
    journey.mediating().do("hold_separate_talk", journey.house.mediator, needed="no")
    ids = [party.id for party in journey.view().parties]
    held = {"held_on": TODAY, "place": "调解室", "attendees": ids, "record": "各说各的。", "read_back": True}
    to = {"outcome": "switch", "next_path": "consultation", "switch_reason": "要听专家怎么说"}
    return journey.do("hold_joint_session", journey.house.mediator, **held, **to)


def proposed(journey: Journey) -> list[dict[str, Any]]:
    task_id = journey.open()["choose_invitees"]
    opened = open_tasks.open_task(journey.house.engine, journey.house.mediator, task_id)
    return [dict(row) for row in opened.initial["invitees"]]


def inviting(journey: Journey, *rows: dict[str, Any]) -> Journey:
    """The invitations are out: who was proposed and `rows`."""
    consulting(journey)
    mediator = journey.house.mediator
    journey.do("choose_invitees", mediator, invitees=[*proposed(journey), *rows])
    said = journey.rows("consents", "record_consultation_consents", answer="agrees", shares="yes")
    journey.do("record_consultation_consents", mediator, **said)
    return journey.do("write_case_sheet", mediator, sheet_facts="漏水。", questions="谁来修？")


def shown(journey: Journey) -> ConsultationView:
    found = journey.view(journey.house.mediator).consultation
    assert found is not None
    return found


def listed(journey: Journey) -> int:
    found = inbox.list_tasks(journey.house.engine, journey.house.mediator)
    return next(row.reminders for row in found.rows if row.node_id == inbox.ANSWERS)


def silent(journey: Journey) -> list[tuple[str, int, bool]]:
    found = supervision.show_supervision(journey.house.engine, journey.house.chief_mediator)
    return [(one.invitee, one.reminders, one.superior_wanted) for one in found.silent]


@pytest.mark.slow
def test_the_register_of_duties_proposes_departments_with_reason_and_article(journey: Journey) -> None:
    consulting(journey)
    (row,) = proposed(journey)
    assert (row["kind"], row["name"]) == ("department", "区公安局交通管理部门")
    assert row["reason"] == "认定事故责任，可以调解损害赔偿。（依据：《道路交通安全法》第七十四条，待核对）"
    others = [{"kind": "department", "name": STREET, "reason": "就近"}]
    journey.do("choose_invitees", journey.house.mediator, invitees=others)
    assert [one.name for one in shown(journey).invitees] == [STREET]


@pytest.mark.slow
def test_who_was_named_before_stands_there_again_and_not_the_proposal(journey: Journey) -> None:
    consulting(journey)
    chosen = [{"kind": "department", "name": STREET, "reason": "就近"}, HAND]
    journey.do("choose_invitees", journey.house.mediator, invitees=chosen)
    said = journey.rows("consents", "record_consultation_consents", answer="objects", shares="yes")
    objection = [row | {"objection": "换一位"} for row in said["consents"]]
    journey.do("record_consultation_consents", journey.house.mediator, consents=objection)
    assert [row["name"] for row in proposed(journey)] == [STREET, "冯医生"]


@pytest.mark.slow
def test_an_invitation_is_reminded_of_after_its_day_and_again_and_then_the_superior_is_asked(
    journey: Journey,
) -> None:
    inviting(journey, HAND)
    house = journey.house
    assert {one.answer_by for one in shown(journey).invitees} == {THURSDAY}
    rows = journey.rows("answers", inbox.ANSWERS, answer="no_answer", superior="区政府办公室")["answers"]
    run_down(journey, days=3)
    assert (listed(journey), silent(journey)) == (0, [])
    run_down(journey, days=1)
    assert (listed(journey), [count for _, count, _ in silent(journey)]) == (1, [1, 1])
    assert {one.reminders for one in shown(journey).invitees} == {1}
    run_down(journey, days=3)
    assert listed(journey) == 1
    run_down(journey, days=1)
    assert listed(journey) == 2
    assert silent(journey) == [("区公安局交通管理部门", 2, True), ("冯医生", 2, True)]
    noted = [
        row for row in journey.view().timeline if row.node_id in ("remind_invitees", "call_for_superior")
    ]
    assert [row.law_ref for row in noted] == ["《人民调解法》第二十条"] * 2
    journey.do(inbox.ANSWERS, house.mediator, answers=[rows[0], rows[1] | {"answer": "accepts"}])
    assert [one.superior for one in shown(journey).invitees] == ["区政府办公室", ""]
    assert shown(journey).invitees[0].answer_by == dt.date(2026, 3, 13)
    assert silent(journey) == []


@pytest.mark.slow
def test_nobody_is_reminded_once_all_have_answered(journey: Journey) -> None:
    inviting(journey)
    rows = journey.rows("answers", inbox.ANSWERS, answer="accepts")
    journey.do(inbox.ANSWERS, journey.house.mediator, **rows)
    run_down(journey, days=20)
    assert [one.reminders for one in shown(journey).invitees] == [0]
    assert "service.completed" not in recorded(journey.house, journey.case_id)[-3:]
    assert silent(journey) == []


@pytest.mark.slow
def test_the_days_for_an_answer_are_a_limit_that_an_administrator_changes(journey: Journey) -> None:
    change = LimitChange("invitation.answer", 5, TODAY, "区政法委通知", "部门来不及")
    law_changes.change_limit(journey.house.engine, journey.house.administrator, change)
    inviting(journey)
    assert {one.answer_by for one in shown(journey).invitees} == {MONDAY}


@pytest.mark.slow
def test_an_expert_of_the_list_is_chosen_by_it_and_only_while_available(journey: Journey) -> None:
    house = journey.house
    new = NewExpert("doctor", "冯医生", "骨科", "区医院", "138-0000-0001", TODAY, THURSDAY)
    expert_id = experts.enter_expert(house.engine, house.chief_mediator, new)
    consulting(journey)
    chosen = [*proposed(journey), {"kind": "expert", "expert_id": expert_id, "reason": "看伤情"}]
    journey.do("choose_invitees", house.mediator, invitees=chosen)
    doctor = next(one for one in shown(journey).invitees if one.kind == "expert")
    assert (doctor.name, doctor.expert_id) == ("冯医生", expert_id)
    said = journey.rows("consents", "record_consultation_consents", answer="objects", shares="yes")
    objection = [row | {"objection": "换一位"} for row in said["consents"]]
    journey.do("record_consultation_consents", house.mediator, consents=objection)
    house.clock.forward(days=4)
    with pytest.raises(errors.InvalidAnswers) as refused:
        journey.do("choose_invitees", house.mediator, invitees=chosen)
    assert list(refused.value.errors) == ["invitees.1.expert_id"]
