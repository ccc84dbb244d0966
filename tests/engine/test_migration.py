"""Cases that move to another release: what follows, what is kept, what is refused, what is taken back."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import (
    audit,
    clocks,
    drafts,
    errors,
    jobs,
    messages,
    migration,
    releases,
    service_tasks,
    tasks,
    timers,
)
from engine.models.base import Row, table
from engine.models.clocks import Timer
from engine.models.messages import Subscription
from engine.models.processes import Draft, InstanceMigration, ProcessInstance, Release, UserTask
from engine.models.processes import SignalSubscription as Signal
from engine.models.records import Job
from engine.open_tasks import open_task
from engine.services import Services, ServiceTask
from tests import diagrams, small_forms
from tests.conftest import TENANT, House, recorded
from tests.engine.test_instances import CALLED, CALLER
from tests.engine.test_tasks import begin, open_tasks, the_task

MESSAGES = (
    '<bpmn:message id="m" name="heard"><bpmn:extensionElements><zeebe:subscription correlationKey="=number"/>'
    '</bpmn:extensionElements></bpmn:message><bpmn:message id="n" name="told"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=number"/></bpmn:extensionElements></bpmn:message>'
    '<bpmn:signal id="s" name="storm"/><bpmn:signal id="t" name="thaw"/>'
)
QUESTION = small_forms.form("question", small_forms.field("textfield", "word"))
LONGER = small_forms.form(
    "question", small_forms.field("textfield", "word"), small_forms.field("textfield", "more")
)
ROWS: tuple[type[Row], ...] = (ProcessInstance, UserTask, Timer, Subscription, Signal, Draft, Job)
NOTHING: Mapping[str, str] = {}


def timer(text: str) -> str:
    kind = "timeCycle" if text.startswith("R") else "timeDuration"
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def told(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{name}"/>'


def sent(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="{name}"/>'


def guarded(task: str, *events: tuple[str, str], process_id: str = "line") -> bytes:
    """A task and a second one; boundary events (id, definition) that do not interrupt hang on the first."""
    nodes = [diagrams.start(), task, diagrams.user_task("second"), diagrams.end()]
    first = task.split('id="', 1)[1].split('"', 1)[0]
    flows = [f"begun -> {first}", f"{first} -> second", "second -> ended"]
    for node_id, definition in events:
        nodes += [diagrams.boundary(node_id, first, definition, interrupting=False)]
        nodes += [diagrams.user_task(f"{node_id}_do"), diagrams.end(f"{node_id}_end")]
        flows += [f"{node_id} -> {node_id}_do", f"{node_id}_do -> {node_id}_end"]
    return diagrams.process(process_id, nodes, flows, MESSAGES)


ASK = diagrams.user_task("ask", "question", due='=date("2026-04-01")')


def number_of(house: House, release_id: str) -> int:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(Release.number).where(Release.id == release_id)).one()


def deploy(house: House, source: bytes, **more: bytes) -> int:
    files = {"line.bpmn": source, "question.form": QUESTION}
    files |= {name.replace("__", "."): content for name, content in more.items()}
    return number_of(house, house.deploy(files))


def plan(house: House, root_id: str, number: int, **mapping: str) -> migration.Plan:
    (found,) = migration.plan_migration(house.engine, house.administrator, number, [root_id], mapping)
    return found


def migrate(house: House, root_id: str, number: int, **mapping: str) -> migration.Plan:
    return migration.migrate_case(house.engine, house.administrator, root_id, number, mapping)


def undo(house: House, root_id: str) -> int:
    return migration.undo_migration(house.engine, house.administrator, root_id)


def codes(found: migration.Plan) -> list[tuple[str, str]]:
    return [(one.code, one.element_id) for one in found.remarks]


def refused(house: House, root_id: str, number: int, **mapping: str) -> list[tuple[str, str]]:
    """The reasons, told alike by the dry run and by the move itself, which changes nothing."""
    before = picture(house)
    found = plan(house, root_id, number, **mapping)
    with pytest.raises(errors.MigrationUnsafe) as refusal:
        migrate(house, root_id, number, **mapping)
    assert refusal.value.reasons == found.reasons == found.remarks
    assert picture(house) == before
    return codes(found)


def picture(house: House) -> dict[str, list[dict[str, Any]]]:
    """Every row of what a migration may touch, but for versions and the record's head."""
    seen = {}
    with house.engine.sessions.query(TENANT) as session:
        for kind in ROWS:
            of = table(kind)
            found = session.connection().execute(select(of).where(of.c.tenant_id == TENANT))
            rows = [dict(row) for row in found.mappings()]
            for row in rows:
                for name in ("version", "audit_count", "audit_head"):
                    row.pop(name, None)
            seen[of.name] = sorted(rows, key=str)
    return seen


