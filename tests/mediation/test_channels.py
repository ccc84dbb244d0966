import pytest

from engine import errors
from engine.mediation.channels import message_recorded

from ..conftest import House
from .conftest import add_case
from .online import Online

SECRET = "能退一半就同意"


@pytest.fixture
def online(house: House) -> Online:
    return Online(house, add_case(house)).ready()


def test_what_is_said_in_private_is_read_by_the_mediator_and_that_party_alone(online: Online) -> None:
    online.say(0, SECRET).say(0, "我来问对方。", author="mediator").say(1, "最多两千。")
    told = [row.text for row in online.messages(online.house.mediator)]
    assert told == [SECRET, "我来问对方。", "最多两千。"]
    assert [row.text for row in online.messages(online.party(0))] == told[:2]
    assert [row.text for row in online.messages(online.party(1))] == told[2:]
    sealed = online.messages(online.house.chief_mediator)
    assert [(row.text, row.author) for row in sealed] == [(None, None)] * 3
    assert online.messages(online.house.reception) == []


def test_the_joint_channel_is_read_by_both_sides(online: Online) -> None:
    online.say(0, "房子没有损坏。", "joint")
    for actor in (online.party(0), online.party(1), online.house.mediator, online.house.chief_mediator):
        assert [row.text for row in online.messages(actor)] == ["房子没有损坏。"]


def test_no_table_holds_a_word_of_it_in_the_clear(online: Online) -> None:
    online.say(0, SECRET)
    (row,) = online.raw("online_messages")
    assert SECRET not in str(row)
    assert SECRET.encode() not in bytes(row.sealed)


def test_a_message_belongs_to_a_party_of_this_case(online: Online) -> None:
    online.party_ids.append("x")
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.say(2, SECRET)
    assert set(refused.value.errors) == {"message_party"}


def test_all_must_have_agreed_to_write_at_different_times(house: House) -> None:
    online = Online(house, add_case(house)).open().agree(asynchronous="no").identify()
    with pytest.raises(errors.LawForbids) as refused:
        online.say(0, SECRET)
    assert refused.value.law_ref == "Online Mediation Rules Art. 16"
    online.plan()


def test_only_the_mediator_of_the_case_writes_down_what_was_said(online: Online) -> None:
    said = {"next_step": "message", "channel": "joint", "message_party": online.party_ids[0]}
    with pytest.raises(errors.Forbidden):
        online.take(message_recorded, online.house.reception, author="party", message="好。", **said)
