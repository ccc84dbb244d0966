from typing import Any

import pytest
from sqlalchemy import select

from engine import calendar, errors, policy
from engine.mediation import lookup, mediators
from engine.mediation.joint_sessions import session_recorded
from engine.mediation.statements import read_statements, statements_recorded
from engine.models.cases import JointSession
from engine.models.people import InstanceMember
from engine.policy import Actor

from ..conftest import TENANT, add_person
from .conftest import TODAY, Desk


def members(desk: Desk) -> list[str]:
    with desk.query() as session:
        found = select(InstanceMember.account_id).where(InstanceMember.instance_id == desk.case_id)
        return list(session.scalars(found))


def sees(desk: Desk, actor: Actor) -> bool:
    with desk.query() as session:
        try:
            lookup.visible_case(session, actor, desk.case_id)
        except errors.NotFound:
            return False
        return True


def joint(desk: Desk, **changed: Any) -> None:
    answers = {
        "held_on": TODAY, "place": "调解室", "attendees": desk.party_ids, "record": "双方到场。",
        "read_back": True, "outcome": "agreed",
    } | changed  # fmt: skip
    desk.perform(session_recorded, desk.house.mediator, **answers)


def talk(desk: Desk, actor: Actor, text: str = "最多付两千", **changed: Any) -> None:
    statements = [{"text": text, "disclosure": "private"}]
    answers = {
        "needed": "yes", "party_id": desk.party_ids[0], "held_on": TODAY, "statements": statements,
        "another": "no",
    } | changed  # fmt: skip
    desk.perform(statements_recorded, actor, **answers)


def test_no_mediator_is_chosen_before_all_have_consented(desk: Desk) -> None:
    desk.register()
    with pytest.raises(errors.LawForbids, match=r"Art\. 30"):
        desk.propose(desk.house.mediator)


def test_a_proposed_mediator_sees_the_case_and_one_who_declines_no_longer(desk: Desk) -> None:
    desk.register().consent()
    assert not sees(desk, desk.house.mediator)
    desk.propose(desk.house.mediator)
    assert sees(desk, desk.house.mediator)
    desk.perform(mediators.conflicts_disclosed, desk.house.mediator, accepts="no", decline_reason="出差")
    assert not sees(desk, desk.house.mediator)
    assert desk.fact()["mediator"] is None


def test_only_a_mediator_of_this_body_can_be_chosen(desk: Desk) -> None:
    desk.register().consent()
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.propose(desk.house.reception)
    assert set(refused.value.errors) == {"mediator"}


def test_somebody_who_has_a_part_in_the_dispute_does_not_mediate_it(desk: Desk) -> None:
    desk.register().consent()
    namesake = add_person(desk.house.engine, TENANT, desk.house.body_id, "mediator", "被申请人0")
    with pytest.raises(errors.LawForbids, match=r"Art\. 13"):
        desk.propose(namesake)


def test_nobody_discloses_for_another_mediator(desk: Desk, second_mediator: Actor) -> None:
    desk.register().consent().propose(desk.house.mediator)
    for stranger in (second_mediator, desk.party(0)):
        with pytest.raises(errors.Forbidden):
            desk.perform(mediators.conflicts_disclosed, stranger, accepts="yes", conflict="none")


def test_a_mediator_with_a_tie_acts_only_if_the_parties_keep_them(desk: Desk) -> None:
    desk.register().consent().propose(desk.house.mediator)
    disclosed = {"accepts": "yes", "conflict": "exists", "disclosure": "与被申请人同村"}
    desk.perform(mediators.conflicts_disclosed, desk.house.mediator, **disclosed)
    assert desk.fact()["conflict_disclosed"] is True
    with pytest.raises(errors.LawForbids, match=r"Online Mediation Rules Art\. 13"):
        joint(desk)
    desk.perform(mediators.mediator_confirmed, desk.house.reception, decision="keep")
    joint(desk)
    assert desk.fact()["status"] == "agreed_drafting"


def test_parties_may_replace_a_mediator_with_a_tie(desk: Desk, second_mediator: Actor) -> None:
    desk.register().consent().propose(desk.house.mediator)
    disclosed = {"accepts": "yes", "conflict": "exists", "disclosure": "亲戚"}
    desk.perform(mediators.conflicts_disclosed, desk.house.mediator, **disclosed)
    desk.perform(mediators.mediator_confirmed, desk.house.reception, decision="replace")
    assert desk.fact()["mediator"] is None
    desk.propose(second_mediator)
    assert members(desk) == [second_mediator.id]
    with pytest.raises(errors.LawForbids, match=r"Art\. 13"):
        desk.perform(mediators.mediator_confirmed, desk.house.reception, decision="keep")


