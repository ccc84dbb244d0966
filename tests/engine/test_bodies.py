from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, pool, select, text

from engine import audit, bodies, errors, instances, migrations, people
from engine.bodies import NewBody
from engine.models.people import Body, Tenant
from engine.models.processes import ProcessInstance
from engine.models.records import AuditRow
from engine.policy import Actor
from tests.diagrams import in_line, user_task

from ..conftest import TENANT, House, add_person
from .test_migrations import put

PLACES = ("district", "town", "other_town", "village", "courtyard", "department")
Tree = Mapping[str, str]


def add(house: House, name: str, kind: str, parent_id: str | None = None) -> str:
    new = NewBody(name, name[:2], "合川区人民法院", parent_id, kind)
    return bodies.add_body(house.engine, house.administrator, new)


@pytest.fixture
def tree(house: House) -> Tree:
    """A district with two towns, one with a village with a courtyard, and a department; by short names."""
    ids = {"district": add(house, "合川区调解中心", "district")}
    ids["town"] = add(house, "龙溪镇调委会", "town", ids["district"])
    ids["other_town"] = add(house, "双凤镇调委会", "town", ids["district"])
    ids["village"] = add(house, "白塔村调委会", "village", ids["town"])
    ids["courtyard"] = add(house, "桂花院落调解点", "courtyard", ids["village"])
    ids["department"] = add(house, "住建委调解室", "department", ids["district"])
    return ids


def body(house: House, body_id: str) -> Body:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(Body).where(Body.id == body_id)).one()


def begin(house: House, body_id: str) -> str:
    """A process instance under way in a body."""
    house.deploy({"steps.bpmn": in_line("steps", [user_task("look")])})
    with house.engine.sessions.command(TENANT) as session:
        new = instances.NewProcess("steps", body_id, {})
        return instances.start(session, house.engine, house.reception, new, lambda _: None).id


def actions(house: House) -> list[tuple[str, str]]:
    with house.engine.sessions.query(TENANT) as session:
        found = select(AuditRow.action, AuditRow.subject).where(AuditRow.chain_id == TENANT)
        return [(row.action, row.subject) for row in session.execute(found.order_by(AuditRow.seq))]


def test_the_tree_is_listed_from_the_top_each_body_before_those_under_it(house: House, tree: Tree) -> None:
    listed = bodies.list_bodies(house.engine, house.mediator)
    assert [(row.depth, row.kind) for row in listed if row.id != house.body_id] == [
        (0, "district"), (1, "department"), (1, "town"), (1, "town"), (2, "village"), (3, "courtyard"),
    ]  # fmt: skip
    places = {row.id: place for place, row in enumerate(listed)}
    assert all(places[row.parent_id] < places[row.id] for row in listed if row.parent_id)


@pytest.mark.parametrize(
    ("kind", "above"),
    [
        ("district", "district"), ("district", "town"), ("town", "village"), ("town", "town"),
        ("village", "district"), ("village", "department"), ("courtyard", "town"), ("courtyard", None),
        ("department", "village"), ("department", None), ("village", "courtyard"),
    ],
)  # fmt: skip
def test_a_kind_stands_only_under_the_kinds_that_make_sense(
    house: House, tree: Tree, kind: str, above: str | None
) -> None:
    with pytest.raises(errors.WrongPlace) as refused:
        add(house, "新机构", kind, tree[above] if above else None)
    assert refused.value.params == {"kind": kind, "parent": above or "top"}


def test_only_an_administrator_changes_the_tree_and_a_party_does_not_read_it(house: House) -> None:
    for stranger in (house.chief_mediator, house.reception, house.mediator):
        for change in (
            lambda who: bodies.add_body(house.engine, who, NewBody("新", "新")),
            lambda who: bodies.rename_body(house.engine, who, house.body_id, "新"),
            lambda who: bodies.move_body(house.engine, who, house.body_id, None),
            lambda who: bodies.close_body(house.engine, who, house.body_id),
        ):
            with pytest.raises(errors.Forbidden):
                change(stranger)
    with pytest.raises(errors.Forbidden):
        bodies.list_bodies(house.engine, Actor(TENANT, "p", "p", party_id="p"))


