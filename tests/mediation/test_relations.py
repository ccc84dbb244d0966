"""Related cases: offered for good reasons to who sees both, linked by a person, and never by themselves."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from engine import errors, mediation
from engine.mediation import cases, facts, intake_page, lookup, older, relations, traces
from engine.mediation.relations import Related
from engine.models.base import new_id
from engine.models.people import Body
from engine.policy import Actor
from engine.services import Services

from ..conftest import TENANT, House, add_person, recorded
from .conftest import Desk, add_case, person

LUO = person("罗小琴", phone="139-0000-1201", id_number="500382198001011234", address="书院路18号3单元")
CHEN = person("陈大勇", address="滨江路7号")
OTHER = person("戴晓", address="文峰街9号")


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url, Services(effects=mediation.EFFECTS, facts=facts.FACTS))


def case(house: House, first: dict[str, Any], second: dict[str, Any], body_id: str | None = None) -> str:
    desk = Desk(house, add_case(house, body_id))
    answers = {"source": "application", "dispute_type": "traffic", "people_count": 2, "facts": "相撞。"}
    sides = {"applicants": [first], "respondents": [second]}
    desk.perform(cases.case_registered, house.reception, **answers, **sides)
    return desk.case_id


def found(house: House, case_id: str, actor: Actor | None = None) -> dict[str, tuple[str, ...]]:
    rows = relations.candidates(house.engine, actor or house.reception, case_id)
    return {row.case_id: row.evidence for row in rows}


def note(house: House, first: str, second: str, kind: str = "related", actor: Actor | None = None) -> None:
    related = Related(first, second, kind, "同一次事故")
    relations.note_relation(house.engine, actor or house.reception, related, new_id())


def linked(house: House, case_id: str, actor: Actor | None = None) -> list[tuple[str, str, str]]:
    with house.engine.sessions.query(TENANT) as session:
        view = intake_page.intake_view(session, actor or house.reception, lookup.case_of(session, case_id))
    return [(row.case_id, row.kind, row.reason) for row in view.related] if view else []


def elsewhere(house: House) -> tuple[str, Actor]:
    body_id = new_id()
    with house.engine.sessions.command(TENANT) as session:
        session.add(Body(tenant_id=TENANT, id=body_id, name="别处人民调解委员会", code="别处"))
    return body_id, add_person(house.engine, TENANT, body_id, "reception", "别处接待")


@pytest.mark.parametrize(
    ("first", "second", "evidence"),
    [
        (LUO | {"phone": "+86 13900001201", "id_number": "", "address": "别处"}, OTHER, ("phone",)),
        (LUO | {"phone": "", "id_number": "", "address": "书院路１８号 3单元"}, OTHER, ("place",)),
        (LUO | {"name": "罗晓琴", "phone": "", "address": "别处"}, OTHER, ("id_number",)),
        (OTHER, LUO | {"phone": "", "address": "别处"}, ("id_number",)),
        (
            person(" 罗 小 琴", address="甲"), person("陈大勇", address="乙"), ("both_sides",),
        ),
        (
            person("陈大勇", address="乙"), person("罗小琴", address="甲"), ("both_sides",),
        ),
        (LUO, CHEN, ("id_number", "phone", "place", "both_sides")),
    ],
)  # fmt: skip
def test_a_case_is_offered_with_what_speaks_for_it(
    house: House, first: dict[str, Any], second: dict[str, Any], evidence: tuple[str, ...]
) -> None:
    known, new = case(house, LUO, CHEN), case(house, first, second)
    assert found(house, new) == {known: evidence}
    assert found(house, known) == {new: evidence}


@pytest.mark.parametrize(
    "first",
    [
        person("罗小琴", address="别处"),
        person("罗小琴", phone="13900001299", address="别处"),
        person("邻居", phone="139-0000-1201", address="书院路18号3单元"),
    ],
)
def test_a_name_alone_or_a_house_or_telephone_alone_is_no_reason(house: House, first: dict[str, Any]) -> None:
    case(house, LUO, CHEN)
    assert found(house, case(house, first, OTHER)) == {}


def test_a_registration_that_is_being_typed_is_compared_too(house: House) -> None:
    known, draft = case(house, LUO, CHEN), add_case(house)
    for answers, expected in (({"applicants": [LUO]}, [known]), ({"applicants": [{"kind": "natural"}]}, [])):
        rows = relations.candidates_for(house.engine, house.reception, draft, answers)
        assert [row.case_id for row in rows] == expected
    assert relations.candidates_for(house.engine, house.seal_keeper, draft, {"applicants": [LUO]}) == []


def test_nothing_is_linked_until_a_person_says_so_and_then_both_pages_show_it(house: House) -> None:
    known, new = case(house, LUO, CHEN), case(house, LUO, OTHER)
    assert linked(house, new) == []
    note(house, new, known, "duplicate")
    for one, other in ((known, new), (new, known)):
        assert linked(house, one) == [(other, "duplicate", "同一次事故")]
        assert found(house, one) == {}


def test_a_case_that_is_not_related_is_offered_no_more_and_may_be_related_later(house: House) -> None:
    known, new = case(house, LUO, CHEN), case(house, LUO, OTHER)
    note(house, known, new, "unrelated")
    assert found(house, new) == {}
    assert linked(house, new) == []
    note(house, new, known, "related")
    (row,) = relations.relations_of(house.engine, house.reception, known)
    assert (row.case_id, row.kind) == (new, "related")


def test_a_case_that_the_reader_may_not_see_is_not_even_counted(house: House) -> None:
    body_id, stranger = elsewhere(house)
    hidden, mine = case(house, LUO, CHEN), case(house, LUO, CHEN, body_id)
    assert found(house, mine, stranger) == {}
    assert found(house, hidden) == {}
    typed = {"applicants": [LUO], "respondents": [CHEN]}
    rows = relations.candidates_for(house.engine, stranger, add_case(house, body_id), typed)
    assert [row.case_id for row in rows] == [mine]
    both = replace(house.reception, body_ids=frozenset({house.body_id, body_id}))
    assert set(found(house, mine, both)) == {hidden}
    note(house, mine, hidden, actor=both)
    assert linked(house, mine, both) != []
    assert linked(house, mine, stranger) == []
    assert relations.relations_of(house.engine, stranger, mine) == []


def test_who_does_not_see_both_cases_can_t_link_them(house: House) -> None:
    body_id, stranger = elsewhere(house)
    theirs, mine = case(house, LUO, CHEN, body_id), case(house, LUO, CHEN)
    for first, second in ((mine, theirs), (theirs, mine)):
        for actor in (stranger, house.reception):
            with pytest.raises(errors.NotFound):
                note(house, first, second, actor=actor)
    with pytest.raises(errors.NotFound):
        relations.candidates(house.engine, stranger, mine)
    with pytest.raises(errors.NotFound):
        note(house, mine, mine)


def test_parties_learn_nothing_of_it(house: House) -> None:
    desk = Desk(house, add_case(house)).register()
    with pytest.raises(errors.Forbidden):
        relations.candidates(house.engine, desk.party(0), desk.case_id)
    with pytest.raises(errors.Forbidden):
        note(house, desk.case_id, case(house, LUO, CHEN), actor=desk.party(0))
    with house.engine.sessions.query(TENANT) as session:
        case_row = lookup.case_of(session, desk.case_id)
        assert intake_page.intake_view(session, desk.party(0), case_row) is None


@pytest.mark.parametrize(("kind", "reason", "wrong"), [("twin", "同", "kind"), ("related", " ", "reason")])
def test_kind_and_reason_are_needed(house: House, kind: str, reason: str, wrong: str) -> None:
    first, second = case(house, LUO, CHEN), case(house, LUO, CHEN)
    asked = Related(first, second, kind, reason)
    with pytest.raises(errors.InvalidAnswers) as refused:
        relations.note_relation(house.engine, house.reception, asked, "k")
    assert set(refused.value.errors) == {wrong}


def test_it_is_recorded_once_in_the_chain_of_the_tenant(house: House) -> None:
    first, second = case(house, LUO, CHEN), case(house, LUO, CHEN)
    for _ in range(2):
        asked = Related(first, second, "related", "同一家人")
        relations.note_relation(house.engine, house.reception, asked, "k")
    assert recorded(house, TENANT).count("relation.noted") == 1
    assert "relation.noted" not in recorded(house, first) + recorded(house, second)


def test_the_table_of_traces_shows_neither_names_nor_numbers(house: House) -> None:
    case(house, LUO, CHEN)
    with house.engine.sessions.query(TENANT) as session:
        rows = session.execute(text("SELECT * FROM party_traces WHERE tenant_id = :t"), {"t": TENANT}).all()
    assert {row.kind for row in rows} == {"name", "phone", "id_number", "place"}
    for word in ("罗小琴", "1390000", "500382", "书院路"):
        assert word not in repr(rows)


def test_parties_from_before_there_were_traces_are_found_after_the_upgrade(house: House) -> None:
    known, new = case(house, LUO, CHEN), case(house, LUO, OTHER)
    with house.engine.sessions.command(TENANT) as session:
        session.execute(text("DELETE FROM party_traces WHERE tenant_id = :t"), {"t": TENANT})
    assert found(house, new) == {}
    assert older.trace_older(house.engine, TENANT) == 4
    assert older.trace_older(house.engine, TENANT) == 0
    assert found(house, new) == {known: ("id_number", "phone", "place")}


def test_another_key_or_another_tenant_gives_another_digest(house: House) -> None:
    keys = house.engine.keys
    here = traces.digest(keys, TENANT, "phone", "13900001201")
    assert here != traces.digest(keys, "another", "phone", "13900001201")
    assert here != traces.digest(replace(keys, links=b"0" * 32), TENANT, "phone", "13900001201")
    assert traces.digest(keys, TENANT, "name", " · ") == ""
