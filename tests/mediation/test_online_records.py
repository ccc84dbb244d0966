import datetime as dt

import pytest

from engine import errors
from engine.mediation import EFFECTS
from engine.mediation.joint_sessions import session_recorded
from engine.mediation.online_records import record_for

from ..conftest import House
from .conftest import TODAY, add_case, text
from .online import Online


@pytest.fixture
def online(house: House) -> Online:
    return Online(house, add_case(house)).ready()


def test_an_outcome_counts_once_one_party_after_the_other_has_confirmed_the_record(online: Online) -> None:
    online.write("agreed")
    assert online.now()["unconfirmed"] == online.party_ids
    online.confirm("confirms", "later")
    assert online.now()["unconfirmed"] == online.party_ids[1:]
    assert online.case().status == "mediating"
    online.confirm("confirms")
    assert online.now()["unconfirmed"] == []
    assert online.case().status == "agreed_drafting"


def test_after_an_objection_the_record_is_written_anew_and_all_confirm_that_one(online: Online) -> None:
    online.write("agreed").confirm("confirms", "objects")
    now = online.now()
    assert now["objecting"] == online.party_ids[1:]
    assert now["record"]["text"] == "双方同意退2000元。"
    assert [said.objection for _, said in online.view().confirmations] == ["金额写错了"] * 2
    online.write("agreed", record="双方同意退2100元。")
    assert (online.now()["objecting"], online.now()["unconfirmed"]) == ([], online.party_ids)
    online.confirm()
    assert online.case().status == "agreed_drafting"


def test_the_facts_not_in_dispute_stand_apart(online: Online) -> None:
    online.write("go_on", undisputed_facts="租期到十月底。")
    record = online.view().record
    assert record is not None
    assert (record.text, record.undisputed_facts) == ("双方同意退2000元。", "租期到十月底。")
    online.write("go_on", undisputed_facts=None)
    assert online.now()["record"]["undisputed_facts"] is None


def test_a_confirmed_record_that_talks_go_on_leaves_the_case_in_mediation(online: Online) -> None:
    online.write("go_on").confirm()
    assert (online.case().status, online.case().end_code) == ("mediating", None)


def test_the_path_changes_once_the_record_is_confirmed(online: Online) -> None:
    with online.command() as session:
        online_case = session.get(type(online.case()), (online.house.mediator.tenant_id, online.case_id))
        assert online_case is not None
        online_case.path = "online"
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.write("switch", next_path="online", switch_reason="换")
    assert set(refused.value.errors) == {"next_path"}
    online.write("switch", next_path="consultation", switch_reason="要请医生看")
    assert online.case().path == "online"
    online.confirm()
    assert online.case().path == "consultation"


def test_a_failure_needs_no_confirmation_and_ends_in_deadlock(online: Online) -> None:
    online.write("failed", failure_reason="说法不一")
    assert online.case().end_code == "deadlock"


def test_an_agreement_is_drafted_from_a_confirmed_record_or_a_later_session_alone(online: Online) -> None:
    draft = EFFECTS["agreement_drafted"]
    online.write("agreed").confirm("confirms", "later")
    with pytest.raises(errors.LawForbids) as refused:
        online.take(draft, **text(online.party_ids))
    assert refused.value.law_ref == "Online Mediation Rules Art. 22"
    online.confirm().take(draft, **text(online.party_ids))


def test_a_joint_session_takes_the_place_of_a_record_that_nobody_confirmed(online: Online) -> None:
    online.write("agreed")
    held = {
        "held_on": TODAY, "place": "调解室", "attendees": online.party_ids, "record": "双方到场。",
        "read_back": True, "outcome": "agreed",
    }  # fmt: skip
    online.take(session_recorded, **held)
    online.take(EFFECTS["agreement_drafted"], **text(online.party_ids))


def test_nothing_is_confirmed_before_it_was_written(online: Online) -> None:
    with pytest.raises(errors.LawForbids) as refused:
        online.confirm()
    assert refused.value.law_ref == "Online Mediation Rules Art. 22"


@pytest.mark.parametrize("day", [TODAY + dt.timedelta(days=1), TODAY - dt.timedelta(days=1)])
def test_a_record_is_confirmed_after_it_was_written_and_not_in_the_future(
    online: Online, day: dt.date
) -> None:
    online.write()
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.confirm(confirmed_on=day)
    assert set(refused.value.errors) == {"confirmations.0.confirmed_on", "confirmations.1.confirmed_on"}


def test_the_record_is_for_both_sides_the_mediator_and_the_head(online: Online) -> None:
    online.write()
    readers = [online.party(0), online.party(1), online.house.mediator, online.house.chief_mediator]
    with online.query() as session:
        case = session.get(type(online.case()), (online.house.mediator.tenant_id, online.case_id))
        assert case is not None
        assert all(record_for(session, reader, case) for reader in readers)
        assert record_for(session, online.house.reception, case) is None
