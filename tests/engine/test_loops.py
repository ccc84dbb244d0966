"""Activities over a collection as the engine runs them: what each instance sees, and what comes out of it."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import definitions, errors, loops, tasks
from engine.models.processes import ProcessInstance, UserTask
from engine.open_tasks import open_task
from tests import diagrams, small_forms
from tests.conftest import House
from tests.engine.test_tasks import begin, open_tasks

TALK = small_forms.form("talk", small_forms.field("textfield", "said"))
PARTIES = [{"name": "张三", "by": "mediator"}, {"name": "李四", "by": "chief_mediator"}]


def house_with(house: House, **processes: bytes) -> House:
    house.deploy({"talk.form": TALK} | {f"{name}.bpmn": source for name, source in processes.items()})
    return house


def talk(**more: str) -> str:
    task = diagrams.user_task("hold_talk", "talk", groups="=[party.by]", inputs="number=loopCounter")
    return diagrams.for_each(task, "party", "parties", output="talks=party.name + said", **more)


def with_report(node: str) -> bytes:
    return diagrams.in_line("talks", [node, diagrams.user_task("report")])


def say(house: House, task: UserTask, said: str) -> tasks.TaskDone:
    actor = house.actors[task.candidate_groups[0]]
    return tasks.complete_task(house.engine, actor, task.id, {"said": said}, f"key-{task.id}")


def root_of(house: House, root_id: str) -> ProcessInstance:
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        return session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one()


def afresh(house: House) -> None:
    """Forgets the steppers that are kept, so that the next command restores from the database."""
    house.engine.definitions.live = definitions.LiveSteppers()


def test_parallel_instances_are_assigned_by_their_item_and_their_output_keeps_its_order(house: House) -> None:
    root_id = begin(house_with(house, talks=with_report(talk())), "talks", parties=PARTIES)
    first, second = open_tasks(house, root_id)
    assert [task.candidate_groups for task in (first, second)] == [["mediator"], ["chief_mediator"]]
    say(house, second, "b")
    afresh(house)
    assert [task.node_id for task in open_tasks(house, root_id)] == ["hold_talk"]
    say(house, first, "a")
    assert [task.node_id for task in open_tasks(house, root_id)] == ["report"]
    root = root_of(house, root_id)
    assert root.variables == {"parties": PARTIES, "talks": ["张三a", "李四b"]}
    assert root.local_variables is None


def test_sequential_instances_open_one_after_the_other(house: House) -> None:
    root_id = begin(house_with(house, talks=with_report(talk(kind="sequential"))), "talks", parties=PARTIES)
    for name in ("mediator", "chief_mediator"):
        afresh(house)
        (task,) = open_tasks(house, root_id)
        assert task.candidate_groups == [name]
        say(house, task, name)
    assert root_of(house, root_id).variables["talks"] == ["张三mediator", "李四chief_mediator"]


def test_the_page_of_a_task_shows_the_item_of_its_instance(house: House) -> None:
    root_id = begin(house_with(house, talks=with_report(talk())), "talks", parties=PARTIES)
    for number, task in enumerate(open_tasks(house, root_id), 1):
        page = open_task(house.engine, house.actors[task.candidate_groups[0]], task.id)
        assert (page.context["party"], page.context["loopCounter"]) == (PARTIES[number - 1], number)
        assert page.initial == {"number": number}


def test_the_items_are_those_of_the_moment_at_which_the_activity_began(house: House) -> None:
    first = diagrams.for_each(
        diagrams.user_task("hold_talk", "talk", outputs="parties=[]"),
        "party", "parties", output="talks=party.name", kind="sequential",
    )  # fmt: skip
    root_id = begin(house_with(house, talks=with_report(first)), "talks", parties=PARTIES)
    for task in open_tasks(house, root_id):
        say(house, task, "x")
    say(house, open_tasks(house, root_id)[0], "y")
    assert root_of(house, root_id).variables == {"parties": PARTIES, "talks": ["张三", "李四"]}


@pytest.mark.parametrize("parties", [None, "zwei", {"name": "a"}])
def test_what_is_no_list_is_refused_by_the_activitys_id(house: House, parties: Any) -> None:
    house_with(house, talks=with_report(talk()))
    with pytest.raises(errors.ExpressionFailed) as refusal:
        begin(house, "talks", parties=parties)
    assert refusal.value.params["element_id"] == "hold_talk"


def test_an_empty_list_gives_an_empty_list(house: House) -> None:
    root_id = begin(house_with(house, talks=with_report(talk())), "talks", parties=[])
    assert [task.node_id for task in open_tasks(house, root_id)] == ["report"]
    assert root_of(house, root_id).variables["talks"] == []


def test_too_many_items_are_refused(house: House) -> None:
    house_with(house, talks=with_report(talk()))
    with pytest.raises(errors.TooManyInstances):
        begin(house, "talks", parties=PARTIES * loops.MAX_INSTANCES)


def test_when_it_is_enough_the_other_tasks_are_closed(house: House) -> None:
    enough = talk(until='said = "yes" and numberOfCompletedInstances = 2')
    root_id = begin(house_with(house, talks=with_report(enough)), "talks", parties=PARTIES * 2)
    first, second, third, fourth = open_tasks(house, root_id)
    say(house, first, "yes")
    say(house, third, "yes")
    assert [task.node_id for task in open_tasks(house, root_id)] == ["report"]
    for late in (second, fourth):
        with pytest.raises(errors.TaskCancelled):
            say(house, late, "late")
    assert root_of(house, root_id).variables["talks"] == ["张三yes", None, "张三yes", None]


def inner_talk() -> str:
    """A sub-process for each party: a talk, a choice by what was said in it, then perhaps a record."""
    nodes = [
        diagrams.start("in_begun"),
        diagrams.user_task("hold_talk", "talk", groups="=[party.by]"),
        diagrams.user_task("pause", groups="=[party.by]"),
        diagrams.choice("long"),
        diagrams.user_task("record", groups="=[party.by]"),
        diagrams.end("recorded"),
        diagrams.end("not_recorded"),
    ]
    flows = [
        "in_begun -> hold_talk", "hold_talk -> pause", "pause -> long",
        'long -> record: said = "much"', "record -> recorded", "long => not_recorded",
    ]  # fmt: skip
    return diagrams.sub_process("each", nodes, flows)


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_what_one_instance_is_told_is_not_seen_by_another(house: House, kind: str) -> None:
    each = diagrams.for_each(inner_talk(), "party", "parties", output="talks=said", kind=kind)
    root_id = begin(house_with(house, talks=with_report(each)), "talks", parties=PARTIES)
    answers = {"mediator": "much", "chief_mediator": "little"}
    seen = []
    while (found := open_tasks(house, root_id))[0].node_id != "report":
        afresh(house)
        seen.append((found[0].candidate_groups[0], found[0].node_id))
        role = found[0].candidate_groups[0]
        given = {"said": answers[role]} if found[0].node_id == "hold_talk" else {}
        tasks.complete_task(house.engine, house.actors[role], found[0].id, given, f"k{len(seen)}")
    assert [node for role, node in seen if role == "mediator"] == ["hold_talk", "pause", "record"]
    assert [node for role, node in seen if role == "chief_mediator"] == ["hold_talk", "pause"]
    root = root_of(house, root_id)
    assert (root.variables["talks"], root.local_variables) == (["much", "little"], None)
    assert "said" not in root.variables


def test_each_called_process_gets_its_item_and_gives_its_result(house: House) -> None:
    called = diagrams.in_line("called", [diagrams.user_task("hold_talk", "talk", groups="=[party.by]")])
    call = diagrams.for_each(
        diagrams.call_activity("call", "called"), "party", "parties", output="talks=said"
    )
    root_id = begin(house_with(house, called=called, talks=with_report(call)), "talks", parties=PARTIES)
    for task in reversed(open_tasks(house, root_id)):
        assert task.instance_id != root_id
        say(house, task, task.candidate_groups[0])
    assert root_of(house, root_id).variables["talks"] == ["mediator", "chief_mediator"]


def scripted(expression: str, result: str, node_id: str = "reckon") -> str:
    inside = f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
    extension = f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
    return f'<bpmn:scriptTask id="{node_id}">{extension}</bpmn:scriptTask>'


def test_a_script_task_holds_feel_and_runs_inside_the_step(house: House) -> None:
    house_with(house, talks=diagrams.in_line("talks", [scripted("a * 2", "b"), diagrams.user_task("report")]))
    root_id = begin(house, "talks", a=21)
    assert root_of(house, root_id).variables == {"a": 21, "b": 42}


def test_a_script_over_a_collection_gives_a_value_for_each_item(house: House) -> None:
    script = diagrams.for_each(scripted("item * item", "square"), "item", "items", output="squares=square")
    root_id = begin(house_with(house, talks=with_report(script)), "talks", items=[3, 1, 2])
    assert root_of(house, root_id).variables["squares"] == [9, 1, 4]


def test_a_standard_loop_keeps_its_results_in_the_process(house: House) -> None:
    marker = (
        "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>=total &lt; 2000</bpmn:loopCondition>"
        "</bpmn:standardLoopCharacteristics></bpmn:scriptTask>"
    )
    script = scripted("total + loopCounter", "total").replace("</bpmn:scriptTask>", marker)
    root_id = begin(house_with(house, talks=with_report(script)), "talks", total=0)
    assert root_of(house, root_id).variables["total"] == 2016