def the_row(house: House, kind: type[Any]) -> Any:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(kind)).one()


def complete(house: House, root_id: str, key: str = "k", **answers: Any) -> tasks.TaskDone:
    return tasks.complete_task(house.engine, house.mediator, the_task(house, root_id).id, answers, key)


def test_a_task_keeps_its_draft_its_claim_and_its_due_time_and_follows_its_diagram(house: House) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    before = the_task(house, root_id)
    tasks.claim_task(house.engine, house.mediator, before.id)
    tasks.save_draft(house.engine, house.mediator, before.id, {"word": "一半"})
    later = diagrams.user_task("ask", "other", "=roles", due='=date("2026-05-01")')
    later = later.replace('name="ask"', 'name="问一问"').replace(
        "</bpmn:ext",
        '<zeebe:properties><zeebe:property name="lawRef" value="第二十条"/></zeebe:properties></bpmn:ext',
    )
    other = small_forms.form("other", small_forms.field("textfield", "word"))
    with house.engine.sessions.command(TENANT) as session:
        session.get_one(ProcessInstance, (TENANT, root_id)).variables = {"roles": ["mediator", "reception"]}
    number = deploy(house, guarded(later), other__form=other)
    assert codes(plan(house, root_id, number)) == [
        (code, "ask") for code in ("renamed", "task", "form", "groups", "law", "due")
    ]
    migrate(house, root_id, number)
    task = the_task(house, root_id)
    assert (task.id, task.wait_id, task.created_at) == (before.id, before.wait_id, before.created_at)
    assert (task.due_at, task.due_unit) == (before.due_at, before.due_unit)
    assert (task.form_id, task.name, task.law_ref) == ("other", "问一问", "第二十条")
    assert (task.candidate_groups, task.claimed_by) == (["mediator", "reception"], house.mediator.id)
    opened = open_task(house.engine, house.mediator, task.id)
    assert (opened.form.id, opened.draft) == ("other", {"word": "一半"})
    complete(house, root_id, word="全部")
    assert the_task(house, root_id).node_id == "second"
    assert audit.verify(house.engine, TENANT, {}) == []


def test_questions_that_changed_under_the_same_form_are_told_and_asked(house: House) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    number = deploy(house, guarded(ASK), question__form=LONGER)
    assert codes(plan(house, root_id, number)) == [("task", "ask"), ("questions", "ask")]
    migrate(house, root_id, number)
    complete(house, root_id, more="多")
    assert the_row(house, ProcessInstance).variables["more"] == "多"


def test_what_the_diagram_leaves_as_it_was_is_not_asked_again(house: House) -> None:
    task = diagrams.user_task("ask", "question", "=roles", assignee="=who")
    deploy(house, guarded(task))
    root_id = begin(house, "line", roles="mediator", who=house.mediator.id)
    with house.engine.sessions.command(TENANT) as session:
        session.get_one(ProcessInstance, (TENANT, root_id)).variables = {"roles": "nobody", "who": "nobody"}
    migrate(house, root_id, deploy(house, guarded(task, ("late", timer("PT1H")))))
    kept = the_task(house, root_id)
    assert (kept.candidate_groups, kept.assignee_id) == (["mediator"], house.mediator.id)
    again = guarded(diagrams.user_task("ask", "question", "=roles", assignee='="someone"'))
    number = deploy(house, again)
    assert ("assignee", "ask") in codes(migrate(house, root_id, number))
    assert the_task(house, root_id).assignee_id == "someone"


