"""Releases: made of the active one, listed, compared, activated again, and free of what was removed."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event, select

from engine import audit, errors, releases, service_tasks, tasks
from engine.jobs import run_due
from engine.models.people import Tenant
from engine.models.processes import ProcessInstance
from engine.services import Services, ServiceTask
from tests import diagrams
from tests.conftest import TENANT, House
from tests.engine.test_definitions import GOOD, ONE_LATER, QUESTION_LATER, RULES, TWO, items, status
from tests.engine.test_tasks import begin, the_task

CALLER = diagrams.in_line("caller", [diagrams.call_activity("call", "one")])


def numbers(house: House) -> dict[str, int]:
    return {row.id: row.number for row in releases.list_releases(house.engine, house.administrator)}


def active(house: House) -> str | None:
    with house.engine.sessions.query(TENANT) as session:
        return releases.active_release(session)


def release_of(house: House, root_id: str) -> str:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(ProcessInstance.release_id).where(ProcessInstance.id == root_id)).one()


def activate(house: House, release_id: str) -> None:
    releases.activate(house.engine, house.administrator, numbers(house)[release_id])


def test_new_instances_start_in_the_release_that_is_active(house: House) -> None:
    first = house.deploy(GOOD)
    second = house.deploy({"one.bpmn": ONE_LATER})
    assert (active(house), release_of(house, begin(house, "one"))) == (second, second)
    activate(house, first)
    assert (active(house), release_of(house, begin(house, "one"))) == (first, first)
    activate(house, second)
    assert active(house) == second


def test_activating_is_recorded_once_and_changes_no_running_instance(house: House) -> None:
    first = house.deploy(GOOD)
    second = house.deploy({"one.bpmn": ONE_LATER, "question.form": QUESTION_LATER})
    running = begin(house, "one")
    activate(house, first)
    activate(house, first)
    with house.engine.sessions.query(TENANT) as session:
        rows = session.scalars(select(audit.AuditRow).where(audit.AuditRow.chain_id == TENANT)).all()
    told = [(row.action, row.subject, row.actor_id) for row in rows[2:]]
    assert told == [("release.activated", first, house.administrator.id)]
    assert release_of(house, running) == second
    task = the_task(house, running)
    tasks.complete_task(house.engine, house.mediator, task.id, {"sentence": "新"}, "k")
    assert the_task(house, running).node_id == "ask_again"
    assert audit.verify(house.engine, TENANT, {}) == []


def test_a_mend_is_made_on_the_release_that_one_went_back_to(house: House) -> None:
    first = house.deploy(GOOD)
    house.deploy({"one.bpmn": ONE_LATER})
    activate(house, first)
    third = house.deploy({"two.bpmn": TWO})
    assert items(house, third) == items(house, first) | {
        ("process", "two"): items(house, third)["process", "two"]
    }
    assert numbers(house)[third] == 3


def test_the_list_counts_the_cases_that_are_under_way(house: House) -> None:
    first = house.deploy(GOOD)
    begin(house, "one")
    done = begin(house, "one")
    tasks.complete_task(house.engine, house.mediator, the_task(house, done).id, {"word": "好"}, "k")
    second = house.deploy({"two.bpmn": TWO})
    rows = releases.list_releases(house.engine, house.administrator)
    assert [(row.id, row.number, row.is_active, row.running) for row in rows] == [
        (second, 2, True, 0),
        (first, 1, False, 1),
    ]
    assert {row.made_by for row in rows} == {house.administrator.id}


def test_a_removed_process_is_not_started_but_what_runs_goes_on(house: House) -> None:
    house.deploy(GOOD | {"two.bpmn": TWO})
    running = begin(house, "one")
    made = releases.deploy(house.engine, house.administrator, {}, [("process", "one"), ("form", "question")])
    assert set(items(house, made)) == {("process", "two"), ("form", "blank")}
    with pytest.raises(errors.NotFound):
        begin(house, "one")
    tasks.complete_task(house.engine, house.mediator, the_task(house, running).id, {"word": "好"}, "k")
    assert status(house, running) == "ended"


@pytest.mark.parametrize(
    ("removed", "element_id"), [(("process", "one"), "call"), (("form", "question"), "ask")]
)
def test_what_is_still_needed_is_not_removed(house: House, removed: tuple[str, str], element_id: str) -> None:
    release_id = house.deploy(GOOD | {"caller.bpmn": CALLER})
    with pytest.raises(errors.DiagramRefused) as refusal:
        releases.deploy(house.engine, house.administrator, {}, [removed])
    (found,) = refusal.value.findings
    assert (getattr(found, "rule", ""), getattr(found, "element_id", "")) == ("needed", element_id)
    assert (active(house), len(numbers(house))) == (release_id, 1)


def test_a_process_and_what_it_needs_are_removed_together_or_the_process_is_mended(house: House) -> None:
    house.deploy(GOOD | {"caller.bpmn": CALLER, "two.bpmn": TWO})
    mended = {"caller.bpmn": diagrams.in_line("caller", [diagrams.call_activity("call", "two")])}
    made = releases.deploy(house.engine, house.administrator, mended, [("process", "one")])
    assert ("process", "one") not in items(house, made)


def test_what_is_not_there_is_not_removed(house: House) -> None:
    house.deploy(GOOD)
    with pytest.raises(errors.NotInRelease):
        releases.deploy(house.engine, house.administrator, {}, [("process", "unheard_of")])


def test_a_diff_tells_files_and_elements_and_compares_a_file_of_several_decisions_once(house: House) -> None:
    twice = RULES.replace(b'<decision id="path"', b'<decision id="more" name="more"><variable name="more"/>'
                          b'<literalExpression><text>1</text></literalExpression></decision>'
                          b'<decision id="path"')  # fmt: skip
    house.deploy(GOOD | {"rules.dmn": twice, "letter.html": "<p>\n一\n</p>".encode(), "two.bpmn": TWO})
    later = {"one.bpmn": ONE_LATER, "rules.dmn": twice.replace(b'"face"', b'"web"')}
    later |= {"letter.html": "<p>\n二\n</p>".encode(), "question.form": QUESTION_LATER}
    releases.deploy(house.engine, house.administrator, later, [("process", "two")])
    found = {(item.kind, item.key): item for item in releases.diff(house.engine, house.administrator, 1, 2)}
    assert {name: item.status for name, item in found.items()} == {
        ("process", "one"): "changed", ("process", "two"): "removed", ("decision", "more"): "changed",
        ("template", "letter.html"): "changed", ("form", "question"): "changed",
    }  # fmt: skip
    (line,) = found["template", "letter.html"].changes
    assert (line.element_id, line.before, line.after) == ("2", "一", "二")
    (rule,) = found["decision", "more"].changes
    assert (rule.element_id, rule.before, rule.after) == ("path", '"face"', '"web"')
    assert {(c.kind, c.element_id) for c in found["process", "one"].changes} >= {("added", "ask_again")}
    assert {(c.kind, c.element_id) for c in found["form", "question"].changes} == {
        ("removed", "word"),
        ("added", "sentence"),
    }
    assert releases.diff(house.engine, house.administrator, 2, 2) == []


def test_a_release_that_does_not_exist_is_not_found(house: House) -> None:
    house.deploy(GOOD)
    for ask in (
        lambda: releases.activate(house.engine, house.administrator, 7),
        lambda: releases.items_of(house.engine, house.administrator, 7),
        lambda: releases.diff(house.engine, house.administrator, 1, 7),
    ):
        with pytest.raises(errors.NotFound):
            ask()


def test_only_an_administrator_looks_at_releases_and_chooses_one(house: House) -> None:
    house.deploy(GOOD)
    for actor in (house.reception, house.mediator, house.chief_mediator, house.seal_keeper):
        for ask in (
            lambda actor=actor: releases.activate(house.engine, actor, 1),
            lambda actor=actor: releases.list_releases(house.engine, actor),
            lambda actor=actor: releases.items_of(house.engine, actor, 1),
            lambda actor=actor: releases.diff(house.engine, actor, 1, 1),
        ):
            with pytest.raises(errors.Forbidden):
                ask()


STAMPER = ServiceTask(
    work=lambda call: call.properties.get("seal", "-"),
    store=lambda result: {"sealed": result.value},
)
INNER = diagrams.in_line("inner", [diagrams.user_task("tell", "question")])
LONG = diagrams.in_line(
    "long",
    [
        diagrams.user_task("ask", "question"),
        diagrams.call_activity("call", "inner"),
        diagrams.service_task("stamp", "stamp").replace(
            "</bpmn:ext",
            '<zeebe:properties><zeebe:property name="seal" value="老"/></zeebe:properties></bpmn:ext',
        ),
        '<bpmn:businessRuleTask id="decide"><bpmn:extensionElements><zeebe:calledDecision decisionId="path"'
        ' resultVariable="path"/></bpmn:extensionElements></bpmn:businessRuleTask>',
        diagrams.user_task("close", "question", due='=date("2026-04-01")'),
    ],
)


def test_an_old_case_walks_to_its_end_by_all_that_it_began_with(
    url: str, make_house: Callable[..., House]
) -> None:
    house = make_house(url, Services(tasks={"stamp": STAMPER}))
    first = house.deploy(
        GOOD | {"long.bpmn": LONG, "inner.bpmn": INNER, "rules.dmn": RULES, "letter.html": "旧".encode()}
    )
    root_id = begin(house, "long")
    # Everything that the case will meet is replaced, and what can be is removed.
    short = {"long.bpmn": diagrams.in_line("long", [diagrams.user_task("other", "question")])}
    house.deploy({"question.form": QUESTION_LATER, "rules.dmn": RULES.replace(b"face", b"web"),
                  "letter.html": "新".encode(), "inner.bpmn": INNER.replace(b"tell", b"say")})  # fmt: skip
    gone = [("process", "inner"), ("decision", "path"), ("template", "letter.html")]
    releases.deploy(house.engine, house.administrator, short, gone)
    walked = []
    for step in range(3):
        task = the_task(house, root_id)
        walked.append((task.node_id, task.due_at and task.due_at.isoformat()))
        tasks.complete_task(house.engine, house.mediator, task.id, {"word": "旧"}, f"k{step}")
        house.engine.definitions.live._kept.clear()
        run_due(house.engine, service_tasks.HANDLERS)
    assert walked == [("ask", None), ("tell", None), ("close", "2026-04-01T15:59:59+00:00")]
    with house.engine.sessions.query(TENANT) as session:
        row = session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()
        assert (row.status, row.variables["path"], row.variables["sealed"]) == ("ended", "face", "老")
        assert house.engine.definitions.template(session, first, "letter.html") == "旧"


class Pause:
    """Stops one thread in mid transaction, at its first statement that names a table, until it is let go."""

    def __init__(self, house: House, table: str) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self._table, self._writer = table, house.engine.sessions.writer

    def __enter__(self) -> "Pause":
        event.listen(self._writer, "after_cursor_execute", self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()
        event.remove(self._writer, "after_cursor_execute", self._look)

    def _look(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._table in statement and not self.reached.is_set():
            self.reached.set()
            assert self.go.wait(20)


def test_a_case_that_starts_while_a_release_is_made_is_wholly_in_one_release(house: House) -> None:
    first = house.deploy(GOOD | {"caller.bpmn": CALLER})
    with ThreadPoolExecutor(2) as pool, Pause(house, "INSERT INTO release_items") as pause:
        deployed = pool.submit(house.deploy, {"one.bpmn": ONE_LATER, "question.form": QUESTION_LATER})
        assert pause.reached.wait(10)
        started = pool.submit(begin, house, "caller")
        pause.go.set()
        root_id, second = started.result(20), deployed.result(20)
    with house.engine.sessions.query(TENANT) as session:
        rows = session.scalars(select(ProcessInstance).where(ProcessInstance.root_id == root_id)).all()
    assert len(rows) == 2
    (release_id,) = {row.release_id for row in rows}
    assert release_id in {first, second}
    known = items(house, release_id)
    assert {row.definition_hash for row in rows} <= set(known.values())


def test_of_two_deployments_at_once_neither_is_lost(house: House) -> None:
    house.deploy(GOOD)
    with ThreadPoolExecutor(2) as pool, Pause(house, "INSERT INTO release_items") as pause:
        one = pool.submit(house.deploy, {"two.bpmn": TWO})
        assert pause.reached.wait(10)
        other = pool.submit(house.deploy, {"caller.bpmn": CALLER})
        pause.go.set()
        one.result(20)
        last = other.result(20)
    assert {key for _, key in items(house, last)} == {"blank", "question", "one", "two", "caller"}
    assert sorted(numbers(house).values()) == [1, 2, 3]


def test_releases_and_record_of_another_tenant_are_not_touched(house: House) -> None:
    house.deploy(GOOD)
    with house.engine.sessions.query("00000000-0000-7000-8000-00000000beef") as session:
        assert releases.active_release(session) is None
        assert session.scalars(select(Tenant)).all() != []
