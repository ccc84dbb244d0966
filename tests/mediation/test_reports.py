"""A clue of a crime or of harm to a child: reported at once, the case suspended, the parties see nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import audit, clocks, errors, mediation, tasks
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import happening_page, happenings, inbox
from engine.mediation.happenings import KINDS, Happened
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.clocks import Pause
from engine.models.happenings import Happening
from engine.models.processes import UserTask
from engine.policy import Actor

from ..conftest import TENANT, House, recorded
from .conftest import TODAY
from .test_journey import SIGNATURE, Journey, deployed

SEEN = "孩子手臂上有瘀伤"
REPORTED = {
    "reported_to": ["police", "civil_affairs"], "reported_on": TODAY, "reference": "接报017",
    "report_note": "伤情和住址",
}  # fmt: skip
TOLD = {
    "end_code": "other", "reason": "不宜继续调解", "routes": ["court"], "manner": "phone", "told_on": TODAY,
    "told": True,
}  # fmt: skip


@pytest.fixture
def journey(
    url: str, make_house: Callable[..., House], renderer: Renderer, issuer: authority.Authority
) -> Journey:
    return Journey(deployed(make_house(url, mediation.services(renderer, issuer))), issuer)


def note(journey: Journey, kind: str = "minor", actor: Actor | None = None, **changed: Any) -> None:
    happened = Happened(journey.case_id, kind, changed.get("text", SEEN), changed.get("party_id"))
    key = changed.get("key") or new_id()
    happenings.note_happening(journey.house.engine, actor or journey.house.mediator, happened, key)


def decide(journey: Journey, decision: str) -> None:
    answers = {"report_decision": decision, "decision_note": "派出所在办"}
    journey.do("decide_after_report", journey.house.chief_mediator, **answers)


def status(journey: Journey, actor: Actor | None = None) -> str:
    return journey.view(actor).status


@pytest.mark.slow
def test_harm_to_a_child_suspends_the_case_until_it_is_reported_and_decided(journey: Journey) -> None:
    journey.mediating()
    house = journey.house
    note(journey)
    assert status(journey) == "suspended_report"
    assert set(journey.open()) == {"hold_separate_talk", "make_report"}
    with pytest.raises(errors.LawForbids, match=r"Minors Protection Law Art\. 11"):
        journey.do("hold_separate_talk", house.mediator, needed="no")
    journey.do("make_report", house.mediator, **REPORTED)
    with pytest.raises(errors.LawForbids, match=r"Minors Protection Law Art\. 11"):
        journey.do("hold_separate_talk", house.mediator, needed="no")
    decide(journey, "goes_on")
    assert status(journey) == "mediating"
    journey.do("hold_separate_talk", house.mediator, needed="no")
    assert list(journey.open()) == ["hold_joint_session"]
    assert not audit.verify(house.engine, TENANT, {})


@pytest.mark.slow
def test_the_chief_mediator_ends_it_for_a_reason_that_tells_the_parties_nothing(journey: Journey) -> None:
    journey.mediating()
    note(journey)
    journey.do("make_report", journey.house.mediator, **REPORTED)
    decide(journey, "ends")
    assert list(journey.open()) == ["tell_other_routes"]
    journey.do("tell_other_routes", journey.house.reception, **TOLD)
    for actor in [journey.house.reception, *journey.parties().values()]:
        assert (journey.view(actor).status, journey.view(actor).end_code) == ("ended", "other")
    assert journey.view().positions[0].status == "ended"


@pytest.mark.slow
def test_no_party_learns_of_a_report_by_any_page_list_count_or_refusal(journey: Journey) -> None:
    journey.signing()
    engine = journey.house.engine
    before = {name: journey.view(actor) for name, actor in journey.parties().items()}
    counted = {name: inbox.list_tasks(engine, one, "role") for name, one in journey.parties().items()}
    note(journey)
    hidden = [journey.open()["make_report"]]
    for name, actor in journey.parties().items():
        assert journey.view(actor) == before[name]
        assert inbox.list_tasks(engine, actor, "role") == counted[name]
        for task_id in hidden:
            with pytest.raises(errors.NotFound):
                tasks.complete_task(engine, actor, task_id, {}, new_id())
        with pytest.raises(errors.CaseSuspended) as refused:
            journey.do("sign_agreement", actor, read=True, signature=SIGNATURE)
        assert "report" not in str(refused.value).lower()
    journey.do("make_report", journey.house.mediator, **REPORTED)
    decide(journey, "goes_on")
    for name, actor in journey.parties().items():
        assert journey.view(actor) == before[name]


@pytest.mark.slow
def test_the_clocks_stand_still_meanwhile_and_nobody_lets_them_go_on_by_hand(journey: Journey) -> None:
    journey.accepted()
    house, due = journey.house, due_of(journey, "invite_party")
    note(journey, "crime", house.reception)
    with pytest.raises(errors.ClocksHeld):
        clocks.resume_clocks(house.engine, house.chief_mediator, journey.case_id, clocks.Because("快些"))
    house.clock.forward(days=3)
    journey.do("make_report", house.chief_mediator, **REPORTED)
    note(journey, "domestic_violence", house.chief_mediator)
    decide(journey, "goes_on")
    assert clocks_stand_still(journey)
    journey.do("make_report", house.chief_mediator, **REPORTED | {"reported_on": today(journey)})
    decide(journey, "goes_on")
    assert not clocks_stand_still(journey)
    # Three working days later, a weekend between them.
    assert (due_of(journey, "invite_party") - due).days == 5
    actions = recorded(house, journey.case_id)
    assert actions.count("clocks.paused") == actions.count("clocks.resumed") == 1
    assert actions.count("happening.noted") == 2


@pytest.mark.slow
def test_clocks_that_a_mediator_had_stopped_before_stand_still_afterwards(journey: Journey) -> None:
    journey.accepted()
    house = journey.house
    clocks.pause_clocks(house.engine, house.chief_mediator, journey.case_id, clocks.Because("等材料"))
    note(journey, "crime", house.reception)
    journey.do("make_report", house.chief_mediator, **REPORTED)
    decide(journey, "goes_on")
    assert clocks_stand_still(journey)
    clocks.resume_clocks(house.engine, house.chief_mediator, journey.case_id, clocks.Because("材料到了"))


@pytest.mark.slow
def test_a_party_may_leave_meanwhile_and_the_report_is_made_all_the_same(journey: Journey) -> None:
    journey.mediating()
    note(journey, "domestic_violence")
    respondent = journey.parties()["被申请人0"]
    journey.withdraw("被申请人0", respondent)
    assert set(journey.open()) == {"tell_other_routes", "make_report"}
    journey.do("tell_other_routes", journey.house.reception, **TOLD | {"end_code": "withdrawn"})
    assert journey.view().status == "ended"
    journey.do("make_report", journey.house.mediator, **REPORTED)
    assert journey.open() == {}
    assert journey.view().positions[0].status == "ended"


@pytest.mark.slow
def test_talks_that_have_failed_go_on_to_their_end_once_it_is_reported(journey: Journey) -> None:
    """Nobody is asked then whether the mediation goes on, so nothing else could let it."""
    journey.mediating().do("hold_separate_talk", journey.house.mediator, needed="no")
    held = {
        "held_on": TODAY, "place": "调解室", "attendees": [one.id for one in journey.view().parties],
        "record": "没有谈拢。", "read_back": True, "outcome": "failed", "failure_reason": "谈不拢",
        "sign_facts": "yes",
    }  # fmt: skip
    journey.do("hold_joint_session", journey.house.mediator, **held)
    note(journey, "crime")
    facts = {"facts": "两车相撞。", "no_offers": True, "paper": "yes"}
    with pytest.raises(errors.LawForbids):
        journey.do("draft_fact_sheet", journey.house.mediator, **facts)
    journey.do("make_report", journey.house.mediator, **REPORTED)
    assert status(journey) == "mediating"
    journey.do("draft_fact_sheet", journey.house.mediator, **facts)


@pytest.mark.slow
def test_it_can_be_noted_at_the_very_beginning_and_by_reception(journey: Journey) -> None:
    note(journey, "crime", journey.house.reception)
    assert set(journey.open()) == {"register_dispute", "make_report"}
    assert status(journey) == "suspended_report"


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.item == "report"])
def test_each_kind_of_report_says_its_own_article(journey: Journey, kind: str) -> None:
    note(journey, kind, journey.house.reception)
    articles = {one.kind: one.law_ref for one in choices(journey).choices}
    with pytest.raises(errors.LawForbids) as refused:
        journey.accepted()
    assert refused.value.law_ref == articles[kind]


def choices(journey: Journey) -> happening_page.Choices:
    return happening_page.choices(journey.house.engine, journey.house.reception, journey.case_id)


@pytest.mark.slow
def test_what_was_noted_and_reported_is_kept_encrypted_for_mediator_and_head_alone(journey: Journey) -> None:
    journey.mediating()
    note(journey)
    journey.do("make_report", journey.house.mediator, **REPORTED)
    with journey.house.engine.sessions.query(TENANT) as session:
        row = session.scalars(select(Happening)).one()
        answers = session.scalars(select(UserTask.answers).where(UserTask.node_id == "make_report")).one()
    assert SEEN.encode() not in row.sealed
    assert row.result is not None
    assert "接报017".encode() not in row.result
    assert answers == {"happening_kind": "minor"}
    reads = {role: journey.view(journey.house.actors[role]).happenings[0] for role in READERS}
    assert {role: (one.text, one.result and one.result["reference"]) for role, one in reads.items()} == {
        "mediator": (SEEN, "接报017"), "chief_mediator": (SEEN, "接报017"), "reception": (None, None),
        "seal_keeper": (SEEN, "接报017"),
    }  # fmt: skip


READERS = ("mediator", "chief_mediator", "reception", "seal_keeper")


def test_what_is_missing_or_not_allowed_is_refused_and_nothing_happens(journey: Journey) -> None:
    house = journey.house
    refused: list[tuple[type[errors.Refusal], Actor, dict[str, Any]]] = [
        (errors.ReasonMissing, house.reception, {"text": "  "}),
        (errors.UnreadableRequest, house.reception, {"kind": "earthquake"}),
        (errors.UnreadableRequest, house.reception, {"kind": "expiry"}),
        (errors.Forbidden, house.seal_keeper, {}),
        (errors.NotFound, house.mediator, {}),
    ]
    for error, actor, changed in refused:
        with pytest.raises(error):
            note(journey, changed.pop("kind", "crime"), actor, **changed)
    with house.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(Happening)).all() == []
    assert status(journey) == "draft"


def test_the_same_key_notes_it_once(journey: Journey) -> None:
    for _ in range(2):
        note(journey, "crime", journey.house.reception, key="once")
    assert list(journey.open()).count("make_report") == 1
    assert len(journey.view().happenings) == 1


@pytest.mark.slow
def test_the_report_needs_an_organ_and_a_day_and_comes_before_the_decision(journey: Journey) -> None:
    note(journey, "crime", journey.house.reception)
    chief = journey.house.chief_mediator
    for changed, field in (({"reported_to": []}, "reported_to"), ({"reported_on": TOO_LATE}, "reported_on")):
        with pytest.raises(errors.InvalidAnswers) as refused:
            journey.do("make_report", chief, **REPORTED | changed)
        assert list(refused.value.errors) == [field]
    assert "decide_after_report" not in journey.open()


TOO_LATE = TODAY.replace(day=TODAY.day + 1)


def test_nothing_is_noted_once_a_case_has_ended(journey: Journey) -> None:
    with journey.house.engine.sessions.command(TENANT) as session:
        case = session.scalars(select(Case)).one()
        case.ended_at, case.status = journey.house.clock(), "ended"
    assert not journey.view().may_note
    with pytest.raises(errors.LawForbids, match=r"Art\. 26"):
        note(journey, "crime", journey.house.reception)
    with pytest.raises(errors.LawForbids, match=r"Art\. 26"):
        choices(journey)


def clocks_stand_still(journey: Journey) -> bool:
    with journey.house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(Pause).where(Pause.resumed_at.is_(None))).one_or_none() is not None


def due_of(journey: Journey, node_id: str) -> Any:
    with journey.house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(UserTask.due_at).where(UserTask.node_id == node_id)).one()


def today(journey: Journey) -> Any:
    return journey.house.clock().date()
