import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import errors, open_tasks
from engine.mediation import case_page, documents, inbox, lookup
from engine.models.base import new_id
from engine.models.people import Body, InstanceMember
from engine.policy import Actor

from ..conftest import MORNING, TENANT, House, add_person
from .conftest import Desk, add_case, add_task

NAMES = ("张小明", "王小红", "欧阳明月", "100%_公司")
ROLES = ("reception", "mediator", "chief_mediator", "seal_keeper", "party")


def new_task(desk: Desk, **columns: object) -> str:
    with desk.command() as session:
        return add_task(session, desk.case_id, **columns).id


def ids(page: inbox.TaskPage) -> list[str]:
    return [row.task_id for row in page.rows]


def found(house: House, search: str, view: str = "role") -> list[str]:
    page = inbox.list_tasks(house.engine, house.reception, view, search)
    assert len(page.rows) == getattr(page.counts, view)
    return [row.parties for row in page.rows]


@pytest.fixture
def named(house: House) -> House:
    for name in NAMES:
        desk = Desk(house, add_case(house)).register_named(name)
        new_task(desk)
    return house


def test_two_characters_inside_a_name_are_found(named: House) -> None:
    assert found(named, "阳明") == ["欧阳明月、对方"]
    assert found(named, " 小 ") == ["张小明、对方", "王小红、对方"]
    assert found(named, "") == [f"{name}、对方" for name in NAMES]


def test_signs_of_the_search_language_are_only_signs(named: House) -> None:
    assert found(named, "%") == found(named, "_") == found(named, "0%_公") == ["100%_公司、对方"]
    assert found(named, "\\") == found(named, "' OR 1=1 --") == found(named, "小%明") == []


def test_numbers_and_task_names_are_found_too(named: House) -> None:
    assert found(named, "第0003号") == ["欧阳明月、对方"]
    assert len(found(named, "一项任务")) == len(found(named, "a TASK")) == 4


def test_a_number_is_found_however_its_signs_were_typed(named: House) -> None:
    year = f"{MORNING:%Y}"
    for typed in (f"({year})", f"（{year}）", f"（{year}）花滩 第0003号", "第０００３号", f"({year}) 0003"):
        assert "欧阳明月、对方" in found(named, typed), typed
    assert found(named, f"({year}) 0003") == ["欧阳明月、对方"]


def test_of_several_words_each_must_be_in_the_same_case(named: House) -> None:
    assert found(named, "对方　阳明") == found(named, "阳明 0003") == ["欧阳明月、对方"]
    assert found(named, "小明 小红") == []


def test_cases_are_searched_alike(named: House) -> None:
    page = inbox.list_cases(named.engine, named.chief_mediator, "小")
    assert [row.parties for row in page.rows] == ["王小红、对方", "张小明、对方"]
    assert (page.total, page.pages) == (2, 1)
    assert inbox.list_cases(named.engine, named.mediator, "小").total == 0


def test_tasks_are_mine_by_assignment_or_claim_and_my_role_s_otherwise(desk: Desk) -> None:
    reception, engine = desk.house.reception, desk.house.engine
    colleague = add_person(engine, TENANT, desk.house.body_id, "reception", "小李")
    claimed = new_task(desk, claimed_by=reception.id)
    assigned = new_task(desk, assignee_id=reception.id, candidate_groups=["mediator"])
    others = new_task(desk, claimed_by=colleague.id)
    new_task(desk, assignee_id=colleague.id)
    new_task(desk, candidate_groups=["mediator"])
    new_task(desk, status="completed")
    assert ids(inbox.list_tasks(engine, reception, "mine")) == [claimed, assigned]
    page = inbox.list_tasks(engine, reception, "role")
    assert [(row.task_id, row.claimed_by) for row in page.rows] == [(others, "小李")]
    assert page.counts == inbox.Counts(mine=2, role=1, overdue=0)


def test_a_role_whose_name_is_part_of_another_gets_only_its_own_tasks(desk: Desk) -> None:
    new_task(desk, candidate_groups=["chief_mediator"])
    with desk.command() as session:
        member = InstanceMember(tenant_id=TENANT, instance_id=desk.case_id, account_id=desk.house.mediator.id)
        session.add(member)
    assert inbox.list_tasks(desk.house.engine, desk.house.mediator, "role").counts.role == 0
    assert inbox.list_tasks(desk.house.engine, desk.house.chief_mediator, "role").counts.role == 1


def test_overdue_tasks_come_first_and_are_counted(desk: Desk) -> None:
    later = new_task(desk, due_at=MORNING + dt.timedelta(days=3))
    never = new_task(desk)
    late = new_task(desk, due_at=MORNING - dt.timedelta(minutes=1))
    page = inbox.list_tasks(desk.house.engine, desk.house.reception, "role")
    assert ids(page) == [late, later, never]
    assert [row.overdue for row in page.rows] == [True, False, False]
    assert ids(inbox.list_tasks(desk.house.engine, desk.house.reception, "overdue")) == [late]


