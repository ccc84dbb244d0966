from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import bodies, errors, people
from engine.bodies import NewBody
from engine.mediation import committees, register
from engine.mediation.register import NewMediator, NewTraining
from engine.policy import Actor

from ..conftest import TENANT, House
from .conftest import TODAY

SIZE, WOMAN, MINORITY = "members in their term", "no woman", "nationalities"
PEOPLE = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12)


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url)


def lacks(members: list[tuple[bool, bool]], *, is_mixed: bool) -> set[str]:
    rows: Any = [SimpleNamespace(is_woman=woman, is_minority=minority) for woman, minority in members]
    found = committees.lacks_of(rows, is_mixed=is_mixed)
    return {word for word in (SIZE, WOMAN, MINORITY) for message, _ in found if word in message}


@given(PEOPLE, st.booleans())
def test_each_rule_of_article_eight_is_missed_just_when_it_is_broken(
    members: list[tuple[bool, bool]], is_mixed: bool
) -> None:
    found = lacks(members, is_mixed=is_mixed)
    assert (SIZE in found) == (not 3 <= len(members) <= 9)
    assert (WOMAN in found) == all(not woman for woman, _ in members)
    assert (MINORITY in found) == (is_mixed and all(not minority for _, minority in members))


def add(house: House, name: str, **changed: Any) -> str:
    """Another mediator in the register; gives the account's id."""
    with house.engine.sessions.command(TENANT) as session:
        new = people.NewAccount(name, name, ["mediator"], house.body_id, "")
        account = people.add_account(session, new, hash_password=lambda _: "-")
        register.enter(session, replace(NewMediator(account.id, TODAY), **changed))
    return account.id


def shown(house: House) -> committees.CommitteeView:
    return committees.show_committee(house.engine, house.reception, house.body_id)


def test_only_members_in_their_term_count_for_the_composition(house: House) -> None:
    add(house, "王芳", is_woman=True)
    add(house, "聘任的人", standing="hired")
    assert [params["count"] for _, params in shown(house).lacks] == [2]
    add(house, "下一届", chosen_on=TODAY.replace(year=2027))
    assert [params["count"] for _, params in shown(house).lacks] == [2]
    add(house, "李明")
    assert shown(house).lacks == []
    assert shown(house).law_ref == "People's Mediation Law Art. 8"
    house.clock.forward(days=3 * 366)
    assert [dict(params) for _, params in shown(house).lacks] == [
        {"count": 1, "fewest": 3, "most": 9}, {},
    ]  # fmt: skip


def test_a_minority_member_is_asked_for_where_the_population_is_mixed(house: House) -> None:
    for name in ("王芳", "李明"):
        add(house, name, is_woman=True)
    assert shown(house).lacks == []
    committees.set_mixed(house.engine, house.administrator, house.body_id, is_mixed=True)
    assert len(shown(house).lacks) == 1
    add(house, "罗布", is_minority=True)
    assert shown(house).lacks == []
    with pytest.raises(errors.Forbidden):
        committees.set_mixed(house.engine, house.chief_mediator, house.body_id, is_mixed=False)
    with pytest.raises(errors.NotFound):
        committees.set_mixed(house.engine, house.administrator, "nowhere", is_mixed=False)


@pytest.mark.parametrize("kind", ["district", "courtyard"])
def test_what_is_no_committee_is_asked_for_no_composition(house: House, kind: str) -> None:
    with house.engine.sessions.command(TENANT) as session:
        body_id = bodies.ensure_body(session, NewBody("某处", "某", kind=kind))
    assert committees.show_committee(house.engine, house.mediator, body_id).lacks == []


def test_a_term_is_shown_with_its_state_and_all_hours_of_training(house: House) -> None:
    mediator = house.mediator
    for hours in (8, 16):
        training = NewTraining(mediator.id, TODAY, "民法典", hours)
        register.record_training(house.engine, house.chief_mediator, training)
    (row,) = shown(house).terms
    assert (row.name, row.state, row.hours, row.body) == ("mediator", "running", 24, "花滩街道人民调解委员会")
    register.end_term(house.engine, house.chief_mediator, row.id, TODAY, "退休")
    (row,) = shown(house).terms
    assert (row.state, row.ended_on, row.end_reason) == ("over", TODAY, "退休")


def test_the_register_is_listed_for_the_bodies_in_care_only(house: House) -> None:
    with house.engine.sessions.command(TENANT) as session:
        elsewhere = bodies.ensure_body(session, NewBody("龙溪镇人民调解委员会", "龙溪"))
        new = people.NewAccount("other", "郑远航", ["mediator"], elsewhere, "")
        account = people.add_account(session, new, hash_password=lambda _: "-")
        register.enter(session, NewMediator(account.id, TODAY))
    assert [row.name for row in committees.list_register(house.engine, house.chief_mediator)] == ["mediator"]
    everybody = committees.list_register(house.engine, house.administrator)
    assert {row.name for row in everybody} == {"mediator", "郑远航"}
    with pytest.raises(errors.Forbidden):
        committees.list_register(house.engine, house.mediator)
    assert not committees.show_committee(house.engine, house.chief_mediator, elsewhere).may_register
    assert committees.show_committee(house.engine, house.chief_mediator, house.body_id).may_register


def test_a_party_sees_no_committee_s_page_and_nobody_one_that_is_not_there(house: House) -> None:
    party = Actor(TENANT, "p", "p", party_id="p")
    with pytest.raises(errors.Forbidden):
        committees.show_committee(house.engine, party, house.body_id)
    with pytest.raises(errors.NotFound):
        committees.show_committee(house.engine, house.reception, "nowhere")