def test_the_mediator_of_the_case_reads_what_was_said_and_reception_nothing(desk: Desk) -> None:
    desk.register().consent().appoint()
    talk(desk, desk.house.mediator)
    read = read_statements(desk.house.engine, desk.house.mediator, desk.case_id)
    assert [(row.party_name, row.text, row.disclosure) for row in read] == [
        ("申请人0", "最多付两千", "private")
    ]
    with pytest.raises(errors.NotFound):
        read_statements(desk.house.engine, desk.house.reception, desk.case_id)


def test_a_party_reads_its_own_and_the_head_of_the_committee_that_it_exists(desk: Desk) -> None:
    desk.register().consent().appoint()
    talk(desk, desk.house.mediator)

    def read(actor: Actor) -> list[tuple[str, str | None, str | None]]:
        found = read_statements(desk.house.engine, actor, desk.case_id)
        return [(row.party_name, row.text, row.disclosure) for row in found]

    assert read(desk.party(0)) == [("申请人0", "最多付两千", "private")]
    assert read(desk.party(1)) == []
    assert read(desk.house.chief_mediator) == [("申请人0", None, None)]


def test_a_separate_talk_that_is_not_needed_leaves_nothing(desk: Desk) -> None:
    desk.register().consent().appoint()
    desk.perform(statements_recorded, desk.house.mediator, needed="no")
    assert read_statements(desk.house.engine, desk.house.mediator, desk.case_id) == []


def test_another_mediator_records_nothing_in_this_case(desk: Desk, second_mediator: Actor) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.Forbidden):
        talk(desk, second_mediator)


def test_a_talk_is_not_dated_tomorrow_nor_held_with_a_stranger(desk: Desk) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.InvalidAnswers) as refused:
        talk(desk, desk.house.mediator, held_on=TODAY + calendar.ONE, party_id="nobody")
    assert set(refused.value.errors) == {"held_on", "party_id"}


def test_an_agreement_needs_both_sides_at_the_table(desk: Desk) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.InvalidAnswers) as refused:
        joint(desk, attendees=desk.party_ids[:1])
    assert set(refused.value.errors) == {"attendees"}
    joint(desk, attendees=desk.party_ids[:1], outcome="another_session")
    assert desk.fact()["status"] == "mediating"


def test_a_record_that_was_not_read_back_is_refused(desk: Desk) -> None:
    desk.register().consent().appoint()
    with pytest.raises(errors.InvalidAnswers) as refused:
        joint(desk, read_back=False)
    assert set(refused.value.errors) == {"read_back"}


def test_guests_need_the_consent_of_the_parties(desk: Desk) -> None:
    desk.register().consent().appoint()
    guest = {"name": "王律师", "relation": "律师", "consented": False}
    with pytest.raises(errors.LawForbids, match=r"Art\. 20"):
        joint(desk, guests=[guest])
    joint(desk, guests=[guest | {"consented": True}])
    with desk.query() as session:
        assert session.scalars(select(JointSession)).one().guests[0]["name"] == "王律师"


def test_a_failed_session_leaves_the_reason_of_the_end(desk: Desk) -> None:
    desk.register().consent().appoint()
    joint(desk, outcome="failed", failure_reason="差距太大")
    assert desk.fact()["end_code"] == "deadlock"


def test_a_session_was_not_held_before_the_case_was_opened(desk: Desk) -> None:
    desk.register().consent().appoint()
    for day in (TODAY - calendar.ONE, TODAY + calendar.ONE):
        with pytest.raises(errors.InvalidAnswers) as refused:
            joint(desk, held_on=day)
        assert set(refused.value.errors) == {"held_on"}


def test_without_the_consent_of_a_party_no_session_is_held(desk: Desk) -> None:
    desk.register(1, 2).consent().appoint()
    with desk.command() as session:
        lookup.parties_of(session, desk.case_id)[2].consents = None
    with pytest.raises(errors.LawForbids, match=r"Art\. 17"):
        joint(desk)


def test_a_mediator_sees_only_cases_with_a_part_in_them(desk: Desk, second_mediator: Actor) -> None:
    desk.register().consent().appoint()
    assert sees(desk, desk.house.mediator)
    assert not sees(desk, second_mediator)
    assert not sees(desk, policy.system(TENANT))
    assert sees(desk, desk.party(1))