def test_pages_hold_every_task_once(desk: Desk) -> None:
    made = [new_task(desk) for _ in range(45)]
    pages = [inbox.list_tasks(desk.house.engine, desk.house.reception, "role", "", n) for n in (1, 2, 3)]
    assert [one for page in pages for one in ids(page)] == made
    assert {page.pages for page in pages} == {3}
    beyond = inbox.list_tasks(desk.house.engine, desk.house.reception, "role", "", 99)
    assert (beyond.page, ids(beyond)) == (3, ids(pages[2]))


def test_a_party_has_only_the_tasks_of_its_own_case(desk: Desk) -> None:
    desk.register()
    other = Desk(desk.house, add_case(desk.house)).register()
    mine = new_task(desk, candidate_groups=["party"])
    new_task(other, candidate_groups=["party"])
    new_task(desk, candidate_groups=["reception"])
    assert ids(inbox.list_tasks(desk.house.engine, desk.party(0), "role")) == [mine]
    assert inbox.list_cases(desk.house.engine, desk.party(0)).total == 1


PEOPLE = st.tuples(
    st.sets(st.sampled_from(ROLES), max_size=3), st.sets(st.integers(0, 1)), st.sets(st.integers(0, 5))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PEOPLE, st.sampled_from(["", "小", "号"]))
def test_lists_counts_search_and_pages_show_the_same_cases(
    crowd: tuple[House, list[Desk], list[str]], who: tuple[set[str], set[int], set[int]], search: str
) -> None:
    house, desks, bodies = crowd
    actor = someone(house, bodies, desks, who)
    open_to_page = {desk.case_id for desk in desks if may_see(desk, actor)}
    by_search = {desk.case_id for desk in desks if matches(desk, search)}
    cases = inbox.list_cases(house.engine, actor, search)
    assert {row.case_id for row in cases.rows} == open_to_page & by_search
    assert cases.total == len(open_to_page & by_search)
    listed: set[str] = set()
    for view in inbox.VIEWS:
        page = inbox.list_tasks(house.engine, actor, view, search)
        assert len(page.rows) == getattr(page.counts, view)
        listed |= {row.case_id for row in page.rows}
    assert listed <= open_to_page & by_search
    for desk in desks:
        assert is_found(lambda: documents.list_documents(house.engine, actor, desk.case_id)) is (  # noqa: B023
            desk.case_id in open_to_page
        )


def someone(
    house: House, bodies: list[str], desks: list[Desk], who: tuple[set[str], set[int], set[int]]
) -> Actor:
    roles, body_numbers, parts = who
    actor = add_person(house.engine, TENANT, house.body_id, "mediator", new_id())
    with house.engine.sessions.command(TENANT) as session:
        session.add_all(
            InstanceMember(tenant_id=TENANT, instance_id=desks[part].case_id, account_id=actor.id)
            for part in parts
        )
    allowed = frozenset(bodies[number] for number in body_numbers)
    return Actor(TENANT, actor.id, actor.name, frozenset(roles), body_ids=allowed)


def may_see(desk: Desk, actor: Actor) -> bool:
    def look() -> None:
        with desk.query() as session:
            lookup.visible_case(session, actor, desk.case_id)

    return is_found(look)


def matches(desk: Desk, search: str) -> bool:
    fact = desk.fact()
    return search in "".join([*fact["applicants"], *fact["respondents"], fact["number"]])


def is_found(look: Callable[[], object]) -> bool:
    try:
        look()
    except errors.NotFound:
        return False
    return True


@pytest.fixture
def crowd(house: House) -> tuple[House, list[Desk], list[str]]:
    village = new_id()
    with house.engine.sessions.command(TENANT) as session:
        session.add(Body(tenant_id=TENANT, id=village, name="龙溪村人民调解委员会", code="龙溪"))
    bodies = [house.body_id, village]
    desks = [Desk(house, add_case(house, bodies[number % 2])) for number in range(6)]
    for number, desk in enumerate(desks):
        desk.register_named(NAMES[number % 4])
        new_task(desk, candidate_groups=[ROLES[number % 4]])
    return house, desks, bodies


def test_a_case_of_another_body_is_not_there(crowd: tuple[House, list[Desk], list[str]]) -> None:
    house, desks, _ = crowd
    for command in (
        lambda: case_page.show_case(house.engine, house.reception, desks[1].case_id),
        lambda: case_page.diagram(house.engine, house.reception, desks[1].case_id, desks[1].case_id),
        lambda: documents.list_documents(house.engine, house.reception, desks[1].case_id),
        lambda: documents.read_document(house.engine, house.reception, new_id()),
        lambda: open_tasks.open_task(house.engine, house.reception, new_id()),
    ):
        assert not is_found(command)