def test_each_change_stands_in_the_district_s_record(house: House, tree: Tree) -> None:
    before = len(actions(house))
    bodies.rename_body(house.engine, house.administrator, tree["town"], "龙溪街道调委会")
    bodies.move_body(house.engine, house.administrator, tree["village"], tree["other_town"])
    bodies.close_body(house.engine, house.administrator, tree["department"])
    assert actions(house)[before:] == [
        ("body.renamed", tree["town"]), ("body.moved", tree["village"]), ("body.closed", tree["department"]),
    ]  # fmt: skip
    assert actions(house)[before - 1] == ("body.added", tree["department"])
    assert body(house, tree["town"]).name == "龙溪街道调委会"
    assert audit.verify(house.engine, TENANT, {}) == []


@pytest.mark.parametrize(("name", "code"), [("双凤镇调委会", "新"), ("新", "双凤")])
def test_no_two_bodies_have_one_name_or_one_short_name(
    house: House, tree: Tree, name: str, code: str
) -> None:
    with pytest.raises(errors.NameTaken, match="双凤镇调委会"):
        bodies.add_body(house.engine, house.administrator, NewBody(name, code))


def test_a_body_keeps_its_own_name_but_takes_no_other_s_and_no_empty_one(house: House, tree: Tree) -> None:
    bodies.rename_body(house.engine, house.administrator, tree["town"], "龙溪镇调委会")
    with pytest.raises(errors.NameTaken):
        bodies.rename_body(house.engine, house.administrator, tree["town"], "双凤镇调委会")
    for name in ("", "  ", "字" * 101):
        with pytest.raises(errors.NameMissing):
            bodies.rename_body(house.engine, house.administrator, tree["town"], name)
    with pytest.raises(errors.NameMissing):
        bodies.add_body(house.engine, house.administrator, NewBody("新", " "))


def test_a_body_of_another_tenant_is_not_there(house: House, tree: Tree) -> None:
    stranger = Actor("00000000-0000-7000-8000-00000000000f", "x", "x", frozenset({"administrator"}))
    with house.engine.sessions.command(stranger.tenant_id) as session:
        session.add(Tenant(id=stranger.tenant_id, name="别区", audit_count=0, audit_head=""))
    with pytest.raises(errors.NotFound):
        bodies.rename_body(house.engine, stranger, tree["town"], "新")
    assert bodies.list_bodies(house.engine, stranger) == []


def test_those_under_a_body_that_moves_come_along(house: House, tree: Tree) -> None:
    bodies.move_body(house.engine, house.administrator, tree["village"], tree["other_town"])
    assert body(house, tree["village"]).parent_id == tree["other_town"]
    assert body(house, tree["courtyard"]).parent_id == tree["village"]


def test_a_body_is_not_put_under_itself_nor_under_one_below_it(house: House, tree: Tree) -> None:
    for below in ("town", "village", "courtyard"):
        with pytest.raises(errors.BodyUnderItself, match="龙溪镇调委会"):
            bodies.move_body(house.engine, house.administrator, tree["town"], tree[below])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from((*PLACES, None))), max_size=12))
def test_no_sequence_of_moves_makes_a_loop_or_a_wrong_place(
    house: House, tree: Tree, moves: list[tuple[str, str | None]]
) -> None:
    for place, under in moves:
        try:
            bodies.move_body(house.engine, house.administrator, tree[place], tree[under] if under else None)
        except (errors.BodyUnderItself, errors.WrongPlace):
            continue
    listed = bodies.list_bodies(house.engine, house.administrator)
    # What stands in a loop is reached from no top.
    assert {row.id for row in listed} == {house.body_id, *tree.values()}
    kinds = {row.id: row.kind for row in listed}
    for row in listed:
        assert (kinds[row.parent_id] if row.parent_id else None) in bodies.STANDS_UNDER[row.kind]


def test_a_body_with_a_case_under_way_is_not_closed(house: House, tree: Tree) -> None:
    root_id = begin(house, tree["village"])
    bodies.close_body(house.engine, house.administrator, tree["courtyard"])
    with pytest.raises(errors.BodyHasCases) as refused:
        bodies.close_body(house.engine, house.administrator, tree["village"])
    assert refused.value.params["count"] == 1
    with house.engine.sessions.command(TENANT) as session:
        root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()
        root.status = "completed"
    bodies.close_body(house.engine, house.administrator, tree["village"])
    assert body(house, tree["village"]).closed_at == house.clock()


