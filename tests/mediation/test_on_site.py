"""A party has an online mediation moved on site; where the case then goes is played in the scripted cases."""

import pytest

from engine import errors
from engine.mediation import happenings
from engine.models.cases import Case
from engine.models.processes import ProcessInstance

from ..conftest import TENANT, House
from .conftest import add_case
from .online import Online


@pytest.fixture
def online(house: House) -> Online:
    found = Online(house, add_case(house)).ready()
    _set(found, path="online")
    return found


def _set(online: Online, **columns: str) -> None:
    with online.command() as session:
        case = session.get_one(Case, (TENANT, online.case_id))
        for name, value in columns.items():
            setattr(case, name, value)


def test_who_may_ask_is_told_and_nobody_where_there_is_nothing_to_move(online: Online) -> None:
    staff = (online.house.mediator, online.house.chief_mediator, online.house.reception)
    assert [online.view(actor).may_ask for actor in staff] == [online.party_ids] * 3
    assert online.view(online.house.seal_keeper).may_ask == []
    assert online.seen_by(online.party(0)) is None
    for columns in ({"path": "face_to_face"}, {"path": "online", "status": "agreed_drafting"}):
        _set(online, **columns)
        assert online.view().may_ask == []
        with pytest.raises(errors.NotOnline):
            online.ask_on_site(0)


def test_a_case_that_is_halted_is_not_moved_and_a_party_is_not_told_why(online: Online) -> None:
    house = online.house
    with online.command() as session:
        root = session.get_one(ProcessInstance, (TENANT, online.case_id))
        crime = happenings.Happened(online.case_id, "crime", "有人受了伤")
        happenings.kept(session, house.engine, root, house.mediator, crime)
        happenings.settle(session, house.engine, root, house.mediator)
    with pytest.raises(errors.LawForbids):
        online.ask_on_site(0)
    with pytest.raises(errors.CaseSuspended):
        online.ask_on_site(0, online.party(0))
    with online.command() as session:
        assert session.get_one(Case, (TENANT, online.case_id)).path == "online"


def test_nobody_asks_for_another_party_but_the_staff(online: Online) -> None:
    with pytest.raises(errors.NotFound):
        online.ask_on_site(1, online.party(0))
    with pytest.raises(errors.Forbidden):
        online.ask_on_site(0, online.house.seal_keeper)