def test_clocks_keep_their_due_time_and_new_ones_run_from_now(house: House) -> None:
    deploy(house, guarded(ASK, ("late", timer("PT2H")), ("often", timer("R/P1D"))))
    root_id = begin(house, "line")
    with house.engine.sessions.query(TENANT) as session:
        before = {row.node_id: row for row in session.scalars(select(Timer))}
    house.clock.forward(hours=1)
    number = deploy(
        house, guarded(ASK, ("late", timer("PT9H")), ("often", timer("R/P1D")), ("new", timer("PT3H")))
    )
    found = plan(house, root_id, number)
    assert codes(found) == [("task", "ask"), ("due", "late"), ("clock", "often"), ("armed_clock", "new")]
    late, often, new = found.remarks[1:]
    assert (late.params["due_at"], late.params["before"], late.params["after"]) == (
        before["late"].due_at, "PT2H", "PT9H",
    )  # fmt: skip
    assert new.params["due_at"] == house.clock() + dt.timedelta(hours=3)
    migrate(house, root_id, number)
    with house.engine.sessions.query(TENANT) as session:
        after = {row.node_id: row for row in session.scalars(select(Timer))}
    for name in ("late", "often"):
        for column in ("id", "armed_at", "base_at", "due_at", "unit", "interval", "repeats_left", "fired"):
            assert getattr(after[name], column) == getattr(before[name], column)
    assert (after["new"].armed_at, after["new"].due_at) == (house.clock(), new.params["due_at"])
    house.clock.forward(hours=3)
    assert timers.fire_due(house.engine) == 2
    assert {task.node_id for task in open_tasks(house, root_id)} == {"ask", "late_do", "new_do"}


def test_messages_and_signals_that_are_new_are_waited_for_and_others_no_longer(house: House) -> None:
    deploy(house, guarded(ASK, ("heard", told("m")), ("storm", sent("s")), ("late", timer("PT1H"))))
    root_id = begin(house, "line", number=7)
    later = guarded(ASK, ("told", told("n")), ("thaw", sent("t")), process_id="line")
    number = deploy(house, later)
    assert codes(migrate(house, root_id, number))[1:] == [
        *(("disarmed", name) for name in ("heard", "storm", "late")),
        *(("armed", name) for name in ("told", "thaw")),
    ]
    subscription, signal = the_row(house, Subscription), the_row(house, Signal)
    assert (subscription.message, subscription.key, signal.signal) == ("told", "7", "thaw")
    with house.engine.sessions.query(TENANT) as session:
        assert session.scalar(select(func.count()).select_from(Timer)) == 0
    got = messages.publish(house.engine, house.administrator, messages.Message("told", 7))
    assert got.outcome == "received"
    assert {task.node_id for task in open_tasks(house, root_id)} == {"ask", "told_do"}


def test_an_event_that_waits_for_another_message_or_signal_is_told_and_follows(house: House) -> None:
    deploy(house, guarded(ASK, ("news", told("m")), ("weather", sent("s"))))
    root_id = begin(house, "line", number=7)
    number = deploy(house, guarded(ASK, ("news", told("n")), ("weather", sent("t"))))
    found = migrate(house, root_id, number)
    assert [(one.code, one.params.get("before"), one.params.get("after")) for one in found.remarks[1:]] == [
        ("message", "heard", "told"), ("message", "storm", "thaw"),
    ]  # fmt: skip
    assert (the_row(house, Subscription).message, the_row(house, Signal).signal) == (
        "told",
        "thaw",
    )
    undo(house, root_id)
    assert (the_row(house, Subscription).message, the_row(house, Signal).signal) == (
        "heard",
        "storm",
    )


def test_a_signal_that_is_on_its_way_does_not_reach_a_place_that_then_waits_for_another(house: House) -> None:
    throwing = diagrams.event("intermediateThrowEvent", "shout", sent("s"))
    shouting = diagrams.process(
        "shouting",
        [diagrams.start(), throwing, diagrams.end()],
        ["begun -> shout", "shout -> ended"],
        '<bpmn:signal id="s" name="storm"/>',
    )
    deploy(house, guarded(ASK, ("weather", sent("s"))), shouting__bpmn=shouting)
    root_id = begin(house, "line")
    begin(house, "shouting")
    migrate(house, root_id, deploy(house, guarded(ASK, ("weather", sent("t")))))
    assert jobs.run_due(house.engine, service_tasks.HANDLERS) == 1
    assert the_task(house, root_id).node_id == "ask"


def test_a_case_moves_with_all_that_it_has_called(house: House) -> None:
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED})
    root_id = begin(house, "caller", kept=1)
    longer = diagrams.in_line("called", [diagrams.user_task("listen"), diagrams.user_task("answer")])
    later = CALLER.replace(b'"sum_up"', b'"write_down"')
    release_id = house.deploy({"caller.bpmn": later, "called.bpmn": longer})
    found = migrate(house, root_id, number_of(house, release_id))
    assert [(one.process_id, *code) for one, code in zip(found.remarks, codes(found), strict=True)] == [
        ("caller", "place", "talk"), ("called", "task", "listen"),
    ]  # fmt: skip
    with house.engine.sessions.query(TENANT) as session:
        assert set(session.scalars(select(ProcessInstance.release_id))) == {release_id}
    for step, node_id in enumerate(["listen", "answer", "write_down"]):
        assert the_task(house, root_id).node_id == node_id
        complete(house, root_id, f"k{step}")
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_called_process_that_the_release_has_not_is_named(house: House) -> None:
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED})
    root_id = begin(house, "caller", kept=1)
    alone = diagrams.in_line("caller", [diagrams.user_task("talk")])
    made = releases.deploy(house.engine, house.administrator, {"caller.bpmn": alone}, [("process", "called")])
    assert refused(house, root_id, number_of(house, made)) == [("kind", "talk"), ("gone", "")]


