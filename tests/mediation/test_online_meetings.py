import datetime as dt
from typing import Any

import pytest

from engine import errors

from ..conftest import House
from .conftest import TODAY, add_case
from .online import LINK, Online


@pytest.fixture
def online(house: House) -> Online:
    return Online(house, add_case(house)).ready()


def parts(online: Online) -> list[tuple[int, int, str]]:
    return [(row.number, row.part, row.state) for row in online.view().meetings]


def test_a_meeting_whose_connection_was_lost_goes_on_under_the_same_number(online: Online) -> None:
    online.plan().meet("interrupted", course="甲方说明。", interruption="断网")
    assert online.now()["meeting"] == {"how": "video", "link": LINK, "room": False}
    online.meet("held", course="接着谈。")
    online.plan().meet()
    assert parts(online) == [
        (1, 0, "planned"), (1, 1, "interrupted"), (1, 2, "held"), (2, 0, "planned"), (2, 1, "held"),
    ]  # fmt: skip
    first = [row.course for row in online.view().meetings if row.number == 1]
    assert first == ["", "甲方说明。", "接着谈。"]
    assert online.now()["meeting"] == {"how": None, "link": None, "room": False}


def test_where_video_fails_the_meeting_goes_on_by_telephone(online: Online) -> None:
    online.plan().meet("interrupted", interruption="没有画面").meet("held", how="phone", link=None)
    assert [row.how for row in online.view().meetings] == ["video", "video", "phone"]


@pytest.mark.parametrize(
    "link",
    ["http://meet.example.org/a", "https://", "meet.example.org/a", "javascript:alert(1)", "https://[", "",
     "https://meet.example.org@evil.example/a"],
)  # fmt: skip
def test_a_link_is_an_https_address(online: Online, link: str) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.plan(meeting_link=link)
    assert set(refused.value.errors) == {"meeting_link"}
    online.plan()
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.meet(link=link)
    assert set(refused.value.errors) == {"link"}


def test_a_telephone_conference_needs_no_link(online: Online) -> None:
    online.plan(meets_how="phone", meeting_link=None)
    assert [(row.how, row.link, row.meets_at) for row in online.view().meetings] == [("phone", "", "09:30")]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"attendees": ["x"]}, "attendees"),
        ({"held_on": TODAY + dt.timedelta(days=1)}, "held_on"),
        ({"held_on": TODAY - dt.timedelta(days=1)}, "held_on"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(
    online: Online, changed: dict[str, Any], path: str
) -> None:
    online.plan()
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.meet(**changed)
    assert set(refused.value.errors) == {path}


def test_a_meeting_is_not_arranged_for_a_day_that_is_past(online: Online) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        online.plan(meets_on=TODAY - dt.timedelta(days=1))
    assert set(refused.value.errors) == {"meets_on"}


def test_no_meeting_is_held_that_was_not_arranged(online: Online) -> None:
    for _ in range(2):
        with pytest.raises(errors.LawForbids) as refused:
            online.meet()
        assert refused.value.law_ref == "Online Mediation Rules Art. 16"
        if not online.view().meetings:
            online.plan().meet()


def test_a_guest_comes_with_the_consent_of_the_parties(online: Online) -> None:
    online.plan()
    guest = {"name": "居委会张主任", "relation": "邻居", "consented": False}
    with pytest.raises(errors.LawForbids) as refused:
        online.meet(guests=[guest])
    assert refused.value.law_ref == "People's Mediation Law Art. 20"
    online.meet(guests=[guest | {"consented": True}])
    assert online.view().meetings[-1].guests == [guest | {"consented": True}]


def test_meetings_are_shown_to_the_mediator_and_the_head_alone(online: Online) -> None:
    online.plan()
    assert len(online.view(online.house.chief_mediator).meetings) == 1
    assert online.view(online.house.reception).meetings == []
