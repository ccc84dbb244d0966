"""Who sees what: lists, cases and tasks give one answer for whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from engine import bodies, errors, instances, open_tasks, policy
from engine.bodies import NewBody
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from tests import diagrams
from tests.conftest import ROLES, TENANT, House, add_person
from tests.engine.test_tasks import begin, the_task

OTHER = "00000000-0000-7000-8000-000000000002"
CASES = 4


@dataclass
class Street:
    """Two bodies with two cases each, and a mediator who has a part in the first case of each."""

    house: House
    body_ids: list[str]
    cases: dict[str, tuple[str, str]]
    member: Actor


@pytest.fixture
def street(sqlite_url: str, make_house: Callable[..., House]) -> Street:
    house = make_house(sqlite_url)
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    with house.engine.sessions.command(TENANT) as session:
        second = bodies.ensure_body(session, NewBody("龙溪镇人民调解委员会"))
    member = add_person(house.engine, TENANT, second, "mediator", "member")
    body_ids, cases = [house.body_id, second], {}
    for number in range(CASES):
        house.body_id = body_ids[number % 2]
        root_id = begin(house, "p")
        cases[root_id] = (house.body_id, the_task(house, root_id).id)
        if number < 2:
            with house.engine.sessions.command(TENANT) as session:
                instances.add_member(session, root_id, member.id)
    return Street(house, body_ids, cases, member)


def is_found(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except errors.NotFound:
        return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    roles=st.frozensets(st.sampled_from([*ROLES, "party", "system"]), max_size=3),
    in_bodies=st.frozensets(st.sampled_from([0, 1])),
    person=st.sampled_from(["member", "stranger", "party", "system"]),
    tenant_id=st.sampled_from([TENANT, TENANT, OTHER]),
)
def test_lists_cases_and_tasks_agree_on_who_sees_what(
    street: Street, roles: frozenset[str], in_bodies: frozenset[int], person: str, tenant_id: str
) -> None:
    engine, first = street.house.engine, next(iter(street.cases))
    body_ids = frozenset(street.body_ids[index] for index in in_bodies)
    actor_id = street.member.id if person == "member" else person
    link = {"party_id": "party", "instance_id": first} if person == "party" else {}
    actor = Actor(tenant_id, actor_id, person, roles, body_ids=body_ids, **link)
    with engine.sessions.query(tenant_id) as session:
        rule = policy.visible_roots(actor)
        listed = set(session.scalars(select(ProcessInstance.id).where(rule)))
        is_root = ProcessInstance.parent_id.is_(None)
        by_index = session.scalars(policy.visible_ids(actor, ProcessInstance, is_root)).all()
        counted = session.scalar(select(func.count()).select_from(ProcessInstance).where(rule))
        opened = {
            root_id
            for root_id in street.cases
            if is_found(lambda root_id=root_id: instances.visible(session, actor, root_id))
        }
    answered = {
        root_id
        for root_id, (_, task_id) in street.cases.items()
        if is_found(lambda task_id=task_id: open_tasks.open_task(engine, actor, task_id))
    }
    assert listed == opened == answered == set(by_index) == expected(street, actor)
    assert counted == len(listed) == len(by_index)


def expected(street: Street, actor: Actor) -> set[str]:
    """The rule of the contract in plain Python."""
    ids = list(street.cases)
    if actor.tenant_id != TENANT:
        return set()
    if actor.party_id:
        return {ids[0]}
    seen = set(ids[:2]) if actor.id == street.member.id else set()
    if actor.roles & policy.OVERSEEING:
        seen |= {root_id for root_id, (body_id, _) in street.cases.items() if body_id in actor.body_ids}
    return seen