def test_the_dry_run_changes_nothing_and_says_what_the_move_does(house: House) -> None:
    deploy(house, guarded(ASK, ("late", timer("PT2H"))))
    root_id = begin(house, "line", number=7)
    number = deploy(house, guarded(ASK, ("late", timer("PT9H")), ("heard", told("m"))), question__form=LONGER)
    before = picture(house)
    said = plan(house, root_id, number)
    assert picture(house) == before
    assert migrate(house, root_id, number).remarks == said.remarks
    assert picture(house) != before


def test_a_move_is_recorded_and_seen_by_the_next_command_whatever_was_cached(house: House) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    version = the_row(house, ProcessInstance).version
    number = deploy(house, guarded(ASK.replace('"ask"', '"inquire"')))
    migrate(house, root_id, number, ask="inquire")
    assert the_row(house, ProcessInstance).version > version
    assert recorded(house, root_id) == ["process.started", "instance.migrated"]
    done = the_row(house, InstanceMigration)
    assert (done.mapping, done.migrated_by, done.undone_at) == (
        {"ask": "inquire"},
        house.administrator.id,
        None,
    )
    assert the_task(house, root_id).node_id == "inquire"
    complete(house, root_id)
    assert the_task(house, root_id).node_id == "second"


def test_a_move_that_is_undone_leaves_everything_as_it_was(house: House) -> None:
    first = deploy(house, guarded(ASK, ("late", timer("PT2H")), ("storm", sent("s")), ("heard", told("m"))))
    root_id = begin(house, "line", number=7)
    tasks.save_draft(house.engine, house.mediator, the_task(house, root_id).id, {"word": "一半"})
    before = picture(house)
    house.clock.forward(hours=1)
    later = guarded(ASK.replace('"question"', '"blank"'), ("later", timer("PT2H")), ("told", told("n")))
    migrate(house, root_id, deploy(house, later))
    house.clock.forward(minutes=1)
    assert undo(house, root_id) == first
    assert picture(house) == before
    assert recorded(house, root_id)[1:] == ["instance.migrated", "instance.migration_undone"]
    done = the_row(house, InstanceMigration)
    assert (done.undone_at, done.undone_by) == (house.clock(), house.administrator.id)
    house.clock.forward(hours=1)
    assert timers.fire_due(house.engine) == 1
    assert {task.node_id for task in open_tasks(house, root_id)} == {"ask", "late_do"}
    with pytest.raises(errors.NothingToUndo):
        undo(house, root_id)
    assert audit.verify(house.engine, TENANT, {}) == []


@pytest.mark.parametrize("how", ["completed", "claimed", "fired", "paused", "moved again"])
def test_once_the_case_has_moved_on_the_move_is_not_undone(house: House, how: str) -> None:
    deploy(house, guarded(ASK, ("late", timer("PT2H"))))
    root_id = begin(house, "line")
    migrate(house, root_id, deploy(house, guarded(ASK, ("late", timer("PT3H")))))
    house.clock.forward(hours=5)
    steps: dict[str, tuple[Callable[[], object], str]] = {
        "completed": (lambda: complete(house, root_id), house.mediator.name),
        "claimed": (
            lambda: tasks.claim_task(house.engine, house.mediator, the_task(house, root_id).id),
            house.mediator.name,
        ),
        "fired": (lambda: timers.fire_due(house.engine), "system"),
        "paused": (
            lambda: clocks.pause_clocks(house.engine, house.mediator, root_id, clocks.Because("鉴定")),
            house.mediator.name,
        ),
        "moved again": (lambda: migrate(house, root_id, 1), house.administrator.name),
    }
    step, who = steps[how]
    step()
    if how == "moved again":
        assert undo(house, root_id) == 2
    before = picture(house)
    with pytest.raises(errors.CaseMoved) as refusal:
        undo(house, root_id)
    assert refusal.value.params == {"who": who, "when": house.clock()}
    assert refusal.value.status == 409
    assert picture(house) == before