def test_a_body_with_open_ones_under_it_is_not_closed(house: House, tree: Tree) -> None:
    with pytest.raises(errors.BodyHasBodies) as refused:
        bodies.close_body(house.engine, house.administrator, tree["district"])
    assert refused.value.params["count"] == 3


def test_nothing_changes_in_or_moves_under_a_closed_body(house: House, tree: Tree) -> None:
    bodies.close_body(house.engine, house.administrator, tree["other_town"])
    for change in (
        lambda: bodies.close_body(house.engine, house.administrator, tree["other_town"]),
        lambda: bodies.rename_body(house.engine, house.administrator, tree["other_town"], "新"),
        lambda: bodies.move_body(house.engine, house.administrator, tree["other_town"], None),
        lambda: bodies.move_body(house.engine, house.administrator, tree["village"], tree["other_town"]),
        lambda: add(house, "新村", "village", tree["other_town"]),
    ):
        with pytest.raises(errors.BodyClosed, match="双凤镇调委会"):
            change()
    (row,) = [row for row in bodies.list_bodies(house.engine, house.reception) if row.is_closed]
    assert row.id == tree["other_town"]


def test_nothing_begins_in_a_closed_body(house: House, tree: Tree) -> None:
    bodies.close_body(house.engine, house.administrator, tree["courtyard"])
    with house.engine.sessions.command(TENANT) as session:
        bodies.require_open(session, tree["village"])
        with pytest.raises(errors.BodyClosed):
            bodies.require_open(session, tree["courtyard"])


def test_a_body_that_closes_waits_for_the_case_that_begins_in_it(house: House, tree: Tree) -> None:
    house.deploy({"steps.bpmn": in_line("steps", [user_task("look")])})
    new = instances.NewProcess("steps", tree["courtyard"], {})
    with ThreadPoolExecutor(1) as other:
        with house.engine.sessions.command(TENANT) as session:
            bodies.require_open(session, tree["courtyard"])
            closing = other.submit(bodies.close_body, house.engine, house.administrator, tree["courtyard"])
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.3)
            instances.start(session, house.engine, house.reception, new, lambda _: None)
        with pytest.raises(errors.BodyHasCases):
            closing.result(timeout=20)


def test_a_closed_top_is_not_the_outermost_body(house: House) -> None:
    second = add(house, "龙溪镇调委会", "town")
    bodies.close_body(house.engine, house.administrator, house.body_id)
    with house.engine.sessions.query(TENANT) as session:
        assert bodies.root_body(session) == second


def test_who_sees_a_case_follows_the_tree_as_it_is_now(house: House, tree: Tree) -> None:
    chief = add_person(house.engine, TENANT, tree["other_town"], "chief_mediator", "other_chief")

    def in_care() -> frozenset[str]:
        return people.actor_named(house.engine, TENANT, chief.name).body_ids

    assert in_care() == {tree["other_town"]}
    bodies.move_body(house.engine, house.administrator, tree["village"], tree["other_town"])
    assert in_care() == {tree[place] for place in ("other_town", "village", "courtyard")}


def test_bodies_from_before_their_kinds_get_the_kind_of_their_depth(url: str) -> None:
    database = create_engine(url, poolclass=pool.NullPool)
    command.downgrade(migrations.configuration(url), "0009-1")
    try:
        with database.begin() as connection:
            connection.execute(text("INSERT INTO tenants VALUES ('t', '合川区', 'Asia/Shanghai', 0, '')"))
            for name, parent in (("a", None), ("b", "a"), ("c", "b"), ("d", "c")):
                put(connection, "bodies", id=name, name=name, parent_id=parent)
    finally:
        migrations.upgrade(url)
    with database.connect() as connection:
        rows = connection.execute(text("SELECT id, kind FROM bodies WHERE tenant_id = 't'"))
        kinds = {row.id: row.kind for row in rows}
    assert kinds == {"a": "town", "b": "village", "c": "courtyard", "d": "department"}
