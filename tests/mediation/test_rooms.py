import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from engine import errors, mediation
from engine.mediation import online_meetings
from engine.mediation.lookup import case_of
from engine.mediation.online import consents_of
from engine.mediation.online_fact import online_fact
from engine.mediation.rooms import Rooms, may_enter, way_in
from engine.models.base import new_id
from engine.policy import Actor
from engine.services import Services
from web import settings

from ..conftest import TENANT, House, add_person
from .conftest import TODAY, add_case
from .online import Online

SECRET = "a-secret-for-tests-of-32-characters"
ROOMS = Rooms("wss://live.example.org", "https://live.example.org/custom", "APItest", SECRET)
ENVIRON = {
    "WOSHOU_LIVEKIT_URL": ROOMS.url, "WOSHOU_LIVEKIT_KEY": ROOMS.key, "WOSHOU_LIVEKIT_SECRET": SECRET,
}  # fmt: skip
VIDEO = {"next_step": "meeting", "meets_how": "video", "meets_on": TODAY, "meets_at": dt.time(9, 30)}


@pytest.fixture
def online(sqlite_url: str, make_house: Callable[..., House]) -> Online:
    house = make_house(sqlite_url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))
    return Online(house, add_case(house)).ready()


@pytest.fixture
def arranged(online: Online) -> Online:
    return online.take(partial(online_meetings.meeting_planned, rooms=ROOMS), **VIDEO)


def enter(online: Online, actor: Actor, rooms: Rooms | None = ROOMS) -> tuple[str, dict[str, str]]:
    """The page without its query, and the query."""
    address = urlsplit(way_in(online.house.engine, actor, online.case_id, rooms))
    query = {name: value for name, (value,) in parse_qs(address.query).items()}
    return address._replace(query="").geturl(), query


def claims(online: Online, actor: Actor) -> dict[str, object]:
    """What the pass says, its signature checked; its times are looked at by themselves."""
    token = enter(online, actor)[1]["token"]
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    times = {"verify_exp": False, "verify_nbf": False}
    return dict(jwt.decode(token, SECRET, algorithms=["HS256"], issuer=ROOMS.key, options=times))


def test_each_participant_gets_a_pass_of_its_own_into_the_same_room_for_ten_minutes(arranged: Online) -> None:
    everybody = [arranged.house.mediator, arranged.party(0), arranged.party(1)]
    found = [claims(arranged, actor) for actor in everybody]
    assert [one["sub"] for one in found] == ["mediator", "applicant-1", "respondent-2"]
    now = int(arranged.house.clock().timestamp())
    assert {(one["nbf"], one["exp"]) for one in found} == {(now, now + 600)}
    videos = [one["video"] for one in found]
    assert videos[0] == videos[1] == videos[2]
    (room,) = {row.room for row in arranged.raw("online_meetings")}
    assert videos[0] == {
        "room": room, "roomJoin": True, "canPublish": True, "canSubscribe": True, "canPublishData": True,
    }  # fmt: skip
    page, query = enter(arranged, arranged.party(0))
    assert (page, query["liveKitUrl"]) == (ROOMS.page, ROOMS.url)


def test_a_pass_names_nobody_and_another_secret_does_not_open_it(arranged: Online) -> None:
    token = enter(arranged, arranged.party(0))[1]["token"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, SECRET[::-1], algorithms=["HS256"])
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, SECRET, algorithms=["HS256"])
    said = repr(claims(arranged, arranged.party(0)))
    for told in ("申请人", arranged.party_ids[0], arranged.case_id, "花滩"):
        assert told not in said


def test_a_room_can_not_be_guessed_and_each_meeting_has_another(arranged: Online) -> None:
    arranged.meet("held", link=None)
    arranged.take(partial(online_meetings.meeting_planned, rooms=ROOMS), **VIDEO)
    rooms = [row.room for row in arranged.raw("online_meetings")]
    assert rooms[0] == rooms[1] != rooms[2]
    assert all(len(room) >= 32 and arranged.case_id not in room for room in rooms)


def test_a_meeting_that_was_interrupted_goes_on_in_its_room_and_one_that_was_held_is_closed(
    arranged: Online,
) -> None:
    before = claims(arranged, arranged.party(0))["video"]
    arranged.meet("interrupted", link=None)
    assert claims(arranged, arranged.party(0))["video"] == before
    arranged.meet("held", link=None)
    with pytest.raises(errors.NotFound):
        enter(arranged, arranged.party(0))


def test_only_the_mediator_and_the_parties_go_in(arranged: Online) -> None:
    house = arranged.house
    other = add_person(house.engine, TENANT, house.body_id, "mediator", "李调解")
    stranger = replace(arranged.party(0), party_id=new_id())
    for actor in (house.reception, house.chief_mediator, house.seal_keeper, other, stranger):
        with pytest.raises(errors.NotFound):
            enter(arranged, actor)
    with arranged.query() as session:
        case = case_of(session, arranged.case_id)
        seen = [
            may_enter(session, actor, case) for actor in (house.mediator, arranged.party(1), house.reception)
        ]
    assert seen == [True, True, False]


def test_nobody_goes_in_once_a_party_no_longer_agrees(arranged: Online) -> None:
    with arranged.command() as session:
        for consent in consents_of(session, arranged.case_id).values():
            consent.agrees = False
    with pytest.raises(errors.LawForbids, match=r"Online Mediation Rules Art\. 4 "):
        enter(arranged, arranged.party(0))


def test_without_a_server_a_link_is_pasted_as_before_and_there_is_no_room(online: Online) -> None:
    with pytest.raises(errors.InvalidAnswers):
        online.take(online_meetings.meeting_planned, **VIDEO)
    online.plan()
    assert [row.room for row in online.raw("online_meetings")] == [""]
    for rooms in (None, ROOMS):
        with pytest.raises(errors.NotFound):
            enter(online, online.party(0), rooms)
    assert online.now()["makes_rooms"] is False
    with online.query() as session:
        assert online_fact(session, online.case_id, makes_rooms=True)["makes_rooms"] is True


def test_the_settings_are_whole_or_there_are_none() -> None:
    assert settings.read({}).rooms is None
    found = settings.read(ENVIRON).rooms
    assert found == ROOMS
    assert SECRET not in repr(settings.read(ENVIRON))
    page = "https://talks.example.org/custom"
    chosen = settings.read(ENVIRON | {"WOSHOU_LIVEKIT_PAGE": page}).rooms
    assert chosen == replace(ROOMS, page=page)
    for name in ENVIRON:
        with pytest.raises(ValueError, match="WOSHOU_LIVEKIT_URL"):
            settings.read({one: value for one, value in ENVIRON.items() if one != name})
    for wrong in ({"WOSHOU_LIVEKIT_SECRET": "short"}, {"WOSHOU_LIVEKIT_URL": "ws://live.example.org"}):
        with pytest.raises(ValueError, match="32 or more"):
            settings.read(ENVIRON | wrong)
