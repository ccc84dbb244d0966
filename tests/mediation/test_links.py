import pytest

from engine import errors
from engine.mediation import links
from engine.models.documents import PartyLink

from ..conftest import TENANT
from .conftest import Desk


@pytest.fixture
def given(desk: Desk) -> tuple[Desk, links.LinkView]:
    desk.register()
    return desk, links.party_links(desk.house.engine, desk.house.reception, desk.case_id)[0]


Given = tuple[Desk, links.LinkView]


def enter(desk: Desk, token: str, code: str, address: str = "203.0.113.7") -> object:
    return links.enter_link(desk.house.engine, TENANT, token, code, address)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"


def test_every_party_gets_a_link_and_a_code_of_eight_digits(desk: Desk) -> None:
    desk.register(2, 1)
    found = links.party_links(desk.house.engine, desk.house.reception, desk.case_id)
    assert [link.party_id for link in found] == desk.party_ids
    assert all(len(link.code) == 8 and link.code.isdigit() for link in found)
    assert len({link.token for link in found}) == len({link.code for link in found}) == 3


def test_the_code_is_not_in_the_database(given: Given) -> None:
    desk, link = given
    with desk.query() as session:
        stored = session.query(PartyLink).all()
    assert all(link.code not in str(vars(row)) for row in stored)


def test_link_and_code_open_one_case_for_one_party(given: Given) -> None:
    desk, link = given
    token, actor = links.enter_link(desk.house.engine, TENANT, link.token, f" {link.code} ", "203.0.113.7")
    assert (actor.party_id, actor.instance_id, actor.roles) == (
        link.party_id, desk.case_id, frozenset({"party", "signer"}),
    )  # fmt: skip
    assert token
    assert links.party_actor(desk.house.engine, TENANT, link.party_id) == actor


def test_a_wrong_code_opens_nothing_and_five_of_them_must_wait(given: Given) -> None:
    desk, link = given
    for _ in range(5):
        with pytest.raises(errors.SignInRefused):
            enter(desk, link.token, wrong(link.code))
    with pytest.raises(errors.TooManyAttempts):
        enter(desk, link.token, link.code)
    desk.house.clock.forward(minutes=16)
    assert enter(desk, link.token, link.code)


def test_after_ten_wrong_codes_the_link_is_closed_for_good(given: Given) -> None:
    desk, link = given
    for _ in range(10):
        desk.house.clock.forward(minutes=16)
        with pytest.raises(errors.SignInRefused):
            enter(desk, link.token, wrong(link.code))
    desk.house.clock.forward(minutes=16)
    with pytest.raises(errors.NotFound):
        enter(desk, link.token, link.code)
    assert links.party_actor(desk.house.engine, TENANT, link.party_id) is None


@pytest.mark.parametrize("code", ["", "１２３４５６７８", "abc", "0" * 100])
def test_what_is_no_code_is_a_wrong_code(given: Given, code: str) -> None:
    desk, link = given
    with pytest.raises(errors.SignInRefused):
        enter(desk, link.token, code)


def test_an_unknown_token_is_not_found_and_belongs_to_one_tenant(given: Given) -> None:
    desk, link = given
    with pytest.raises(errors.NotFound):
        enter(desk, "unknown", link.code)
    with pytest.raises(errors.NotFound):
        links.enter_link(desk.house.engine, "another", link.token, link.code, "203.0.113.7")


def test_a_new_link_closes_the_old_one(given: Given) -> None:
    desk, link = given
    links.renew_link(desk.house.engine, desk.house.reception, desk.case_id, link.party_id)
    with pytest.raises(errors.NotFound):
        enter(desk, link.token, link.code)
    newer = links.party_links(desk.house.engine, desk.house.reception, desk.case_id)[0]
    assert newer.token != link.token
    assert enter(desk, newer.token, newer.code)


def test_links_are_for_those_who_hand_them_out(given: Given) -> None:
    desk, link = given
    for actor in (desk.party(0), desk.house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            links.party_links(desk.house.engine, actor, desk.case_id)
        with pytest.raises(errors.Forbidden):
            links.renew_link(desk.house.engine, actor, desk.case_id, link.party_id)
    with pytest.raises(errors.NotFound):
        links.party_links(desk.house.engine, desk.house.mediator, desk.case_id)
    with pytest.raises(errors.NotFound):
        links.renew_link(desk.house.engine, desk.house.reception, desk.case_id, "nobody")