def test_what_was_typed_after_the_move_neither_hinders_the_undo_nor_is_lost(house: House) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    migrate(house, root_id, deploy(house, guarded(ASK, ("late", timer("PT3H")))))
    tasks.save_draft(house.engine, house.mediator, the_task(house, root_id).id, {"word": "后来"})
    undo(house, root_id)
    assert drafts.opened(house.engine.keys, the_row(house, Draft)) == {"word": "后来"}


def test_a_case_that_was_never_moved_has_nothing_to_undo(house: House) -> None:
    deploy(house, guarded(ASK))
    with pytest.raises(errors.NothingToUndo):
        undo(house, begin(house, "line"))


def test_an_ended_case_and_one_that_is_there_already_are_refused(house: House) -> None:
    first = deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    assert refused(house, root_id, first) == [("already", "")]
    second = deploy(house, guarded(ASK), question__form=LONGER)
    complete(house, root_id, "k1")
    complete(house, root_id, "k2")
    assert refused(house, root_id, second) == [("ended", "")]


def test_whoever_works_on_a_task_does_not_lose_the_right_to_complete_it(house: House) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line")
    tasks.claim_task(house.engine, house.mediator, the_task(house, root_id).id)
    number = deploy(
        house, guarded(diagrams.user_task("ask", "question", "reception", due='=date("2026-04-01")'))
    )
    assert refused(house, root_id, number) == [("claimed", "ask")]
    assert plan(house, root_id, number).reasons[0].params == {"who": house.mediator.name}
    tasks.release_task(house.engine, house.mediator, the_task(house, root_id).id)
    migrate(house, root_id, number)
    assert the_task(house, root_id).candidate_groups == ["reception"]


@pytest.mark.parametrize(
    ("later", "place"),
    [
        (guarded(diagrams.user_task("ask", "question", "=number")), "ask"),
        (guarded(ASK, ("late", timer("=unknown_word"))), "late"),
        (guarded(ASK, ("heard", told("m"))), "heard"),
    ],
    ids=["groups", "timer", "key"],
)
def test_an_expression_that_can_not_be_evaluated_is_named(house: House, later: bytes, place: str) -> None:
    deploy(house, guarded(ASK))
    root_id = begin(house, "line", number=True)
    assert refused(house, root_id, deploy(house, later)) == [("expression", place)]


