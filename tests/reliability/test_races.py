"""Two at once: one wins, the other learns who was first and when; on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import Engine, audit, errors, instances, jobs, messages, migration, service_tasks, tasks
from engine.mediation import cases, links, props
from engine.mediation.play import Player, Stage
from engine.models.cases import Party
from engine.models.processes import ProcessInstance, Release, UserTask
from engine.services import Services, ServiceTask
from tests import diagrams, stages
from tests.conftest import TENANT, House, add_person, recorded
from tests.engine.test_instances import CALLED, CALLER
from tests.engine.test_tasks import begin, open_tasks, the_task
from tests.reliability.races import Ended, race

pytestmark = pytest.mark.slow
SIGNING = 13
PAUSES = pytest.mark.parametrize("where", ["locked", "before_commit"])
LINE = diagrams.in_line("line", [diagrams.user_task("first"), diagrams.user_task("second")])
FORKED = diagrams.process(
    "forked",
    [
        diagrams.start(), diagrams.fork("split"), diagrams.user_task("one"), diagrams.user_task("other"),
        diagrams.fork("join"), diagrams.user_task("both"), diagrams.end(),
    ],
    ["begun -> split", "split -> one", "split -> other", "one -> join", "other -> join", "join -> both",
     "both -> ended"],
)  # fmt: skip


@pytest.fixture
def line(house: House) -> tuple[House, str]:
    house.deploy({"line.bpmn": LINE})
    return house, begin(house, "line")


@pytest.fixture
def rival(house: House) -> Any:
    return add_person(house.engine, TENANT, house.body_id, "mediator", "rival")


def join_in(house: House, root_id: str, actor: Any) -> None:
    with house.engine.sessions.command(TENANT) as session:
        instances.add_member(session, root_id, actor.id)


def completing(house: House, actor: Any, task_id: str, key: str) -> Callable[[], tasks.TaskDone]:
    return lambda: tasks.complete_task(house.engine, actor, task_id, {}, key)


def telling(house: House, root_id: str, name: str) -> Callable[[], bool]:
    def tell() -> bool:
        with house.engine.sessions.command(TENANT) as session:
            root = instances.lock(session, root_id)
            return messages.throw(session, house.engine, root, name)

    return tell


def holds(engine: Engine) -> bool:
    return not audit.verify(engine, TENANT, {})


@PAUSES
def test_of_two_who_complete_a_task_the_second_learns_who_was_first_and_when(
    line: tuple[House, str], rival: Any, where: str
) -> None:
    house, root_id = line
    join_in(house, root_id, rival)
    task_id = the_task(house, root_id).id
    won, lost = race(
        house.engine, where,
        completing(house, house.mediator, task_id, "k1"), completing(house, rival, task_id, "k2"),
    )  # fmt: skip
    assert won.value.task_id == task_id
    assert isinstance(lost.refused, errors.TaskClosed)
    assert lost.refused.status == 409
    assert lost.refused.params == {"who": house.mediator.name, "when": house.clock()}
    assert recorded(house, root_id) == ["process.started", "task.completed"]
    assert the_task(house, root_id).node_id == "second"
    assert holds(house.engine)


def test_if_the_first_fails_at_its_commit_the_second_wins(line: tuple[House, str], rival: Any) -> None:
    house, root_id = line
    join_in(house, root_id, rival)
    task_id = the_task(house, root_id).id

    def failing() -> None:
        with house.engine.sessions.command(TENANT) as session:
            instances.lock(session, root_id)
            session.get(UserTask, (TENANT, task_id)).status = "completed"  # type: ignore[union-attr]
            session.flush()
            raise errors.ConcurrentChange

    lost, won = race(house.engine, "locked", failing, completing(house, rival, task_id, "k2"))
    assert isinstance(lost.refused, errors.ConcurrentChange)
    assert won.value.task_id == task_id
    assert recorded(house, root_id) == ["process.started", "task.completed"]


@PAUSES
def test_of_two_who_claim_a_task_the_second_learns_who_has_it(
    line: tuple[House, str], rival: Any, where: str
) -> None:
    house, root_id = line
    join_in(house, root_id, rival)
    task_id = the_task(house, root_id).id
    won, lost = race(
        house.engine, where,
        lambda: tasks.claim_task(house.engine, house.mediator, task_id),
        lambda: tasks.claim_task(house.engine, rival, task_id),
    )  # fmt: skip
    assert won == Ended()
    assert isinstance(lost.refused, errors.TaskClaimed)
    assert (lost.refused.status, lost.refused.params["who"]) == (409, house.mediator.name)
    assert the_task(house, root_id).claimed_by == house.mediator.id
    assert recorded(house, root_id) == ["process.started", "task.claimed"]


@PAUSES
@pytest.mark.parametrize("cancel_first", [True, False])
def test_a_task_is_either_completed_or_cancelled(house: House, where: str, cancel_first: bool) -> None:
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED})
    root_id = begin(house, "caller", kept=1)
    task_id = the_task(house, root_id).id
    cancel, complete = telling(house, root_id, "stopped"), completing(house, house.mediator, task_id, "k")
    if cancel_first:
        won, lost = race(house.engine, where, cancel, complete)
        assert won.value is True
        assert isinstance(lost.refused, errors.TaskCancelled)
        assert lost.refused.status == 409
    else:
        won, lost = race(house.engine, where, complete, cancel)
        assert won.value.task_id == task_id
        assert lost.value is False
    assert [task.node_id for task in open_tasks(house, root_id)] == ["tell" if cancel_first else "sum_up"]
    assert holds(house.engine)


@PAUSES
def test_two_branches_that_reach_their_join_at_once_go_on_once(house: House, where: str) -> None:
    house.deploy({"forked.bpmn": FORKED})
    root_id = begin(house, "forked")
    one, other = (task.id for task in open_tasks(house, root_id))
    ended = race(
        house.engine, where,
        completing(house, house.mediator, one, "k1"), completing(house, house.mediator, other, "k2"),
    )  # fmt: skip
    assert [one.refused for one in ended] == [None, None]
    assert [len(one.value.next_task_ids) for one in ended] == [0, 1]
    assert the_task(house, root_id).node_id == "both"
    assert holds(house.engine)


@PAUSES
def test_fifty_sendings_of_one_form_make_one_step_and_fifty_equal_answers(
    line: tuple[House, str], where: str
) -> None:
    house, root_id = line
    submit = completing(house, house.mediator, the_task(house, root_id).id, "same")
    with ThreadPoolExecutor(48) as pool:
        rest = race(house.engine, where, submit, lambda: list(pool.map(lambda _: submit(), range(49))))
    answers = [rest[0].value, *rest[1].value]
    assert len(answers) == 50
    assert len(set(answers)) == 1
    assert recorded(house, root_id) == ["process.started", "task.completed"]
    assert len(open_tasks(house, root_id)) == 1


def test_a_case_that_starts_during_a_deploy_belongs_to_a_whole_release(line: tuple[House, str]) -> None:
    """On PostgreSQL it starts beside the deploy and in the old release, on SQLite after it and in the new."""
    house, before = line
    longer = diagrams.in_line("line", [diagrams.user_task(name) for name in ("zero", "first", "second")])
    waits = house.engine.sessions.url.startswith("sqlite")
    deployed, started = race(
        house.engine, "before_commit",
        lambda: house.deploy({"line.bpmn": longer}), lambda: begin(house, "line"), waits=waits,
    )  # fmt: skip
    expected = (deployed.value, "zero") if waits else (release_of(house, before), "first")
    assert (release_of(house, started.value), the_task(house, started.value).node_id) == expected
    assert the_task(house, begin(house, "line")).node_id == "zero"


def release_of(house: House, root_id: str) -> str:
    with house.engine.sessions.query(TENANT) as session:
        found = select(ProcessInstance.release_id).where(ProcessInstance.id == root_id)
        return session.scalars(found).one()


@PAUSES
def test_two_deploys_make_two_releases_of_which_the_second_has_both(house: House, where: str) -> None:
    other = diagrams.in_line("other", [diagrams.user_task("ask")])
    ended = race(
        house.engine, where,
        lambda: house.deploy({"line.bpmn": LINE}), lambda: house.deploy({"other.bpmn": other}),
    )  # fmt: skip
    with house.engine.sessions.query(TENANT) as session:
        numbers = session.scalars(select(Release.number).order_by(Release.number)).all()
        items = house.engine.definitions.items(session, ended[1].value)
    assert numbers == [1, 2]
    assert {("process", "line"), ("process", "other")} <= items.keys()
    assert holds(house.engine)


MORE = diagrams.in_line("line", [diagrams.user_task(name) for name in ("first", "between", "second")])
RENAMED = diagrams.in_line("line", [diagrams.user_task("begin_with"), diagrams.user_task("second")])


def migrating(house: House, root_id: str, number: int) -> Callable[[], migration.Plan]:
    return lambda: migration.migrate_case(house.engine, house.administrator, root_id, number, {})


def undoing(house: House, root_id: str) -> Callable[[], int]:
    return lambda: migration.undo_migration(house.engine, house.administrator, root_id)


@PAUSES
@pytest.mark.parametrize("migrate_first", [True, False])
def test_a_task_that_is_completed_while_its_case_moves_goes_on_in_the_release_of_that_moment(
    line: tuple[House, str], where: str, migrate_first: bool
) -> None:
    house, root_id = line
    house.deploy({"line.bpmn": MORE})
    task_id = the_task(house, root_id).id
    commands = [migrating(house, root_id, 2), completing(house, house.mediator, task_id, "k")]
    ended = race(house.engine, where, *(commands if migrate_first else reversed(commands)))
    assert [one.refused for one in ended] == [None, None]
    assert the_task(house, root_id).node_id == ("between" if migrate_first else "second")
    actions = ["instance.migrated", "task.completed"]
    assert recorded(house, root_id)[1:] == (actions if migrate_first else actions[::-1])
    tasks.complete_task(house.engine, house.mediator, the_task(house, root_id).id, {}, "k2")
    assert [task.node_id for task in open_tasks(house, root_id)] == (["second"] if migrate_first else [])
    assert holds(house.engine)


@pytest.mark.parametrize(
    ("where", "migrate_first"), [("locked", True), ("locked", False), ("before_commit", False)]
)
def test_whether_a_case_can_move_is_looked_at_again_under_its_lock(
    line: tuple[House, str], where: str, migrate_first: bool
) -> None:
    """In the new release there is no first task: the case can move once it is completed."""
    house, root_id = line
    house.deploy({"line.bpmn": RENAMED})
    task_id = the_task(house, root_id).id
    (planned,) = migration.plan_migration(house.engine, house.administrator, 2, [root_id], {})
    assert [one.code for one in planned.reasons] == ["missing"]
    migrate, complete = migrating(house, root_id, 2), completing(house, house.mediator, task_id, "k")
    if migrate_first:
        lost, won = race(house.engine, where, migrate, complete)
        assert isinstance(lost.refused, errors.MigrationUnsafe)
        assert lost.refused.status == 409
    else:
        won, moved = race(house.engine, where, complete, migrate)
        assert moved.refused is None
    assert won.value.task_id == task_id
    assert the_task(house, root_id).node_id == "second"
    assert holds(house.engine)


@PAUSES
@pytest.mark.parametrize("undo_first", [True, False])
def test_of_undoing_a_move_and_going_on_the_second_learns_of_the_first(
    line: tuple[House, str], where: str, undo_first: bool
) -> None:
    house, root_id = line
    house.deploy({"line.bpmn": MORE})
    migrating(house, root_id, 2)()
    undo = undoing(house, root_id)
    complete = completing(house, house.mediator, the_task(house, root_id).id, "k")
    if undo_first:
        undone, completed = race(house.engine, where, undo, complete)
        assert (undone.value, completed.refused) == (1, None)
    else:
        _, lost = race(house.engine, where, complete, undo)
        assert isinstance(lost.refused, errors.CaseMoved)
        assert lost.refused.params == {"who": house.mediator.name, "when": house.clock()}
    assert the_task(house, root_id).node_id == ("second" if undo_first else "between")
    assert holds(house.engine)


@PAUSES
def test_of_two_who_move_a_case_the_second_finds_it_there(line: tuple[House, str], where: str) -> None:
    house, root_id = line
    house.deploy({"line.bpmn": MORE})
    won, lost = race(house.engine, where, migrating(house, root_id, 2), migrating(house, root_id, 2))
    assert won.refused is None
    assert isinstance(lost.refused, errors.MigrationUnsafe)
    assert [one.code for one in lost.refused.reasons] == ["already"]
    assert recorded(house, root_id) == ["process.started", "instance.migrated"]


HEARD, TOLD = (
    f'<bpmn:message id="m" name="{name}"><bpmn:extensionElements><zeebe:subscription correlationKey="=1"/>'
    "</bpmn:extensionElements></bpmn:message>"
    for name in ("heard", "told")
)
LISTENING = [diagrams.start(), diagrams.user_task("ask"), diagrams.end(), diagrams.end("left"),
             diagrams.boundary("news", "ask", '<bpmn:messageEventDefinition messageRef="m"/>')]  # fmt: skip
LISTENED = ["begun -> ask", "ask -> ended", "news -> left"]


@PAUSES
def test_a_message_that_comes_while_its_case_moves_reaches_nobody_who_then_waits_for_another(
    house: House, where: str
) -> None:
    house.deploy({"line.bpmn": diagrams.process("line", LISTENING, LISTENED, HEARD)})
    root_id = begin(house, "line")
    house.deploy({"line.bpmn": diagrams.process("line", LISTENING, LISTENED, TOLD)})
    publish = partial(messages.publish, house.engine, house.administrator)
    moved, told = race(
        house.engine, where, migrating(house, root_id, 2), lambda: publish(messages.Message("heard", 1))
    )
    assert (moved.refused, told.value.outcome) == (None, "kept")
    assert the_task(house, root_id).node_id == "ask"
    assert publish(messages.Message("told", 1)).root_id == root_id
    assert open_tasks(house, root_id) == []


def test_a_service_does_not_begin_while_its_case_moves(url: str, make_house: Callable[..., House]) -> None:
    seen: list[str] = []
    stamp = ServiceTask(work=lambda call: seen.append(call.properties["seal"]), store=lambda _: {})
    house = make_house(url, Services(tasks={"stamp": stamp}))
    for seal in ("old", "new"):
        task = diagrams.service_task("stamp", "stamp").replace(
            "</bpmn:ext",
            f'<zeebe:properties><zeebe:property name="seal" value="{seal}"/></zeebe:properties></bpmn:ext',
        )
        house.deploy({"line.bpmn": diagrams.in_line("line", [task, diagrams.user_task("second")])})
        if seal == "old":
            root_id = begin(house, "line")
    work = partial(jobs.run_due, house.engine, service_tasks.HANDLERS)
    waits = url.startswith("sqlite")
    moved, worked = race(house.engine, "before_commit", migrating(house, root_id, 2), work, waits=waits)
    assert (moved.refused, worked.value) == (None, 1 if waits else 0)
    assert work() == (0 if waits else 1)
    assert seen == ["new"]
    assert the_task(house, root_id).node_id == "second"


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    """An installation in which the case of the tricycle can be played."""
    with stages.opened(url, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("withdraw_first", [True, False])
def test_a_party_that_leaves_and_one_that_signs_do_not_cross(stage: Stage, withdraw_first: bool) -> None:
    player = Player(stage, stages.TRICYCLE, "case")
    assert len(list(player.play(SIGNING))) == SIGNING
    assert player.open_tasks() == ["sign_agreement"]
    signer, leaver = (links.party_actor(stage.engine, TENANT, id_) for id_ in party_ids(stage))
    leaving = cases.Withdrawal(player.case_id, leaver.party_id)
    answers = {"read": True, "signature": props.drawn_signature(signer.name)}
    task_id = signing_task(stage)

    def sign() -> tasks.TaskDone:
        return tasks.complete_task(stage.engine, signer, task_id, answers, "sign")

    def withdraw() -> None:
        cases.withdraw(stage.engine, leaver, leaving, "leave")

    first, second = (withdraw, sign) if withdraw_first else (sign, withdraw)
    won, lost = race(stage.engine, "before_commit", first, second)
    assert won.refused is None
    assert (lost.refused is None) != withdraw_first
    assert lost.refused is None or lost.refused.status == 409
    assert player.open_tasks() == ["tell_other_routes"]
    assert holds(stage.engine)


def party_ids(stage: Stage) -> list[str]:
    with stage.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(Party.id).order_by(Party.position)))


def signing_task(stage: Stage) -> str:
    with stage.engine.sessions.query(TENANT) as session:
        found = select(UserTask.id).where(UserTask.status == "open", UserTask.node_id == "sign_agreement")
        return session.scalars(found).one()
