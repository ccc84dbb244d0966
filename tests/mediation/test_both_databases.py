import threading
from collections.abc import Callable

import pytest

from engine import mediation
from engine.mediation import attendants, facts, inbox, links
from engine.mediation.attendant_records import NewAttendant, add_attendant, remove_attendant
from engine.services import Services

from ..conftest import TENANT, House, recorded
from .conftest import Desk, add_case, add_task
from .online import Online


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url, Services(effects=mediation.EFFECTS, facts=facts.FACTS))


def test_a_case_comes_to_its_approved_text_and_is_found(desk: Desk) -> None:
    desk.ready_to_sign()
    with desk.command() as session:
        add_task(session, desk.case_id, candidate_groups=["reception"])
    page = inbox.list_tasks(desk.house.engine, desk.house.reception, "role", "请人")
    assert [row.case_id for row in page.rows] == [desk.case_id]
    assert page.counts == inbox.Counts(0, 1, 0)
    assert inbox.list_cases(desk.house.engine, desk.house.reception, "_请人").total == 0
    assert desk.fact()["status"] == "signing"


def test_who_interprets_is_added_and_removed(desk: Desk) -> None:
    desk.register()
    house, new = desk.house, NewAttendant("interpreter", "阿依古丽", "维吾尔语", "", (desk.party_ids[0],))
    one = add_attendant(house.engine, house.reception, desk.case_id, new, "once")
    with desk.query() as session:
        (found,) = attendants.attendants_of(session, house.engine.keys, desk.case_id)
    assert (found.id, found.language, found.party_ids) == (one, "维吾尔语", desk.party_ids[:1])
    remove_attendant(house.engine, house.reception, desk.case_id, one, "over")
    assert recorded(house, desk.case_id)[-2:] == ["attendant.added", "attendant.removed"]


def test_an_online_mediation_comes_to_its_confirmed_record(house: House) -> None:
    online = Online(house, add_case(house)).open().agree(e_service="yes", e_address="a@example.org")
    online.identify().say(0, "能退一半就同意").offer(0, disclosed="no").plan().meet("interrupted").meet()
    online.exchange("disclose", disclosed_offer=online.offer_id(1), permitted=True).answer(1, 1, "accept")
    online.write().confirm()
    seen = online.view()
    assert [row.text for row in seen.messages] == ["能退一半就同意"]
    assert [(row.state, str(row.terms[0].amount)) for row in seen.offers] == [("accepted", "2000.00")]
    assert [(row.number, row.part) for row in seen.meetings] == [(1, 0), (1, 1), (1, 2)]
    assert online.case().status == "agreed_drafting"


def test_cases_registered_at_once_get_different_numbers(house: House) -> None:
    desks = [Desk(house, add_case(house)) for _ in range(6)]
    threads = [threading.Thread(target=desk.register) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(desk.fact()["number"] for desk in desks)
    assert numbers == [f"（2026）花滩人调字第000{number}号" for number in range(1, 7)]


def test_a_link_opens_its_case(desk: Desk) -> None:
    desk.register()
    link = links.party_links(desk.house.engine, desk.house.reception, desk.case_id)[0]
    _, actor = links.enter_link(desk.house.engine, TENANT, link.token, link.code, "203.0.113.7")
    assert actor.instance_id == desk.case_id