class Stamper:
    """A service during whose work something happens."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self.seen: object = None

    def work(self, call: Any) -> str:
        self.seen = self.meanwhile()
        return str(call.properties.get("seal", "-"))

    def services(self) -> Services:
        stamp = ServiceTask(work=self.work, store=lambda result: {"sealed": result.value})
        return Services(tasks={"stamp": stamp, "other": stamp})


def served(seal: str, service: str = "stamp") -> bytes:
    task = diagrams.service_task("stamp", service).replace(
        "</bpmn:ext",
        f'<zeebe:properties><zeebe:property name="seal" value="{seal}"/></zeebe:properties></bpmn:ext',
    )
    return guarded(task)


def test_a_service_that_has_not_begun_is_called_as_the_new_diagram_says(
    url: str, make_house: Callable[..., House]
) -> None:
    stamper = Stamper()
    house = make_house(url, stamper.services())
    deploy(house, served("旧"))
    root_id = begin(house, "line")
    assert refused(house, root_id, deploy(house, served("新", "other"))) == [("service", "stamp")]
    assert codes(migrate(house, root_id, deploy(house, served("新")))) == [("place", "stamp")]
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert the_row(house, ProcessInstance).variables["sealed"] == "新"


def test_a_service_at_work_is_waited_for(url: str, make_house: Callable[..., House]) -> None:
    stamper = Stamper()
    house = make_house(url, stamper.services())
    deploy(house, served("旧"))
    root_id = begin(house, "line")
    number = deploy(house, served("新"))
    stamper.meanwhile = lambda: refused(house, root_id, number)
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert stamper.seen == [("busy", "stamp")]
    assert the_row(house, ProcessInstance).variables["sealed"] == "旧"
    migrate(house, root_id, number)


def test_a_move_is_not_undone_while_a_service_is_at_work_as_the_new_diagram_says(
    url: str, make_house: Callable[..., House]
) -> None:
    stamper = Stamper()
    house = make_house(url, stamper.services())
    deploy(house, served("旧"))
    root_id = begin(house, "line")
    migrate(house, root_id, deploy(house, served("新")))

    def undone() -> list[Any]:
        before = picture(house)
        with pytest.raises(errors.MigrationUnsafe) as refusal:
            undo(house, root_id)
        assert picture(house) == before
        return [(one.code, one.element_id) for one in refusal.value.reasons]

    stamper.meanwhile = undone
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert stamper.seen == [("busy", "stamp")]
    assert the_row(house, ProcessInstance).variables["sealed"] == "新"
    with pytest.raises(errors.CaseMoved):
        undo(house, root_id)


def test_instances_over_a_collection_move_with_their_items(house: House) -> None:
    def over(task: str) -> bytes:
        return guarded(diagrams.for_each(task, "name", "names", output="words=word"))

    deploy(house, over(diagrams.user_task("ask", "question")))
    root_id = begin(house, "line", names=["甲", "乙"])
    first, second = open_tasks(house, root_id)
    tasks.complete_task(house.engine, house.mediator, first.id, {"word": "一"}, "k1")
    migrate(house, root_id, deploy(house, over(diagrams.user_task("ask", "question", "=name"))))
    assert the_task(house, root_id).candidate_groups == ["乙"]
    undo(house, root_id)
    tasks.complete_task(house.engine, house.mediator, second.id, {"word": "二"}, "k2")
    assert the_row(house, ProcessInstance).variables["words"] == ["一", "二"]


def test_of_several_cases_each_moves_or_is_refused_by_itself(house: House) -> None:
    deploy(house, guarded(ASK))
    here, gone_on, ended = (begin(house, "line") for _ in range(3))
    complete(house, gone_on, "k1")
    complete(house, ended, "k2")
    complete(house, ended, "k3")
    number = deploy(house, guarded(diagrams.user_task("inquire", "question")))
    waiting = migration.candidates(house.engine, house.administrator, number)
    assert waiting == [here, gone_on]
    outcomes = list(
        migration.migrate_cases(house.engine, house.administrator, number, [*waiting, "nobody"], NOTHING)
    )
    assert [(one.root_id, one.plan is not None, type(one.refused)) for one in outcomes] == [
        (here, False, errors.MigrationUnsafe),
        (gone_on, True, type(None)),
        ("nobody", False, errors.NotFound),
    ]
    assert migration.candidates(house.engine, house.administrator, number) == [here]


def test_decisions_and_templates_that_change_are_told(house: House) -> None:
    deploy(house, guarded(ASK), letter__html="旧".encode())
    root_id = begin(house, "line")
    number = deploy(house, guarded(ASK), letter__html="新".encode())
    (used,) = [one for one in plan(house, root_id, number).remarks if one.code == "used"]
    assert used.params == {"kind": "template", "key": "letter.html"}


def test_only_an_administrator_moves_cases_and_only_whole_cases_of_releases_that_are_there(
    house: House,
) -> None:
    house.deploy({"caller.bpmn": CALLER, "called.bpmn": CALLED})
    root_id = begin(house, "caller", kept=1)
    child_id = the_task(house, root_id).instance_id
    for actor in (house.reception, house.mediator, house.chief_mediator, house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            list(migration.plan_migration(house.engine, actor, 1, [root_id], NOTHING))
        with pytest.raises(errors.Forbidden):
            migration.migrate_case(house.engine, actor, root_id, 1, NOTHING)
        with pytest.raises(errors.Forbidden):
            migration.undo_migration(house.engine, actor, root_id)
        with pytest.raises(errors.Forbidden):
            migration.candidates(house.engine, actor, 1)
    for unknown, number in ((child_id, 1), ("nobody", 1), (root_id, 9)):
        with pytest.raises(errors.NotFound):
            plan(house, unknown, number)
        with pytest.raises(errors.NotFound):
            migrate(house, unknown, number)
    with pytest.raises(errors.NotFound):
        undo(house, child_id)


def test_a_case_moves_to_and_fro_and_keeps_all_that_it_has(house: House) -> None:
    first = deploy(house, guarded(ASK, ("late", timer("PT2H"))))
    root_id = begin(house, "line", number=7)
    before = picture(house)
    second = deploy(house, guarded(ASK, ("late", timer("PT2H")), ("heard", told("m"))))
    for _ in range(5):
        migrate(house, root_id, second)
        migrate(house, root_id, first)
    kept = picture(house)
    for row in (before["process_instances"][0], kept["process_instances"][0]):
        row["state"] = row["state"].split('"tokens"')[1]
    assert kept == before
