"""Two at once: one wins, the other learns who was first and when; on both databases."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import Engine, audit, errors, instances, messages, tasks
from engine.mediation import cases, links, props
from engine.mediation.play import Clock, Player, Stage
from engine.models.cases import Party
from engine.models.processes import ProcessInstance, Release, UserTask
from tests import diagrams
from tests.conftest import TENANT, House, add_person, recorded
from tests.engine.test_instances import CALLED, CALLER
from tests.engine.test_tasks import begin, open_tasks, the_task
from tests.reliability.races import Ended, race
from web import demo, installation, settings

SCRIPT = json.loads((Path(__file__).parents[1] / "cases" / "tricycle_accident.json").read_text("utf-8"))
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
            return messages.throw(session, house.engine, root, name, house.clock())

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


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    """An installation in which the case of the tricycle can be played."""
    clock = Clock(dt.datetime.fromisoformat(SCRIPT["steps"][0]["at"]))
    chosen = replace(settings.read({"WOSHOU_DATA": str(tmp_path)}), database=url)
    installation.prepare(chosen, "花滩街道人民调解委员会")
    with settings.opened(chosen, clock) as engine:
        installation.found(engine, chosen.tenant_id, demo.COMMITTEE)
        installation.deploy(engine, chosen.tenant_id, settings.shipped_files())
        demo.add_people(engine, chosen.tenant_id)
        yield Stage(engine, clock, chosen.tenant_id)


@pytest.mark.slow
@pytest.mark.parametrize("withdraw_first", [True, False])
def test_a_party_that_leaves_and_one_that_signs_do_not_cross(stage: Stage, withdraw_first: bool) -> None:
    player = Player(stage, SCRIPT, "case")
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
